"""Values that no makespan can go below: routings, single machines, and the shared load of machines."""

from __future__ import annotations

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule import _kernels as schedules
from plantbeat.engine.schedule.bound import remaining_minutes
from plantbeat.engine.schedule.makespan import _kernels
from plantbeat.engine.schedule.problem import Bools, Problem
from plantbeat.engine.schedule.rows import Shop, as_rows

LARGEST_SHARING = 20_000
"""Modes above which no linear programme is solved: it would take more than a second or two."""
FINE_SHARING = 4_000
"""Modes up to which it is also computed for the operations that come late, or that much must follow."""
SCALE = 1_000_000
LONGEST_SHARING = (1 << 62) // SCALE
"""Minutes up to which prices in millionths fit into 64 bits."""


def makespan_bound(problem: Problem, shop: Shop, *, compiled: bool) -> int:
    """The highest of the lower bounds on the makespan (minutes)."""
    shortest = np.minimum.reduceat(problem.mode_min, problem.mode_ptr[:-1])
    heads, tails = _earliest(problem, shop, compiled), remaining_minutes(problem, shop)
    best = int((heads + shortest + tails).max())
    best = max(best, _single_machines(problem, heads, tails, compiled))
    if len(problem.mode_min) > problem.operations:
        best = max(best, _shared_machines(problem, heads, tails))
    return best


def _earliest(problem: Problem, shop: Shop, compiled: bool) -> Ints:
    rows = as_rows(shop, compiled=compiled)
    begins, ends = ([0] * problem.operations for _ in range(2))
    if not compiled:
        schedules.earliest_ends(rows, begins, ends)
        return np.array(begins, np.int64)
    begin, end = np.array(begins, np.int64), np.array(ends, np.int64)
    schedules.earliest_ends.compiled(rows, begin, end)
    return begin


def _single_machines(problem: Problem, heads: Ints, tails: Ints, compiled: bool) -> int:
    """Jackson's preemptive schedule of each machine, of the operations that have no other."""
    bound = _kernels.preemptive_end.compiled if compiled else _kernels.preemptive_end
    tied = np.flatnonzero(np.diff(problem.mode_ptr) == 1)
    mode = problem.mode_ptr[tied]
    order = np.lexsort((heads[tied], problem.mode_machine[mode]))
    cuts = np.searchsorted(problem.mode_machine[mode][order], np.arange(problem.machines + 1))
    best = 0
    for m in range(problem.machines):
        mine = order[cuts[m] : cuts[m + 1]]
        if len(mine):
            rows = (np.arange(len(mine)), heads[tied[mine]], problem.mode_min[mode[mine]], tails[tied[mine]])
            room = (np.zeros(len(mine) + 1, np.int64), np.zeros(len(mine), np.int64))
            given = [row if compiled else row.tolist() for row in (*rows, *room)]
            best = max(best, int(bound(*given)))
    return best


def _shared_machines(problem: Problem, heads: Ints, tails: Ints) -> int:
    """The best way to share out operations among their machines, even in parts: see `shared_load`."""
    best, floors, ceilings = 0, [0], [0]
    if len(problem.mode_min) <= FINE_SHARING:
        floors = sorted({int(q) for q in np.quantile(heads, (0, 0.2, 0.4, 0.6), method="lower")})
        ceilings = sorted({int(q) for q in np.quantile(tails, (0, 0.2, 0.4, 0.6), method="lower")})
    for head in floors:
        for tail in ceilings:
            chosen = (heads >= head) & (tails >= tail)
            if chosen.any():
                best = max(best, shared_load(problem, heads, tails, chosen))
    return best


def shared_load(problem: Problem, heads: Ints, tails: Ints, chosen: Bools) -> int:
    """Lower bound on the makespan from the load of machines, when the chosen operations may be split freely.

    Whole-number prices w of the machines prove it: T x sum(w) >= sum of w x (least head + least tail of the
    machine's candidates) + sum over operations of their least w x minutes. The prices are the duals of a
    linear programme, or all alike where that would be too large.
    """
    picked = np.flatnonzero(chosen)
    width = np.diff(problem.mode_ptr)[picked]
    begin = np.concatenate(([0], np.cumsum(width)[:-1]))
    modes = np.repeat(problem.mode_ptr[picked] - begin, width) + np.arange(int(width.sum()))
    owner = np.repeat(np.arange(len(picked)), width)
    used, machine = np.unique(problem.mode_machine[modes], return_inverse=True)
    minutes, around = problem.mode_min[modes], np.zeros(len(used), np.int64)
    for row in (heads, tails):
        least = np.full(len(used), np.iinfo(np.int64).max)
        np.minimum.at(least, machine, row[picked][owner])
        around += least
    price = np.ones(len(used), np.int64)
    if len(problem.mode_min) <= LARGEST_SHARING and int(minutes.sum()) <= LONGEST_SHARING:
        price = _prices(machine, minutes, owner, around)
    total = int(price.sum())
    if total == 0:
        return 0
    least = np.minimum.reduceat(price[machine] * minutes, begin)
    return -(-(int((price * around).sum()) + int(least.sum())) // total)


def _prices(machine: Ints, minutes: Ints, owner: Ints, around: Ints) -> Ints:
    """Duals, in millionths, of: least T with minutes shared out on each machine + around <= T."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    count, machines = len(minutes), len(around)
    values = np.concatenate((minutes, np.full(machines, -1)))
    rows = np.concatenate((machine, np.arange(machines)))
    columns = np.concatenate((np.arange(count), np.full(machines, count)))
    load = coo_array((values, (rows, columns))).tocsr()
    shape = (int(owner[-1]) + 1, count + 1)
    whole = coo_array((np.ones(count), (owner, np.arange(count))), shape=shape).tocsr()
    cost = np.zeros(count + 1)
    cost[-1] = 1.0
    found = linprog(cost, A_ub=load, b_ub=-around, A_eq=whole, b_eq=np.ones(shape[0]))
    if found.status != 0:
        return np.ones(machines, np.int64)
    prices: Ints = np.rint(np.maximum(-found.ineqlin.marginals, 0) * SCALE).astype(np.int64)
    return prices
