"""The first schedules: a grid of dispatching rules, each a compiled list schedule, of which the best is
kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule import _kernels
from plantbeat.engine.schedule.bound import remaining_minutes
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import (
    Floor,
    Result,
    Rule,
    Shop,
    as_rows,
    empty_result,
    floor_of,
    log_ratio,
    no_units,
    weights,
)

WAITING_ALLOWANCE = (0.0, 0.5)
LOOK_AHEAD = (1.0, 1.5, 2.0, 3.0, 4.0)
SETUP_SCALE = (0.4, 0.7, 1.2)


@dataclass(frozen=True)
class RulePoint:
    """One point of the grid: waiting allowed per remaining minute of work, and ATCS's k1 and k2."""

    allowance: float
    k1: float
    k2: float


def rule_grid() -> list[RulePoint]:
    """The 30 points, the middle ones first, so that an early stop has seen a sound rule."""
    points = [RulePoint(*point) for point in product(WAITING_ALLOWANCE, LOOK_AHEAD, SETUP_SCALE)]
    middle = RulePoint(WAITING_ALLOWANCE[1], LOOK_AHEAD[2], SETUP_SCALE[1])
    return sorted(points, key=lambda point: point != middle)


@dataclass(frozen=True, eq=False)
class Construction:
    """A list schedule: what the kernel wrote (arrays), its objective, an operation without room (-1 if
    none), and the unit of each need.
    """

    result: Result
    objective: int
    stuck: int
    unit: Ints = field(default_factory=no_units)


class RuleTables:
    """What the tables of every rule of one problem share."""

    def __init__(self, problem: Problem, shop: Shop, objective: Objective) -> None:
        self.problem = problem
        modes_of = np.repeat(np.arange(problem.operations), np.diff(problem.mode_ptr))
        by_due_date = bool(objective.weighted_tardiness or objective.weighted_late_orders)
        self.due = problem.due if by_due_date else np.full(problem.orders, problem.mode_min.sum())
        weight = problem.weight if by_due_date else np.ones(problem.orders, np.int64)
        self.value = np.array(log_ratio(weight[problem.order_of[modes_of]], problem.mode_min))
        self.tail = remaining_minutes(problem, shop)
        self.mean_minutes = max(1.0, int(problem.mode_min.sum()) / len(problem.mode_min))
        setups = problem.setup_min[problem.setup_min > 0]
        self.mean_setup = int(setups.sum()) / len(setups) if len(setups) else self.mean_minutes

    def rule(self, point: RulePoint) -> Rule:
        """The tables of one point of the grid, as arrays."""
        latest = (
            self.due[self.problem.order_of]
            - self.tail
            - np.floor(self.tail * point.allowance).astype(np.int64)
        )
        scale = 1.0 / (point.k2 * self.mean_setup)
        per_slack = 1.0 / (point.k1 * self.mean_minutes)
        return Rule(self.value, latest, self.problem.setup_min * scale, np.array([per_slack, scale]))


def list_schedule(
    problem: Problem,
    shop: Shop,
    rule: Rule,
    objective: Objective,
    *,
    compiled: bool,
    rows: Shop | None = None,
) -> Construction:
    """Build one list schedule; `rows` is the shop in the form the chosen path takes, if it is at hand."""
    rows = rows or as_rows(shop, compiled=compiled)
    tables: Rule = as_rows(rule, compiled=compiled)
    floor: Floor = as_rows(floor_of(problem, shop), compiled=compiled)
    out: Result = as_rows(empty_result(problem), compiled=compiled)
    build = _kernels.list_schedule.compiled if compiled else _kernels.list_schedule
    cost = _kernels.plan_cost.compiled if compiled else _kernels.plan_cost
    stuck = int(build(rows, tables, floor, out))
    value = int(cost(rows, weights(objective), out)) if stuck < 0 else 0
    return Construction(Result(*(np.asarray(row, np.int64) for row in out)), value, stuck)


def constructions(
    problem: Problem, shop: Shop, objective: Objective, *, compiled: bool, workers: int
) -> Iterator[Construction]:
    """List schedules of the whole grid in the grid's order, whatever the number of workers."""
    tables, rows = RuleTables(problem, shop, objective), as_rows(shop, compiled=compiled)

    def build(point: RulePoint) -> Construction:
        rule = tables.rule(point)
        return list_schedule(problem, shop, rule, objective, compiled=compiled, rows=rows)

    first, *others = rule_grid()
    yield build(first)
    if not compiled or workers == 1:
        yield from map(build, others)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(build, others)


def best_construction(
    candidates: Iterator[Construction], enough: Callable[[], bool] = lambda: False
) -> tuple[Construction, int]:
    """The best list schedule and how many were built; stops early when `enough` says so and one is
    complete.

    When no rule finds room for every operation, the last attempt is returned, whose `stuck` names an
    operation.
    """
    best: Construction | None = None
    built = 0
    for candidate in candidates:
        built += 1
        if best is None or (candidate.stuck, candidate.objective) < (best.stuck, best.objective):
            best = candidate
        if best.stuck < 0 and enough():
            break
    if best is None:
        raise ValueError("no list schedule was given to choose from")
    return best, built
