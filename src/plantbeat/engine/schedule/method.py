"""What the parts of a search are given and what each class of problems brings of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.construct import Construction
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Shop, no_units


@dataclass(frozen=True, eq=False)
class Task:
    """A problem to be solved: its flat rows, what counts, and how long to look.

    The budget is `moves` (the result then depends on nothing but problem, objective and seed) or the
    stopwatch's `until` (seconds of `perf_counter`); one of them is None. `workers` is the number of threads
    a search may use when its budget is time; `compiled` whether machine code is to be used.
    """

    problem: Problem
    shop: Shop
    objective: Objective
    seed: int
    workers: int
    compiled: bool
    moves: int | None
    until: float | None


@dataclass(frozen=True, eq=False)
class Improvement:
    """The best schedule a search found (int64 rows), its objective, the moves it tried, its units, and a
    value that it proved no schedule can go below (-NEVER: none).
    """

    machine: Ints
    start: Ints
    objective: int
    moves: int
    unit: Ints = field(default_factory=no_units)
    bound: int = -NEVER


class Method(Protocol):
    """How one class of problems is solved."""

    def suits(self, problem: Problem, objective: Objective) -> bool:
        """Whether the method can solve the problem, and is the one made for it."""
        ...

    def bound(self, task: Task) -> int:
        """A value that no schedule can go below."""
        ...

    def construct(self, task: Task) -> Iterator[Construction]:
        """First schedules, a sound one first; the best is kept, and time may end between two."""
        ...

    def improve(self, task: Task, first: Construction, bound: int) -> Improvement:
        """The best schedule found from the first one on within the budget; stops at the bound."""
        ...
