"""A schedule: machine and start of every operation, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.evaluation import Evaluation
from plantbeat.engine.schedule.objective import Objective, Terms
from plantbeat.engine.schedule.rows import no_units


@dataclass(frozen=True, eq=False)
class Schedule:
    """Result of `solve`; int64 rows in the problem's order, times in whole minutes from the horizon start.

    Per operation: `machine`, `start`, `end`, `setup_min` before it and `setup_start`. Per order:
    `completion`, `tardiness`. `objective` is the weighted sum of `terms` with `weights`; `bound` is a value
    that no schedule can go below. `status` is "optimal" (objective = bound), "feasible", or "deadline
    missed". `first_s` is the time to the first valid schedule, `moves` the number of improvement moves
    tried. `unit` is the unit of each need (`Problem.secondary`), where operations need people or tools.
    """

    machine: Ints
    start: Ints
    end: Ints
    setup_min: Ints
    setup_start: Ints
    completion: Ints
    tardiness: Ints
    objective: int
    terms: Terms
    weights: Objective
    bound: int
    status: str
    first_s: float
    moves: int
    unit: Ints = field(default_factory=no_units)

    @property
    def gap(self) -> float:
        """(objective - bound) / objective: the part of the objective that may still be avoidable, 0 to 1."""
        return (self.objective - self.bound) / self.objective if self.objective else 0.0

    @property
    def late_orders(self) -> list[int]:
        """Orders that end after their due date, the most minutes late first."""
        late = np.flatnonzero(self.tardiness > 0)
        return list(map(int, late[np.argsort(-self.tardiness[late], kind="stable")]))

    def starting_before(self, minute: int) -> Mapping[int, tuple[int, int]]:
        """Operations that start before a minute, as `frozen` for the next `solve`: operation -> (machine,
        start).
        """
        chosen = np.flatnonzero(self.start < minute).tolist()
        return {o: (int(self.machine[o]), int(self.start[o])) for o in chosen}


def schedule_of(
    value: Evaluation, weights: Objective, bound: int, *, first_s: float = 0.0, moves: int = 0
) -> Schedule:
    """A schedule from its evaluation, the weights it was made for, its bound and how it was found."""
    times = value.timing
    status = "optimal" if value.objective == bound else "feasible"
    if value.terms.deadline_overrun:
        status = "deadline missed"
    return Schedule(
        machine=times.machine,
        start=times.start,
        end=times.end,
        setup_min=times.setup_min,
        setup_start=times.setup_start,
        completion=value.completion,
        tardiness=value.tardiness,
        objective=value.objective,
        terms=value.terms,
        weights=weights,
        bound=bound,
        status=status,
        first_s=first_s,
        moves=moves,
        unit=times.unit,
    )
