"""Re-timing a schedule that is given as one order of all operations."""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import NEVER, Row, after_work
from plantbeat.engine.schedule._kernels import begin_of
from plantbeat.engine.schedule.rows import Result, Shop


@kernel
def time_in_order(shop: Shop, ranked: Row, mode: Row, last: Row, out: Result) -> int:
    """Start every operation as early as those before it allow; returns one that finds no room, or -1.

    `ranked` is a topological order of routings and machine sequences, `mode` each operation's row of modes;
    `last` holds -1 for each machine and is used up.
    """
    for i in range(len(ranked)):
        o: int = ranked[i]
        k, w = mode[o], shop.work_centre[o]
        m, minutes = shop.mode_machine[k], shop.mode_min[k]
        free, family, ready, setup = 0, shop.initial_family[m], shop.not_before[o], 0
        if last[m] >= 0:
            free, family = out.end[last[m]], shop.family[last[m]]
        for q in range(shop.pred_ptr[o], shop.pred_ptr[o + 1]):
            ready = max(ready, out.end[shop.pred[q]])
        if family >= 0 and shop.family[o] >= 0 and not shop.started[o]:
            setup = shop.setup_min[shop.setup_base[w] + family * shop.family_count[w] + shop.family[o]]
        lo, hi = shop.opens_lo[m], shop.opens_hi[m]
        opens, closes, before = shop.opens, shop.closes, shop.before
        if shop.pinned[o]:
            start, end = shop.pin_start[o], shop.pin_end[o]
            if after_work(lo, hi, opens, closes, before, free, setup) > start or ready > start:
                return o
        else:
            start = begin_of(lo, hi, opens, closes, before, ready, free, setup, minutes, shop.divisible[o])
            end = after_work(lo, hi, opens, closes, before, start, minutes)
        if end >= NEVER:
            return o
        out.machine[o], out.start[o], out.end[o], out.setup[o] = m, start, end, setup
        last[m] = o
    return -1
