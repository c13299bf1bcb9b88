"""What a new schedule changes for whom, and how much of the old one it keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.problem import Bools, Problem
from plantbeat.engine.schedule.schedule import Schedule
from plantbeat.engine.schedule.timing import machine_sequences

NOTICED_MIN = 15
"""Minutes by which a start may move before anybody has to be told."""


@dataclass(frozen=True)
class PromiseMoved:
    """An order that ends at another minute than before."""

    order: int
    before: int
    after: int

    @property
    def minutes(self) -> int:
        """Minutes later (positive) or sooner (negative)."""
        return self.after - self.before


@dataclass(frozen=True)
class Difference:
    """What differs from the schedule before the events; new orders are left out.

    `promises`: orders that end at another minute, the largest change first. `changed_machine` and `moved`
    (start differs by more than 15 min) are operations; `machines` and `units` those who have to be told: of
    operations that are among these, before and after, and units that an operation gained or lost.
    """

    promises: tuple[PromiseMoved, ...]
    changed_machine: tuple[int, ...]
    moved: tuple[int, ...]
    machines: tuple[int, ...]
    units: tuple[int, ...]


@dataclass(frozen=True)
class Stability:
    """Shares (0 to 1) of the `operations` that were free to move: same machine; same machine and behind the
    same operation; start within 15 and within 30 min. `promises_moved` counts orders.
    """

    operations: int
    kept_machine: float
    kept_sequence: float
    within_15: float
    within_30: float
    promises_moved: int


def difference(p: Problem, before: Schedule, after: Schedule) -> Difference:
    """What changed from one schedule of a problem to another one."""
    known = before.machine >= 0
    changed = known & (before.machine != after.machine)
    moved = known & (np.abs(after.start - before.start) > NOTICED_MIN)
    told = changed | moved
    owner = np.repeat(np.arange(p.operations), np.diff(p.secondary.need_ptr))
    other = known[owner] & ((before.unit != after.unit) | told[owner])
    promises = [
        PromiseMoved(j, int(before.completion[j]), int(after.completion[j]))
        for j in np.flatnonzero(before.completion != after.completion).tolist()
        if known[p.order_ptr[j]]
    ]
    return Difference(
        promises=tuple(sorted(promises, key=lambda one: (-abs(one.minutes), one.order))),
        changed_machine=tuple(np.flatnonzero(changed).tolist()),
        moved=tuple(np.flatnonzero(moved).tolist()),
        machines=_all(before.machine[told], after.machine[told]),
        units=_all(before.unit[other], after.unit[other]),
    )


def _all(before: Ints, after: Ints) -> tuple[int, ...]:
    return tuple(np.unique(np.concatenate((before, after))).tolist())


def behind(p: Problem, schedule: Schedule, known: Bools) -> Ints:
    """Per operation: the one that runs before it on its machine, others than `known` left out; -1 = none."""
    previous = np.full(p.operations, -1, np.int64)
    for row in machine_sequences(p, np.where(known, schedule.machine, -1), schedule.start, schedule.end):
        previous[row[1:]] = row[:-1]
    return previous


def stability(p: Problem, before: Schedule, after: Schedule, free: Bools) -> Stability:
    """How much of the schedule before is kept, among the `free` operations that it had."""
    known = before.machine >= 0
    free = free & known
    same = (before.machine == after.machine)[free]
    sequence = (behind(p, before, known) == behind(p, after, known))[free]
    late = np.abs(after.start - before.start)[free]
    count = int(free.sum())

    def share(kept: Bools) -> float:
        return float(kept.sum()) / count if count else 1.0

    ended = known[p.order_ptr[:-1]]
    return Stability(
        operations=count,
        kept_machine=share(same),
        kept_sequence=share(same & sequence),
        within_15=share(late <= NOTICED_MIN),
        within_30=share(late <= 2 * NOTICED_MIN),
        promises_moved=int((before.completion != after.completion)[ended].sum()),
    )
