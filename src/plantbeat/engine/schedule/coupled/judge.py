"""Judging what couples operations: plain, slow and on its own, like the rest of the checker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from plantbeat.engine.calendars.worktime import NEVER
from plantbeat.engine.schedule.problem import Problem

SETUP, RUN, TEARDOWN = 1, 2, 4
Span = tuple[int, int]
Finding = tuple[str, int, str]
"""Kind of violation, operation, sentence."""


def common(first: list[Span], second: list[Span]) -> list[Span]:
    """Minutes that lie in a span of both lists."""
    both, i, k = list[Span](), 0, 0
    while i < len(first) and k < len(second):
        span = max(first[i][0], second[k][0]), min(first[i][1], second[k][1])
        if span[0] < span[1]:
            both.append(span)
        i, k = (i + 1, k) if first[i][1] <= second[k][1] else (i, k + 1)
    return both


def minutes_within(spans: list[Span], begin: int, end: int) -> int:
    """Open minutes from begin to end."""
    return sum(max(0, min(end, b) - max(begin, a)) for a, b in spans)


def end_of_work(spans: list[Span], begin: int, minutes: int) -> int | None:
    """Where work that begins at a minute ends; None where the spans end before."""
    if minutes == 0:
        return begin
    for a, b in spans:
        here = max(0, b - max(begin, a))
        if here >= minutes:
            return max(begin, a) + minutes
        minutes -= here
    return None


def begin_of_work(spans: list[Span], end: int, minutes: int) -> int | None:
    """Latest minute at which work that is done by `end` can begin; None where there is too little time."""
    if minutes == 0:
        return end
    for a, b in reversed(spans):
        here = max(0, min(end, b) - a)
        if here >= minutes:
            return min(end, b) - minutes
        minutes -= here
    return None


@dataclass
class CoupledJudge:
    """Spans of the phases of each operation, from machine, start and units (-1 = no unit given)."""

    p: Problem
    machine: list[int]
    start: list[int]
    unit: list[int]

    def __post_init__(self) -> None:
        self.intervals = [self.p.calendars.intervals(c) for c in range(len(self.p.calendars.ptr) - 1)]
        self.meetings: dict[tuple[int, ...], list[Span]] = {}

    def worked(self, o: int, phase: int) -> list[Span]:
        """When the machine and all units of a phase are there."""
        s = self.p.secondary
        asked = {int(self.p.machine_calendar[self.machine[o]])}
        asked |= {int(s.unit_calendar[self.unit[i]]) for i in s.needs(o) if int(s.need_phase[i]) & phase}
        key = tuple(sorted(asked))
        if key not in self.meetings:
            spans = self.intervals[key[0]]
            for calendar in key[1:]:
                spans = common(spans, self.intervals[calendar])
            self.meetings[key] = spans
        return self.meetings[key]

    def unit_findings(self) -> Iterator[Finding]:
        """Units that are missing, in the wrong pool, not the one asked for, or taken twice."""
        s = self.p.secondary
        for o in range(self.p.operations):
            taken = [self.unit[i] for i in s.needs(o)]
            for i, u in zip(s.needs(o), taken, strict=True):
                pool, named = int(s.need_pool[i]), int(s.need_unit[i])
                allowed = s.pool(pool) if named < 0 else [named]
                if u not in allowed:
                    names = ", ".join(map(s.unit_label, allowed))
                    who = s.unit_label(u) if 0 <= u < s.units else str(u)
                    yield "unit", o, f"has {who} for {s.pool_label(pool)}; allowed: {names}"
            if len(set(taken)) != len(taken):
                yield "unit", o, "has the same unit for two needs"

    def link_findings(self, end: list[int | None]) -> Iterator[Finding]:
        """Lags that are not kept, and transfer batches that are not there yet."""
        p = self.p
        for o in range(p.operations):
            for k in range(int(p.pred_ptr[o]), int(p.pred_ptr[o + 1])):
                before, batch = int(p.pred[k]), int(p.link_batch[k])
                done = end[before]
                if done is None or end[o] is None:
                    continue
                step, gap = p.step_label(before), self.start[o] - done
                if batch:
                    yield from self._batch_findings(o, before, batch, done)
                elif gap < p.link_least[k]:
                    text = f"starts {gap} min after the end of step {step}; at least {p.link_least[k]} min"
                    yield ("lag" if p.link_least[k] else "precedence"), o, text
                if p.link_most[k] < NEVER and gap > p.link_most[k]:
                    text = f"starts {gap} min after the end of step {step}; at most {p.link_most[k]} min"
                    yield "lag", o, text

    def _batch_findings(self, o: int, before: int, batch: int, done: int) -> Iterator[Finding]:
        p, quantity = self.p, int(self.p.quantity[self.p.order_of[o]])
        step = p.step_label(before)
        first = -(-p.modes(before)[self.machine[before]] * batch // quantity)
        there = end_of_work(self.worked(before, RUN), self.start[before], first)
        if there is None or self.start[o] < there:
            yield "transfer_batch", o, f"starts before the first transfer batch of step {step} ({there})"
        minutes = p.modes(o)[self.machine[o]]
        last = -(-minutes * batch // quantity)
        if minutes_within(self.worked(o, RUN), self.start[o], done) > minutes - last:
            yield "transfer_batch", o, f"runs its last batch before step {step} has made it, at minute {done}"

    def clear(self, o: int, end: int) -> int | None:
        """Until when an operation keeps its machine."""
        return end_of_work(self.worked(o, TEARDOWN), end, int(self.p.teardown_min[o]))

    def busy(self, o: int, setup: int, end: int, clear: int) -> Iterator[tuple[int, Span]]:
        """Units of an operation and when they are busy."""
        begin = begin_of_work(self.worked(o, SETUP), self.start[o], setup)
        begin = self.start[o] if begin is None else begin
        for i in self.p.secondary.needs(o):
            phase = int(self.p.secondary.need_phase[i])
            low = begin if phase & SETUP else self.start[o] if phase & RUN else end
            high = clear if phase & TEARDOWN else end if phase & RUN else self.start[o]
            if low < high:
                yield self.unit[i], (low, high)


def overlaps(
    busy: dict[int, list[tuple[Span, int]]], name: Callable[[int], str], label: Callable[[int], str]
) -> Iterator[Finding]:
    """Units that two operations have at the same time."""
    for u in sorted(busy):
        until, holder = -NEVER, -1
        for (begin, end), o in sorted(busy[u]):
            if begin < until:
                text = f"needs {name(u)} from minute {begin}; {label(holder)} keeps it until {until}"
                yield "unit_overlap", o, text
            if end > until:
                until, holder = end, o
