"""The way of an order through a coupled plant: people, tools, teardowns, lags and transfer batches too."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from plantbeat.engine.calendars.worktime import NEVER
from plantbeat.engine.schedule.coupled._kernels import share
from plantbeat.engine.schedule.coupled.meets import meets_of
from plantbeat.engine.schedule.coupled.pinned import busy_span, phase_calendar
from plantbeat.engine.schedule.explanation import Cause, Way
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.schedule import Schedule
from plantbeat.engine.schedule.secondary import RUN, SETUP, TEARDOWN


class CoupledWay(Way):
    """The walk for one order of a coupled plant."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        super().__init__(problem, schedule)
        self.meets = meets_of(problem)
        self.busy: dict[int, list[tuple[int, int, int]]] | None = None

    def _calendar(self, o: int, phase: int) -> int:
        return phase_calendar(self.p, self.meets, o, int(self.s.machine[o]), self.s.unit, phase)

    def _clear(self, o: int) -> int:
        at = self._calendar(o, TEARDOWN)
        return self.meets.calendars.after_work(at, int(self.s.end[o]), int(self.p.teardown_min[o]))

    def _binding(self, o: int) -> tuple[int | None, int, int]:
        found: tuple[int | None, int, int] = (None, 0, 0)
        for k in range(int(self.p.pred_ptr[o]), int(self.p.pred_ptr[o + 1])):
            before, batch = int(self.p.pred[k]), int(self.p.link_batch[k])
            left = int(self.s.end[before])
            if batch:
                quantity = int(self.p.quantity[self.p.order_of[o]])
                first = share(self.p.modes(before)[int(self.s.machine[before])], batch, quantity)
                begun = int(self.s.start[before])
                left = self.meets.calendars.after_work(self._calendar(before, RUN), begun, first)
            arrival = left + int(self.p.link_least[k])
            if found[0] is None or arrival > found[2]:
                found = before, left, arrival
        return found

    def _wait(self, o: int, ready: int) -> Iterator[Cause]:
        start = int(self.s.start[o])
        at = yield from self._machine_taken(o, ready, start)
        set_up = max(at, int(self.s.setup_start[o]))
        at = yield from self._units_taken(o, at, set_up)
        yield from self._split(self._own(o), o, at, set_up)
        yield from self._phase("setup", o, set_up, start, SETUP)

    def _own(self, o: int) -> str:
        """What let an operation wait that could have begun."""
        if self.p.pin_machine[o] != NOT_PINNED:
            return "pinned"
        links = range(int(self.p.pred_ptr[o]), int(self.p.pred_ptr[o + 1]))
        if any(self.p.link_batch[k] for k in links):
            return "transfer"
        if any(self.p.link_most[k] < NEVER for k in (self.p.pred == o).nonzero()[0]):
            return "put_off"
        return "idle" if self.p.divisible[o] else "too_short"

    def _machine_taken(self, o: int, at: int, start: int) -> Generator[Cause, None, int]:
        for q in self._operations_ahead(o, -1):
            times = int(self.s.setup_start[q]), int(self.s.start[q]), int(self.s.end[q]), self._clear(q)
            if times[-1] <= at:
                continue
            for kind, until in zip(("held", "setup_ahead", "queue", "teardown"), times, strict=True):
                yield from self._split(kind, o, at, min(until, start), behind=q)
                at = max(at, min(until, start))
        return at

    def _units_taken(self, o: int, at: int, until: int) -> Generator[Cause, None, int]:
        """Causes of the minutes in which others had a person or tool that this operation then took."""
        while at < until:
            holders = [
                (end, holder, u)
                for u in (int(self.s.unit[i]) for i in self.p.secondary.needs(o))
                for begin, end, holder in self._busy_with(u)
                if holder != o and begin <= at < end
            ]
            if not holders:
                return at
            end, holder, u = max(holders)
            yield from self._split("unit", o, at, min(end, until), behind=holder, unit=u)
            at = min(end, until)
        return at

    def _busy_with(self, unit: int) -> list[tuple[int, int, int]]:
        if self.busy is None:
            self.busy = {}
            for o in range(self.p.operations):
                for i in self.p.secondary.needs(o):
                    times = int(self.s.setup_start[o]), int(self.s.start[o]), int(self.s.end[o])
                    begin, end = busy_span(int(self.p.secondary.need_phase[i]), *times, self._clear(o))
                    self.busy.setdefault(int(self.s.unit[i]), []).append((begin, end, o))
        return self.busy.get(unit, [])

    def _work(self, o: int, until: int) -> Iterator[Cause]:
        yield from self._phase("run", o, int(self.s.start[o]), until, RUN)

    def _phase(self, kind: str, o: int, begin: int, end: int, phase: int) -> Iterator[Cause]:
        """Minutes of a phase as worked, closed on the machine, or without somebody who is needed."""
        if end <= begin:
            return
        own, both = int(self.p.machine_calendar[self.s.machine[o]]), self._calendar(o, phase)
        work = self.meets.calendars
        opened = work.worked(own, end) - work.worked(own, begin)
        worked = work.worked(both, end) - work.worked(both, begin)
        yield from self._cause(kind, o, worked)
        yield from self._cause("closed", o, end - begin - opened)
        s = self.p.secondary
        needed = [int(self.s.unit[i]) for i in s.needs(o) if int(s.need_phase[i]) & phase]
        if opened > worked:
            least = min(needed, key=lambda u: self._there(u, begin, end))
            yield from self._cause("away", o, opened - worked, unit=least)

    def _there(self, unit: int, begin: int, end: int) -> int:
        calendar = int(self.p.secondary.unit_calendar[unit])
        return self.p.calendars.worked(calendar, end) - self.p.calendars.worked(calendar, begin)
