"""When a machine and the people and tools at it are all there: calendars met with each other, each once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plantbeat.engine.calendars.worktime import Ints, WorkTime
from plantbeat.engine.schedule.problem import Fault, Problem, ProblemError
from plantbeat.engine.schedule.secondary import ANY_UNIT, RUN, SETUP, TEARDOWN

PHASES = (SETUP, RUN, TEARDOWN)
MOST_CALENDARS = 5_000

Span = tuple[int, int]


def met(first: list[Span], second: list[Span]) -> list[Span]:
    """Open time of both of two calendars."""
    found, i, k = list[Span](), 0, 0
    while i < len(first) and k < len(second):
        begin, end = max(first[i][0], second[k][0]), min(first[i][1], second[k][1])
        if begin < end:
            found.append((begin, end))
        if first[i][1] < second[k][1]:
            i += 1
        else:
            k += 1
    return found


@dataclass(frozen=True, eq=False)
class Meets:
    """`calendars`: the problem's own first, then the meetings. `kind` of each unit is its column in `table`
    (calendars x kinds, row by row): the calendar of a calendar met with a unit of that kind, -1 where no
    operation asks for it.
    """

    calendars: WorkTime
    kind: Ints
    kinds: int
    table: Ints

    def met(self, calendar: int, unit: int) -> int:
        """A calendar met with a unit's."""
        return int(self.table[calendar * self.kinds + self.kind[unit]])


def meets_of(p: Problem) -> Meets:
    """Every meeting of calendars that an operation of the problem may ask for.

    Raises ProblemError when they are more than MOST_CALENDARS: people with calendars that all differ.
    """
    s, spans = p.secondary, [p.calendars.intervals(c) for c in range(len(p.calendars.ptr) - 1)]
    known = {tuple(span): c for c, span in reversed(list(enumerate(spans)))}
    kinds = {int(c): k for k, c in enumerate(dict.fromkeys(s.unit_calendar.tolist()))}
    table: dict[tuple[int, int], int] = {}

    def met_with(calendar: int, of_unit: int) -> int:
        key = calendar, kinds[of_unit]
        if key not in table:
            both = tuple(met(spans[calendar], spans[of_unit]))
            if both not in known:
                known[both] = len(spans)
                spans.append(list(both))
                if len(spans) > MOST_CALENDARS:
                    text = f"people, tools and machines have more than {MOST_CALENDARS} calendars in common"
                    raise ProblemError([Fault("calendar", f"{text}; give equal calendars one name")])
            table[key] = known[both]
        return table[key]

    for machines, needs in _questions(p):
        for phase in PHASES:
            asked = machines
            for calendars, phases in needs:
                if phases & phase:
                    asked = frozenset(met_with(c, u) for c in asked for u in calendars)
    width = max(len(kinds), 1)
    rows = np.full(len(spans) * width, -1, np.int64)
    for (calendar, kind), both_at in table.items():
        rows[calendar * width + kind] = both_at
    columns = np.array([kinds[c] for c in s.unit_calendar.tolist()], np.int64)
    return Meets(WorkTime.of(spans), columns, width, rows)


Needs = tuple[tuple[frozenset[int], int], ...]


def _questions(p: Problem) -> set[tuple[frozenset[int], Needs]]:
    """Calendars of the machines of an operation, and calendars and phases of its needs, each pair once."""
    s, found = p.secondary, set[tuple[frozenset[int], Needs]]()
    pools = [frozenset(s.unit_calendar[s.pool(pool)].tolist()) for pool in range(s.pools)]
    machine_calendar, mode_machine = p.machine_calendar.tolist(), p.mode_machine.tolist()
    ptr, pool_of, phase = p.mode_ptr.tolist(), s.need_pool.tolist(), s.need_phase.tolist()
    unit, calendar_of_unit = s.need_unit.tolist(), s.unit_calendar.tolist()
    for o in np.flatnonzero(np.diff(s.need_ptr)).tolist():
        machines = frozenset(machine_calendar[m] for m in mode_machine[ptr[o] : ptr[o + 1]])
        needs = tuple(
            (
                pools[pool_of[i]] if unit[i] == ANY_UNIT else frozenset([calendar_of_unit[unit[i]]]),
                phase[i],
            )
            for i in s.needs(o)
        )
        found.add((machines, needs))
    return found
