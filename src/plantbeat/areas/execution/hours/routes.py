"""Addresses of the hour boards."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.execution.hours import pages, plan_page, sheet

urlpatterns = [
    path("hours/", pages.site_hours, name="site_hours"),
    path("lines/<str:code>/hours/", pages.line_hours, name="line_hours"),
    path("lines/<str:code>/hours/plan/", plan_page.line_hours_plan, name="line_hours_plan"),
    path("lines/<str:code>/hours.csv", sheet.export, name="line_hours_csv"),
]
