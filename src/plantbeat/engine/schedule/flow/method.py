"""The method for hybrid flow shops: annealing over one sequence, forwards and backwards in turn."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, NEVER, Ints
from plantbeat.engine.schedule.bound import lower_bound
from plantbeat.engine.schedule.construct import Construction
from plantbeat.engine.schedule.flow import _kernels
from plantbeat.engine.schedule.flow.bound import stage_bound
from plantbeat.engine.schedule.flow.rows import (
    BEST,
    COST,
    MOVES,
    Search,
    free_of_rules,
    only_last_end,
    search_of,
    stage_centres,
    stages_of,
)
from plantbeat.engine.schedule.improve.general import CHAIN_STEP
from plantbeat.engine.schedule.improve.team import run_team
from plantbeat.engine.schedule.method import Improvement, Task
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Result, as_rows

FIRST_CYCLE = 100
"""Moves per order in the first cycle of annealing; each cycle is twice as long as the one before."""
HOT = 0.2
"""First temperature of a cycle, in units of the mean operation's minutes."""
LOG_OF_COOLING = 3.5
FORWARDS, BACKWARDS = range(2)


class HybridFlowShop:
    """Takes orders that all pass the same stages once, judged by the last end alone.

    A stage is a work centre on any of whose machines an operation takes the same minutes; at least one has
    several machines. Machines never close; there are no set-ups, pins, lines, or releases after minute 0.
    """

    def suits(self, problem: Problem, objective: Objective) -> bool:
        """Whether the problem is a hybrid flow shop judged by the last end."""
        if not free_of_rules(problem) or not only_last_end(problem, objective):
            return False
        centres = stage_centres(problem)
        if centres is None or len(centres) == problem.machines:
            return False
        spans = [problem.calendars.intervals(int(c)) for c in set(problem.machine_calendar.tolist())]
        return all(len(row) == 1 and row[0][0] <= 0 and row[0][1] >= FOREVER for row in spans)

    def bound(self, task: Task) -> int:
        """Every order alone, and every stage's work with the shortest ways to it and from it."""
        shop = FlowShop(task)
        simple = lower_bound(task.problem, task.shop, task.objective, compiled=task.compiled)
        return max(simple, task.objective.makespan * stage_bound(shop.arrays[0], task.problem.orders))

    def construct(self, task: Task) -> Iterator[Construction]:
        """Longest orders first and last, forwards and backwards."""
        shop = FlowShop(task)
        work = np.add.reduceat(task.problem.mode_min[task.problem.mode_ptr[:-1]], task.problem.order_ptr[:-1])
        for sequence in (np.argsort(-work, kind="stable"), np.argsort(work, kind="stable")):
            for way in (FORWARDS, BACKWARDS):
                yield shop.construction(way, sequence)

    def improve(self, task: Task, first: Construction, bound: int) -> Improvement:
        """Annealing, one chain per core when the budget is time; the chains begin in opposite directions."""
        shop, orders = FlowShop(task), task.problem.orders
        if orders < 2:
            return Improvement(first.result.machine, first.result.start, first.objective, 0)
        begun = first.result.start.reshape(orders, -1)[:, 0]
        sequence = np.lexsort((first.result.end.reshape(orders, -1)[:, 0], begun))
        last = bound // task.objective.makespan if bound % task.objective.makespan == 0 else 0
        size = task.workers if task.compiled and task.moves is None else 1
        told, moves = run_team(
            lambda number: Chain(shop, sequence, last, number), size, last, task.moves, task.until
        )
        _value, way, best = told
        found = shop.construction(way, np.asarray(best, np.int64))
        found = min(found, first, key=lambda made: made.objective)
        return Improvement(found.result.machine, found.result.start, found.objective, moves)


class FlowShop:
    """The stages in the form the kernels take, in both directions of time."""

    def __init__(self, task: Task) -> None:
        centres = stage_centres(task.problem)
        if centres is None:
            raise ValueError("not a hybrid flow shop: the orders do not all pass the same stages")
        self.task, self.compiled, self.centres = task, task.compiled, centres
        self.arrays = stages_of(task.problem, centres)
        self.stages = tuple(as_rows(rows, compiled=task.compiled) for rows in self.arrays)

    def search(self, seed: int) -> Search:
        """A new state of a search."""
        state: Search = as_rows(
            search_of(self.arrays[0], self.task.problem.orders, seed), compiled=self.compiled
        )
        return state

    def run(self, kernel: Any, *args: Any) -> Any:
        """Call a kernel in the form that is wanted."""
        return (kernel.compiled if self.compiled else kernel)(*args)

    def timed(self, way: int, state: Search, sequence: Any) -> int:
        """Schedule a sequence in a direction; times are left in the state. Returns the last end."""
        state.sequence[:] = sequence
        return int(self.run(_kernels.last_end, self.stages[way], state, NEVER))

    def turned(self, state: Search) -> Any:
        """The sequence that gives the last schedule's mirror image a start: last ends first."""
        order = np.argsort(-np.asarray(state.arrival, np.int64), kind="stable")
        return order if self.compiled else order.tolist()

    def construction(self, way: int, sequence: Ints) -> Construction:
        """The schedule of a sequence, every operation as early as its stage's order of starts lets it."""
        p, state = self.task.problem, self.search(0)
        last = self.timed(way, state, sequence if self.compiled else sequence.tolist())
        start = np.asarray(state.start, np.int64).reshape(-1, p.orders)
        if way == BACKWARDS:
            start = (last - start - self.arrays[BACKWARDS].minutes.reshape(start.shape))[::-1]
        minutes = self.arrays[FORWARDS].minutes.reshape(start.shape)
        out = [np.zeros(p.operations, np.int64) for _ in range(4)]
        ready = [0] * p.orders
        for k, centre in enumerate(self.centres.tolist()):
            machines = np.flatnonzero(p.machine_work_centre == centre).tolist()
            free = dict.fromkeys(machines, 0)
            for j in np.lexsort((start[k] + minutes[k], start[k])).tolist():
                m, o = min(machines, key=free.__getitem__), j * len(start) + k
                begin = max(free[m], ready[j])
                free[m] = ready[j] = begin + int(minutes[k, j])
                out[0][o], out[1][o], out[2][o] = m, begin, ready[j]
        return Construction(Result(*out), self.task.objective.makespan * max(ready), -1)


class Chain:
    """One search, which turns time round after each cycle."""

    exhausted = False

    def __init__(self, shop: FlowShop, sequence: Ints, bound: int, number: int) -> None:
        task = shop.task
        self._shop, self._bound, self._until = shop, bound, task.until
        self.state = shop.search(task.seed + number * CHAIN_STEP)
        self._hot = HOT * int(task.problem.mode_min.sum()) / len(task.problem.mode_min)
        self._length, self._left, self._temperature, self._cooling = FIRST_CYCLE * len(sequence), 0, 0.0, 1.0
        self._begun = perf_counter()
        self._way, self._best = FORWARDS, (NEVER, FORWARDS, self.state.best.copy())
        self.take_over((NEVER, FORWARDS, sequence if shop.compiled else sequence.tolist()))
        if number % 2:
            self._turn()

    @property
    def best(self) -> int:
        """The last end of the best schedule so far."""
        return int(min(self._best[0], self.state.counters[BEST]))

    @property
    def moves(self) -> int:
        """Sequences tried so far."""
        return int(self.state.counters[MOVES])

    def told(self) -> tuple[int, int, Any]:
        """The best so far: its last end, direction and sequence."""
        if self.state.counters[BEST] < self._best[0]:
            self._best = int(self.state.counters[BEST]), self._way, self.state.best.copy()
        return self._best

    def take_over(self, told: tuple[int, int, Any]) -> None:
        """Go on from a sequence, in the direction in which it was found."""
        self.told()
        _value, self._way, sequence = told
        self._begin(sequence)

    def advance(self, limit: int) -> None:
        """Go on until `limit` sequences in all are tried, or the bound is reached."""
        while self.moves < limit and self.best > self._bound:
            if self._left == 0:
                self._next_cycle()
            now = min(self._left, limit - self.moves)
            args = (self._shop.stages[self._way], self.state, now, self._bound)
            self._temperature = float(
                self._shop.run(_kernels.anneal, *args, self._temperature, self._cooling)
            )
            self._left -= now
            if self._left == 0:
                self._turn()

    def _next_cycle(self) -> None:
        length, self._length = self._length, 2 * self._length
        if self._until is not None and self.moves:
            now = perf_counter()
            rest = int(self.moves * (self._until - now) / (now - self._begun))
            length = max(rest, 1) if rest < 3 * length else length
        self._left, self._temperature = length, self._hot
        self._cooling = 1.0 - LOG_OF_COOLING / max(length, 4)

    def _turn(self) -> None:
        _value, self._way, sequence = self.told()
        self._shop.timed(self._way, self.state, sequence)
        self._way = BACKWARDS - self._way
        self._begin(self._shop.turned(self.state))

    def _begin(self, sequence: Any) -> None:
        counters = self.state.counters
        counters[COST] = self._shop.timed(self._way, self.state, sequence)
        self.state.best[:] = sequence
        counters[BEST] = counters[COST]
        self.told()
