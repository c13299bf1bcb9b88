"""Right shift: machines and sequences as they were, everything as early as the new situation allows."""

from __future__ import annotations

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.schedule import Schedule


def with_rush_orders(p: Problem, before: Schedule) -> Schedule:
    """The schedule with a machine and a start for operations that are new: each as soon as its routing lets
    it, before everything on its machine that begins later.

    Starts of the others are as they were; they only say who comes first.
    """
    new = np.flatnonzero(before.machine < 0).tolist()
    machine, start, end = before.machine.copy(), before.start.copy(), before.end.copy()
    for o in new:
        ready = max([int(p.not_before[o]), *(int(end[b]) for b in p.predecessors(o))])
        machine[o], start[o], end[o] = min(
            ((m, *_first(p, before, o, m, minutes, ready)) for m, minutes in p.modes(o).items()),
            key=lambda place: (place[2], place[0]),
        )
    return Schedule(**{**vars(before), "machine": machine, "start": start, "end": end})


def _first(p: Problem, before: Schedule, o: int, m: int, minutes: int, ready: int) -> tuple[int, int]:
    """Start and end of an operation on a machine behind what runs when it is ready."""
    mine = np.flatnonzero((before.machine == m) & (before.start < ready))
    free = max(ready, int(before.end[mine].max(initial=0)))
    calendar = int(p.machine_calendar[m])
    start = p.calendars.first_open(calendar, free)
    end = p.calendars.after_work(calendar, start, minutes) if start < NEVER else NEVER
    return (start, end) if end < NEVER else (free, NEVER)


def modes_on(p: Problem, machine: Ints) -> Ints:
    """Mode of each operation on a machine."""
    owner = np.repeat(np.arange(p.operations), np.diff(p.mode_ptr))
    chosen: Ints = np.flatnonzero(p.mode_machine == machine[owner])
    return chosen


def delayed(p: Problem, before: Schedule, shifted: Schedule, noticed_min: int) -> Ints:
    """Operations, not pinned, that a right shift delays by more than some minutes."""
    late = (shifted.start - before.start > noticed_min) & (before.machine >= 0)
    return np.flatnonzero(late & (p.pin_machine == NOT_PINNED))
