"""Improvement as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class ImprovementConfig(AreaConfig):
    """The one list of actions, and how they are followed through."""

    default = True
    name = "plantbeat.areas.improvement"
    label = "improvement"

    def ready(self) -> None:
        """Declare the measures over actions."""
        from plantbeat.areas.improvement.measures import declare_action_measures

        declare_action_measures()
