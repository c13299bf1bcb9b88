"""The fact log as an application."""

from __future__ import annotations

from django.apps import AppConfig


class FactsConfig(AppConfig):
    """Append-only facts, their dimensions, intervals and cubes."""

    name = "plantbeat.facts"
    label = "facts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let tablets take a tap back."""
        from plantbeat.facts.taps.undoing import declare_undo

        declare_undo()
