"""The method for flow lines without passing: NEH, then iterated greedy over the one sequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.construct import Construction
from plantbeat.engine.schedule.improve.general import CHAIN_STEP
from plantbeat.engine.schedule.improve.team import run_team
from plantbeat.engine.schedule.lines.bound import line_bound
from plantbeat.engine.schedule.lines.greedy import _kernels
from plantbeat.engine.schedule.lines.rows import (
    BEST,
    CALENDARS,
    COMPUTED,
    ENDS,
    MOVES,
    SUMS,
    Line,
    line_of,
    line_rows,
    search_of,
)
from plantbeat.engine.schedule.method import Improvement, Task
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Result, as_rows, empty_result

TAKEN_OUT = {ENDS: 4, SUMS: 2, CALENDARS: 2}
"""Orders taken out of the sequence in one iteration."""
HEAT = {ENDS: 0.05, SUMS: 1.0, CALENDARS: 0.3}
"""Temperature, in units of what the mean operation's minutes of delay cost."""
INSERTIONS_LIMIT = 4e9
"""Cells (order x place x machine) up to which a sequence is built by insertion."""


class FlowLines:
    """Takes problems whose machines are one line without passing; there is nothing else to decide."""

    def suits(self, problem: Problem, objective: Objective) -> bool:
        """Whether the machines are a line without passing."""
        return bool(problem.lines)

    def bound(self, task: Task) -> int:
        """Every order alone, each machine's work and set-ups."""
        return line_bound(task, line_of(task.problem, task.shop, task.objective))

    def construct(self, task: Task) -> Iterator[Construction]:
        """Orders by due date, then sequences built by insertion, where they are not too long for it."""
        bench = Bench(task)
        p = task.problem
        work = np.add.reduceat(p.mode_min, p.order_ptr[:-1])
        release = np.maximum(p.release, 0)
        by_due, by_release = np.lexsort((release, p.due)), np.lexsort((p.due, release))
        longest_first = np.argsort(-work, kind="stable")
        yield bench.construction(by_due)
        yield bench.construction(by_release)
        if not bench.can_insert():
            yield bench.construction(longest_first)
            return
        for given in (by_due, longest_first, np.argsort(p.due - work, kind="stable")):
            yield bench.construction(bench.built(given))

    def improve(self, task: Task, first: Construction, bound: int) -> Improvement:
        """Iterated greedy, one chain per core when the budget is time."""
        bench = Bench(task)
        if task.problem.orders < 2:
            return Improvement(first.result.machine, first.result.start, first.objective, 0)
        sequence = order_sequence(task.problem, first.result)
        cost = bench.cost(sequence)
        size = task.workers if task.compiled and task.moves is None else 1
        told, moves = run_team(
            lambda number: Chain(bench, sequence, cost, bound, number), size, bound, task.moves, task.until
        )
        objective, best = told
        out = bench.construction(np.asarray(best, np.int64)).result
        return Improvement(out.machine, out.start, objective, moves)


def order_sequence(problem: Problem, result: Result) -> Ints:
    """The sequence of orders of a schedule in which no order passes another."""
    start, end = (row.reshape(problem.orders, -1) for row in (result.start, result.end))
    keys = [row[:, k] for k in reversed(range(start.shape[1])) for row in (end, start)]
    return np.lexsort(keys)


class Bench:
    """A line in the form the kernels take, and what they are asked."""

    def __init__(self, task: Task) -> None:
        self.task, self.compiled = task, task.compiled
        self.arrays: Line = line_of(task.problem, task.shop, task.objective)
        self.line: Line = line_rows(self.arrays, compiled=task.compiled)
        self.shop = as_rows(task.shop, compiled=task.compiled)
        self.state = self.search(task.seed)

    def search(self, seed: int) -> Any:
        """A new state of a search."""
        return search_of(self.task.problem, self.arrays, seed, compiled=self.compiled)

    def run(self, kernel: Any, *args: Any) -> Any:
        """Call a kernel in the form that is wanted."""
        return (kernel.compiled if self.compiled else kernel)(self.line, self.shop, *args)

    def row(self, sequence: Ints) -> Any:
        """A sequence as kernels take it."""
        return sequence.astype(np.int64) if self.compiled else sequence.tolist()

    def can_insert(self) -> bool:
        """Whether a sequence can be built by insertion in a few seconds."""
        n, m, computed = self.arrays.sizes[0], self.arrays.sizes[1], self.arrays.sizes[COMPUTED]
        places = n * n / 2 if computed == ENDS else n * n * n / 6
        return bool(places * m * (50 if computed == CALENDARS else 1) <= INSERTIONS_LIMIT)

    def built(self, given: Ints) -> Ints:
        """The sequence that insertion in a given order makes."""
        self.run(_kernels.build, self.state, self.row(given))
        return np.array(self.state.sequence, np.int64)

    def cost(self, sequence: Ints) -> int:
        """Objective of a sequence; NEVER if an order finds no room."""
        return int(self.run(_kernels.sequence_cost, self.state, self.row(sequence)))

    def construction(self, sequence: Ints) -> Construction:
        """The schedule of a sequence."""
        out: Result = as_rows(empty_result(self.task.problem), compiled=self.compiled)
        stuck = int(self.run(_kernels.timetable, self.state, self.row(sequence), out))
        cost = self.cost(sequence) if stuck < 0 else 0
        return Construction(Result(*(np.asarray(row, np.int64) for row in out)), cost, stuck)


class Chain:
    """One search over the sequence."""

    exhausted = False

    def __init__(self, bench: Bench, sequence: Ints, cost: int, bound: int, number: int) -> None:
        self._bench, self._bound = bench, bound
        self.state = bench.search(bench.task.seed + number * CHAIN_STEP)
        computed = int(bench.arrays.sizes[COMPUTED])
        self._taken_out = min(TAKEN_OUT[computed], len(sequence) - 1)
        self._temperature = HEAT[computed] * delay_cost(bench.task.problem, bench.task.objective)
        self.take_over((cost, bench.row(sequence)))

    @property
    def best(self) -> int:
        """The objective of the best sequence so far."""
        return int(self.state.counters[BEST])

    @property
    def moves(self) -> int:
        """Places tried so far."""
        return int(self.state.counters[MOVES])

    def advance(self, limit: int) -> None:
        """Go on until `limit` places in all are tried, or the bound is reached."""
        self._bench.run(
            _kernels.search_on, self.state, limit, self._bound, self._taken_out, self._temperature
        )

    def told(self) -> tuple[int, Any]:
        """The best sequence so far and its objective."""
        return self.best, self.state.best.copy()

    def take_over(self, told: tuple[int, Any]) -> None:
        """Go on from a sequence."""
        start = _kernels.start_from.compiled if self._bench.compiled else _kernels.start_from
        start(self.state, told[1], told[0])


def delay_cost(problem: Problem, objective: Objective) -> float:
    """What it costs, roughly, when one order ends later by the mean operation's minutes."""
    minutes = int(problem.mode_min.sum()) / len(problem.mode_min)
    weight = int(problem.weight.sum()) / len(problem.weight)
    cost = minutes * (objective.weighted_tardiness * weight + objective.flow_time + objective.makespan)
    return cost + weight * objective.weighted_late_orders + minutes * objective.setup_minutes
