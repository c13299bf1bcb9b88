"""Addresses of execution's own pages."""

from __future__ import annotations

from django.urls import include, path

from plantbeat.areas.execution import cycle_pages, pages, stop_pages

urlpatterns = [
    path("", include("plantbeat.areas.execution.kpis.routes")),
    path("lines/<str:code>/", pages.line, name="line"),
    path("lines/<str:code>/stops/<int:at_us>/", stop_pages.stop, name="stop"),
    path("lines/<str:code>/cycles/", cycle_pages.cycles, name="cycles"),
    path("wall/<str:code>/", pages.wall, name="wall"),
]
