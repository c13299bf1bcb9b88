"""Addresses of the handoff."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.daily.handoffs import pages

urlpatterns = [
    path("", pages.handoffs, name="handoffs"),
    path("<str:number>/", pages.handoff, name="handoff"),
    path("<str:number>/paper.pdf", pages.handoff_paper, name="handoff_paper"),
]
