"""Planning as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class PlanningConfig(AreaConfig):
    """Work orders and schedules."""

    default = True
    name = "plantbeat.areas.planning"
    label = "planning"
