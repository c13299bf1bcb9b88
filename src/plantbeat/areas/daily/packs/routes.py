"""Addresses of shift packs."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.daily.packs import pages

urlpatterns = [
    path("", pages.packs, name="shift_packs"),
    path("<str:number>.pdf", pages.pack, name="shift_pack"),
]
