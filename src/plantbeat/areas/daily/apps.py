"""Daily as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class DailyConfig(AreaConfig):
    """The manager's day: start-up, handoff, tier meetings, routines."""

    default = True
    name = "plantbeat.areas.daily"
    label = "daily"

    def ready(self) -> None:
        """Declare measures over routines, taps of walks, what boards watch, and what climbs the ladder."""
        from plantbeat.areas.daily.gemba.taps import declare_gemba_taps
        from plantbeat.areas.daily.handoffs.laddering import declare_handoffs
        from plantbeat.areas.daily.incidents.live import declare_incident_topic
        from plantbeat.areas.daily.routines.measures import declare_routine_measures
        from plantbeat.areas.daily.walls.topics import declare_day_topics

        declare_gemba_taps()
        declare_routine_measures()
        declare_day_topics()
        declare_incident_topic()
        declare_handoffs()
