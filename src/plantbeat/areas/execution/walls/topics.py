"""The topics of the floor's wall boards; those of the day are declared where the day is."""

from __future__ import annotations

from plantbeat.areas.execution.walls.call_frames import calls_frame, concerns_calls
from plantbeat.areas.execution.walls.hour_frames import concerns_hours, hours_frame
from plantbeat.facts.live.topics import topic

HOURS_EVERY_S, CALLS_EVERY_S = 5.0, 5.0


def declare_wall_topics() -> None:
    """Let boards watch hours of a line, and open calls."""
    topic("hours", hours_frame, concern=concerns_hours, every_s=HOURS_EVERY_S)
    topic("calls", calls_frame, concern=concerns_calls, every_s=CALLS_EVERY_S)
