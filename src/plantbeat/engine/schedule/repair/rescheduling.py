"""From events to a right shift and three options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Bools, Fault, Problem, ProblemError
from plantbeat.engine.schedule.repair.before import with_new_orders
from plantbeat.engine.schedule.repair.difference import (
    NOTICED_MIN,
    Difference,
    Stability,
    difference,
    stability,
)
from plantbeat.engine.schedule.repair.events import Event
from plantbeat.engine.schedule.repair.floor import Floor, Limits, floor_of_problem
from plantbeat.engine.schedule.repair.shift import delayed, with_rush_orders
from plantbeat.engine.schedule.repair.situation import Situation, situation_of
from plantbeat.engine.schedule.schedule import Schedule
from plantbeat.engine.schedule.solver import Moves, checked_budget

DAY = 1_440
SETUP_WEIGHTS = (0.0, 3.0)
"""Minutes of the plan's order that a minute of set-up outweighs."""
RESERVE = 0.15
"""Share of a budget in seconds that is kept for timing and comparing."""


@dataclass(frozen=True, eq=False)
class Option:
    """One way on: its schedule of the new problem, what it changes, how much it keeps, and `price`, what one
    operation that leaves its machine had to save (least_change only).
    """

    kind: str
    schedule: Schedule
    difference: Difference
    stability: Stability
    price: int = 0


@dataclass(frozen=True, eq=False)
class Rescheduling:
    """The `problem` after the events, the schedule `before` in its rows, and four ways on.

    `frozen` operations keep machine and start in every option; `hit` are those that were frozen or in work
    and could not begin as planned. `first_s` is the time to the right shift, `seconds` to all options.
    """

    problem: Problem
    before: Schedule
    frozen: tuple[int, ...]
    hit: tuple[int, ...]
    right_shift: Option
    least_change: Option
    least_lateness: Option
    least_cost: Option
    first_s: float
    seconds: float

    @property
    def options(self) -> tuple[Option, Option, Option]:
        """The three options."""
        return self.least_change, self.least_lateness, self.least_cost


def reschedule(
    problem: Problem,
    schedule: Schedule,
    events: Sequence[Event],
    *,
    now: int,
    freeze_until: int | None = None,
    budget: float | Moves = 1.0,
    seed: int = 0,
    workers: int | None = None,
) -> Rescheduling:
    """Repair a schedule after events at minute `now`.

    What has begun stays where it runs: on a machine that breaks down its remaining minutes follow the repair,
    in every option. What would begin before `freeze_until` (left out: now) keeps machine and start unless the
    events make that impossible. `budget` is wall seconds for everything or `Moves(n)` of each of the two
    searches (then nothing but problem, events and seed counts).

    Raises ValueError for events, times or a schedule that do not fit the problem and NotPossibleError where
    calendars or limited waits leave no room; ProblemError for a line without passing and for actual times
    that cannot be.
    """
    begun = perf_counter()
    until = now if freeze_until is None else freeze_until
    cores = checked_budget(budget, seed, workers)
    if problem.lines:
        text = (
            "reschedule: a line without passing cannot be repaired; allowed are problems without machine_line"
        )
        raise ProblemError([Fault("line", text)])
    if now < 0 or until < now:
        raise ValueError(f"reschedule: now {now}, freeze_until {until}; allowed is 0 <= now <= freeze_until")
    before = with_new_orders(problem, schedule)
    situation = situation_of(problem, before, events, now, until)
    floor = floor_of_problem(situation.problem)
    plan = with_rush_orders(situation.problem, before)
    shifted = floor.shifted(plan)
    first_s = perf_counter() - begun
    limits = Limits(
        moves=budget.count if isinstance(budget, Moves) else None,
        until=None if isinstance(budget, Moves) else begun + budget,
        seed=seed,
        workers=cores,
    )
    return _Repair(situation, before, plan, floor, limits, begun).result(shifted, first_s)


class _Repair:
    """Finds the options: schedules in the plan's order with more and more operations let go, then search."""

    def __init__(
        self,
        situation: Situation,
        before: Schedule,
        plan: Schedule,
        floor: Floor,
        limits: Limits,
        begun: float,
    ) -> None:
        self.situation, self.p, self.before, self.plan = situation, situation.problem, before, plan
        self.floor, self.limits, self.begun = floor, limits, begun
        self.known = before.machine >= 0
        self.soon: Ints = np.empty(0, np.int64)

    def result(self, shifted: Schedule, first_s: float) -> Rescheduling:
        """The options, each the best by its own measure of all schedules that were found."""
        own = self.p.objective
        lateness = replace(own, weighted_tardiness=1, makespan=0, setup_minutes=0, flow_time=0)
        lateness = replace(lateness, weighted_late_orders=0)
        found = [shifted, *self.in_order(shifted)]
        loose = self._only(self.soon)
        stays = [one for one in found if not ((one.machine != self.plan.machine) & ~loose).any()]
        calm = self.improved(stays, own, 0.45, loose)
        if not self.limits.spent and (anew := self.floor.from_scratch(self.share(0.4))) is not None:
            found.append(anew)
        found.append(calm)
        found.append(self.improved(found, own, 0.6))
        found.append(self.improved(found, lateness, 1.0))
        least_cost = min(found, key=lambda one: one.objective)
        late = min(found, key=lambda one: (one.terms.total(lateness), one.objective))
        price = self.price(shifted, least_cost)
        gentle = min(found, key=lambda one: (one.objective + price * self.displaced(one), one.objective))
        return Rescheduling(
            problem=self.p,
            before=self.before,
            frozen=tuple(np.flatnonzero(self.frozen()).tolist()),
            hit=self.situation.hit,
            right_shift=self.option("right_shift", shifted),
            least_change=self.option("least_change", gentle, price),
            least_lateness=self.option("least_lateness", late),
            least_cost=self.option("least_cost", least_cost),
            first_s=first_s,
            seconds=perf_counter() - self.begun,
        )

    def frozen(self) -> Bools:
        """Operations that are held where they were."""
        same = (self.p.pin_start == self.before.start) & (self.p.pin_machine == self.before.machine)
        frozen: Bools = self.situation.held & same
        return frozen

    def in_order(self, shifted: Schedule) -> Iterator[Schedule]:
        """Schedules in the plan's order: what waits for a machine that stands may leave it, then everything
        that is delayed within a day of the first, then everything.
        """
        late = delayed(self.p, self.before, shifted, NOTICED_MIN)
        closed = np.isin(self.plan.machine[late], self.situation.closed)
        soonest = int(self.before.start[late].min(initial=1 << 60))
        soon = self.before.start[late] < soonest + DAY
        self.soon = late[soon]
        sets = (late[closed & soon], late[soon], np.arange(self.p.operations))
        weights = SETUP_WEIGHTS if len(self.p.setup_min) and not self.p.coupled else SETUP_WEIGHTS[:1]
        seen = set[bytes]()
        for chosen in sets:
            loose = self._only(chosen)
            if loose.tobytes() in seen:
                continue
            seen.add(loose.tobytes())
            for weight in weights:
                if self.limits.spent:
                    return
                if (one := self.floor.in_order(self.plan, loose, weight)) is not None:
                    yield one

    def _only(self, chosen: Ints) -> Bools:
        loose = np.zeros(self.p.operations, np.bool_)
        loose[chosen] = True
        return loose | ~self.known

    def share(self, share: float) -> Limits:
        """The limits of one part: a share of the time that is left, less what the end needs."""
        if self.limits.until is None:
            return self.limits
        left = (1 - RESERVE) * (self.limits.until - self.begun) - (perf_counter() - self.begun)
        return replace(self.limits, until=perf_counter() + share * left)

    def improved(
        self, found: list[Schedule], objective: Objective, share: float, loose: Bools | None = None
    ) -> Schedule:
        """What a search finds from the best schedule so far in a share of the time that is left."""
        first = min(found, key=lambda one: one.terms.total(objective))
        limits = self.share(share)
        if (
            limits.spent
            or limits.moves == 0
            or first.terms.total(objective) <= 0
            or self.situation.held.all()
        ):
            return first
        return self.floor.improved(first, objective, limits, loose)

    def displaced(self, schedule: Schedule) -> int:
        """Operations that leave their machine."""
        return int((self.known & (schedule.machine != self.before.machine)).sum())

    def price(self, shifted: Schedule, best: Schedule) -> int:
        """What an operation that leaves its machine must save: what the best schedule saves, per free one."""
        free = int((self.known & ~self.situation.held).sum())
        saved = shifted.objective - best.objective
        return max(1, saved // max(1, free))

    def option(self, kind: str, schedule: Schedule, price: int = 0) -> Option:
        """An option with what it changes and keeps."""
        return Option(
            kind,
            schedule,
            difference(self.p, self.before, schedule),
            stability(self.p, self.before, schedule, ~self.situation.held),
            price,
        )
