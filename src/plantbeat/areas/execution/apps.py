"""Execution as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class ExecutionConfig(AreaConfig):
    """States, counts and OEE of the lines, stops and their reasons, measures with drill-down."""

    default = True
    name = "plantbeat.areas.execution"
    label = "execution"

    def ready(self) -> None:
        """Declare the measures over records and the topics of live boards."""
        from plantbeat.areas.execution.andon.call_subject import declare_calls
        from plantbeat.areas.execution.andon.measures import declare_andon_measures
        from plantbeat.areas.execution.live import declare_topics
        from plantbeat.areas.execution.measures import declare_record_measures
        from plantbeat.areas.execution.terminal.andon_taps import declare_andon_taps
        from plantbeat.areas.execution.terminal.taps import declare_taps
        from plantbeat.areas.execution.walls.topics import declare_wall_topics

        declare_record_measures()
        declare_andon_measures()
        declare_calls()
        declare_topics()
        declare_wall_topics()
        declare_taps()
        declare_andon_taps()
