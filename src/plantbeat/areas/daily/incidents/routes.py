"""Addresses of incident rooms."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.daily.incidents import pages

urlpatterns = [
    path("incidents/", pages.incidents, name="incidents"),
    path("incidents/open/", pages.opened, name="incident_open"),
    path("incidents/<int:pk>/", pages.incident, name="incident"),
    path("incidents/<int:pk>/live/", pages.live, name="incident_live"),
    path("incidents/<int:pk>/paper/", pages.paper, name="incident_paper"),
    path("incidents/<int:pk>/<slug:verb>/", pages.done, name="incident_do"),
]
