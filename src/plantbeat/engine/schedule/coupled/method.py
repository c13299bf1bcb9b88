"""The method for coupled plants: a list from dispatching rules, placed with everything that couples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.construct import Construction, constructions
from plantbeat.engine.schedule.coupled.bound import coupled_bound
from plantbeat.engine.schedule.coupled.placing import Coupling
from plantbeat.engine.schedule.coupled.rows import (
    RISES,
    TRIED,
    Listing,
    Placed,
    State,
    empty_state,
    marks_of,
    scratch_of,
)
from plantbeat.engine.schedule.coupled.search import _kernels
from plantbeat.engine.schedule.improve.cycles import HOT, Cycles, improve
from plantbeat.engine.schedule.improve.rows import (
    BEST,
    COST,
    COUNTERS,
    MOVES,
    SEED_A,
    SEED_B,
    exponential_quantiles,
)
from plantbeat.engine.schedule.method import Improvement, Task
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Result, as_rows, no_units, weights

CHAIN_STEP = 1_000_003
"""Distance between the seeds of two chains."""


@dataclass(frozen=True, eq=False)
class Listed(Construction):
    """A schedule and the list it was placed from."""

    blocks: Ints = field(default_factory=no_units)


class Coupled:
    """Takes plants with people, tools, teardowns, lags or transfer batches."""

    def suits(self, problem: Problem, objective: Objective) -> bool:
        """Whether operations are coupled by more than machines and routings."""
        return problem.coupled and not problem.lines

    def bound(self, task: Task) -> int:
        """Every order alone, and every work centre's load."""
        return coupled_bound(task.problem, Coupling.of(task.problem, task.shop).shop, task.objective)

    def construct(self, task: Task) -> Iterator[Construction]:
        """Placed in the order in which list schedules without what couples would start."""
        coupling = Coupling.of(task.problem, task.shop)
        cores, compiled = task.workers, task.compiled
        listed = constructions(task.problem, task.shop, task.objective, compiled=compiled, workers=cores)
        seen = set[bytes]()
        for sketch in listed:
            start = sketch.result.start if sketch.stuck < 0 else _by_due(task.problem)
            blocks = coupling.listed(start)
            if blocks.tobytes() not in seen:
                seen.add(blocks.tobytes())
                yield PlacedList(task, coupling, blocks).construction()

    def improve(self, task: Task, first: Construction, bound: int) -> Improvement:
        """Annealing over the list, one chain per core when the budget is time."""
        coupling = Coupling.of(task.problem, task.shop)
        blocks = first.blocks if isinstance(first, Listed) else coupling.listed(first.result.start)
        if not len(blocks):
            return Improvement(first.result.machine, first.result.start, first.objective, 0, first.unit)

        def make_chain(number: int) -> ListChain:
            return ListChain(task, coupling, blocks, task.seed + number * CHAIN_STEP)

        chains = task.workers if task.compiled and task.moves is None else 1
        return improve(make_chain, chains, bound, task.moves, task.until)


def _by_due(p: Problem) -> Ints:
    """Due date of each operation's order, in routing order: what to go by when no rule finds room."""
    return p.due[p.order_of] * p.operations + np.arange(p.operations)


class PlacedList:
    """A list of blocks, placed from beginning to end.

    `forced` is the mode each operation must take (-1 = the one that ends first, as when it is left out);
    `state` is that of machines and units before the first block (left out: as the plant stands at minute 0).
    """

    def __init__(
        self,
        task: Task,
        coupling: Coupling,
        blocks: Ints,
        forced: Ints | None = None,
        state: State | None = None,
    ) -> None:
        problem, self.compiled = task.problem, task.compiled
        self.task, self.coupling = task, coupling
        count = len(coupling.blocks.ptr) - 1
        place = np.full(count, -1, np.int64)
        place[blocks] = np.arange(len(blocks))
        marks = marks_of(problem, len(blocks))
        self.shop: Any = self._rows(coupling.shop)
        self.side: Any = self._rows(coupling.side)
        self.state: Any = self._rows(state or empty_state(problem, coupling.shop.pin_ptr))
        self.placed: Any = self._rows(coupling.pinned_only())
        self.kept: Any = self._rows(coupling.pinned_only())
        self.scratch: Any = self._rows(scratch_of(problem))
        self.marks: Any = self._rows(marks)
        self.on_trial: Any = self._rows(marks)
        self.listing: Any = self._rows(
            Listing(
                blocks=blocks,
                place=place,
                forced=np.full(problem.operations, -1, np.int64) if forced is None else forced,
                exponential=np.array(exponential_quantiles()),
                counters=np.zeros(COUNTERS, np.int64),
            )
        )
        self.weights = weights(task.objective)
        self.stuck, self.cost = self._place()

    def _rows(self, arrays: Any) -> Any:
        return as_rows(arrays, compiled=self.compiled)

    def _place(self) -> tuple[int, int]:
        self.kernel(_kernels.mark)(self.state, self.marks, 0)
        place = self.kernel(_kernels.place_from)
        count = len(self.listing.blocks)
        rows = (self.shop, self.side, self.state, self.placed, self.kept, self.scratch)
        last = int(place(*rows, self.marks, self.on_trial, self.listing, 0, count))
        if last < 0:
            return -1 - last, 0
        return -1, int(self.kernel(_kernels.cost_of)(self.shop, self.weights, self.placed))

    def kernel(self, kernel: Any) -> Any:
        """A kernel in the form the rows are in."""
        return kernel.compiled if self.compiled else kernel

    def keep(self) -> None:
        """What was placed is where a search begins."""
        count, stride = len(self.listing.blocks), int(self.marks.stride[0])
        self.kernel(_kernels.copy)(self.placed, self.kept, self.shop, self.side, self.listing, 0, count)
        marked = (count + stride - 1) // stride
        self.kernel(_kernels.keep_marks)(self.marks, self.on_trial, self.state, 0, marked)

    def construction(self) -> Construction:
        """What was placed, as arrays."""
        rows = (np.array(row, np.int64) for row in self.placed[:4])
        unit, blocks = (np.array(row, np.int64) for row in (self.placed.unit, self.listing.blocks))
        return Listed(Result(*rows), self.cost, self.stuck, unit, blocks)


class ListChain(Cycles):
    """One annealing over a list."""

    def __init__(self, task: Task, coupling: Coupling, blocks: Ints, seed: int) -> None:
        self._list = PlacedList(task, coupling, blocks)
        it = self._list
        self._best: Placed = as_rows(Placed(*map(np.asarray, it.placed)), compiled=it.compiled)
        counters = it.listing.counters
        counters[COST] = counters[BEST] = it.cost
        counters[SEED_A], counters[SEED_B] = 1 + seed % 2147483562, 1 + (seed // 2147483562) % 2147483398
        it.keep()
        super().__init__(task.problem, task.objective, len(it.listing.blocks))

    @property
    def best(self) -> int:
        """Objective of the best schedule so far."""
        return int(self._list.listing.counters[BEST])

    def hot(self, cycle: int) -> float:
        """Every other cycle begins as hot as moves tried so far were dear on average: where calendars close,
        one place in the list can cost a night.
        """
        counters = self._list.listing.counters
        if cycle % 2 == 0 or counters[TRIED] == 0:
            return super().hot(cycle)
        return max(super().hot(cycle), HOT * int(counters[RISES]) / int(counters[TRIED]))

    def try_moves(self, moves: int, temperature: float, cooling: float) -> float:
        """Try moves at a falling temperature; returns the temperature left."""
        it = self._list
        search = it.kernel(_kernels.search)
        rows = (it.shop, it.side, it.weights, it.state, it.placed, it.kept, self._best, it.scratch)
        return float(search(*rows, it.marks, it.on_trial, it.listing, moves, temperature, cooling))

    def improvement(self) -> Improvement:
        """The best schedule so far."""
        machine, start, unit = (
            np.array(row, np.int64) for row in (self._best.machine, self._best.start, self._best.unit)
        )
        return Improvement(machine, start, self.best, int(self._list.listing.counters[MOVES]), unit)
