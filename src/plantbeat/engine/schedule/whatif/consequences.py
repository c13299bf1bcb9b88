"""What a change does to whom: orders later and sooner, minutes late, set-ups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.schedule import Schedule


@dataclass(frozen=True)
class OrderChange:
    """One order whose minutes late differ: before and after."""

    order: int
    before_min: int
    after_min: int

    @property
    def minutes(self) -> int:
        """Minutes later (positive) or sooner (negative), counted from the due date on."""
        return self.after_min - self.before_min


@dataclass(frozen=True)
class Consequences:
    """Differences after - before, all whole numbers: orders, minutes late, set-ups and their minutes.

    `newly_late` were on time, `later` were late and are more so, `sooner` are still late but less, `saved`
    are on time now; each with the largest change first. `moved` is the number of operations whose machine or
    start differs.
    """

    newly_late: tuple[OrderChange, ...]
    later: tuple[OrderChange, ...]
    sooner: tuple[OrderChange, ...]
    saved: tuple[OrderChange, ...]
    late_orders: int
    late_minutes: int
    setups: int
    setup_minutes: int
    moved: int

    @property
    def harmed(self) -> tuple[OrderChange, ...]:
        """Everybody who gets later, the newly late first."""
        return self.newly_late + self.later


def consequences(problem: Problem, before: Schedule, after: Schedule) -> Consequences:
    """What changed from one schedule of a problem to another one of the same problem."""
    was, now = before.tardiness, after.tardiness
    changed = np.flatnonzero(was != now)
    changes = [OrderChange(j, int(was[j]), int(now[j])) for j in changed.tolist()]
    changes.sort(key=lambda change: (-abs(change.minutes), change.order))
    moved = (before.start != after.start) | (before.machine != after.machine)
    return Consequences(
        newly_late=tuple(c for c in changes if c.before_min == 0),
        later=tuple(c for c in changes if 0 < c.before_min < c.after_min),
        sooner=tuple(c for c in changes if 0 < c.after_min < c.before_min),
        saved=tuple(c for c in changes if c.after_min == 0),
        late_orders=int((now > 0).sum()) - int((was > 0).sum()),
        late_minutes=int(now.sum()) - int(was.sum()),
        setups=int((after.setup_min > 0).sum()) - int((before.setup_min > 0).sum()),
        setup_minutes=int(after.setup_min.sum()) - int(before.setup_min.sum()),
        moved=int(moved.sum()),
    )
