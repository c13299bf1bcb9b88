"""The method for job shops and flexible job shops judged by the makespan."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import perf_counter

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, NEVER
from plantbeat.engine.schedule.construct import Construction, RulePoint, RuleTables, list_schedule
from plantbeat.engine.schedule.makespan.bounds import makespan_bound
from plantbeat.engine.schedule.makespan.chain import Chain, first_start, run
from plantbeat.engine.schedule.makespan.elites import Elites
from plantbeat.engine.schedule.makespan.proof import LARGEST_PROOF, prove
from plantbeat.engine.schedule.makespan.rows import net_of
from plantbeat.engine.schedule.method import Improvement, Task
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.rows import Result, as_rows
from plantbeat.engine.schedule.timing import run_minutes

SEED_STEP = 1_000_003
WORTH_COMPILING_S = 4.0
"""Seconds of budget from which machine code is used for few operations too, ..."""
PLAIN_S = 0.3
"""... after so many seconds of plain Python: where nothing is compiled yet, that alone may take the rest."""
PROOF_SHARE = 0.3
SHORTEST_PROOF_S = 1.5
RULES = tuple(RulePoint(a, k, 1.0) for a, k in ((0.0, 4.0), (0.0, 2.0), (0.5, 3.0), (0.0, 1.0), (0.5, 1.0)))
MOST_COMPARISONS = 200_000_000
"""Up to so many pairs of waiting operations and machines the rules are tried: about a second each."""


def _comparisons(problem: Problem) -> int:
    """How many pairs a list schedule may have to compare, at most: each time all that can wait at once."""
    modes = np.diff(problem.mode_ptr)
    at_centre = np.bincount(problem.work_centre, minlength=problem.work_centres)
    pairs = np.bincount(problem.work_centre, weights=modes, minlength=problem.work_centres)
    return int((pairs * np.minimum(at_centre, problem.orders)).sum())


class Makespan:
    """Takes a problem that is judged by the makespan alone and has nothing but routings and machines.

    In particular: no set-ups, no deadlines, no pins and no started work, no lines without passing, and all
    machines open from minute 0 for ever. Releases, alternative machines, parallel steps and jobs that come
    back to a machine are all part of it.
    """

    def suits(self, problem: Problem, objective: Objective) -> bool:
        """Whether the makespan is all that counts, and nothing binds but routings, releases and machines."""
        others = replace(objective, makespan=0, setup_minutes=0, deadline_overrun=0)
        work, last = problem.calendars, problem.calendars.ptr[problem.machine_calendar + 1] - 1
        first = problem.calendars.ptr[problem.machine_calendar]
        return bool(
            objective.makespan
            and not any(vars(others).values())
            and (objective.deadline_overrun == 0 or (problem.deadline >= NEVER).all())
            and not problem.lines
            and not problem.setup_min.any()
            and not problem.started.any()
            and (problem.pin_machine == NOT_PINNED).all()
            and (first == last).all()
            and (work.opens[first] <= 0).all()
            and (work.closes[last] >= FOREVER).all()
        )

    def bound(self, task: Task) -> int:
        """Routings, single machines, and the shared load of machines."""
        least = makespan_bound(task.problem, task.shop, compiled=task.compiled)
        return task.objective.makespan * least

    def construct(self, task: Task) -> Iterator[Construction]:
        """First ready, first served; then a few rules that favour long remaining work, where queues are not
        so long that comparing all that wait takes seconds.
        """
        problem, compiled = task.problem, task.compiled
        net = as_rows(net_of(problem, task.shop), compiled=compiled)
        chain = Chain(problem, net, Elites(), task.seed, compiled=compiled)
        chain.start_list_schedule()
        machine, start = (np.array(row, np.int64) for row in (chain.graph.machine, chain.graph.head))
        end = start + run_minutes(problem, machine)
        result = Result(machine, start, end, np.zeros(problem.operations, np.int64))
        yield Construction(result, task.objective.makespan * int(end.max()), -1)
        if _comparisons(problem) > MOST_COMPARISONS:
            return
        tables, rows = RuleTables(problem, task.shop, task.objective), as_rows(task.shop, compiled=compiled)
        for point in RULES:
            rule = tables.rule(point)
            yield list_schedule(problem, task.shop, rule, task.objective, compiled=compiled, rows=rows)

    def improve(self, task: Task, first: Construction, bound: int) -> Improvement:
        """Tabu search and path relinking, one chain per core that share their elites when the budget is time;
        then, for small problems, CP-SAT.
        """
        begun, problem, worth = perf_counter(), task.problem, task.objective.makespan
        left = task.until - begun if task.until is not None else 0.0
        compiled = task.compiled or left >= WORTH_COMPILING_S
        proving = left * PROOF_SHARE if problem.operations <= LARGEST_PROOF else 0.0
        proving = proving if proving >= SHORTEST_PROOF_S else 0.0
        until = None if task.until is None else task.until - proving
        elites, least = Elites(), -(-bound // worth)
        chains, start_at = [], first_start(problem, first)

        def search(number: int, compiled: bool, moves: int | None, until: float | None) -> Chain:
            net = as_rows(net_of(problem, task.shop), compiled=compiled)
            chain = Chain(problem, net, elites, task.seed + number * SEED_STEP, compiled=compiled)
            if number == 0:
                chain.start_at(*start_at)
            run(chain, elites, least, moves, until)
            return chain

        if compiled and not task.compiled:
            chains.append(search(0, False, None, begun + min(PLAIN_S, left)))
        if task.workers == 1 or task.moves is not None or not compiled:
            chains.append(search(0, compiled, task.moves, until))
        else:
            with ThreadPoolExecutor(task.workers) as pool:
                chains += pool.map(lambda number: search(number, compiled, None, until), range(task.workers))
        moves, best = sum(chain.moves for chain in chains), elites.best
        if best is None:
            return Improvement(first.result.machine, first.result.start, first.objective, moves)
        machine, start = best.machine, best.start
        if proving and best.makespan > least and task.until is not None:
            machine, start, least = prove(
                problem, machine, start, least, task.until, workers=task.workers, seed=task.seed
            )
        makespan = int((start + run_minutes(problem, machine)).max())
        return Improvement(machine, start, worth * makespan, moves, bound=worth * least)
