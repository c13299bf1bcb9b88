"""The shell as an application: its templates and commands."""

from __future__ import annotations

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """Pages that belong to the installation, not to an area."""

    name = "plantbeat.shell"
    label = "shell"

    def ready(self) -> None:
        """Measure write transactions."""
        from plantbeat.kernel import writing
        from plantbeat.shell.metrics import WRITES

        writing.observers.append(WRITES.observe)
