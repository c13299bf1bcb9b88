"""Annealing in cycles: each cycle is twice as long as the one before and goes on from where that ended.

What is tried depends on the seed and the number of moves alone, never on the clock or on when the search is
asked to stop: a larger budget sees everything a smaller one saw, so that it is never worse.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import perf_counter

from plantbeat.engine.schedule.method import Improvement
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem

FIRST_CYCLE = 8
"""Moves per operation in the first cycle."""
SHORTEST_CYCLE = 400
FRUITLESS_CYCLES = 3
"""Cycles in a row without a better schedule after which the search ends."""
HOT = 0.6
"""First temperature of a cycle, in units of what one operation's minutes of delay cost."""
LOG_OF_COOLING = 3.4
"""A cycle ends at its first temperature x e^-3.4, a thirtieth."""
CHUNK = 64
"""Moves between two looks at the bound or the clock, at first."""
CHUNK_S = 0.02
FIRST_SHARE = 0.15
"""Share of a budget of seconds that goes into cycles that double."""


def typical_delay_cost(problem: Problem, objective: Objective) -> float:
    """What it costs, roughly, when one order is late by one operation's minutes."""
    minutes = int(problem.mode_min.sum()) / len(problem.mode_min)
    weight = int(problem.weight.sum()) / len(problem.weight)
    cost = minutes * (objective.weighted_tardiness * weight + objective.flow_time)
    cost += weight * objective.weighted_late_orders + minutes * objective.setup_minutes
    return cost or minutes * objective.makespan or 1.0


class Cycles(ABC):
    """One search from one schedule; `advance` may be called again and again."""

    def __init__(self, problem: Problem, objective: Objective, size: int) -> None:
        self._typical = typical_delay_cost(problem, objective)
        self._length, self._left, self._temperature = max(SHORTEST_CYCLE, FIRST_CYCLE * size), 0, 0.0
        self._cycle, self._fruitless, self._best_before = 0, 0, self.best

    def hot(self, cycle: int) -> float:
        """First temperature of a cycle; cycles count from 0."""
        return HOT * self._typical

    @property
    @abstractmethod
    def best(self) -> int:
        """Objective of the best schedule so far."""

    @abstractmethod
    def try_moves(self, moves: int, temperature: float, cooling: float) -> float:
        """Try moves at a falling temperature; returns the temperature left."""

    @abstractmethod
    def improvement(self) -> Improvement:
        """The best schedule so far."""

    @property
    def exhausted(self) -> bool:
        """Whether further cycles promise nothing."""
        return self._fruitless >= FRUITLESS_CYCLES

    def advance(self, moves: int) -> None:
        """Try up to `moves` further moves."""
        while moves > 0 and not self.exhausted:
            if self._left == 0:
                self._left, self._temperature = self._length, self.hot(self._cycle)
                self._cycle += 1
            now = min(moves, self._left)
            cooling = 1.0 - LOG_OF_COOLING / self._length
            self._temperature = self.try_moves(now, self._temperature, cooling)
            self._left -= now
            moves -= now
            if self._left == 0:
                self._fruitless = self._fruitless + 1 if self.best == self._best_before else 0
                self._best_before, self._length = self.best, 2 * self._length

    def cool(self, moves: int, share: float) -> None:
        """Try moves as cold as they are when a share (0 to 1) of one long cycle is over."""
        self.try_moves(moves, self.hot(0) * math.exp(-LOG_OF_COOLING * share), 1.0)


def run_moves(chain: Cycles, bound: int, moves: int) -> Improvement:
    """Advance a chain by a number of moves; stops at the bound.

    The bound is looked at between chunks that are all alike, so that where the search ends depends on nothing
    but the moves.
    """
    left = moves
    while not chain.exhausted and chain.best > bound and left > 0:
        chain.advance(min(CHUNK, left))
        left -= CHUNK
    return chain.improvement()


def run_until(chain: Cycles, bound: int, until: float) -> Improvement:
    """Advance a chain until the stopwatch says `until`; stops at the bound.

    Doubling cycles have something good to show soon, and small problems end with them. What they leave of the
    time is one cycle as long as that: cooling slowly gains more than starting again.
    """
    begun, chunk = perf_counter(), CHUNK
    first_until = begun + FIRST_SHARE * (until - begun)
    while not chain.exhausted and chain.best > bound and (now := perf_counter()) < first_until:
        chain.advance(chunk)
        chunk *= 2 if perf_counter() - now < CHUNK_S / 2 else 1
    cooled = perf_counter()
    while not chain.exhausted and chain.best > bound and (now := perf_counter()) < until:
        chain.cool(chunk, (now - cooled) / (until - cooled))
        chunk *= 2 if perf_counter() - now < CHUNK_S / 2 else 1
    return chain.improvement()


def improve(
    make_chain: Callable[[int], Cycles], chains: int, bound: int, moves: int | None, until: float | None
) -> Improvement:
    """The best of several chains; `make_chain` is given the chain's number. Equal ones: the lowest number
    wins.
    """

    def run(number: int) -> Improvement:
        if until is None:
            return run_moves(make_chain(number), bound, moves or 0)
        return run_until(make_chain(number), bound, until)

    if chains == 1:
        return run(0)
    with ThreadPoolExecutor(chains) as pool:
        found = list(pool.map(run, range(chains)))
    best = min(found, key=lambda improvement: improvement.objective)
    return replace(best, moves=sum(one.moves for one in found))
