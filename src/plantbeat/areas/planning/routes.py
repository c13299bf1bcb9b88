"""Addresses of planning's own pages."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.planning import capacity_pages, pages

urlpatterns = [
    path("schedule/", pages.schedule, name="schedule"),
    path("capacity/", capacity_pages.capacity, name="capacity"),
    path("schedule/solve/", pages.solve, name="schedule_solve"),
]
