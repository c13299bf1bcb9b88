"""Safety as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class SafetyConfig(AreaConfig):
    """Hazards, observations and incidents."""

    default = True
    name = "plantbeat.areas.safety"
    label = "safety"
