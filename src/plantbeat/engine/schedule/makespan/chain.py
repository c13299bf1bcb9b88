"""One search: tabu search from one start after another, each a little way between two good schedules."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.construct import Construction
from plantbeat.engine.schedule.makespan import _kernels as graphs
from plantbeat.engine.schedule.makespan.elites import Elite, Elites, between
from plantbeat.engine.schedule.makespan.rows import (
    BEST,
    IDLE_STEPS,
    LIMIT,
    MAKESPAN,
    MOVES,
    TENURE,
    Graph,
    Net,
    empty_graph,
)
from plantbeat.engine.schedule.makespan.tabu import _kernels as tabu
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import as_rows

SHORTEST_TENURE = 10
NOISE = 3
"""Waiting, in mean operations, that a random start puts between operations."""
NEAREST = 0.4
"""A start between two elites lies at least this share of the way from either: near one, it falls back."""
CHUNK_S = 0.02


class Chain:
    """One search; `advance` may be called again and again. Several may share elites, each in its thread."""

    def __init__(self, problem: Problem, net: Net, elites: Elites, seed: int, *, compiled: bool) -> None:
        self._problem, self._net, self._elites, self._compiled = problem, net, elites, compiled
        self.graph: Graph = as_rows(empty_graph(problem, seed), compiled=compiled)
        self._generator = np.random.Generator(np.random.PCG64([seed, 1]))
        n, counters = problem.operations, self.graph.counters
        counters[TENURE] = SHORTEST_TENURE + problem.orders // max(1, problem.machines)
        counters[LIMIT] = sys.maxsize
        self._noise = NOISE * int(problem.mode_min.sum()) // len(problem.mode_min)
        self._room = [self._row(n) for _ in range(3)]
        self._free = self._row(problem.machines)
        self.running, self.load_s, self._patience = False, 0.0, elites.patience

    def _row(self, count: int) -> Any:
        return np.zeros(count, np.int64) if self._compiled else [0] * count

    def _call(self, kernel: Any, *args: Any) -> Any:
        return (kernel.compiled if self._compiled else kernel)(self._net, self.graph, *args)

    @property
    def moves(self) -> int:
        """Moves compared so far."""
        return int(self.graph.counters[MOVES])

    def start_at(self, mode: Ints, ranked: Ints) -> None:
        """Go on from a schedule: mode of each operation, and a topological order."""
        self.graph.mode[:] = mode if self._compiled else mode.tolist()
        self.graph.ranked[:] = ranked if self._compiled else ranked.tolist()
        self._begin()

    def _begin(self) -> None:
        begun = perf_counter()
        self._call(graphs.load)
        self.load_s = perf_counter() - begun
        counters = self.graph.counters
        counters[BEST], counters[IDLE_STEPS] = counters[MAKESPAN], 0
        (tabu.keep_best.compiled if self._compiled else tabu.keep_best)(self.graph)
        self.running, self._patience = True, self._elites.patience

    def start_list_schedule(self) -> None:
        """Go on from a list schedule: first ready, first served."""
        self._call(graphs.dispatch, *self._room, self._free, 0)
        self._begin()

    def start_anew(self) -> None:
        """Go on from a schedule at random, or from one between two elites."""
        if self._elites.more_wanted():
            self._call(graphs.dispatch, *self._room, self._free, self._noise)
            self._begin()
            return
        one, other = self._elites.pair(self._generator)
        share = NEAREST + (1 - 2 * NEAREST) * self._generator.random()
        self.start_at(*between(one, other, share, self._generator))

    def advance(self, steps: int, bound: int) -> int:
        """Make up to `steps` steps of the present search; returns how many were made."""
        made = int(self._call(tabu.search, steps, self._patience, bound))
        counters = self.graph.counters
        self.running = counters[IDLE_STEPS] < self._patience and counters[BEST] > bound
        return made

    def hand_in(self) -> None:
        """Offer the best schedule of the present search to the elites."""
        graph = self.graph
        self.start_at(np.array(graph.best_mode, np.int64), np.array(graph.best_ranked, np.int64))
        head, tail = np.array(graph.head, np.int64), np.array(graph.tail, np.int64)
        machine = np.array(graph.machine, np.int64)
        elite = Elite(
            makespan=int(graph.counters[MAKESPAN]),
            machine=machine,
            start=head,
            mode=np.array(graph.mode, np.int64),
            ranked=np.array(graph.ranked, np.int64),
            moment=head - tail,
            seat=np.array(graph.base, np.int64)[machine] + np.array(graph.place, np.int64),
        )
        self._elites.offer(elite)
        self.running = False


def first_start(problem: Problem, first: Construction) -> tuple[Ints, Ints]:
    """Modes and a topological order of a list schedule."""
    n, result = problem.operations, first.result
    modes_of = np.repeat(np.arange(n), np.diff(problem.mode_ptr))
    mode = np.flatnonzero(problem.mode_machine == result.machine[modes_of])
    return mode, np.lexsort((np.arange(n), result.end, result.start))


def run(chain: Chain, elites: Elites, bound: int, moves: int | None, until: float | None) -> None:
    """Let a chain search until the budget ends: `moves`, or the stopwatch's `until`; stops at the bound.

    Handing in the last schedule takes about twice as long as loading one, which ends before `until` too.
    """
    counters, steps = chain.graph.counters, 1
    if moves is not None:
        counters[LIMIT] = moves
    while elites.best is None or elites.best.makespan > bound:
        if not chain.running:
            chain.start_anew()
        begun = perf_counter()
        chain.advance(steps, bound)
        spent = perf_counter() - begun
        over = chain.moves >= counters[LIMIT] or (
            until is not None and begun + spent + 2 * chain.load_s >= until
        )
        if over or not chain.running:
            chain.hand_in()
        if over:
            return
        if spent < CHUNK_S / 2:
            steps *= 2
        elif spent > CHUNK_S and steps > 1:
            steps //= 2
