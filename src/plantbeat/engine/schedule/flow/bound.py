"""A value that no schedule of a hybrid flow shop ends before."""

from __future__ import annotations

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.flow.rows import Stages


def stage_bound(stages: Stages, orders: int) -> int:
    """Lower bound on the last end: each stage's work, with the shortest ways to and from its machines.

    Some best schedule uses every machine of a stage with as many orders as machines. Their first orders are
    different ones, and so are their last ones: over all machines, the ways to and on from the stage take
    at least the sums of the shortest (Santos, Hunsucker & Deal, European Journal of Operational Research
    80, 1995).
    """
    minutes, tail = stages.minutes.reshape(-1, orders), stages.tail.reshape(-1, orders)
    heads: Ints = np.cumsum(minutes, axis=0) - minutes
    best = int((heads + minutes + tail).max())
    for stage, machines in enumerate(stages.count.tolist()):
        if machines <= orders:
            work = int(minutes[stage].sum())
            work += int(np.sort(heads[stage])[:machines].sum()) + int(np.sort(tail[stage])[:machines].sum())
            best = max(best, -(-work // machines))
    return best
