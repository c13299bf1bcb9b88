"""Faults of what couples operations: time lags, transfer batches, teardowns, people and tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER
from plantbeat.engine.schedule.problem import NOT_PINNED, Fault, Problem
from plantbeat.engine.schedule.secondary import ANY_UNIT, RUN, SETUP, TEARDOWN

MINUTES_LIMIT = 1 << 40
At = Callable[[Problem, int, str, str], Fault]


def secondary_shape_faults(p: Problem) -> list[Fault]:
    """Rows of people and tools of the wrong length, or that point at nothing."""
    s, n = p.secondary, p.operations
    faults: list[Fault] = []
    for name, ptr, total in (
        ("pool_ptr", s.pool_ptr, len(s.pool_unit)),
        ("need_ptr", s.need_ptr, len(s.need_pool)),
    ):
        if not len(ptr):
            continue
        if ptr[0] != 0 or ptr[-1] != total or (np.diff(ptr) < 0).any():
            faults.append(Fault("row", f"secondary: {name} must rise from 0 to {total} without a step back"))
    if len(s.need_ptr) and len(s.need_ptr) != n + 1:
        faults.append(Fault("row", f"secondary: need_ptr has {len(s.need_ptr)} values; allowed are {n + 1}"))
    needs = len(s.need_pool)
    if len(s.need_phase) != needs or (len(s.need_unit) and len(s.need_unit) != needs):
        faults.append(Fault("row", f"secondary: need_phase and need_unit must have {needs} values"))
    if needs and not len(s.need_ptr):
        faults.append(Fault("row", "secondary: need_ptr is missing; it says which operation has which needs"))
    return faults


def secondary_faults(p: Problem) -> Iterator[Fault]:
    """Units without a calendar, pools without a unit."""
    s, calendars = p.secondary, len(p.calendars.ptr) - 1
    for u in np.flatnonzero((s.unit_calendar < 0) | (s.unit_calendar >= calendars)).tolist():
        text = f"unit {s.unit_label(u)}: calendar {s.unit_calendar[u]} is unknown"
        yield Fault("calendar", f"{text}; allowed are 0 to {calendars - 1}")
    for pool in range(s.pools):
        members = s.pool(pool)
        if not members:
            yield Fault("pool", f"pool {s.pool_label(pool)} has no unit; it needs at least one")
        if any(not 0 <= u < s.units for u in members) or len(set(members)) != len(members):
            text = f"pool {s.pool_label(pool)} names a unit twice or one that is unknown"
            yield Fault("pool", f"{text}; allowed are 0 to {s.units - 1}, each once")


def coupling_faults(p: Problem, at: At) -> Iterator[Fault]:
    """Faults of lags, transfer batches, teardowns and needs, by operation."""
    yield from _link_faults(p, at)
    for o in np.flatnonzero((p.teardown_min < 0) | (p.teardown_min > MINUTES_LIMIT)).tolist():
        yield at(p, o, "teardown", f"teardown {p.teardown_min[o]} min; allowed is a whole number from 0")
    for o in np.flatnonzero(np.diff(p.secondary.need_ptr)).tolist():
        yield from _need_faults(p, o, at)


def _link_faults(p: Problem, at: At) -> Iterator[Fault]:
    owner = np.repeat(np.arange(p.operations), np.diff(p.pred_ptr))
    for k in np.flatnonzero((p.link_least < 0) | (p.link_least > MINUTES_LIMIT)).tolist():
        yield at(p, int(owner[k]), "lag", f"waits {p.link_least[k]} min; allowed is a whole number from 0")
    for k in np.flatnonzero((p.link_most < p.link_least) | (p.link_most > NEVER)).tolist():
        text = f"may wait at most {p.link_most[k]} min; allowed is {p.link_least[k]} or more"
        yield at(p, int(owner[k]), "lag", text)
    quantity = p.quantity[p.order_of[owner]]
    for k in np.flatnonzero((p.link_batch < 0) | (p.link_batch > quantity)).tolist():
        text = f"transfer batch of {p.link_batch[k]}; allowed is 0 (all) to the quantity {quantity[k]}"
        yield at(p, int(owner[k]), "transfer_batch", text)
    for k in np.flatnonzero((p.link_batch > 0) & (p.link_least > 0)).tolist():
        yield at(p, int(owner[k]), "transfer_batch", "has a transfer batch and a lag; allowed is one of them")


def _need_faults(p: Problem, o: int, at: At) -> Iterator[Fault]:
    s, named = p.secondary, list[int]()
    for i in s.needs(o):
        pool, phase, unit = int(s.need_pool[i]), int(s.need_phase[i]), int(s.need_unit[i])
        if not 0 <= pool < s.pools:
            yield at(p, o, "pool", f"pool {pool} is unknown; allowed are 0 to {s.pools - 1}")
            return
        label = s.pool_label(pool)
        if not 1 <= phase <= SETUP + RUN + TEARDOWN:
            yield at(
                p,
                o,
                "phase",
                f"needs {label} in phase {phase}; allowed are 1 to 7 (set-up 1, run 2, teardown 4)",
            )
        if unit != ANY_UNIT and unit not in s.pool(pool):
            yield at(p, o, "unit", f"asks for unit {s.unit_label(unit)}, which is not in pool {label}")
        if unit == ANY_UNIT and p.pin_machine[o] != NOT_PINNED:
            yield at(p, o, "unit", f"is pinned, but not which unit of {label} it keeps")
        named += [unit] if unit != ANY_UNIT else []
    if len(set(named)) != len(named):
        yield at(p, o, "unit", "asks for the same unit twice")
    elif (short := _unmet(p, o)) is not None:
        asked = [s.pool_label(int(s.need_pool[i])) for i in s.needs(o)]
        text = f"needs {', '.join(asked)} at once; {s.pool_label(short)} has no unit left for it"
        yield at(p, o, "pool", text)


def _unmet(p: Problem, o: int) -> int | None:
    """A pool that has no unit left when every need of an operation takes one of its own; None if all do."""
    s, holder = p.secondary, dict[int, int]()

    def takes(i: int, tried: set[int]) -> bool:
        named = int(s.need_unit[i])
        for u in s.pool(int(s.need_pool[i])) if named == ANY_UNIT else [named]:
            if u not in tried:
                tried.add(u)
                if u not in holder or takes(holder[u], tried):
                    holder[u] = i
                    return True
        return False

    return next((int(s.need_pool[i]) for i in s.needs(o) if not takes(i, set())), None)
