"""Good schedules that searches share, and new starts between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np

from plantbeat.engine.calendars.worktime import Ints

FEWEST, MOST = 6, 30
"""Elites at first, and at most."""
LEAST_PATIENCE, MOST_PATIENCE = 5_000, 40_000
ALIKE = 0.03
"""Share of operations in other places below which two schedules count as one."""


@dataclass(frozen=True, eq=False)
class Elite:
    """A schedule as mode and topological order of its operations (int64 rows), and what compares it.

    `moment` is head - tail of each operation, which rises along every arc; `seat` names machine and place.
    """

    makespan: int
    machine: Ints
    start: Ints
    mode: Ints
    ranked: Ints
    moment: Ints
    seat: Ints

    def difference(self, other: Elite) -> float:
        """Share of operations with another machine or another place there, 0 to 1."""
        return float(np.count_nonzero(self.seat != other.seat)) / len(self.seat)


def between(one: Elite, other: Elite, share: float, generator: np.random.Generator) -> tuple[Ints, Ints]:
    """Modes and topological order of a schedule that lies `share` (0 to 1) of the way from one to the other.

    Operations are sorted by a weighted mean of their moments: what both schedules agree on stays, no
    precedence can break, and modes come from either.
    """
    place_one, place_other = _places(one.ranked), _places(other.ranked)
    moment = (1 - share) * one.moment + share * other.moment
    ranked = np.lexsort(((1 - share) * place_one + share * place_other, moment))
    mode = np.where(generator.random(len(one.mode)) < share, other.mode, one.mode)
    return mode, ranked


def _places(ranked: Ints) -> Ints:
    places = np.empty(len(ranked), np.int64)
    places[ranked] = np.arange(len(ranked))
    return places


class Elites:
    """The best schedules seen that differ from one another; safe between threads.

    They begin as few, between short searches (`patience`, steps without a better schedule). When offers are
    refused again and again, all but the best make room for new ones: then they are more, and searches longer.
    """

    def __init__(self) -> None:
        self._room, self._lock = FEWEST, Lock()
        self._members: list[Elite] = []
        self._fruitless, self._wanted = 0, FEWEST
        self.patience = LEAST_PATIENCE
        self.best: Elite | None = None

    def more_wanted(self) -> bool:
        """Whether a schedule from elsewhere is wanted rather than one between two members."""
        with self._lock:
            self._wanted -= 1
            return self._wanted >= 0 or len(self._members) < 2

    def pair(self, generator: np.random.Generator) -> tuple[Elite, Elite]:
        """Two members drawn at random."""
        with self._lock:
            one, other = generator.choice(len(self._members), 2, replace=False).tolist()
            return self._members[one], self._members[other]

    def offer(self, found: Elite) -> None:
        """Take a schedule in if it is better than those like it or, if there are none, than the worst."""
        with self._lock:
            if self.best is None or found.makespan < self.best.makespan:
                self.best = found
            twins = [i for i, kept in enumerate(self._members) if kept.difference(found) < ALIKE]
            self._fruitless += 1
            if twins:
                if found.makespan < min(self._members[i].makespan for i in twins):
                    self._members = [kept for i, kept in enumerate(self._members) if i not in twins]
                    self._members.append(found)
                    self._fruitless = 0
            elif len(self._members) < self._room:
                self._members.append(found)
                self._fruitless = 0
            else:
                worst = max(range(self._room), key=lambda i: self._members[i].makespan)
                if found.makespan < self._members[worst].makespan:
                    self._members[worst] = found
                    self._fruitless = 0
            if self._fruitless >= 2 * self._room:
                self._members = [min(self._members, key=lambda kept: kept.makespan)]
                self._room = min(MOST, self._room * 3 // 2)
                self.patience = min(MOST_PATIENCE, self.patience * 3 // 2)
                self._fruitless, self._wanted = 0, self._room - 1
