"""A value that no schedule can go below, from the problem alone."""

from __future__ import annotations

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, NEVER, Ints
from plantbeat.engine.schedule import _kernels
from plantbeat.engine.schedule.evaluation import order_terms
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Shop, as_rows


def shortest_minutes(problem: Problem) -> Ints:
    """Per operation: its working minutes on the fastest machine."""
    shortest: Ints = np.minimum.reduceat(problem.mode_min, problem.mode_ptr[:-1])
    return shortest


def remaining_minutes(problem: Problem, shop: Shop) -> Ints:
    """Per operation: the shortest working minutes that must still follow it in its order (longest path)."""
    shortest = shortest_minutes(problem).tolist()
    ptr, succ = shop.succ_ptr.tolist(), shop.succ.tolist()
    tail = [0] * problem.operations
    for o in range(problem.operations - 1, -1, -1):
        for i in range(ptr[o], ptr[o + 1]):
            tail[o] = max(tail[o], tail[succ[i]] + shortest[succ[i]])
    return np.array(tail, np.int64)


def lower_bound(problem: Problem, shop: Shop, objective: Objective, *, compiled: bool) -> int:
    """Lower bound on the objective: every order alone in the plant, and for the makespan every work
    centre's load.

    Each term of the objective rises with the completions, so each order's earliest completion without any
    other order (release, routing, calendars, pins; set-ups left out) bounds its terms. The makespan is also
    bounded by the work of each work centre shared evenly among its machines from the earliest arrival on,
    plus the shortest work that must follow. Set-up minutes are bounded by 0. Returns NEVER when an order
    cannot end within the calendars.
    """
    rows = as_rows(shop, compiled=compiled)
    begins = np.zeros(problem.operations, np.int64)
    ends = np.zeros(problem.operations, np.int64)
    if compiled:
        _kernels.earliest_ends.compiled(rows, begins, ends)
    else:
        begin_list, end_list = begins.tolist(), ends.tolist()
        _kernels.earliest_ends(rows, begin_list, end_list)
        begins, ends = np.array(begin_list, np.int64), np.array(end_list, np.int64)
    if (ends >= NEVER).any():
        return NEVER
    tail = remaining_minutes(problem, shop) if objective.makespan else begins
    return bound_of(problem, shop, objective, begins, ends, tail)


def bound_of(problem: Problem, shop: Shop, objective: Objective, begins: Ints, ends: Ints, tail: Ints) -> int:
    """Lower bound that follows from earliest begins and ends of operations, and from the least minutes
    between the end of each and that of its order (`tail`); int64, one value per operation.
    """
    completion = np.maximum.reduceat(ends, problem.order_ptr[:-1])
    sums = {name: int(values.sum()) for name, values in order_terms(problem, completion).items()}
    total: int = sum(getattr(objective, name) * value for name, value in sums.items())
    if objective.makespan:
        total += objective.makespan * max(int(completion.max()), _load_bound(problem, shop, begins, tail))
    return total


def _load_bound(problem: Problem, shop: Shop, begins: Ints, tail: Ints) -> int:
    shortest = np.where(shop.pinned, _pinned_minutes(problem), shortest_minutes(problem))
    best = 0
    for w in range(problem.work_centres):
        mine = np.flatnonzero(problem.work_centre == w)
        if not len(mine):
            continue
        machines = shop.centre_machine[shop.centre_ptr[w] : shop.centre_ptr[w + 1]].tolist()
        by_begin = mine[np.argsort(begins[mine], kind="stable")]
        for first in sorted({0, len(mine) // 2}):
            chosen = by_begin[first:]
            done = _shared_work_done(problem, machines, int(begins[chosen[0]]), int(shortest[chosen].sum()))
            best = max(best, done + int(tail[chosen].min()))
    return best


def _pinned_minutes(problem: Problem) -> Ints:
    minutes = np.zeros(problem.operations, np.int64)
    for o in np.flatnonzero(problem.pin_machine >= 0).tolist():
        minutes[o] = problem.modes(o)[int(problem.pin_machine[o])]
    return minutes


def _shared_work_done(problem: Problem, machines: list[int], begin: int, minutes: int) -> int:
    """Earliest minute by which machines that start together at `begin` can have worked `minutes` between
    them.
    """
    work, calendars = problem.calendars, [int(problem.machine_calendar[m]) for m in machines]
    already = [work.worked(c, begin) for c in calendars]
    below, above = begin, begin + 1
    while sum(work.worked(c, above) - w for c, w in zip(calendars, already, strict=True)) < minutes:
        if above > FOREVER:
            return begin
        below, above = above, begin + 2 * (above - begin)
    while above - below > 1:
        middle = (below + above) // 2
        if sum(work.worked(c, middle) - w for c, w in zip(calendars, already, strict=True)) < minutes:
            below = middle
        else:
            above = middle
    return above if minutes else begin
