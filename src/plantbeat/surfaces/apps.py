"""The surfaces as an application: templates and saved views."""

from __future__ import annotations

from django.apps import AppConfig


class SurfacesConfig(AppConfig):
    """Generic pages, tables, forms, API, import and export of every record type."""

    name = "plantbeat.surfaces"
    label = "surfaces"
