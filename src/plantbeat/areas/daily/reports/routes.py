"""Addresses of the weekly and monthly reports."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.daily.reports import pages

urlpatterns = [
    path("reports/", pages.reports, name="reports"),
    path("reports/sheet.pdf", pages.sheet, name="report_sheet"),
    path("reports/slide/", pages.slide, name="report_slide"),
]
