"""From machine and start to everything else: ends, sequences, set-ups."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints, WorkTime
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import no_units
from plantbeat.engine.schedule.secondary import RUN, SETUP


@dataclass(frozen=True, eq=False)
class Timing:
    """Times of a schedule per operation, all int64 minutes.

    `previous` is the operation before it on its machine (-1 for the first); the set-up takes the last
    `setup_min` open minutes of the machine before the start and begins at `setup_start` (= start without a
    set-up); people and tools that it needs are there in these minutes too. `unit` is that of each need.
    """

    machine: Ints
    start: Ints
    end: Ints
    minutes: Ints
    previous: Ints
    setup_min: Ints
    setup_start: Ints
    unit: Ints = field(default_factory=no_units)


def run_minutes(problem: Problem, machine: Ints) -> Ints:
    """Working minutes of each operation on its machine.

    Raises ValueError when an operation is on a machine that is not one of its modes.
    """
    modes = np.repeat(np.arange(problem.operations), np.diff(problem.mode_ptr))
    chosen = problem.mode_machine == machine[modes]
    if chosen.sum() != problem.operations:
        wrong = int(np.setdiff1d(np.arange(problem.operations), modes[chosen])[0])
        raise ValueError(f"{problem.operation_label(wrong)} is on a machine that is not allowed for it")
    minutes: Ints = problem.mode_min[chosen]
    return minutes


def machine_sequences(problem: Problem, machine: Ints, start: Ints, end: Ints) -> list[list[int]]:
    """Operations of each machine in the order they run (by start, then end)."""
    order = np.lexsort((end, start, machine))
    cuts = np.searchsorted(machine[order], np.arange(problem.machines + 1))
    return [order[cuts[m] : cuts[m + 1]].tolist() for m in range(problem.machines)]


def timing(problem: Problem, machine: Ints, start: Ints, unit: Ints | None = None) -> Timing:
    """Ends, sequences and set-ups that follow from machine and start (int64 rows, one value per operation)
    and from the units of the needs.

    Raises ValueError when an operation is on a machine that is not allowed or does not end within its
    calendar, or when units are missing.
    """
    minutes = run_minutes(problem, machine)
    unit = no_units() if unit is None else unit
    if len(unit) != len(problem.secondary.need_pool):
        raise ValueError(f"unit has {len(unit)} values; allowed are {len(problem.secondary.need_pool)}")
    work, calendar, setup_calendar = _phase_calendars(problem, machine, unit)
    end = np.array(
        [
            work.after_work(c, s, d)
            for c, s, d in zip(calendar, start.tolist(), minutes.tolist(), strict=True)
        ],
        np.int64,
    )
    if (end >= NEVER).any():
        late = int(np.argmax(end >= NEVER))
        raise ValueError(f"{problem.operation_label(late)} does not end within its machine's calendar")
    previous = np.full(problem.operations, -1, np.int64)
    setup = np.zeros(problem.operations, np.int64)
    for m, sequence in enumerate(machine_sequences(problem, machine, start, end)):
        centre, family = int(problem.machine_work_centre[m]), int(problem.initial_family[m])
        for before, o in zip([-1, *sequence], sequence, strict=False):
            previous[o] = before
            setup[o] = 0 if problem.started[o] else problem.setup(centre, family, int(problem.family[o]))
            family = int(problem.family[o])
    setup_start = start.copy()
    for o in np.flatnonzero(setup).tolist():
        setup_start[o] = work.latest_begin(setup_calendar[o], int(start[o]), int(setup[o]))
    return Timing(machine, start, end, minutes, previous, setup, setup_start, unit)


def _phase_calendars(p: Problem, machine: Ints, unit: Ints) -> tuple[WorkTime, list[int], list[int]]:
    """Calendars, and of each operation that of its run and that of its set-up."""
    calendar = p.machine_calendar[machine].tolist()
    if not len(unit):
        return p.calendars, calendar, calendar
    from plantbeat.engine.schedule.coupled.meets import meets_of
    from plantbeat.engine.schedule.coupled.pinned import phase_calendar

    meets = meets_of(p)
    run, setup = (
        [phase_calendar(p, meets, o, int(machine[o]), unit, phase) for o in range(p.operations)]
        for phase in (RUN, SETUP)
    )
    return meets.calendars, run, setup
