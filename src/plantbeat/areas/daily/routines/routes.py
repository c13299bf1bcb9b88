"""Addresses of the pages of routines."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.daily.routines import pages

urlpatterns = [
    path("routines/", pages.mine, name="routines"),
    path("routines/kept/", pages.kept, name="routines_kept"),
    path("routines/<int:pk>/<slug:verb>/", pages.mark, name="routine_mark"),
]
