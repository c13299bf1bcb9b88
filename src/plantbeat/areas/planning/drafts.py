"""Who may tune a version of the schedule, and the draft in which somebody already does."""

from __future__ import annotations

from typing import Any

from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.kernel.access import PLANNING, Actor, visible
from plantbeat.kernel.permission import writes


def is_tunable(schedule: Schedule, by: Actor) -> bool:
    """Whether the actor may move bars of this version."""
    return schedule.tuned and schedule.state == Schedule.State.draft and _may_tune(schedule, by)


def ways_to_tune(schedule: Schedule, by: Actor) -> dict[str, Any]:
    """Variables of `planning/_tune.html`: whether to make a draft of a version, or to go on with one."""
    return {
        "tunable": is_tunable(schedule, by),
        "may_tune": _may_tune(schedule, by),
        "other_draft": _other_draft(schedule, by),
    }


def _may_tune(schedule: Schedule, by: Actor) -> bool:
    return writes(by, schedule.site_id) and by.holds(PLANNING, schedule.site_id)


def _other_draft(schedule: Schedule, by: Actor) -> Schedule | None:
    """A draft that somebody already tunes from this version: two would fall apart."""
    rows = visible(Schedule, by).filter(based_on=schedule, tuned=True, state=str(Schedule.State.draft))
    return rows.select_related("tuned_by").order_by("-pk").first()
