"""The method for every plant: dispatching rules, then annealing over machine sequences."""

from __future__ import annotations

from collections.abc import Iterator

from plantbeat.engine.schedule.bound import lower_bound
from plantbeat.engine.schedule.construct import Construction, constructions
from plantbeat.engine.schedule.improve.annealing import Chain
from plantbeat.engine.schedule.improve.cycles import improve
from plantbeat.engine.schedule.method import Improvement, Task
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import as_rows

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

        chains = task.workers if task.compiled and task.moves is None else 1
        return improve(make_chain, chains, bound, task.moves, task.until)
