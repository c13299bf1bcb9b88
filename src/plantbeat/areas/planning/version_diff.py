"""Two versions of the schedule side by side, as a question."""

from __future__ import annotations

from plantbeat.areas.planning import questions
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.engine.versions import Comparison, PlannedRun, compare
from plantbeat.kernel.access import Actor, visible


def version_diff(before: Schedule, after: Schedule) -> Comparison:
    """What `after` does otherwise than `before`; times in µs UTC."""
    return compare(_runs(before), _runs(after), _late(before), _late(after))


def version_before(schedule: Schedule, by: Actor) -> Schedule | None:
    """What a version is compared with: the one it was made from, else the one in force, else the one solved
    before it.
    """
    if schedule.based_on_id is not None:
        return visible(Schedule, by).filter(pk=schedule.based_on_id).first()
    in_force = questions.schedule_in_force(schedule.site, by)
    if in_force is not None and in_force.pk != schedule.pk:
        return in_force
    older = visible(Schedule, by).filter(site=schedule.site_id, pk__lt=schedule.pk, solved_us__isnull=False)
    return older.order_by("-pk").first()


def _runs(schedule: Schedule) -> list[PlannedRun]:
    return [
        PlannedRun(
            one.order.number,
            one.step,
            one.machine.code,
            one.start_us,
            one.end_us,
            one.setup_min,
        )
        for one in questions.planned_operations(schedule)
    ]


def _late(schedule: Schedule) -> dict[str, int]:
    return dict(schedule.planned_orders.values_list("order__number", "late_min"))
