"""Addresses of the measures' pages and files."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.execution.kpis import pages, sheets

urlpatterns = [
    path("kpis/", pages.kpis, name="kpis"),
    path("kpis/export.<str:kind>", sheets.export, name="kpi_export"),
    path("kpis/<slug:code>/formula/", pages.formula, name="kpi_formula"),
]
