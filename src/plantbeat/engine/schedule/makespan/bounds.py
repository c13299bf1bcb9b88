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
"""Modes above which the shared load of machines is not computed: it would take more than a second or two."""
FINE_SHARING = 4_000
"""Modes up to which it is also computed for the operations that come late, or that much must follow."""
SCALE = 1_000_000


def makespan_bound(problem: Problem, shop: Shop, *, compiled: bool) -> int:
    """The highest of the lower bounds on the makespan (minutes)."""
    shortest = np.minimum.reduceat(problem.mode_min, problem.mode_ptr[:-1])
    heads, tails = _earliest(problem, shop, compiled), remaining_minutes(problem, shop)
    best = int((heads + shortest + tails).max())
    best = max(best, _single_machines(problem, heads, tails, compiled))
    if len(problem.mode_min) > problem.operations and len(problem.mode_min) <= LARGEST_SHARING:
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

    Linear programme: least T with sum of minutes on each machine <= T - (least head of its candidates) -
    (least tail). Its dual prices w of the machines, rounded to whole numbers, prove the bound without
    trusting floats: T x sum(w) >= sum of w x (head + tail) + sum over operations of their least w x minutes.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    picked = np.flatnonzero(chosen)
    width = np.diff(problem.mode_ptr)[picked]
    modes = np.concatenate([np.arange(problem.mode_ptr[o], problem.mode_ptr[o + 1]) for o in picked])
    owner = np.repeat(np.arange(len(picked)), width)
    used, machine = np.unique(problem.mode_machine[modes], return_inverse=True)
    minutes, large = problem.mode_min[modes], np.iinfo(np.int64).max
    head, tail = np.full(len(used), large), np.full(len(used), large)
    np.minimum.at(head, machine, heads[picked][owner])
    np.minimum.at(tail, machine, tails[picked][owner])
    columns = np.arange(len(modes))
    load = coo_array(
        (
            np.concatenate((minutes, np.full(len(used), -1))),
            (
                np.concatenate((machine, np.arange(len(used)))),
                np.concatenate((columns, np.full(len(used), len(modes)))),
            ),
        )
    ).tocsr()
    whole = coo_array((np.ones(len(modes)), (owner, columns)), shape=(len(picked), len(modes) + 1)).tocsr()
    cost = np.zeros(len(modes) + 1)
    cost[-1] = 1.0
    found = linprog(cost, A_ub=load, b_ub=-(head + tail), A_eq=whole, b_eq=np.ones(len(picked)))
    if found.status != 0:
        return 0
    price = np.rint(np.maximum(-found.ineqlin.marginals, 0) * SCALE).astype(np.int64)
    total = int(price.sum())
    if total == 0:
        return 0
    least = np.minimum.reduceat(price[machine] * minutes, np.concatenate(([0], np.cumsum(width)[:-1])))
    gathered = int((price * (head + tail)).sum()) + int(least.sum())
    return -(-gathered // total)
