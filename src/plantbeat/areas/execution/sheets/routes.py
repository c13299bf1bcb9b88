"""Addresses of keying in from paper."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.execution.sheets import pages

urlpatterns = [
    path("", pages.choose, name="key_in"),
    path("<str:number>/", pages.sheet, name="key_in_sheet"),
]
