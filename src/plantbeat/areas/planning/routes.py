"""Addresses of planning's own pages."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.planning import pages

urlpatterns = [
    path("schedule/", pages.schedule, name="schedule"),
    path("schedule/solve/", pages.solve, name="schedule_solve"),
]
