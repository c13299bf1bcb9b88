"""One annealing on several cores.

Time is cut into as many windows as there are cores. In a round every core moves the operations of its own
window in a copy of the whole schedule, with all times exact; then each window is taken from its core, the
whole is timed anew, and the next round cuts elsewhere. Windows are ranges of a topological order, and no
operation leaves its window, so that what is put together is a schedule again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule import _kernels as schedule_kernels
from plantbeat.engine.schedule.construct import Construction
from plantbeat.engine.schedule.evaluation import evaluate
from plantbeat.engine.schedule.improve.annealing import Chain
from plantbeat.engine.schedule.improve.cycles import CHUNK, CHUNK_S
from plantbeat.engine.schedule.improve.rows import END_RANK, FIRST_RANK, MOVES
from plantbeat.engine.schedule.improve.windows import _kernels
from plantbeat.engine.schedule.method import Improvement, Task
from plantbeat.engine.schedule.rows import Shop, empty_result, weights

ROUNDS = 24
SHORTEST_ROUND_S = 0.25
FEWEST_OPERATIONS = 1_000
"""Per window; with fewer, windows hold too little to move in."""
GOLDEN = 0.6180339887498949


def borders(operations: int, windows: int, turn: int) -> Ints:
    """Ranks at which windows begin, and the end of the last; each turn cuts elsewhere."""
    shift = 0.6 * ((turn * GOLDEN) % 1.0 - 0.5)
    cuts = [round(operations * (k + shift) / windows) for k in range(1, windows)]
    return np.array([0, *cuts, operations], np.int64)


class Window:
    """One core's copy of the schedule and the range of ranks in which it moves operations."""

    def __init__(self, task: Task, rows: Shop, start: Construction, seed: int, first: int, end: int) -> None:
        self.chain = Chain(task.problem, task.shop, rows, start, task.objective, seed, task.compiled)
        self.chain.plan.counters[FIRST_RANK], self.chain.plan.counters[END_RANK] = first, end
        self.first, self.end = first, end

    def run(self, until: float, share: Callable[[float], float]) -> None:
        """Anneal until the stopwatch says so; `share` is the part of the cooling that is over by then."""
        chunk = CHUNK
        while (now := perf_counter()) < until:
            self.chain.cool(chunk, share(now))
            chunk *= 2 if perf_counter() - now < CHUNK_S / 2 else 1


def put_together(task: Task, rows: Shop, windows: list[Window]) -> Construction:
    """The schedule that has each window as its core left it."""
    n = task.problem.operations
    ranked, mode = np.empty(n, np.int64), np.empty(n, np.int64)
    for window in windows:
        plan = window.chain.plan
        mine = np.asarray(plan.ranked)[window.first : window.end]
        ranked[window.first : window.end], mode[mine] = mine, np.asarray(plan.mode)[mine]
    return _in_order(task, rows, ranked, mode)


def _in_order(task: Task, rows: Shop, ranked: Ints, mode: Ints) -> Construction:
    out, last = empty_result(task.problem), np.full(task.problem.machines, -1, np.int64)
    stuck = int(_kernels.time_in_order.compiled(rows, ranked, mode, last, out))
    cost = int(schedule_kernels.plan_cost.compiled(rows, weights(task.objective), out)) if stuck < 0 else 0
    return Construction(out, cost, stuck)


def timed(task: Task, rows: Shop, found: Improvement) -> Construction:
    """What a search found as a schedule from which another one begins (compiled rows)."""
    p = task.problem
    modes_of = np.repeat(np.arange(p.operations), np.diff(p.mode_ptr))
    mode = np.flatnonzero(p.mode_machine == found.machine[modes_of])
    ends = evaluate(p, found.machine, found.start, task.objective).timing.end
    ranked = np.lexsort((np.arange(p.operations), ends, found.start))
    return _in_order(task, rows, ranked, mode)


def anneal_together(task: Task, rows: Shop, first: Construction, bound: int, seed_step: int) -> Improvement:
    """The best schedule of one long cooling, on all the task's workers, until its time is up.

    For compiled rows and a budget of seconds; what it finds depends on the clock.
    """
    begun, until, moves, turn = perf_counter(), task.until or 0.0, 0, 0
    n, cores = task.problem.operations, task.workers
    best = Improvement(first.result.machine, first.result.start, first.objective, 0)

    def share(now: float) -> float:
        return min(1.0, (now - begun) / max(until - begun, 1e-9))

    with ThreadPoolExecutor(cores) as pool:
        while (now := perf_counter()) < until and best.objective > bound:
            cuts = borders(n, cores, turn).tolist()
            seeds = [task.seed + (turn * cores + k + 1) * seed_step for k in range(cores)]
            round_until = min(until, now + max(SHORTEST_ROUND_S, (until - begun) / ROUNDS))
            made = [
                pool.submit(Window, task, rows, first, seeds[k], cuts[k], cuts[k + 1]) for k in range(cores)
            ]
            windows = [future.result() for future in made]
            for running in [pool.submit(window.run, round_until, share) for window in windows]:
                running.result()
            moves += sum(int(window.chain.plan.counters[MOVES]) for window in windows)
            whole = put_together(task, rows, windows)
            found = [window.chain.improvement() for window in windows]
            if whole.stuck < 0:
                first = whole
                found.append(Improvement(whole.result.machine, whole.result.start, whole.objective, 0))
            best = min(best, *found, key=lambda one: one.objective)
            turn += 1
    return Improvement(best.machine, best.start, best.objective, moves)
