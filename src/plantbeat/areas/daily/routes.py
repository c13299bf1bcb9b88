"""Addresses of the pages of the day."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("handoff/", include("plantbeat.areas.daily.handoffs.routes")),
    path("", include("plantbeat.areas.daily.tiers.routes")),
]
