"""Work that must lie in a window against the open minutes of those who can do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.bound import shortest_minutes
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.secondary import ANY_UNIT, RUN

MOST_GROUPS = 200
"""Sets of machines or people that are looked at: the ones most operations ask for."""
MOST_BEGINS = 512
"""Beginnings of windows that are looked at for one set."""

Group = frozenset[int]


@dataclass(frozen=True)
class Demand:
    """Minutes that an operation takes of one of a group between two minutes; its family (-1 = none)."""

    operation: int
    begin: int
    until: int
    minutes: int
    group: Group
    family: int


@dataclass(frozen=True)
class Overload:
    """More minutes needed, `setup_min` of them for set-ups, than a group is open for."""

    group: Group
    begin: int
    until: int
    operations: tuple[int, ...]
    needs_min: int
    setup_min: int
    offers_min: int


def machine_demands(p: Problem, begins: Ints, latest: Ints) -> Iterator[Demand]:
    """What operations that must end by some minute take of machines."""
    shortest = shortest_minutes(p).tolist()
    for o in np.flatnonzero(latest < NEVER).tolist():
        pinned, modes = int(p.pin_machine[o]), p.modes(o)
        group = frozenset(modes) if pinned == NOT_PINNED else frozenset([pinned])
        minutes = shortest[o] if pinned == NOT_PINNED else modes[pinned]
        yield Demand(o, int(begins[o]), int(latest[o]), minutes, group, int(p.family[o]))


def unit_demands(p: Problem, begins: Ints, latest: Ints) -> Iterator[Demand]:
    """What their runs take of people and tools."""
    s, shortest = p.secondary, shortest_minutes(p).tolist()
    for o in np.flatnonzero(latest < NEVER).tolist():
        for i in s.needs(o):
            if s.need_phase[i] & RUN:
                named = int(s.need_unit[i])
                group = frozenset(s.pool(int(s.need_pool[i])) if named == ANY_UNIT else [named])
                yield Demand(o, int(begins[o]), int(latest[o]), shortest[o], group, -1)


def overloads(p: Problem, demands: list[Demand], calendar_of: Ints, *, setups: bool) -> Iterator[Overload]:
    """The overload with the fewest operations of each group that some operation asks for."""
    asked = Counter(demand.group for demand in demands if demand.minutes > 0)
    groups = [group for group, _ in asked.most_common(MOST_GROUPS)]
    centres = p.machine_work_centre.tolist()
    if setups:
        whole = {w: frozenset(np.flatnonzero(p.machine_work_centre == w).tolist()) for w in set(centres)}
        groups += [group for group in whole.values() if group not in asked]
    for group in groups:
        mine = [demand for demand in demands if demand.group <= group and demand.minutes > 0]
        between = _least_setup(p, centres[min(group)]) if setups else 0
        calendars = [int(calendar_of[one]) for one in group]
        if mine and (found := _smallest(p, group, mine, calendars, between)):
            yield found


def _least_setup(p: Problem, centre: int) -> int:
    """Minutes of a work centre's shortest set-up between two families; 0 where families may be unknown."""
    count, base = int(p.family_count[centre]), int(p.setup_base[centre])
    if count < 2 or (p.family[p.work_centre == centre] < 0).any():
        return 0
    matrix = p.setup_min[base : base + count * count].reshape(count, count)
    return int(matrix[~np.eye(count, dtype=bool)].min())


def _smallest(
    p: Problem, group: Group, mine: list[Demand], calendars: list[int], between: int
) -> Overload | None:
    mine.sort(key=lambda demand: (demand.until, demand.operation))
    begin, until, minutes, family = (
        np.array([getattr(demand, name) for demand in mine], np.int64)
        for name in ("begin", "until", "minutes", "family")
    )
    open_by = np.array([_open(p, calendars, t) for t in until.tolist()], np.int64)
    begins = np.unique(begin)
    step = max(1, len(begins) // MOST_BEGINS)
    best: tuple[tuple[int, int], Overload] | None = None
    for first in begins[::step].tolist():
        chosen = np.flatnonzero(begin >= first)
        new = np.zeros(len(chosen), np.int64)
        new[np.unique(family[chosen], return_index=True)[1]] = 1
        # On each machine one family is the first; every other one needs a set-up within the window.
        changes = np.maximum(np.cumsum(new) - len(group), 0) * between
        needs = np.cumsum(minutes[chosen]) + changes
        offers = np.maximum(open_by[chosen] - _open(p, calendars, first), 0)
        if not (needs > offers).any():
            continue
        last = int(np.argmax(needs > offers))
        key = last + 1, int(offers[last] - needs[last])
        if best is None or key < best[0]:
            operations = tuple(mine[i].operation for i in chosen[: last + 1].tolist())
            numbers = int(needs[last]), int(changes[last]), int(offers[last])
            best = key, Overload(group, first, int(until[chosen[last]]), operations, *numbers)
    return best[1] if best else None


def _open(p: Problem, calendars: list[int], minute: int) -> int:
    return sum(p.calendars.worked(calendar, minute) for calendar in calendars)
