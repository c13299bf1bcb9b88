"""A rush order: up to three ways to put it into a schedule, and what each does to the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.schedule import Schedule
from plantbeat.engine.schedule.whatif.bench import Bench, NotPossibleError, Sequences
from plantbeat.engine.schedule.whatif.consequences import Consequences, consequences
from plantbeat.engine.schedule.whatif.move import Move

PLACES = 14
"""Places tried on each machine one by one from the earliest on, and as many more spread over the rest."""


@dataclass(frozen=True)
class RushOption:
    """One way to insert an order: `kind`, the schedule with it, and what it does to the other orders.

    soonest: it is done as early as possible; least_harm: the fewest weighted minutes late over all orders,
    the new one included; no_harm: nobody else becomes later than they are. `completion` and `late_min` are
    the new order's.
    """

    kind: str
    schedule: Schedule
    others: Consequences
    completion: int
    late_min: int


@dataclass(frozen=True, eq=False)
class _Trial:
    """Sequences with the steps placed so far, the end of the last of them, all ends, and minutes late of
    each other order.
    """

    sequences: Sequences
    end: int
    ends: Ints
    late: Ints

    def weighted(self, weight: Ints) -> int:
        return int((weight * self.late).sum())


Key = Callable[[_Trial], tuple[int, ...]]


def placed_last(problem: Problem, machine: Ints, start: Ints) -> tuple[Ints, Ints]:
    """Complete rows: operations without a machine (-1) run one after the other behind everything else.

    A place to begin with for orders that are new. Raises NotPossibleError where the calendars end before.
    """
    machine, start, work = machine.copy(), start.copy(), problem.calendars
    new = np.flatnonzero(machine < 0).tolist()
    old = np.flatnonzero(machine >= 0)
    modes = {o: problem.modes(o) for o in [*old.tolist(), *new]}
    free = max(
        (
            work.after_work(
                int(problem.machine_calendar[machine[o]]), int(start[o]), modes[o][int(machine[o])]
            )
            for o in old.tolist()
        ),
        default=0,
    )
    longest = int(problem.setup_min.max(initial=0))
    for o in new:
        m, minutes = next(iter(modes[o].items()))
        calendar = int(problem.machine_calendar[m])
        ready = max(free, int(problem.not_before[o]))
        begin = work.after_work(calendar, ready, longest)
        begin = (
            work.first_open(calendar, begin)
            if problem.divisible[o]
            else work.block_begin(calendar, begin, minutes)
        )
        machine[o], start[o], free = m, begin, work.after_work(calendar, begin, minutes)
        if free >= NEVER:
            label = problem.operation_label(o)
            raise NotPossibleError("no_room", o, f"{label} does not end within the calendars")
    return machine, start


def insert_rush(bench: Bench, sequences: Sequences, order: int) -> list[RushOption]:
    """Ways to insert an order of the bench's problem into sequences that hold all orders but this one.

    Options that come to the same schedule are offered once. Raises NotPossibleError when the order finds no
    place at all.
    """
    p = bench.problem
    weight = np.where(np.arange(p.orders) == order, 0, p.weight)
    reference = _reference(bench, sequences, order)
    base = reference.tardiness

    def own(trial: _Trial) -> int:
        return int(p.weight[order]) * max(0, trial.end - int(p.due[order]))

    def soonest(trial: _Trial) -> tuple[int, ...]:
        return trial.end, trial.weighted(weight)

    def least_harm(trial: _Trial) -> tuple[int, ...]:
        return trial.weighted(weight) + own(trial), int((trial.late > 0).sum()), trial.end

    def no_harm(trial: _Trial) -> tuple[int, ...]:
        return int(np.maximum(trial.late - base, 0).sum()), trial.end

    found: list[RushOption] = []
    for kind, key in (("soonest", soonest), ("least_harm", least_harm), ("no_harm", no_harm)):
        option = _option(bench, sequences, order, kind, key, reference)
        alike = (
            bool((option.schedule.start == other.schedule.start).all())
            and bool((option.schedule.machine == other.schedule.machine).all())
            for other in found
        )
        if not any(alike):
            found.append(option)
    return found


def _lateness(bench: Bench, end: Ints, order: int) -> Ints:
    completion = np.maximum.reduceat(end, bench.problem.order_ptr[:-1])
    late = np.maximum(completion - bench.problem.due, 0)
    late[order] = 0
    return late


def _steps(bench: Bench, order: int) -> range:
    return range(int(bench.problem.order_ptr[order]), int(bench.problem.order_ptr[order + 1]))


def _option(
    bench: Bench, sequences: Sequences, order: int, kind: str, key: Key, reference: Schedule
) -> RushOption:
    """Place step after step where the key is least."""
    released = max(0, int(bench.problem.release[order]))
    trial = _Trial(sequences, released, reference.end, reference.tardiness)
    for step in _steps(bench, order):
        tries = [_tried(bench, rows, step, order) for rows in _places(bench, trial, step)]
        possible = [one for one in tries if one is not None]
        if not possible:
            label = bench.problem.operation_label(step)
            raise NotPossibleError("no_room", step, f"{label} finds no place")
        trial = min(possible, key=key)
    schedule = bench.timed(trial.sequences)
    late = int(schedule.tardiness[order])
    others = consequences(bench.problem, reference, _without(schedule, order))
    # The order's own operations are new, not moved; their set-ups count, because somebody has to do them.
    steps = list(_steps(bench, order))
    moved = (schedule.start != reference.start) | (schedule.machine != reference.machine)
    moved[steps] = False
    others = replace(others, moved=int(moved.sum()))
    return RushOption(kind, schedule, others, int(schedule.completion[order]), late)


def _reference(bench: Bench, sequences: Sequences, order: int) -> Schedule:
    """The schedule without the order, in the rows of the problem that has it."""
    deck, stuck = bench.run(sequences)
    if stuck >= 0:
        raise NotPossibleError("no_room", stuck % bench.problem.operations, "the schedule has no room")
    return _without(bench.schedule_of_deck(deck), order)


def _without(schedule: Schedule, order: int) -> Schedule:
    tardiness = schedule.tardiness.copy()
    tardiness[order] = 0
    return replace(schedule, tardiness=tardiness)


def _places(bench: Bench, trial: _Trial, step: int) -> list[Sequences]:
    """Sequences with the step put at each place that is worth a try.

    Before what ends when the step arrives, it would only keep the machine waiting.
    """
    found = []
    for m in bench.problem.modes(step):
        row = trial.sequences[m]
        first = max(
            (i + 1 for i, o in enumerate(row) if bench.pinned[o] or trial.ends[o] <= trial.end), default=0
        )
        spread = max(1, (len(row) - first) // PLACES)
        tried = {*range(first, min(len(row), first + PLACES)), *range(first, len(row), spread), len(row)}
        for place in sorted(tried):
            after = row[place - 1] if place else -1
            found.append(Move(step, m, after).applied(trial.sequences, m))
    return found


def _tried(bench: Bench, sequences: Sequences, step: int, order: int) -> _Trial | None:
    deck, stuck = bench.run(sequences)
    if stuck >= 0:
        return None
    end = np.asarray(deck.end, np.int64)
    return _Trial(sequences, int(end[step]), end, _lateness(bench, end, order))
