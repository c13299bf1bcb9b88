"""Plants, plain or coupled, made ready to be planned again in the order of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter
from typing import Protocol

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.construct import Construction, best_construction, constructions, list_schedule
from plantbeat.engine.schedule.coupled.method import Coupled, Listed, PlacedList
from plantbeat.engine.schedule.coupled.placing import Coupling
from plantbeat.engine.schedule.evaluation import evaluate
from plantbeat.engine.schedule.improve.annealing import Chain
from plantbeat.engine.schedule.improve.cycles import improve
from plantbeat.engine.schedule.method import Improvement, Task
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Bools, Problem
from plantbeat.engine.schedule.repair.shift import modes_on
from plantbeat.engine.schedule.rows import PYTHON_BELOW, Result, Rule, Shop, as_rows, shop_of
from plantbeat.engine.schedule.schedule import Schedule, schedule_of
from plantbeat.engine.schedule.timing import machine_sequences
from plantbeat.engine.schedule.whatif.bench import Bench, NotPossibleError

CHAIN_STEP = 1_000_003
"""Distance between the seeds of two chains."""
COLD = 0.03
"""First temperature of a repair, in units of that of a search from the beginning."""


@dataclass(frozen=True)
class Limits:
    """How long to search: until the stopwatch's `until`, or so many `moves`; seed and threads."""

    moves: int | None
    until: float | None
    seed: int
    workers: int

    @property
    def spent(self) -> bool:
        """Whether the stopwatch has run out."""
        return self.until is not None and perf_counter() >= self.until


class Floor(Protocol):
    """One way to plan again."""

    def shifted(self, plan: Schedule) -> Schedule:
        """The machines and sequences of a plan, timed anew."""
        ...

    def in_order(self, plan: Schedule, loose: Bools, setup_weight: float) -> Schedule | None:
        """What waits is begun in the order of a plan; `loose` operations may leave its machine. None where
        that finds no room.
        """
        ...

    def from_scratch(self, limits: Limits) -> Schedule | None:
        """What dispatching rules make of everything that is free; None if they find no room."""
        ...

    def improved(
        self, first: Schedule, objective: Objective, limits: Limits, loose: Bools | None = None
    ) -> Schedule:
        """The best schedule by an objective that a search finds from a first one on; only `loose` operations
        may leave their machine (left out: all).
        """
        ...


def floor_of_problem(p: Problem) -> Floor:
    """The floor that suits a problem."""
    return CoupledFloor(p) if p.coupled else PlainFloor(p)


class _Prepared:
    """A problem and its flat rows, made once."""

    def __init__(self, p: Problem) -> None:
        self.p, self.compiled = p, p.operations >= PYTHON_BELOW

    @cached_property
    def shop(self) -> Shop:
        return shop_of(self.p)

    def task(self, objective: Objective, limits: Limits) -> Task:
        """What a search is given."""
        return Task(
            problem=self.p,
            shop=self.shop,
            objective=objective,
            seed=limits.seed,
            workers=limits.workers,
            compiled=self.compiled,
            moves=limits.moves,
            until=limits.until,
        )


class _Cold(Chain):
    """A search that climbs little: what is there already is good, but for what the event did to it."""

    def hot(self, cycle: int) -> float:
        return super().hot(cycle) * COLD


class PlainFloor(_Prepared):
    """Machines and routings only: sequences are the decision."""

    def __init__(self, p: Problem) -> None:
        super().__init__(p)
        self.bench = Bench(p)

    def shifted(self, plan: Schedule) -> Schedule:
        """Timed by the bench; raises NotPossibleError where calendars end too soon."""
        rows = machine_sequences(self.p, plan.machine, plan.start, plan.end)
        return self.bench.timed(rows)

    def in_order(self, plan: Schedule, loose: Bools, setup_weight: float) -> Schedule | None:
        """A list schedule whose rule is the plan's own order, set-ups weighed against it."""
        p, shop = self.p, self._bound_shop(plan.machine, loose)
        owner = np.repeat(np.arange(p.operations), np.diff(shop.mode_ptr))
        rule = Rule(
            value=-plan.start[owner].astype(np.float64),
            latest=np.full(p.operations, -(1 << 50)),
            setup_cost=p.setup_min * setup_weight,
            scales=np.array([0.0, 1.0]),
        )
        found = list_schedule(p, shop, rule, p.objective, compiled=self.compiled)
        return None if found.stuck >= 0 else self._timed(found.result)

    def _bound_shop(self, machine: Ints, loose: Bools) -> Shop:
        """The shop in which all but loose and pinned operations have one machine."""
        p = self.p
        owner = np.repeat(np.arange(p.operations), np.diff(p.mode_ptr))
        kept = (loose | self.shop.pinned.astype(np.bool_))[owner] | (p.mode_machine == machine[owner])
        return self.shop._replace(
            mode_ptr=np.concatenate(([0], np.cumsum(np.bincount(owner[kept], minlength=p.operations)))),
            mode_machine=p.mode_machine[kept],
            mode_min=p.mode_min[kept],
        )

    def _timed(self, found: Result | Improvement) -> Schedule | None:
        end = found.end if isinstance(found, Result) else found.start
        try:
            return self.bench.timed(machine_sequences(self.p, found.machine, found.start, end))
        except NotPossibleError:
            return None

    def from_scratch(self, limits: Limits) -> Schedule | None:
        """The best list schedule of the grid of rules, of those for which there is time."""
        found = constructions(
            self.p, self.shop, self.p.objective, compiled=self.compiled, workers=limits.workers
        )
        best, _ = best_construction(found, lambda: limits.spent)
        return None if best.stuck >= 0 else self._timed(best.result)

    def improved(
        self, first: Schedule, objective: Objective, limits: Limits, loose: Bools | None = None
    ) -> Schedule:
        """Annealing from the first schedule, cold from the beginning."""
        p, shop = self.p, self.shop
        if loose is not None:
            shop = self._bound_shop(first.machine, loose)
            p = replace(
                p,
                mode_ptr=shop.mode_ptr,
                mode_machine=shop.mode_machine,
                mode_min=shop.mode_min,
            )
        rows = as_rows(shop, compiled=self.compiled)
        result = Result(first.machine, first.start, first.end, first.setup_min)
        construction = Construction(result, first.terms.total(objective), -1)

        def make_chain(number: int) -> _Cold:
            seed = limits.seed + number * CHAIN_STEP
            return _Cold(p, shop, rows, construction, objective, seed, self.compiled)

        chains = limits.workers if self.compiled and limits.moves is None else 1
        found = improve(make_chain, chains, 0, limits.moves, limits.until)
        return self._timed(found) or first


class CoupledFloor(_Prepared):
    """People, tools, lags and transfer batches: a list of blocks is the decision."""

    @cached_property
    def coupling(self) -> Coupling:
        return Coupling.of(self.p, self.shop)

    def shifted(self, plan: Schedule) -> Schedule:
        """Placed in the order of the plan's starts on its machines; people and tools are chosen anew.

        Raises NotPossibleError where a wait that is limited would become too long, or calendars end too soon.
        """
        found = self.in_order(plan, np.zeros(self.p.operations, np.bool_), 0.0)
        if found is None:
            found = self.in_order(plan, np.ones(self.p.operations, np.bool_), 0.0)
        if found is None:
            text = "what is held leaves no room for the rest: a limited wait would become too long, or a "
            raise NotPossibleError("no_room", -1, text + "calendar ends too soon")
        return found

    def in_order(self, plan: Schedule, loose: Bools, setup_weight: float) -> Schedule | None:
        """Placed in the order of the plan's starts; set-ups are not weighed."""
        limits = Limits(0, None, 0, 1)
        modes = np.where(loose, -1, modes_on(self.p, plan.machine))
        blocks = self.coupling.listed(plan.start)
        placed = PlacedList(self.task(self.p.objective, limits), self.coupling, blocks, modes).construction()
        if placed.stuck >= 0:
            return None
        return self._schedule(placed.result.machine, placed.result.start, placed.unit)

    def _schedule(self, machine: Ints, start: Ints, unit: Ints) -> Schedule:
        value = evaluate(self.p, machine, start, unit=unit)
        return schedule_of(value, self.p.objective, min(0, value.objective))

    def from_scratch(self, limits: Limits) -> Schedule | None:
        """None: a list in the order of the plan is as good a beginning."""
        return None

    def improved(
        self, first: Schedule, objective: Objective, limits: Limits, loose: Bools | None = None
    ) -> Schedule:
        """Annealing over the list in the order of the first schedule's starts; never worse than it. Which
        operations are loose makes no difference: a list chooses machines as it goes.
        """
        blocks = self.coupling.listed(first.start)
        result = Result(first.machine, first.start, first.end, first.setup_min)
        listed = Listed(result, first.objective, -1, first.unit, blocks)
        task = self.task(objective, limits)
        if PlacedList(task, self.coupling, blocks).stuck >= 0:
            return first
        found = Coupled().improve(task, listed, 0)
        better = self._schedule(found.machine, found.start, found.unit)
        return min(first, better, key=lambda one: one.terms.total(objective))
