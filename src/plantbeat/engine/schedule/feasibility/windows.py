"""Between which minutes each operation must lie so that its order meets its deadline."""

from __future__ import annotations

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.bound import shortest_minutes
from plantbeat.engine.schedule.coupled.bound import earliest_times
from plantbeat.engine.schedule.coupled.meets import meets_of
from plantbeat.engine.schedule.coupled.pinned import pins_of
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.rows import shop_of


def windows(p: Problem) -> tuple[Ints, Ints, Ints]:
    """Per operation: earliest begin and end with every order alone in the plant, and latest end.

    People, tools and set-ups are left out, limits of waiting too: no schedule begins or ends an operation
    earlier, and none that meets the deadlines ends it later. NEVER: never begins, or may end at any time.
    """
    shop = shop_of(p)
    if p.coupled:
        shop = shop._replace(pin_end=pins_of(p, meets_of(p)).end)
    begins, ends = earliest_times(p, shop)
    return begins, ends, _latest(p, shop.pin_end)


def _latest(p: Problem, pin_end: Ints) -> Ints:
    shortest, latest = shortest_minutes(p).tolist(), [NEVER] * p.operations
    deadline, order_of, quantity = p.deadline.tolist(), p.order_of.tolist(), p.quantity.tolist()
    for o in range(p.operations - 1, -1, -1):
        latest[o] = min(latest[o], deadline[order_of[o]])
        if p.pin_machine[o] != NOT_PINNED:
            latest[o] = min(latest[o], int(pin_end[o]))
        if latest[o] >= NEVER:
            continue
        begin = _latest_begin(p, o, latest[o])
        for k in range(int(p.pred_ptr[o]), int(p.pred_ptr[o + 1])):
            before, batch = int(p.pred[k]), int(p.link_batch[k])
            until = begin - int(p.link_least[k])
            if batch:
                until = latest[o] + shortest[o] * -batch // quantity[order_of[o]]
            latest[before] = min(latest[before], until)
    return np.array(latest, np.int64)


def _latest_begin(p: Problem, o: int, end: int) -> int:
    """Latest minute at which an operation can begin on any of its machines and end by `end`."""
    work, calendar = p.calendars, p.machine_calendar
    return max(work.latest_begin(int(calendar[m]), end, minutes) for m, minutes in p.modes(o).items())
