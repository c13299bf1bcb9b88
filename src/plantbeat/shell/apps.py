"""The shell as an application: its templates and commands."""

from __future__ import annotations

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """Pages that belong to the installation, not to an area."""

    name = "plantbeat.shell"
    label = "shell"

    def ready(self) -> None:
        """Measure write transactions; let the search find pages."""
        from plantbeat.kernel import writing
        from plantbeat.shell.directory import pages_named
        from plantbeat.shell.metrics import WRITES
        from plantbeat.surfaces.search import everywhere

        writing.observers.append(WRITES.observe)
        everywhere.others.append(pages_named)
