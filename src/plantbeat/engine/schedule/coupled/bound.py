"""A lower bound for coupled plants: every order alone, with the best people and tools always there."""

from __future__ import annotations

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.bound import bound_of, shortest_minutes
from plantbeat.engine.schedule.coupled._kernels import share
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.rows import Shop


def coupled_bound(p: Problem, shop: Shop, objective: Objective) -> int:
    """Lower bound on the objective of a coupled problem (`Problem.coupled`).

    People and tools are left out, limits of waiting too; lags, transfer batches, calendars of machines and
    pins are kept. The sums over orders and the load of work centres then follow as in `lower_bound`.
    """
    begins, ends = earliest_times(p, shop)
    if (ends >= NEVER).any():
        return NEVER
    return bound_of(p, shop, objective, begins, ends, _tails(p, shop))


def earliest_times(p: Problem, shop: Shop) -> tuple[Ints, Ints]:
    work, begins, ends = p.calendars, [0] * p.operations, [0] * p.operations
    not_before, quantity, order_of = p.not_before.tolist(), p.quantity.tolist(), p.order_of.tolist()
    ptr, pred, batch, least = (row.tolist() for row in (p.pred_ptr, p.pred, p.link_batch, p.link_least))
    shortest, calendar = shortest_minutes(p).tolist(), p.machine_calendar.tolist()
    for o in range(p.operations):
        if p.pin_machine[o] != NOT_PINNED:
            begins[o], ends[o] = int(p.pin_start[o]), int(shop.pin_end[o])
            continue
        j = order_of[o]
        ready, last = not_before[o], list[tuple[int, int]]()
        for k in range(ptr[o], ptr[o + 1]):
            before = pred[k]
            if batch[k]:
                ready = max(ready, begins[before] + share(shortest[before], batch[k], quantity[j]))
                last.append((ends[before], batch[k]))
            else:
                ready = max(ready, ends[before] + least[k])
        begins[o], ends[o] = NEVER, NEVER
        for m, minutes in p.modes(o).items():
            c = calendar[m]
            start = work.first_open(c, ready) if p.divisible[o] else work.block_begin(c, ready, minutes)
            end = work.after_work(c, start, minutes) if start < NEVER else NEVER
            end = max([end, *(e + share(minutes, b, quantity[j]) for e, b in last)])
            begins[o], ends[o] = min(begins[o], start), min(ends[o], end)
    return np.array(begins, np.int64), np.array(ends, np.int64)


def _tails(p: Problem, shop: Shop) -> Ints:
    """Per operation: minutes that must at least follow its end in its order."""
    tail, shortest = [0] * p.operations, shortest_minutes(p).tolist()
    ptr, pred, batch, least = (row.tolist() for row in (p.pred_ptr, p.pred, p.link_batch, p.link_least))
    quantity, order_of = p.quantity.tolist(), p.order_of.tolist()
    for o in range(p.operations - 1, -1, -1):
        for k in range(ptr[o], ptr[o + 1]):
            after = least[k] + shortest[o]
            if batch[k]:
                after = share(shortest[o], batch[k], quantity[order_of[o]])
            tail[pred[k]] = max(tail[pred[k]], after + tail[o])
    return np.array(tail, np.int64)
