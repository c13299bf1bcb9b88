"""Daily as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class DailyConfig(AreaConfig):
    """The manager's day: start-up, handoff, tier meetings, routines."""

    default = True
    name = "plantbeat.areas.daily"
    label = "daily"

    def ready(self) -> None:
        """Declare the measures over routines."""
        from plantbeat.areas.daily.routines.measures import declare_routine_measures

        declare_routine_measures()
