"""Addresses of the pages of people."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.people import pages as duty_pages
from plantbeat.areas.people.attendance import pages

urlpatterns = [
    path("attendance/", pages.overview, name="attendance"),
    path("attendance/all-present/", pages.all_present, name="attendance_all_present"),
    path("attendance/<int:shift_id>/loan/", pages.loan, name="attendance_loan"),
    path("attendance/<int:shift_id>/<str:line>/", pages.sheet, name="attendance_sheet"),
    path("on-duty/", duty_pages.on_duty, name="on_duty"),
]
