"""What pinned operations keep busy: machines until they are cleared, and people and tools."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plantbeat.engine.calendars.worktime import Ints, merged
from plantbeat.engine.schedule.coupled.meets import Meets
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.secondary import RUN, SETUP, TEARDOWN


@dataclass(frozen=True, eq=False)
class Pins:
    """Per operation, for pinned ones: end of run, end of teardown, calendar of set-up. Per unit: the spans
    in which pinned operations have it, sorted and apart, in CSR form. Minutes, int64.

    The set-up of a pinned operation depends on what runs before it; its people count as busy for the longest
    one.
    """

    end: Ints
    clear: Ints
    setup_calendar: Ints
    busy_ptr: Ints
    busy_from: Ints
    busy_to: Ints


def phase_calendar(p: Problem, meets: Meets, operation: int, machine: int, units: Ints, phase: int) -> int:
    """Calendar in which one phase of an operation is worked, with the units chosen for all needs."""
    calendar, s = int(p.machine_calendar[machine]), p.secondary
    for i in s.needs(operation):
        if s.need_phase[i] & phase:
            calendar = meets.met(calendar, int(units[i]))
    return calendar


def pins_of(p: Problem, meets: Meets) -> Pins:
    """What the pinned operations of a problem keep busy."""
    s, n, work = p.secondary, p.operations, meets.calendars
    end, clear, calendar = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    busy: list[list[tuple[int, int]]] = [[] for _ in range(s.units)]
    for o in np.flatnonzero(p.pin_machine != NOT_PINNED).tolist():
        m, start = int(p.pin_machine[o]), int(p.pin_start[o])
        run = phase_calendar(p, meets, o, m, s.need_unit, RUN)
        end[o] = work.after_work(run, start, p.modes(o)[m])
        last = phase_calendar(p, meets, o, m, s.need_unit, TEARDOWN)
        clear[o] = work.after_work(last, int(end[o]), int(p.teardown_min[o]))
        calendar[o] = phase_calendar(p, meets, o, m, s.need_unit, SETUP)
        begin = start
        if not p.started[o] and (longest := longest_setup(p, o)):
            begin = work.latest_begin(int(calendar[o]), start, longest)
        for i in s.needs(o):
            span = busy_span(int(s.need_phase[i]), begin, start, int(end[o]), int(clear[o]))
            if span[0] < span[1]:
                busy[int(s.need_unit[i])].append(span)
    # The longest set-up may reach into what the unit did before: the search among spans needs them apart.
    spans = [merged(mine) for mine in busy]
    flat = np.array([span for mine in spans for span in mine], np.int64).reshape(-1, 2)
    ptr = np.cumsum([0, *map(len, spans)], dtype=np.int64)
    return Pins(end, clear, calendar, ptr, flat[:, 0].copy(), flat[:, 1].copy())


def longest_setup(p: Problem, operation: int) -> int:
    """Minutes of the longest set-up into an operation's family."""
    centre, family = int(p.work_centre[operation]), int(p.family[operation])
    if family < 0:
        return 0
    return max(p.setup(centre, before, family) for before in range(int(p.family_count[centre])))


def busy_span(phase: int, setup_begin: int, start: int, end: int, clear: int) -> tuple[int, int]:
    """From when to when a unit that is needed in some phases is busy; empty where they take no time."""
    begin = setup_begin if phase & SETUP else start if phase & RUN else end
    until = clear if phase & TEARDOWN else end if phase & RUN else start
    return begin, until
