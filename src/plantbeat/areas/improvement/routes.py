"""Addresses of improvement's own pages."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.improvement import pages

urlpatterns = [
    path("actions/", pages.actions, name="actions"),
    path("actions/<int:pk>/close/", pages.close, name="action_close"),
]
