"""A problem laid out for trying things: sequences in, exact times out, in a millisecond or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.evaluation import Evaluation, order_terms
from plantbeat.engine.schedule.objective import Terms
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.rows import PYTHON_BELOW, Shop, as_rows, shop_of
from plantbeat.engine.schedule.schedule import Schedule, schedule_of
from plantbeat.engine.schedule.timing import Timing, machine_sequences
from plantbeat.engine.schedule.whatif import _kernels
from plantbeat.engine.schedule.whatif.move import Move
from plantbeat.engine.schedule.whatif.rows import Deck

Sequences = list[list[int]]


class NotPossibleError(ValueError):
    """What was asked for cannot be; `reason` is a code, `operation` the operation it is about.

    pinned: it is frozen or in work; not_eligible: the machine is none of its modes; waits_for_itself: an
    earlier step of it would come after it; no_room: it does not end within the calendars.
    """

    def __init__(self, reason: str, operation: int, text: str) -> None:
        self.reason, self.operation = reason, operation
        super().__init__(text)


class Bench:
    """One problem, prepared once, in which operations are put elsewhere and everything is timed anew.

    Times are exact: every operation starts as early as its machine's sequence, its order, its release and
    the calendar allow. Pins stay where they are; what no longer fits before a pin goes behind it.
    """

    def __init__(self, problem: Problem, *, compiled: bool | None = None) -> None:
        self.problem = problem
        self.compiled = problem.operations >= PYTHON_BELOW if compiled is None else compiled
        shop = shop_of(problem)
        self.pinned = problem.pin_machine != NOT_PINNED
        self._shop: Shop = as_rows(shop, compiled=self.compiled)
        self._retime = _kernels.retime.compiled if self.compiled else _kernels.retime
        self._mode_owner = np.repeat(np.arange(problem.operations), np.diff(problem.mode_ptr))
        pinned_before = np.zeros(problem.operations, np.int64)
        followers = np.repeat(np.arange(problem.operations), np.diff(problem.pred_ptr))
        np.add.at(pinned_before, followers, self.pinned[problem.pred].astype(np.int64))
        self._missing = np.diff(problem.pred_ptr) - pinned_before
        self._ready = problem.not_before.copy()
        held = self.pinned[problem.pred]
        np.maximum.at(self._ready, followers[held], shop.pin_end[problem.pred[held]])
        self._first_pin = shop.pin_ptr[:-1]

    def sequences(self, schedule: Schedule) -> Sequences:
        """Operations of each machine in the order a schedule runs them."""
        return machine_sequences(self.problem, schedule.machine, schedule.start, schedule.end)

    def moved(self, schedule: Schedule, move: Move) -> Schedule:
        """The schedule after a move. Raises NotPossibleError, which says why not."""
        self.check_move(move)
        sequences = self.sequences(schedule)
        return self.timed(move.applied(sequences, int(schedule.machine[move.operation])), move.operation)

    def check_move(self, move: Move) -> None:
        """Raises NotPossibleError when the operation may not be moved, or not to that machine."""
        o, p = move.operation, self.problem
        if self.pinned[o]:
            raise NotPossibleError("pinned", o, f"{p.operation_label(o)} is frozen or in work")
        if move.machine not in p.modes(o):
            allowed = ", ".join(map(p.machine_label, p.modes(o)))
            text = f"{p.operation_label(o)} cannot run on {p.machine_label(move.machine)}; allowed: {allowed}"
            raise NotPossibleError("not_eligible", o, text)

    def timed(self, sequences: Sequence[Sequence[int]], about: int = -1) -> Schedule:
        """The schedule of complete sequences; `about` is named if it is what makes them impossible.

        Raises NotPossibleError when a step would wait for itself or find no room in the calendars.
        """
        deck, stuck = self.run(sequences)
        if stuck >= 0:
            self._refuse(stuck, about)
        return self.schedule_of_deck(deck)

    def run(self, sequences: Sequence[Sequence[int]]) -> tuple[Deck, int]:
        """Times of sequences that need not hold every operation, and what is stuck (-1: nothing)."""
        deck = self.lay_out(sequences)
        return deck, self.retime(deck)

    def retime(self, deck: Deck) -> int:
        """Time a fresh deck in place; returns what is stuck, -1 if nothing."""
        return int(self._retime(self._shop, deck))

    def _refuse(self, stuck: int, about: int) -> None:
        p = self.problem
        if stuck >= p.operations:
            stuck -= p.operations
            text = f"{p.operation_label(stuck)} does not end within the calendars"
            raise NotPossibleError("no_room", stuck, text)
        about = about if about >= 0 else stuck
        text = f"{p.operation_label(about)} would wait for itself: a step before it would come after it"
        raise NotPossibleError("waits_for_itself", about, text)

    def lay_out(self, sequences: Sequence[Sequence[int]]) -> Deck:
        """A fresh deck of sequences, in the form the kernel takes."""
        p, machines = self.problem, self.problem.machines
        lengths = np.array([len(row) for row in sequences], np.int64)
        placed = np.array([o for row in sequences for o in row], np.int64)
        on = np.full(p.operations, -1, np.int64)
        on[placed] = np.repeat(np.arange(machines), lengths)
        mode = np.zeros(p.operations, np.int64)
        chosen = np.flatnonzero(p.mode_machine == on[self._mode_owner])
        mode[self._mode_owner[chosen]] = chosen

        def row(value: int, length: int = p.operations) -> Ints:
            return np.full(length, value, np.int64)

        deck = Deck(
            sequence=placed,
            ptr=np.concatenate(([0], np.cumsum(lengths))),
            mode=mode,
            on=on,
            missing=self._missing,
            ready=self._ready,
            head=np.concatenate(([0], np.cumsum(lengths)))[:-1],
            next_pin=self._first_pin,
            free_at=row(0, machines),
            family_at=p.initial_family,
            last=row(-1, machines),
            timed=row(0),
            stack=row(0, machines + p.operations),
            machine=row(-1),
            start=row(0),
            end=row(0),
            setup=row(0),
            setup_start=row(0),
            previous=row(-1),
        )
        laid_out: Deck = as_rows(deck, compiled=self.compiled)
        return laid_out

    def schedule_of_deck(self, deck: Deck) -> Schedule:
        """What the times of a deck come to; operations in no sequence are on machine -1 at minute 0."""
        p = self.problem

        def array(values: Any) -> Ints:
            return np.asarray(values, np.int64)

        machine, start, end, setup = map(array, (deck.machine, deck.start, deck.end, deck.setup))
        minutes = p.mode_min[array(deck.mode)]
        times = Timing(machine, start, end, minutes, array(deck.previous), setup, array(deck.setup_start))
        completion = np.maximum.reduceat(end, p.order_ptr[:-1])
        sums = {name: int(values.sum()) for name, values in order_terms(p, completion).items()}
        terms = Terms(makespan=int(completion.max()), setup_minutes=int(setup.sum()), **sums)
        tardiness = np.maximum(completion - p.due, 0)
        total = terms.total(p.objective)
        value = Evaluation(times, completion, tardiness, terms, total)
        return schedule_of(value, p.objective, min(0, total))
