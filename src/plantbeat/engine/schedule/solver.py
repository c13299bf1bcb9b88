"""From a problem to a schedule."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

from plantbeat.engine.schedule.construct import best_construction
from plantbeat.engine.schedule.coupled.method import Coupled
from plantbeat.engine.schedule.evaluation import evaluate
from plantbeat.engine.schedule.flow.method import HybridFlowShop
from plantbeat.engine.schedule.improve.general import General
from plantbeat.engine.schedule.lines.method import FlowLines
from plantbeat.engine.schedule.makespan.method import Makespan
from plantbeat.engine.schedule.method import Method, Task
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import PYTHON_BELOW, shop_of
from plantbeat.engine.schedule.schedule import Schedule, schedule_of

METHODS: tuple[Method, ...] = (FlowLines(), Coupled(), HybridFlowShop(), Makespan(), General())
"""The first that suits a problem solves it."""


class HorizonTooShortError(ValueError):
    """An operation does not end within the calendars of its machines; `operation` says which."""

    def __init__(self, problem: Problem, operation: int) -> None:
        self.operation = operation
        machines = ", ".join(map(problem.machine_label, problem.modes(operation)))
        super().__init__(
            f"the horizon is too short: {problem.operation_label(operation)} finds no open time left "
            f"on {machines}; lengthen the calendars"
        )


class NoMethodError(ValueError):
    """No method suits the problem and what it is judged by."""


@dataclass(frozen=True)
class Moves:
    """A deterministic budget: the number of improvement moves to try (whole number from 0)."""

    count: int

    def __post_init__(self) -> None:
        if not isinstance(self.count, int) or isinstance(self.count, bool) or self.count < 0:
            raise ValueError(f"Moves: {self.count!r}; allowed is a whole number from 0")


def available_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def checked_budget(budget: float | Moves, seed: int, workers: int | None) -> int:
    """Number of threads to use; raises ValueError for a budget, seed or workers that are not allowed."""
    if not isinstance(budget, Moves):
        number = isinstance(budget, int | float) and not isinstance(budget, bool)
        if not number or not math.isfinite(budget) or budget < 0:
            raise ValueError(f"budget: {budget!r}; allowed are seconds from 0, or Moves(n)")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise ValueError(f"seed: {seed!r}; allowed is a whole number from 0")
    if workers is not None and (not isinstance(workers, int) or isinstance(workers, bool) or workers < 1):
        raise ValueError(f"workers: {workers!r}; allowed is a whole number from 1, or None for all cores")
    return workers or available_cores()


def solve(
    problem: Problem,
    objective: Objective | None = None,
    *,
    budget: float | Moves = 10.0,
    seed: int = 0,
    workers: int | None = None,
    frozen: Mapping[int, tuple[int, int]] | None = None,
) -> Schedule:
    """Schedule a problem: best list schedule of the rule grid, then local search for the rest of the
    budget.

    `budget` is wall seconds, or `Moves(n)` for a result that depends on nothing but problem, objective and
    seed and is never worse for a larger n; 0 gives the best list schedule. `workers` is the number of
    searches at once when the budget is in seconds (None = all cores). `frozen` pins further operations:
    operation -> (machine, start). From 200 operations on compiled kernels run; their first use on a machine
    compiles them (10 to 20 s on top of the budget). Raises ProblemError for a pin that cannot be kept,
    HorizonTooShortError when calendars end too soon, NoMethodError when no method suits, ValueError for a
    budget, seed or number of workers that is not allowed.
    """
    begun, cores = perf_counter(), checked_budget(budget, seed, workers)
    if frozen:
        problem = problem.pinned(frozen)
    goal = objective or problem.objective
    method = next((method for method in METHODS if method.suits(problem, goal)), None)
    if method is None:
        raise NoMethodError(
            "no method solves a line without passing with these calendars and this objective; "
            "allowed are problems without lines"
        )
    task = Task(
        problem=problem,
        shop=shop_of(problem),
        objective=goal,
        seed=seed,
        workers=cores,
        compiled=problem.operations >= PYTHON_BELOW,
        moves=budget.count if isinstance(budget, Moves) else None,
        until=None if isinstance(budget, Moves) else begun + budget,
    )
    first_s = [0.0]

    def out_of_time() -> bool:
        first_s[0] = first_s[0] or perf_counter() - begun
        return task.until is not None and bool(budget) and perf_counter() >= task.until

    first, _ = best_construction(method.construct(task), out_of_time)
    if first.stuck >= 0:
        raise HorizonTooShortError(problem, first.stuck)
    bound = method.bound(task)
    machine, start, unit, tried = first.result.machine, first.result.start, first.unit, 0
    if budget != Moves(0) and budget != 0 and not out_of_time() and first.objective > bound:
        found = method.improve(task, first, bound)
        machine, start, unit, tried = found.machine, found.start, found.unit, found.moves
        bound = max(bound, found.bound)
    value = evaluate(problem, machine, start, goal, unit=unit)
    return schedule_of(value, goal, bound, first_s=first_s[0], moves=tried)
