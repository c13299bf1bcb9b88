"""The problem after the events: what has begun or is frozen is pinned, the rest is free from there on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints, WorkTime, merged
from plantbeat.engine.schedule.coupled.meets import Meets, meets_of
from plantbeat.engine.schedule.coupled.pinned import busy_span, phase_calendar
from plantbeat.engine.schedule.freezing import frozen_operations
from plantbeat.engine.schedule.problem import NOT_PINNED, Bools, Fault, Problem, ProblemError
from plantbeat.engine.schedule.repair.calendars import open_from, without
from plantbeat.engine.schedule.repair.events import ActualTimes, Effects, Event, Span, effects_of
from plantbeat.engine.schedule.schedule import Schedule
from plantbeat.engine.schedule.secondary import ANY_UNIT, RUN, SETUP, TEARDOWN


@dataclass(frozen=True, eq=False)
class Situation:
    """`problem` after the events, with `held` operations pinned; `hit` ones were frozen or in work and could
    not keep their start; `closed` are the machines that stand for some time.
    """

    problem: Problem
    held: Bools
    hit: tuple[int, ...]
    closed: tuple[int, ...]


def situation_of(
    problem: Problem, before: Schedule, events: Sequence[Event], now: int, freeze_until: int
) -> Situation:
    """The problem after the events; `before` has a row for every operation, machine -1 where it is new."""
    known = before.machine >= 0
    effects = effects_of(problem, known, events, now)
    for o in effects.actual:
        if not known[o]:
            raise ValueError(f"ActualTimes: {problem.operation_label(o)} is new; it has no times yet")
    pins = np.flatnonzero((problem.pin_machine != NOT_PINNED) & known).tolist()
    frozen = [
        o for o in frozen_operations(problem, before, freeze_until, [*pins, *effects.actual]) if known[o]
    ]
    return _Freeze(problem, before, effects, now, freeze_until).situation(frozen)


def _changed(p: Problem, effects: Effects, before: Schedule, now: int) -> Problem:
    """The problem with calendars cut, each machine and unit with one of its own, and without pins."""
    spans = [p.calendars.intervals(int(c)) for c in p.machine_calendar]
    for o, actual in effects.actual.items():
        if actual.finished is not None or actual.remaining is not None:
            begun = int(before.start[o]) if actual.started is None else actual.started
            worked = (begun, now if actual.finished is None else actual.finished)
            m = int(before.machine[o])
            spans[m] = merged([*spans[m], worked])
    for m, closed in effects.closed.items():
        spans[m] = without(spans[m], _after(before.end[before.machine == m], now, closed))
    units = [p.calendars.intervals(int(c)) for c in p.secondary.unit_calendar]
    owner = np.repeat(np.arange(p.operations), np.diff(p.secondary.need_ptr))
    known: dict[tuple[Span, ...], int] = {}
    for u, away in effects.absent.items():
        units[u] = without(units[u], _after(before.end[owner[before.unit == u]], now, away))
    at = [known.setdefault(tuple(mine), len(known)) for mine in units]
    secondary = replace(p.secondary, unit_calendar=np.array(at, np.int64) + p.machines)
    return replace(
        p,
        calendars=WorkTime.of([*spans, *map(list, known)]),
        machine_calendar=np.arange(p.machines),
        secondary=secondary,
        names=replace(p.names, calendars=()),
        pin_machine=np.full(p.operations, NOT_PINNED),
        started=np.zeros(p.operations, np.bool_),
    )


def _after(ends: Ints, now: int, spans: list[Span]) -> list[Span]:
    """Spans without what lies before the last end up to now: what is over was not interrupted."""
    past = int(ends[ends <= now].max(initial=-NEVER))
    return [(max(begin, past), max(end, past)) for begin, end in spans]


class _Freeze:
    """Goes through what is frozen in time order and keeps what can keep its start."""

    def __init__(self, p: Problem, before: Schedule, effects: Effects, now: int, until: int) -> None:
        self.old, self.before, self.effects, self.now, self.until = p, before, effects, now, until
        self.p = _changed(p, effects, before, now)
        self.work: WorkTime = self.p.calendars
        self.meets: Meets | None = None
        if p.coupled:
            self.meets = meets_of(self.p)
            self.work = self.meets.calendars
        self.start, self.end = before.start.copy(), before.end.copy()
        self.held = np.zeros(p.operations, np.bool_)
        self.divisible, self.mode_min = p.divisible.copy(), p.mode_min.copy()
        self.free, self.family = [0] * p.machines, p.initial_family.tolist()
        self.last: list[tuple[int, int]] = [(0, int(family)) for family in p.initial_family]
        self.unit_free = [0] * p.secondary.units
        self.taken: list[list[Span]] = [[] for _ in range(p.machines)]
        self.opens = [until] * p.machines
        self.hit: list[int] = []
        self.centre, self.family_of = p.machine_work_centre.tolist(), p.family.tolist()
        self.started, self.teardown = p.started.tolist(), p.teardown_min.tolist()
        self.pred_ptr, self.pred = p.pred_ptr.tolist(), p.pred.tolist()
        self.batch, self.least = p.link_batch.tolist(), p.link_least.tolist()
        self.need_ptr = p.secondary.need_ptr.tolist()

    def situation(self, frozen: list[int]) -> Situation:
        rows = np.array(frozen, np.int64)
        keys = (rows, self.before.end[rows], self.before.start[rows])
        for o in rows[np.lexsort(keys)].tolist():
            self.visit(o)
        return Situation(
            self.problem(), self.held, tuple(sorted(self.hit)), tuple(sorted(self.effects.closed))
        )

    def calendar(self, o: int, phase: int) -> int:
        """Calendar of a phase of an operation, with the people and tools that it has."""
        m = int(self.before.machine[o])
        if self.meets is None or self.need_ptr[o] == self.need_ptr[o + 1]:
            return m
        return phase_calendar(self.p, self.meets, o, m, self.before.unit, phase)

    def visit(self, o: int) -> None:
        """Hold an operation where it is, or let it go."""
        m, start = int(self.before.machine[o]), int(self.before.start[o])
        actual, begun = self.effects.actual.get(o), start < self.now
        if int(self.before.end[o]) <= self.now and actual is None and self.past(o):
            self.hold(o, start, int(self.before.end[o]), self.clear_of(o, int(self.before.end[o])))
            return None
        setup = 0
        if not self.started[o]:
            setup = self.p.setup(self.centre[m], self.family[m], self.family_of[o])
        earliest = max(self.work.after_work(self.calendar(o, SETUP), self.free[m], setup), self.ready(o))
        run = self.calendar(o, RUN)
        if actual is not None:
            if actual.finished is None and actual.remaining is None:
                return self.let_go(o, earliest, run)
            return self.really(o, actual, earliest, run)
        if self.started[o]:
            start = self.work.first_open(run, 0)
        elif not begun:
            earliest = max(earliest, int(self.effects.earliest[o]))
        minutes = self.minutes(o)
        end = self.work.after_work(run, start, minutes)
        whole = bool(self.divisible[o]) or end - start == minutes
        possible = earliest <= start and self.work.first_open(run, start) == start and end < NEVER
        if not possible or not (whole or begun) or not self.fits(o, start, end, setup):
            return self.let_go(o, earliest, run)
        self.divisible[o] |= not whole
        self.hold(o, start, end, self.clear_of(o, end))
        return None

    def past(self, o: int) -> bool:
        """Whether what an operation that is over by plan waited for was over in time."""
        start = int(self.before.start[o])
        return max(self.free[int(self.before.machine[o])], self.ready(o)) <= start

    def minutes(self, o: int) -> int:
        return self.old.modes(o)[int(self.before.machine[o])]

    def ready(self, o: int) -> int:
        """When the steps before let an operation begin; NEVER where one of them is not held."""
        ready = 0
        for k in range(self.pred_ptr[o], self.pred_ptr[o + 1]):
            b = self.pred[k]
            if not self.held[b]:
                return NEVER
            # A transfer batch is where it was as long as the step before has not changed.
            if not self.batch[k] or self.end[b] != self.before.end[b]:
                ready = max(ready, int(self.end[b]) + self.least[k])
        return ready

    def fits(self, o: int, start: int, end: int, setup: int) -> bool:
        """Whether people and tools are free, and the set-up from what is held before would fit too."""
        m, clear = int(self.before.machine[o]), self.clear_of(o, end)
        free, family = self.last[m]
        direct = 0 if self.started[o] else self.p.setup(self.centre[m], family, self.family_of[o])
        at = self.calendar(o, SETUP)
        if self.work.after_work(at, free, direct) > start or clear >= NEVER:
            return False
        begin = self.work.latest_begin(at, start, setup)
        s = self.p.secondary
        for i in range(self.need_ptr[o], self.need_ptr[o + 1]):
            span = busy_span(int(s.need_phase[i]), begin, start, end, clear)
            if span[0] < span[1] and self.unit_free[int(self.before.unit[i])] > span[0]:
                return False
        return True

    def clear_of(self, o: int, end: int) -> int:
        """Until when an operation keeps its machine."""
        if not self.teardown[o]:
            return end
        return self.work.after_work(self.calendar(o, TEARDOWN), end, self.teardown[o])

    def really(self, o: int, actual: ActualTimes, earliest: int, run: int) -> None:
        """Hold an operation by its actual times; its run begins later where the set-up took less than it
        should have.
        """
        m, begun = int(self.before.machine[o]), int(self.before.start[o])
        begun = begun if actual.started is None else actual.started
        start = self.work.first_open(run, begun if self.started[o] else max(begun, earliest))
        until = self.now if actual.finished is None else actual.finished
        minutes = self.work.worked(run, until) - self.work.worked(run, start) + (actual.remaining or 0)
        if start >= until or minutes < 1 or earliest >= NEVER:
            text = f"{self.p.operation_label(o)} cannot have run from minute {begun} to {until}"
            text += f" on machine {self.p.machine_label(m)}; what comes before it lets it begin at {start}"
            raise ProblemError([Fault("actual_times", text, machine=self.p.machine_label(m))])
        rows = slice(int(self.p.mode_ptr[o]), int(self.p.mode_ptr[o + 1]))
        self.mode_min[rows][self.p.mode_machine[rows] == m] = minutes
        end = self.work.after_work(run, start, minutes)
        self.divisible[o] |= end - start != minutes
        if start != self.before.start[o]:
            self.hit.append(o)
        self.hold(o, start, end, self.clear_of(o, end))

    def hold(self, o: int, start: int, end: int, clear: int) -> None:
        m, s, family = (
            int(self.before.machine[o]),
            self.p.secondary,
            self.last[int(self.before.machine[o])][1],
        )
        begin, planned = start, int(self.before.setup_start[o])
        if not self.hit and not self.effects.actual:
            begin = planned
        elif not self.started[o] and (setup := self.p.setup(self.centre[m], family, self.family_of[o])):
            begin = self.work.latest_begin(self.calendar(o, SETUP), start, setup)
        self.start[o], self.end[o], self.held[o] = start, end, True
        self.taken[m].append((min(begin, planned), max(clear, start + 1)))
        self.free[m], self.family[m] = max(self.free[m], clear), self.family_of[o]
        self.last[m] = self.free[m], self.family_of[o]
        for i in range(self.need_ptr[o], self.need_ptr[o + 1]):
            until = busy_span(int(s.need_phase[i]), begin, start, end, clear)[1]
            unit = int(self.before.unit[i])
            self.unit_free[unit] = max(self.unit_free[unit], until)

    def let_go(self, o: int, earliest: int, run: int) -> None:
        """What cannot keep its start is free again, and so is its machine from then on."""
        m, minutes = int(self.before.machine[o]), self.minutes(o)
        self.hit.append(o)
        self.opens[m] = min(self.opens[m], max(self.now, int(self.before.setup_start[o])))
        if earliest >= NEVER:
            return
        begin = max(earliest, int(self.before.start[o]), self.now)
        place = self.work.first_open if self.divisible[o] else None
        begin = place(run, begin) if place else self.work.block_begin(run, begin, minutes)
        end = self.work.after_work(run, begin, minutes)
        if end < NEVER:
            self.free[m], self.family[m] = max(self.free[m], self.clear_of(o, end)), self.family_of[o]

    def problem(self) -> Problem:
        """The problem with everything held pinned and the time before the freeze closed."""
        p, work = self.p, self.p.calendars
        spans = [open_from(work.intervals(m), self.opens[m], self.taken[m]) for m in range(p.machines)]
        others = [work.intervals(c) for c in range(p.machines, len(work.ptr) - 1)]
        owner = np.repeat(np.arange(p.operations), np.diff(p.secondary.need_ptr))
        named = np.where(self.old.pin_machine[owner] != NOT_PINNED, ANY_UNIT, p.secondary.need_unit)
        unit: Ints = np.where(self.held[owner], self.before.unit, named)
        started = self.old.started & self.held
        floor = np.full(p.operations, self.until)
        floor[self.hit] = self.now
        return replace(
            p,
            calendars=WorkTime.of([*spans, *others]),
            divisible=self.divisible,
            mode_min=self.mode_min,
            earliest=np.where(self.held, p.earliest, np.maximum(self.effects.earliest, floor)),
            secondary=replace(p.secondary, need_unit=unit),
            pin_machine=np.where(self.held, self.before.machine, NOT_PINNED),
            pin_start=np.where(self.held, self.start, 0),
            started=started,
        )
