"""What the public formats have in common: machines that never close, all orders there from the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, Ints, WorkTime
from plantbeat.engine.schedule.formats.faults import FormatError
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Names, Problem, ProblemError
from plantbeat.engine.schedule.validation import MINUTES_LIMIT

MAKESPAN = Objective(weighted_tardiness=0, makespan=1)
TOTAL_TARDINESS = Objective(weighted_tardiness=1, makespan=0)


def public_problem(
    file: str,
    *,
    steps: Sequence[int],
    modes: Sequence[int] | Ints,
    mode_machine: Any,
    mode_min: Any,
    centre_of: Any,
    due: Any = None,
    machine_names: Sequence[str] = (),
    **rows: Any,
) -> Problem:
    """A problem of `steps` operations per job, `modes` machines per operation, and the work centre of each
    machine.

    With `due` what counts is the total tardiness, without it the makespan (due is then as late as can be).
    Raises FormatError with the faults of the problem, if it has any.
    """
    jobs, machine_centre = len(steps), np.asarray(centre_of, np.int64)
    machine, mode_ptr = np.asarray(mode_machine, np.int64), np.cumsum([0, *modes])
    try:
        return Problem(
            release=np.zeros(jobs, np.int64),
            due=np.full(jobs, MINUTES_LIMIT) if due is None else due,
            weight=np.ones(jobs, np.int64),
            order_ptr=np.cumsum([0, *steps]),
            work_centre=machine_centre[machine[mode_ptr[:-1]]],
            mode_ptr=mode_ptr,
            mode_machine=machine,
            mode_min=mode_min,
            machine_work_centre=machine_centre,
            machine_calendar=np.zeros(len(machine_centre), np.int64),
            calendars=WorkTime.of([[(0, FOREVER)]]),
            objective=MAKESPAN if due is None else TOTAL_TARDINESS,
            names=Names(machines=tuple(machine_names)),
            **rows,
        )
    except ProblemError as error:
        raise FormatError(file, [fault.message for fault in error.faults]) from error
