"""Safety as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class SafetyConfig(AreaConfig):
    """Hazards, observations and incidents."""

    default = True
    name = "plantbeat.areas.safety"
    label = "safety"

    def ready(self) -> None:
        """Declare the measures over hazards."""
        from plantbeat.areas.safety.measures import declare_hazard_measures

        declare_hazard_measures()
