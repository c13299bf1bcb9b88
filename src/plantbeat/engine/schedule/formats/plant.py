"""Generated plants: flexible job shops with family set-ups, releases and weighted due dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, WorkTime
from plantbeat.engine.schedule.problem import Problem


def plant_generator(p: Mapping[str, Any]) -> Problem:
    """Problem of a generated plant (flexible job shop with family set-ups, releases and weighted due
    dates).

    Keys of `p`, int arrays unless said otherwise: numbers `n` operations, `J` orders, `M` machines, `F`
    families; `jp` (J + 1) first operation of each order, `wc` and `fam` (n) work centre and family, `ep` (n
    + 1), `em`, `ed` modes with machine and minutes, `wc_of` (M) work centre of a machine, `S` (work
    centres, F, F) set-up minutes, `rel`, `due`, `wgt` (J). Machines never close; the objective is weighted
    tardiness + makespan.
    """
    machines, centres = int(p["M"]), len(p["S"])
    return Problem(
        release=p["rel"],
        due=p["due"],
        weight=p["wgt"],
        order_ptr=p["jp"],
        work_centre=p["wc"],
        family=p["fam"],
        mode_ptr=p["ep"],
        mode_machine=p["em"],
        mode_min=p["ed"],
        machine_work_centre=p["wc_of"],
        machine_calendar=np.zeros(machines, np.int64),
        calendars=WorkTime.of([[(0, FOREVER)]]),
        family_count=np.full(centres, int(p["F"])),
        setup_min=np.asarray(p["S"]).reshape(-1),
    )
