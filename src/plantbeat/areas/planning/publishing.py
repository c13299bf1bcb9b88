"""Publishing a schedule: it replaces the one in force and becomes the hour-by-hour plan."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo

from plantbeat.areas.planning.records.results import PlannedHour, PlannedOperation
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.plant.shift_calendars import SiteCalendars, Span
from plantbeat.engine.calendars import hour_slots, local_days
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.writing import store_results

SCHEDULER = Actor.system("scheduler")


def publish(schedule: Schedule, by: Actor) -> None:
    """Replace the published version of the site and write the hours of this one."""
    schedule.published_us = clock.now_us()
    in_force = visible(Schedule, SCHEDULER).filter(site=schedule.site, state=str(Schedule.State.published))
    for old in in_force:
        act(old, "replace", SCHEDULER)
    store_results(planned_hours(schedule))


def planned_hours(schedule: Schedule) -> list[PlannedHour]:
    """Pieces per machine and civil hour; each operation's hours add up to its quantity exactly.

    Work spreads evenly over the working minutes of an operation; breaks, closed shifts and set-up make
    nothing.
    """
    rows = schedule.planned.select_related("machine__line__shift_pattern", "machine__line__site").order_by(
        "pk"
    )
    operations = list(rows)
    if not operations:
        return []
    zone = ZoneInfo(schedule.site.zone)
    first, last = min(o.start_us for o in operations), max(o.end_us for o in operations)
    slots = [s.start_us for day in local_days(first, last, zone) for s in hour_slots(day, zone)]
    open_spans = open_spans_of(schedule.site, operations)
    return [
        PlannedHour(
            schedule=schedule, machine=one.machine, order_id=one.order_id, hour_us=hour_us, quantity=quantity
        )
        for one in operations
        for hour_us, quantity in _hours(one, slots, open_spans[one.machine_id])
    ]


def open_spans_of(site: Site, operations: Sequence[PlannedOperation]) -> dict[int, list[Span] | None]:
    """When each machine of some operations is worked, planned stops taken off; None: always."""
    calendars, zone = SiteCalendars(site), ZoneInfo(site.zone)
    first, last = min(o.start_us for o in operations), max(o.end_us for o in operations)
    begin = clock.from_us(first).astimezone(zone).date() - timedelta(days=1)
    end = clock.from_us(last).astimezone(zone).date() + timedelta(days=1)
    machines = {one.machine_id: one.machine for one in operations}
    return {pk: calendars.open_spans(one.line, one, begin, end) for pk, one in machines.items()}


def _hours(
    one: PlannedOperation, slots: Sequence[int], spans: list[Span] | None
) -> Iterator[tuple[int, Decimal]]:
    worked = _worked(one.start_us, one.end_us, slots, spans)
    whole = sum(us for _hour, us in worked)
    done_us, given = 0, Decimal(0)
    for hour_us, us in worked:
        done_us += us
        upto = one.quantity if done_us == whole else _floor(one.quantity * done_us / whole)
        if upto > given:
            yield hour_us, upto - given
        given = upto


def planned_by(one: PlannedOperation, spans: list[Span] | None, at_us: int) -> Decimal:
    """Whole pieces of an operation that are planned to be done by an instant."""
    if at_us >= one.end_us:
        return one.quantity
    open_time = spans if spans is not None else [(one.start_us, one.end_us)]
    whole, done = (
        sum(max(0, min(end, until) - max(begin, one.start_us)) for begin, end in open_time)
        for until in (one.end_us, at_us)
    )
    return _floor(one.quantity * done / whole) if whole else Decimal(0)


def _floor(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_FLOOR)


def _worked(
    start_us: int, end_us: int, slots: Sequence[int], spans: list[Span] | None
) -> list[tuple[int, int]]:
    """(hour, µs worked in it) of an operation."""
    hours: dict[int, int] = {}
    for begin, end in spans if spans is not None else [(start_us, end_us)]:
        at, until = max(begin, start_us), min(end, end_us)
        while at < until:
            place = bisect_right(slots, at) - 1
            edge = slots[place + 1] if place + 1 < len(slots) else until
            part = min(until, edge) - at
            hours[slots[place]] = hours.get(slots[place], 0) + part
            at += part
    return sorted(hours.items())
