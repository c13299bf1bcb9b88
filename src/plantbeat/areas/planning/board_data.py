"""The board as data: lanes of bars, what was done on them, where every step may run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.planning import questions
from plantbeat.areas.planning.records.results import PlannedOperation, PlannedOrder
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.wording import causes_in_words
from plantbeat.areas.plant.publishing import ref
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.facts.views.readings import intervals_by_record
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.surfaces.addresses import address_of

DAY_US = 24 * 3_600_000_000
SHIFT_US = 8 * 3_600_000_000
"""At least so much of what was done is shown before what is planned."""
MINUTE_US = 60_000_000
MERGED_US = 30_000_000
"""Pieces of one state and order that lie closer together than this are drawn as one."""
DRAWN = {
    "micro_stop": "own_stop",
    "unexplained": "own_stop",
    "no_order": "planned_stop",
    "break": "off_shift",
}
"""States drawn like another one; their own word is not needed in a strip of a few pixels."""


def board_data(schedule: Schedule, by: Actor, *, tunable: bool) -> dict[str, Any]:
    """What the canvas draws: the last day and everything planned after it."""
    since_us = clock.now_us() - DAY_US
    rows = list(questions.planned_operations(schedule))
    planned = [one for one in rows if one.end_us > since_us] or rows
    machines = machines_of_board(schedule, by)
    if not planned or not machines:
        return {}
    late = {row.order_id: row for row in schedule.planned_orders.all()}
    last = {one.order_id: one.step for one in sorted(planned, key=lambda one: one.step)}
    first_us = min(one.setup_us for one in planned)
    until_us = clock.now_us()
    from_us = max(first_us, since_us) if len(planned) < len(rows) else first_us
    if first_us < until_us + DAY_US:
        from_us = min(from_us, until_us - SHIFT_US)
    done = intervals_by_record(
        schedule.site_id, [ref(machine) for machine in machines], from_us, max(until_us, from_us)
    )
    return {
        "from_us": from_us,
        "to_us": max(one.end_us for one in planned),
        "frozen_to_us": schedule.frozen_until_us,
        "tunable": tunable,
        "version": schedule.version,
        "lanes": [_lane(machine, done.get(ref(machine), [])) for machine in machines],
        "bars": [bar(one, late.get(one.order_id), last=last[one.order_id] == one.step) for one in planned],
        "allowed": allowed_machines(schedule, machines, by) if tunable else {},
    }


def machines_of_board(schedule: Schedule, by: Actor) -> list[Machine]:
    """Machines that can be scheduled at the site, by code."""
    rows = visible(Machine, by).filter(site=schedule.site_id, work_centre__isnull=False)
    return list(rows.select_related("work_centre").order_by("code"))


def allowed_machines(schedule: Schedule, machines: Sequence[Machine], by: Actor) -> dict[str, list[str]]:
    """Codes of the machines each step may run on, by `item/step`."""
    centres: dict[int, list[str]] = {}
    for machine in machines:
        centres.setdefault(machine.work_centre_id or 0, []).append(machine.code)
    found: dict[str, list[str]] = {}
    for steps in questions.operations_of(schedule.site, by).values():
        for step in steps:
            known = centres.get(step.work_centre_id, [])
            chosen = set(step.machine_codes())
            codes = [code for code in known if not chosen or code in chosen]
            found[f"{step.routing.item_id}/{step.step}"] = codes
    return found


def bar(one: PlannedOperation, order: PlannedOrder | None, *, last: bool) -> dict[str, Any]:
    """One bar; it begins with its set-up."""
    made: dict[str, Any] = {
        "id": f"{one.order.number}/{one.step}",
        "order": one.order.number,
        "step": one.step,
        "route": f"{one.order.item_id}/{one.step}",
        "lane": one.machine.code,
        "from_us": one.setup_us,
        "to_us": one.end_us,
        "setup_us": one.start_us - one.setup_us,
        "setup_min": one.setup_min,
        "label": f"{one.order.number} {one.order.item.code}",
        "facts": [
            _("step %(step)s") % {"step": one.step},
            f"{one.quantity.normalize():f} {one.order.item.unit}",
        ],
        "href": address_of(one.order),
    }
    if order is not None and last:
        made["due_us"] = order.due_us
    if order is not None and order.late_min:
        made |= {"status": "act", "late_us": order.late_min * MINUTE_US}
        if order.causes:
            made["why"] = longest_causes(order)
    return made


def longest_causes(order: PlannedOrder, count: int = 3) -> list[str]:
    """What a late order waited for longest, in words."""
    waits = [one for one in order.causes if one["kind"] != "run"]
    longest = sorted(waits, key=lambda one: -one["minutes"])[:count]
    said = causes_in_words(longest)
    return [
        _("%(minutes)s min: %(cause)s") % {"minutes": one["minutes"], "cause": one["text"]} for one in said
    ]


def _lane(machine: Machine, intervals: list[Any]) -> dict[str, Any]:
    actual: list[list[Any]] = []
    for one in intervals:
        state = DRAWN.get(one.state, one.state)
        order = one.order_number or ""
        before = actual[-1] if actual else None
        if before and before[0] == state and before[3] == order and one.start_us - before[2] < MERGED_US:
            before[2] = one.end_us
        else:
            actual.append([state, one.start_us, one.end_us, order])
    return {"id": machine.code, "name": f"{machine.code} {machine.name}", "actual": actual}
