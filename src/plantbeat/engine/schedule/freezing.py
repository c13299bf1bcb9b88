"""Freezing: what is close or begun keeps machine and start, and nothing new is put into the time before.

A frozen problem is an ordinary problem: solving it, moving in it and checking it need no further rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, WorkTime
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.schedule import Schedule
from plantbeat.engine.schedule.timing import machine_sequences

Span = tuple[int, int]


def frozen_operations(
    problem: Problem, schedule: Schedule, minute: int, single: Iterable[int] = ()
) -> list[int]:
    """Operations that keep their place when everything before `minute` is frozen, in index order.

    An operation is frozen when its set-up or run begins before `minute`; so is what runs before it on its
    machine, and what it waits for in its order. `single` operations are frozen wherever they lie, with the
    steps before them.
    """
    rows = machine_sequences(problem, schedule.machine, schedule.start, schedule.end)
    before = {o: ahead for row in rows for ahead, o in pairwise(row)}
    frozen: set[int] = set()
    waiting = np.flatnonzero(schedule.setup_start < minute).tolist()
    while waiting:
        if (o := waiting.pop()) in frozen:
            continue
        frozen.add(o)
        waiting += [*problem.predecessors(o), *([before[o]] if o in before else [])]
    waiting = [o for o in single if o not in frozen]
    while waiting:
        if (o := waiting.pop()) not in frozen:
            frozen.add(o)
            waiting += problem.predecessors(o)
    return sorted(frozen)


def frozen_until(problem: Problem, schedule: Schedule, minute: int, single: Iterable[int] = ()) -> Problem:
    """The same problem with `frozen_operations` pinned, and machines closed for others before `minute`.

    Raises ProblemError when single operations cannot be held as they are (the set-up between two of them
    would not fit without what runs between).
    """
    held = frozen_operations(problem, schedule, minute, single)
    taken: list[list[Span]] = [[] for _ in range(problem.machines)]
    for o in held:
        if schedule.setup_start[o] < minute:
            span = int(schedule.setup_start[o]), max(int(schedule.end[o]), int(schedule.start[o]) + 1)
            taken[int(schedule.machine[o])].append(span)
    calendars = [
        _open_from(
            problem.calendars.intervals(int(problem.machine_calendar[m])),
            taken[m],
            minute,
        )
        for m in range(problem.machines)
    ]
    pin_machine, pin_start = problem.pin_machine.copy(), problem.pin_start.copy()
    # A frozen operation of no minutes leaves a minute open, in which nothing else is to begin.
    earliest = np.maximum(problem.earliest, minute)
    for o in held:
        earliest[o] = problem.earliest[o]
        pin_machine[o], pin_start[o] = int(schedule.machine[o]), int(schedule.start[o])
    return replace(
        problem,
        calendars=WorkTime.of(calendars),
        machine_calendar=np.arange(problem.machines),
        names=replace(problem.names, calendars=()),
        pin_machine=pin_machine,
        pin_start=pin_start,
        earliest=earliest,
    )


def _open_from(intervals: list[Span], taken: list[Span], minute: int) -> list[Span]:
    """Open time from `minute` on, and before it only where frozen work lies."""
    kept: list[Span] = []
    for begin, end in sorted([*taken, (minute, FOREVER)]):
        if kept and begin <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((begin, end))
    found, i = [], 0
    for opening, closing in intervals:
        while i < len(kept) and kept[i][1] <= opening:
            i += 1
        k = i
        while k < len(kept) and kept[k][0] < closing:
            found.append((max(opening, kept[k][0]), min(closing, kept[k][1])))
            k += 1
    # A calendar needs a span; where all of it lies before the freeze, its last minute is left.
    return found or [(intervals[-1][1] - 1, intervals[-1][1])]
