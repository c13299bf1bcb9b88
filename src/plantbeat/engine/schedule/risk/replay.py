"""A schedule replayed many times: dates with a confidence, and which machines make it late."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.improve.rows import COUNTERS
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.risk import _kernels
from plantbeat.engine.schedule.risk._kernels import Chances, Floor, Outcome
from plantbeat.engine.schedule.risk.rows import graph_of
from plantbeat.engine.schedule.risk.spread import Breakdowns, Fixed, Spread, Spreads, exponential_table
from plantbeat.engine.schedule.rows import as_rows
from plantbeat.engine.schedule.schedule import Schedule
from plantbeat.engine.schedule.solver import available_cores

PYTHON_BELOW = 100_000
"""Below this number of operations x runs plain Python is used: compiling would take longer than it saves."""
MOST_RUNS = 1_000_000
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Robustness:
    """What a schedule came to in many runs.

    `completion` has a row per run and a column per order (minutes, int64). `machine_share` is each machine's
    part of the weighted minutes late of all runs, 0 to 1, together 1 where anything was late: the minutes
    late of an order are shared among the machines on its way back through what it waited for, by the
    minutes spent at each. `exceeded_waits` is the mean number of limited waits (`link_most`) that a run
    exceeded.
    """

    completion: Ints
    due: Ints
    weight: Ints
    machine_share: Floats
    exceeded_waits: float

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.completion)

    @cached_property
    def _sorted(self) -> Ints:
        ordered: Ints = np.sort(self.completion, axis=0)
        return ordered

    def quantile(self, percent: int) -> Ints:
        """Per order the first minute by which it is done in at least `percent` of 100 runs (1 to 100)."""
        if not isinstance(percent, int) or isinstance(percent, bool) or not 1 <= percent <= 100:
            raise ValueError(f"quantile: {percent!r}; allowed is a whole number from 1 to 100")
        row: Ints = self._sorted[-(-percent * self.runs // 100) - 1]
        return row

    @property
    def p50(self) -> Ints:
        """Minute by which each order is done in half of the runs."""
        return self.quantile(50)

    @property
    def p80(self) -> Ints:
        """Minute by which each order is done in 80 % of the runs."""
        return self.quantile(80)

    @property
    def p90(self) -> Ints:
        """Minute by which each order is done in 90 % of the runs."""
        return self.quantile(90)

    @property
    def on_time(self) -> Floats:
        """Per order the share of runs in which it is done by its due date, 0 to 1."""
        return np.asarray((self.completion <= self.due).sum(axis=0) / self.runs, np.float64)

    @property
    def weighted_tardiness(self) -> float:
        """Mean over the runs of the sum over orders of weight x minutes late."""
        return int((np.maximum(self.completion - self.due, 0) * self.weight).sum()) / self.runs


def robustness(
    problem: Problem,
    schedule: Schedule,
    *,
    runs: int = 1000,
    seed: int = 0,
    durations: Spread | Spreads = Fixed(1.0),  # noqa: B008 - frozen
    scrap: Spread | Spreads = Fixed(0.0),  # noqa: B008 - frozen
    breakdowns: Mapping[int, Breakdowns] | None = None,
    ahead: bool = True,
    compiled: bool | None = None,
) -> Robustness:
    """Replay a valid schedule with minutes drawn at random (Monte Carlo); the same seed gives the same
    runs on every platform and with any number of cores.

    Machines, sequences, people and tools stay. `durations` are factors on the planned minutes of each run,
    `scrap` the share of them that is made again; `breakdowns` by machine. With `ahead`, work begins as soon
    as it can (never before release or pin), else not before its planned start. Set-ups and teardowns take
    their planned minutes. An indivisible operation begins where its planned minutes fit, and what it takes
    longer runs on after a break. Waits that may last only so long are counted where they last longer, not
    prevented. A calendar is taken as open after its last interval.

    Raises ValueError for a schedule of another problem and for arguments that are not allowed.
    """
    _check(problem, runs, seed, breakdowns or {})
    graph = graph_of(problem, schedule, ahead=ahead)
    chances = _chances(problem, runs, seed, durations, scrap, breakdowns or {})
    if compiled is None:
        compiled = problem.operations * runs >= PYTHON_BELOW
    outcome = _replayed(graph, chances, problem, runs, compiled=compiled)
    share = np.asarray(outcome.blame, np.float64).reshape(runs, problem.machines).sum(axis=0)
    return Robustness(
        completion=np.asarray(outcome.completion, np.int64).reshape(runs, problem.orders),
        due=problem.due,
        weight=problem.weight,
        machine_share=share / share.sum() if share.sum() else share,
        exceeded_waits=sum(map(int, outcome.waits)) / runs,
    )


def _check(problem: Problem, runs: int, seed: int, breakdowns: Mapping[int, Breakdowns]) -> None:
    if not isinstance(runs, int) or isinstance(runs, bool) or not 1 <= runs <= MOST_RUNS:
        raise ValueError(f"runs: {runs!r}; allowed is a whole number from 1 to {MOST_RUNS}")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise ValueError(f"seed: {seed!r}; allowed is a whole number from 0")
    for machine in breakdowns:
        if not 0 <= machine < problem.machines:
            raise ValueError(f"breakdowns: machine {machine!r}; allowed is 0 to {problem.machines - 1}")


def _chances(
    p: Problem,
    runs: int,
    seed: int,
    durations: Spread | Spreads,
    scrap: Spread | Spreads,
    breakdowns: Mapping[int, Breakdowns],
) -> Chances:
    duration, duration_of = _spreads(durations).tables(p)
    again, again_of = _spreads(scrap).tables(p)
    between, repair = np.zeros(p.machines, np.int64), np.zeros(p.machines, np.int64)
    for machine, one in breakdowns.items():
        between[machine], repair[machine] = one.between, one.repair
    digests = (hashlib.blake2b(f"{seed}/{run}".encode(), digest_size=16).digest() for run in range(runs))
    pairs = [(int.from_bytes(d[:8], "big"), int.from_bytes(d[8:], "big")) for d in digests]
    return Chances(
        duration=duration,
        duration_of=duration_of,
        scrap=again,
        scrap_of=again_of,
        exponential=exponential_table(),
        between=between,
        repair=repair,
        seed_a=np.array([1 + a % 2147483562 for a, _ in pairs], np.int64),
        seed_b=np.array([1 + b % 2147483398 for _, b in pairs], np.int64),
        due=p.due,
        weight=p.weight,
        order_ptr=p.order_ptr,
    )


def _spreads(given: Spread | Spreads) -> Spreads:
    return given if isinstance(given, Spreads) else Spreads(given)


def _replayed(graph: Any, chances: Chances, p: Problem, runs: int, *, compiled: bool) -> Outcome:
    rows = as_rows(graph, compiled=compiled), as_rows(chances, compiled=compiled)
    empty = Outcome(
        np.zeros(runs * p.orders, np.int64), np.zeros(runs * p.machines), np.zeros(runs, np.int64)
    )
    out: Outcome = as_rows(empty, compiled=compiled)
    sizes = Floor(COUNTERS, p.machines, *[p.operations] * (len(Floor._fields) - 2))

    def part(first: int, last: int) -> None:
        floor = as_rows(Floor(*(np.zeros(size, np.int64) for size in sizes)), compiled=compiled)
        kernel = _kernels.replay.compiled if compiled else _kernels.replay
        kernel(*rows, floor, out, first, last)

    if not compiled:
        part(0, runs)
        return out
    parts = min(runs, 4 * available_cores())
    cuts = [runs * i // parts for i in range(parts + 1)]
    with ThreadPoolExecutor(available_cores()) as pool:
        list(pool.map(part, cuts[:-1], cuts[1:]))
    return out
