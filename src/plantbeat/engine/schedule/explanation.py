"""Why an order ends when it does: its way through the plant, minute by minute.

The chain is walked back from the order's last operation over the binding predecessors to the order's
release (or to the start of an operation that was already running). Every minute between belongs to exactly
one cause, so that the minutes add up to completion - begin.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.schedule import Schedule

TEXTS = {
    "run": "{step} runs on machine {machine}: {minutes} min",
    "closed": "calendar of machine {machine} closed: {minutes} min",
    "queue": "waited for machine {machine} behind order {behind}: {minutes} min",
    "setup": "set-up {before} → {after} on machine {machine}: {minutes} min",
    "setup_ahead": "waited for the set-up of machine {machine} for order {behind}: {minutes} min",
    "held": "machine {machine} was kept free for order {behind}: {minutes} min",
    "pinned": "{step} is pinned to a later start on machine {machine}: {minutes} min",
    "too_short": "open time on machine {machine} too short for {step} without a break: {minutes} min",
    "idle": "machine {machine} was free and not used: {minutes} min",
    "release": "{step} waited for the release of the order: {minutes} min",
    "earliest": "{step} was not allowed to start yet (material, hold or freeze): {minutes} min",
    "teardown": "waited for the teardown of order {behind} on machine {machine}: {minutes} min",
    "unit": "waited for {unit}, busy with order {behind}: {minutes} min",
    "away": "{unit} was not there: {minutes} min",
    "lag": "{step} had to wait after the step before it: {minutes} min",
    "transfer": "{step} began late enough for its last transfer batch: {minutes} min",
    "put_off": "{step} was put off so that the next step need not wait too long: {minutes} min",
}


@dataclass(frozen=True)
class Cause:
    """Minutes of an order's way that have one cause.

    `kind` is a key of `TEXTS`; `operation` the order's own operation it happened to; `machine` the machine;
    `behind` the operation that was ahead on it (queue, setup_ahead, held, teardown) or had the person or tool
    `unit` (unit, away: who was missing).
    """

    kind: str
    minutes: int
    operation: int
    machine: int
    behind: int | None
    text: str
    unit: int | None = None


@dataclass(frozen=True)
class Explanation:
    """The way of one order: `causes` in time order, whose minutes add up to completion - begin."""

    order: int
    begin: int
    due: int
    completion: int
    causes: tuple[Cause, ...] = field(repr=False)

    @property
    def late_min(self) -> int:
        """Minutes after the due date, 0 for an order on time."""
        return max(0, self.completion - self.due)

    def minutes(self, *kinds: str) -> int:
        """Minutes of the given kinds of cause."""
        return sum(cause.minutes for cause in self.causes if cause.kind in kinds)

    @property
    def sentences(self) -> list[str]:
        """The causes as sentences, in time order."""
        return [cause.text for cause in self.causes]


class Way:
    """The walk for one order."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.p, self.s = problem, schedule
        self.ahead: dict[int, list[int]] = {}

    def causes(self, last: int) -> tuple[list[Cause], int]:
        """Causes in time order from the beginning of the way to the end of `last`, and the beginning."""
        pieces: list[list[Cause]] = []
        released = max(int(self.p.release[self.p.order_of[last]]), 0)
        operation, until = last, int(self.s.end[last])
        while True:
            before, left, arrived = self._binding(operation)
            allowed = int(self.p.not_before[operation])
            ready = min(max(arrived, allowed), int(self.s.start[operation]))
            held = "earliest" if allowed > released else "release"
            piece = [*self._wait(operation, ready), *self._work(operation, until)]
            if before is None:
                begin = min(released, ready)
                pieces.append([*self._cause(held, operation, ready - begin), *piece])
                return [cause for piece in reversed(pieces) for cause in piece], begin
            lag = self._cause("lag", operation, min(arrived, ready) - left)
            pieces.append([*lag, *self._cause(held, operation, ready - max(arrived, left)), *piece])
            operation, until = before, left

    def _binding(self, o: int) -> tuple[int | None, int, int]:
        """The operation that let this one wait longest, when it was left behind, and the arrival from it."""
        before = max(self.p.predecessors(o), key=lambda before: int(self.s.end[before]), default=None)
        end = 0 if before is None else int(self.s.end[before])
        return before, end, end

    def _work(self, o: int, until: int) -> Iterator[Cause]:
        yield from self._split("run", o, int(self.s.start[o]), until)

    def _wait(self, o: int, ready: int) -> Iterator[Cause]:
        """Causes of the minutes between the arrival of the order at a machine and its start there."""
        start, at = int(self.s.start[o]), ready
        at = yield from self._machine_taken(o, at, start)
        own = "idle"
        if self.p.pin_machine[o] != NOT_PINNED:
            own = "pinned"
        elif not self.p.divisible[o]:
            own = "too_short"
        set_up = max(at, int(self.s.setup_start[o]))
        yield from self._split(own, o, at, set_up)
        yield from self._split("setup", o, set_up, start)

    def _machine_taken(self, o: int, at: int, start: int) -> Generator[Cause, None, int]:
        """Causes of the minutes in which others had the machine; returns where they end."""
        for q in self._operations_ahead(o, at):
            set_up, begin, end = int(self.s.setup_start[q]), int(self.s.start[q]), int(self.s.end[q])
            for kind, until in (("held", set_up), ("setup_ahead", begin), ("queue", end)):
                yield from self._split(kind, o, at, min(until, start), behind=q)
                at = max(at, min(until, start))
        return at

    def _operations_ahead(self, o: int, ready: int) -> list[int]:
        """Operations before `o` on its machine that end after `ready`, in time order."""
        m = int(self.s.machine[o])
        if m not in self.ahead:
            mine = (self.s.machine == m).nonzero()[0].tolist()
            self.ahead[m] = sorted(mine, key=lambda q: (int(self.s.start[q]), int(self.s.end[q])))
        sequence = self.ahead[m]
        place = sequence.index(o)
        return [q for q in sequence[:place] if self.s.end[q] > ready]

    def _split(
        self, kind: str, o: int, begin: int, end: int, behind: int | None = None, unit: int | None = None
    ) -> Iterator[Cause]:
        """The open minutes of a span under `kind`, the closed ones as "closed"."""
        if end <= begin:
            return
        calendar = int(self.p.machine_calendar[self.s.machine[o]])
        work = self.p.calendars.worked(calendar, end) - self.p.calendars.worked(calendar, begin)
        yield from self._cause(kind, o, work, behind, unit)
        yield from self._cause("closed", o, end - begin - work)

    def _cause(
        self, kind: str, o: int, minutes: int, behind: int | None = None, unit: int | None = None
    ) -> list[Cause]:
        if minutes <= 0:
            return []
        m = int(self.s.machine[o])
        text = TEXTS[kind].format(
            step=f"step {self.p.step_label(o)}",
            machine=self.p.machine_label(m),
            minutes=minutes,
            behind="" if behind is None else self.p.order_label(int(self.p.order_of[behind])),
            unit="" if unit is None else self.p.secondary.unit_label(unit),
            **self._families(o, m),
        )
        return [Cause(kind, minutes, o, m, behind, text, unit)]

    def _families(self, o: int, m: int) -> dict[str, str]:
        centre, ahead = int(self.p.machine_work_centre[m]), self._operations_ahead(o, -1)
        before = int(self.p.family[ahead[-1]]) if ahead else int(self.p.initial_family[m])
        return {
            "before": self.p.family_label(centre, before),
            "after": self.p.family_label(centre, int(self.p.family[o])),
        }


def explain(problem: Problem, schedule: Schedule, order: int) -> Explanation:
    """Explain when an order ends: what each minute from its release to its completion went into."""
    operations = range(int(problem.order_ptr[order]), int(problem.order_ptr[order + 1]))
    last = max(operations, key=lambda o: int(schedule.end[o]))
    way = Way(problem, schedule)
    if problem.coupled:
        from plantbeat.engine.schedule.coupled.way import CoupledWay

        way = CoupledWay(problem, schedule)
    causes, begin = way.causes(last)
    completion = int(schedule.completion[order])
    return Explanation(order, begin, int(problem.due[order]), completion, tuple(causes))
