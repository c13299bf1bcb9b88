"""Addresses of the plant's own pages."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.plant import pages

urlpatterns = [
    path("plant/workbook/", pages.workbook, name="plant_workbook"),
    path("plant/workbook/export.xlsx", pages.export, name="plant_workbook_export"),
    path("plant/workbook/template.xlsx", pages.template, name="plant_workbook_template"),
    path("plant/workbook/<int:job>/", pages.preview, name="plant_workbook_preview"),
    path("plant/workbook/<int:job>/refused.xlsx", pages.bad_rows, name="plant_workbook_bad_rows"),
    path("plant/assumptions/", pages.assumptions, name="plant_assumptions"),
    path("plant/assumptions/<int:pk>/confirm/", pages.confirm, name="plant_assumption_confirm"),
]
