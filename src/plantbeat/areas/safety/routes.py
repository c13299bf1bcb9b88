"""Addresses of the pages of safety."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.safety import pages

urlpatterns = [path("hazards/report/", pages.report, name="report_hazard")]
