"""The method for every plant: dispatching rules, then annealing over machine sequences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter

from plantbeat.engine.schedule.bound import lower_bound
from plantbeat.engine.schedule.construct import Construction, constructions
from plantbeat.engine.schedule.improve.annealing import Chain
from plantbeat.engine.schedule.improve.cycles import FIRST_SHARE, improve
from plantbeat.engine.schedule.improve.windows.together import FEWEST_OPERATIONS, anneal_together, timed
from plantbeat.engine.schedule.method import Improvement, Task
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Shop, as_rows

CHAIN_STEP = 1_000_003
"""Distance between the seeds of two chains."""


class General:
    """Takes any problem without a line that forbids passing."""

    def suits(self, problem: Problem, objective: Objective) -> bool:
        """Whether no flow line binds the sequences of several machines together."""
        return not problem.lines

    def bound(self, task: Task) -> int:
        """Every order alone, and every work centre's load."""
        return lower_bound(task.problem, task.shop, task.objective, compiled=task.compiled)

    def construct(self, task: Task) -> Iterator[Construction]:
        """The grid of dispatching rules."""
        cores, compiled = task.workers, task.compiled
        return constructions(task.problem, task.shop, task.objective, compiled=compiled, workers=cores)

    def improve(self, task: Task, first: Construction, bound: int) -> Improvement:
        """Annealing, one chain per core when the budget is time."""
        rows = as_rows(task.shop, compiled=task.compiled)

        def make_chain(number: int) -> Chain:
            seed = task.seed + number * CHAIN_STEP
            return Chain(task.problem, task.shop, rows, first, task.objective, seed, task.compiled)

        many = task.problem.operations >= FEWEST_OPERATIONS * task.workers
        if task.until is not None and task.compiled and task.workers > 1 and many:
            return self._together(task, rows, first, bound, make_chain)
        chains = task.workers if task.compiled and task.moves is None else 1
        return improve(make_chain, chains, bound, task.moves, task.until)

    def _together(
        self, task: Task, rows: Shop, first: Construction, bound: int, make_chain: Callable[[int], Chain]
    ) -> Improvement:
        """Something good soon by chains that each go their way, then one long cooling on all cores."""
        begun = perf_counter()
        soon = begun + FIRST_SHARE * ((task.until or begun) - begun)
        found = improve(make_chain, task.workers, bound, None, soon)
        start = timed(task, rows, found)
        if start.stuck >= 0:
            start = first
        last = anneal_together(task, rows, start, bound, CHAIN_STEP)
        best = min(found, last, key=lambda one: one.objective)
        return replace(best, moves=found.moves + last.moves)
