"""Addresses of execution's own pages."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.execution import pages

urlpatterns = [
    path("lines/<str:code>/", pages.line, name="line"),
    path("wall/<str:code>/", pages.wall, name="wall"),
]
