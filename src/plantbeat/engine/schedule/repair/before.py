"""The schedule before the events, in the rows of the problem that may have orders more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.schedule import Schedule


def with_new_orders(p: Problem, schedule: Schedule) -> Schedule:
    """The schedule with rows for every operation; new ones are on machine -1, and never.

    Raises ValueError when the schedule has more rows than the problem.
    """
    missing = p.operations - len(schedule.machine)
    orders = p.orders - len(schedule.completion)
    needs = len(p.secondary.need_pool) - len(schedule.unit)
    if min(missing, orders, needs) < 0:
        text = f"schedule: {len(schedule.machine)} operations; allowed are up to the problem's {p.operations}"
        raise ValueError(text)

    def longer(row: Ints, value: int, more: int = missing) -> Ints:
        return np.concatenate((row, np.full(more, value, np.int64)))

    return replace(
        schedule,
        machine=longer(schedule.machine, -1),
        start=longer(schedule.start, NEVER),
        end=longer(schedule.end, NEVER),
        setup_min=longer(schedule.setup_min, 0),
        setup_start=longer(schedule.setup_start, NEVER),
        completion=longer(schedule.completion, NEVER, orders),
        tardiness=longer(schedule.tardiness, 0, orders),
        unit=longer(schedule.unit, -1, needs),
    )
