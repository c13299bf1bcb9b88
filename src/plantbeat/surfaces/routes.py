"""Addresses of the generic pages: one set for every record type."""

from __future__ import annotations

from django.urls import URLPattern, path

from plantbeat.surfaces.export.workbook import export
from plantbeat.surfaces.import_ import pages as imports
from plantbeat.surfaces.pages import detail, edit, listing
from plantbeat.surfaces.search.everywhere import lookup, search

R = "r/<slug:area>/<slug:slug>/"

urlpatterns: list[URLPattern] = [
    path("search/", search, name="search"),
    path("lookup/<str:code>/", lookup, name="lookup"),
    path(R, listing.records, name="records"),
    path(f"{R}new/", edit.new, name="new"),
    path(f"{R}bulk/", listing.bulk, name="bulk"),
    path(f"{R}views/", listing.save_view, name="save_view"),
    path(f"{R}export.<str:kind>", export, name="export"),
    path(f"{R}import/", imports.start, name="import"),
    path(f"{R}import/<int:job>/", imports.preview, name="import_preview"),
    path(f"{R}import/<int:job>/bad-rows.xlsx", imports.bad_rows, name="import_bad_rows"),
    path(f"{R}<int:pk>/", detail.record, name="record"),
    path(f"{R}<int:pk>/edit/", edit.edit, name="edit"),
    path(f"{R}<int:pk>/remove/", detail.do, {"verb": "remove"}, name="remove"),
    path(f"{R}<int:pk>/do/<slug:verb>/", detail.do, name="do"),
    path(f"{R}<int:pk>/label/", detail.label, name="label"),
    path(f"{R}<int:pk>/label.svg", detail.code, name="code"),
]
