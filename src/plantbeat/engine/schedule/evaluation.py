"""The value of a schedule: every term of the objective, from machine and start alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.objective import Objective, Terms
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.timing import Timing, timing


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A schedule's times, completion and tardiness per order (int64 minutes), terms and objective."""

    timing: Timing
    completion: Ints
    tardiness: Ints
    terms: Terms
    objective: int


def order_terms(problem: Problem, completion: Ints) -> dict[str, Ints]:
    """The terms that are sums over orders, per order, from the orders' completion minutes."""
    tardiness = np.maximum(completion - problem.due, 0)
    overrun = np.where(problem.deadline < NEVER, np.maximum(completion - problem.deadline, 0), 0)
    return {
        "weighted_tardiness": problem.weight * tardiness,
        "weighted_late_orders": problem.weight * (tardiness > 0),
        "flow_time": completion - problem.release,
        "deadline_overrun": overrun,
    }


def evaluate(
    problem: Problem,
    machine: Ints,
    start: Ints,
    objective: Objective | None = None,
    *,
    unit: Ints | None = None,
) -> Evaluation:
    """Evaluate a complete schedule: machine and start minute per operation, in the problem's operation
    order, and the unit of each need where operations need people or tools.

    The schedule is taken at its word; whether it is allowed is for `check` to say. Raises ValueError when
    times cannot be told at all: a machine that is not allowed, units that are missing, or an operation that
    does not end within its calendar.
    """
    times = timing(problem, machine, start, unit)
    completion = np.maximum.reduceat(times.end, problem.order_ptr[:-1])
    sums = {name: int(values.sum()) for name, values in order_terms(problem, completion).items()}
    terms = Terms(makespan=int(completion.max()), setup_minutes=int(times.setup_min.sum()), **sums)
    tardiness = np.maximum(completion - problem.due, 0)
    return Evaluation(times, completion, tardiness, terms, terms.total(objective or problem.objective))
