"""Which deadlines contradict each other, with numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.feasibility.energy import (
    Group,
    Overload,
    machine_demands,
    overloads,
    unit_demands,
)
from plantbeat.engine.schedule.feasibility.windows import windows
from plantbeat.engine.schedule.problem import Problem

ALONE, MACHINES, UNITS = "order", "machines", "units"


@dataclass(frozen=True)
class Conflict:
    """What no schedule can meet.

    `kind` "order": an order misses its deadline even alone in the plant; "machines": operations that must
    lie in a window need more minutes than their machines are open; "units": the same of people or tools.
    `resources` are these machines or units. Between `begin` and `until` (minutes) `needs_min` are needed,
    `setup_min` of them for set-ups, and `offers_min` are there. `needs_min` is NEVER for an order that does
    not end within the calendars at all.
    """

    kind: str
    orders: tuple[int, ...]
    operations: tuple[int, ...]
    resources: tuple[int, ...]
    begin: int
    until: int
    needs_min: int
    setup_min: int
    offers_min: int
    text: str


def conflicts(problem: Problem) -> list[Conflict]:
    """Deadlines that no schedule can meet, each with the fewest operations found that show it.

    By propagation: every order alone, then the work that must lie in a window against the open minutes of
    its machines, people and tools. None is a false alarm; that none is found does not promise a schedule.
    Orders without a deadline count only where they are pinned.
    """
    begins, ends, latest = windows(problem)
    found = list(_alone(problem, begins, ends, latest))
    late = [order for conflict in found for order in conflict.orders]
    rest = np.where(np.isin(problem.order_of, late), NEVER, latest)
    s = problem.secondary
    of_machines = list(machine_demands(problem, begins, rest))
    of_units = list(unit_demands(problem, begins, rest))
    for kind, demands, calendar_of in (
        (MACHINES, of_machines, problem.machine_calendar),
        (UNITS, of_units, s.unit_calendar),
    ):
        over = overloads(problem, demands, calendar_of, setups=kind == MACHINES)
        found += _told(problem, kind, sorted(over, key=lambda one: (len(one.operations), sorted(one.group))))
    return found


def _alone(p: Problem, begins: Ints, ends: Ints, latest: Ints) -> Iterator[Conflict]:
    missed = np.flatnonzero((ends > latest) & (latest < NEVER))
    for order in dict.fromkeys(p.order_of[missed].tolist()):
        o = int(missed[p.order_of[missed] == order][-1])
        begin = max(0, int(p.release[order]))
        never = int(ends[o]) >= NEVER
        needs, offers = NEVER if never else int(ends[o]) - begin, int(latest[o]) - begin
        name, step = f"order {p.order_label(order)}", f"step {p.step_label(o)}"
        text = f"{name}: {step} ends at minute {ends[o]} at the earliest, but must by minute {latest[o]}"
        if never:
            text = f"{name}: {step} does not end within the calendars, but must by minute {latest[o]}"
        yield Conflict(ALONE, (order,), (o,), (), begin, int(latest[o]), needs, 0, offers, text)


def _told(p: Problem, kind: str, over: list[Overload]) -> Iterator[Conflict]:
    """Each overload but those that contain another one."""
    told: list[set[int]] = []
    for one in over:
        if any(other <= set(one.operations) for other in told):
            continue
        told.append(set(one.operations))
        orders = tuple(dict.fromkeys(p.order_of[list(one.operations)].tolist()))
        names = ", ".join(map(p.order_label, orders))
        label = _machines(p, one.group) if kind == MACHINES else _units(p, one.group)
        setup = f", {one.setup_min} of them for set-ups," if one.setup_min else ""
        text = (
            f"orders {names} need {one.needs_min} min{setup} of {label} between minute {one.begin} and "
            f"{one.until}; the calendar offers {one.offers_min} min"
        )
        yield Conflict(
            kind, orders, one.operations, tuple(sorted(one.group)), one.begin, one.until,
            one.needs_min, one.setup_min, one.offers_min, text,
        )  # fmt: skip


def _machines(p: Problem, group: Group) -> str:
    centre = int(p.machine_work_centre[min(group)])
    if group == frozenset(np.flatnonzero(p.machine_work_centre == centre).tolist()):
        return p.work_centre_label(centre)
    return _listed(group, p.machine_label)


def _units(p: Problem, group: Group) -> str:
    s = p.secondary
    pool = next((pool for pool in range(s.pools) if frozenset(s.pool(pool)) == group), None)
    return _listed(group, s.unit_label) if pool is None else s.pool_label(pool)


def _listed(group: Group, label: Callable[[int], str]) -> str:
    return " and ".join(map(label, sorted(group)))
