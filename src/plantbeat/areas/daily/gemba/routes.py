"""Addresses of gemba walks."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.daily.gemba import pages

urlpatterns = [
    path("gemba/", pages.gemba, name="gemba"),
    path("gemba/checks/", pages.draft, name="gemba_draft_checks"),
    path("gemba/<int:pk>/", pages.walk, name="gemba_walk"),
    path("gemba/<int:pk>/end/", pages.end, name="gemba_end"),
    path("gemba/stops/<int:pk>/<slug:verb>/", pages.seen, name="gemba_seen"),
]
