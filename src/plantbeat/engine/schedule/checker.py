"""The judge of schedules: plain, slow, and sharing no arithmetic with the engine it judges.

It reads only the problem's rows and a schedule's machine and start per operation, walks calendars minute
span by minute span, and names the order, operation and machine of everything that is not allowed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, overload

from plantbeat.engine.schedule.coupled.judge import RUN, SETUP, CoupledJudge, overlaps
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.schedule import Schedule


@dataclass(frozen=True)
class Violation:
    """One rule broken: its kind, a sentence, and the names it is about."""

    kind: str
    message: str
    order: str | None = None
    step: str | None = None
    machine: str | None = None

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Violations(Sequence[Violation]):
    """Everything a schedule breaks, in the order it was found; empty for a valid schedule."""

    found: tuple[Violation, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the schedule is valid."""
        return not self.found

    @property
    def first(self) -> Violation | None:
        """The first violation, if there is one."""
        return self.found[0] if self.found else None

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, place: int) -> Violation: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Violation, ...]: ...
    def __getitem__(self, place: int | slice) -> Violation | tuple[Violation, ...]:
        return self.found[place]

    def __str__(self) -> str:
        return "; ".join(violation.message for violation in self.found) or "valid"


class _Calendar:
    """Open intervals of one calendar, walked one by one."""

    def __init__(self, intervals: Sequence[tuple[int, int]]) -> None:
        self.intervals = intervals
        self.openings = [opening for opening, _ in intervals]

    def open_at(self, minute: int) -> bool:
        return any(a <= minute < b for a, b in self.around(minute, minute + 1))

    def around(self, begin: int, end: int) -> list[tuple[int, int]]:
        """The intervals that may hold a part of begin..end."""
        first = max(bisect_right(self.openings, begin) - 1, 0)
        return list(self.intervals[first : bisect_right(self.openings, end)])

    def open_minutes(self, begin: int, end: int) -> int:
        return sum(max(0, min(end, b) - max(begin, a)) for a, b in self.around(begin, end))

    def end_of_work(self, begin: int, minutes: int) -> int | None:
        """Where work of `minutes` from `begin` ends, skipping closed time; None if the calendar ends
        before.
        """
        if minutes == 0:
            return begin
        for a, b in self.intervals[max(bisect_right(self.openings, begin) - 1, 0) :]:
            span = max(0, b - max(begin, a))
            if span >= minutes:
                return max(begin, a) + minutes
            minutes -= span
        return None


class _Judge:
    def __init__(self, problem: Problem, machine: list[int], start: list[int], unit: list[int]) -> None:
        self.p, self.machine, self.start = problem, machine, start
        self.coupling = CoupledJudge(problem, machine, start, unit)
        self.busy: dict[int, list[tuple[tuple[int, int], int]]] = {}
        work = problem.calendars
        self.meetings: dict[int, _Calendar] = {}
        self.calendars = [_Calendar(work.intervals(c)) for c in range(len(work.ptr) - 1)]
        self.calendar_of: list[int] = problem.machine_calendar.tolist()
        self.order_of = problem.order_of.tolist()
        self.family = problem.family.tolist()
        self.end: list[int | None] = [None] * problem.operations
        self.found: list[Violation] = []

    def report(self, kind: str, operation: int, text: str) -> None:
        p, m = self.p, self.machine[operation]
        name = p.machine_label(m) if 0 <= m < p.machines else str(m)
        order = p.order_label(self.order_of[operation])
        message = f"{p.operation_label(operation)} on machine {name}: {text}"
        self.found.append(Violation(kind, message, order, p.step_label(operation), name))

    def judge_units(self) -> bool:
        """Judge who was chosen; False where people are missing, so that times cannot be told."""
        found = list(self.coupling.unit_findings())
        for kind, o, text in found:
            self.report(kind, o, text)
        return not found

    def judge_operation(self, o: int) -> None:
        m, start, modes = self.machine[o], self.start[o], self.p.modes(o)
        if m not in modes:
            allowed = ", ".join(map(self.p.machine_label, modes))
            return self.report("not_eligible", o, f"this machine is not allowed for it; allowed: {allowed}")
        if start < 0:
            return self.report("before_horizon", o, f"starts at minute {start}, before the horizon")
        calendar = self.calendar_at(o, RUN)
        if not calendar.open_at(start):
            what = (
                "the machine is closed"
                if not len(self.p.secondary.needs(o))
                else "not all it needs are there"
            )
            self.report("closed", o, f"starts at minute {start}, when {what}")
        end = self.end[o] = calendar.end_of_work(start, modes[m])
        if end is None:
            return self.report("horizon", o, f"its {modes[m]} min do not end within the calendar")
        if not self.p.divisible[o] and end - start != modes[m]:
            self.report("interrupted", o, "is interrupted by closed time, which is not allowed for it")
        order, started = self.order_of[o], bool(self.p.started[o])
        if start < self.p.release[order] and not started:
            self.report("release", o, f"starts at minute {start}, before its release {self.p.release[order]}")
        if start < self.p.earliest[o] and not started:
            self.report("earliest", o, f"starts at minute {start}, before its earliest {self.p.earliest[o]}")
        return None

    def calendar_at(self, o: int, phase: int) -> _Calendar:
        """When a phase of an operation can be worked."""
        if not len(self.p.secondary.needs(o)):
            return self.calendars[self.calendar_of[self.machine[o]]]
        spans = self.coupling.worked(o, phase)
        if id(spans) not in self.meetings:
            self.meetings[id(spans)] = _Calendar(spans)
        return self.meetings[id(spans)]

    def judge_precedence(self, o: int) -> None:
        if self.p.coupled:
            return
        for before in self.p.predecessors(o):
            end = self.end[before]
            if end is not None and self.start[o] < end:
                step = self.p.step_label(before)
                self.report("precedence", o, f"starts at minute {self.start[o]}, step {step} ends at {end}")

    def judge_pin(self, o: int) -> None:
        m = int(self.p.pin_machine[o])
        if m != NOT_PINNED and (m, int(self.p.pin_start[o])) != (self.machine[o], self.start[o]):
            at = f"machine {self.p.machine_label(m)} at minute {self.p.pin_start[o]}"
            self.report("pin", o, f"is at minute {self.start[o]}, but is pinned to {at}")

    def judge_machine(self, m: int, operations: list[int]) -> int:
        """Judge one machine's sequence; returns its set-up minutes."""
        p, centre, total = self.p, int(self.p.machine_work_centre[m]), 0
        family = int(p.initial_family[m])
        free, before = 0, "the machine's initial state"
        for o in sorted(operations, key=lambda o: (self.start[o], self.end[o] or 0)):
            setup = 0 if p.started[o] else p.setup(centre, family, self.family[o])
            total += setup
            if self.start[o] < free:
                self.report("overlap", o, f"starts at minute {self.start[o]}, {before} ends at {free}")
            elif (room := self.calendar_at(o, SETUP).open_minutes(free, self.start[o])) < setup:
                text = f"needs {setup} min of set-up after {before}, the machine is open for {room} min"
                self.report("setup", o, text)
            free, family = max(free, self.clear_of(o, setup)), self.family[o]
            before = p.operation_label(o)
        return total

    def clear_of(self, o: int, setup: int) -> int:
        """Until when an operation keeps its machine; notes who is busy with it."""
        end = self.end[o] or 0
        if not self.p.coupled:
            return end
        clear = self.coupling.clear(o, end)
        if clear is None:
            self.report("horizon", o, "its teardown does not end within the calendars")
            return end
        for u, span in self.coupling.busy(o, setup, end, clear):
            self.busy.setdefault(u, []).append((span, o))
        return clear

    def judge_coupling(self) -> None:
        s = self.p.secondary
        for kind, o, text in self.coupling.link_findings(self.end):
            self.report(kind, o, text)
        for kind, o, text in overlaps(self.busy, s.unit_label, self.p.operation_label):
            self.report(kind, o, text)

    def judge_lines(self, placed: dict[int, list[int]]) -> None:
        """Judge whether one sequence of orders serves all machines of a line.

        Operations without length may share a minute; what ran first then shows on another machine.
        """
        for line in self.p.lines:
            spans: dict[int, list[tuple[int, int]]] = {}
            for m in line:
                for o in placed.get(m, []):
                    spans.setdefault(self.order_of[o], []).append((self.start[o], self.end[o] or 0))
            whole = sorted((rows, j) for j, rows in spans.items() if len(rows) == len(line))
            for k, m in enumerate(line):
                for (rows, before), (later, j) in pairwise(whole):
                    if later[k] < rows[k]:
                        o = next(o for o in placed[m] if self.order_of[o] == j)
                        label = self.p.order_label(before)
                        self.report("line", o, f"passes order {label}, which ran before it on the line")
                        break

    def judge_deadlines(self, completion: list[int]) -> None:
        for j, done in enumerate(completion):
            if done > self.p.deadline[j]:
                last = max(self._operations_of(j), key=lambda o: self.end[o] or 0)
                text = f"the order ends at minute {done}, after its deadline {self.p.deadline[j]}"
                self.report("deadline", last, text)

    def _operations_of(self, order: int) -> range:
        return range(int(self.p.order_ptr[order]), int(self.p.order_ptr[order + 1]))

    def judge(self, schedule: Schedule | None) -> Violations:
        operations = range(self.p.operations)
        if not self.judge_units():
            return Violations(tuple(self.found))
        for o in operations:
            self.judge_operation(o)
        for o in operations:
            self.judge_precedence(o)
            self.judge_pin(o)
        placed: dict[int, list[int]] = {}
        for o in operations:
            if self.end[o] is not None:
                placed.setdefault(self.machine[o], []).append(o)
        setup = sum(self.judge_machine(m, placed[m]) for m in sorted(placed))
        self.judge_lines(placed)
        if self.p.coupled:
            self.judge_coupling()
        if all(end is not None for end in self.end):
            ends = [end or 0 for end in self.end]
            completion = [max(ends[o] for o in self._operations_of(j)) for j in range(self.p.orders)]
            self.judge_deadlines(completion)
            if schedule is not None and not self.found:
                self.judge_claims(schedule, ends, completion, setup)
        return Violations(tuple(self.found))

    def judge_claims(self, schedule: Schedule, ends: list[int], completion: list[int], setup: int) -> None:
        """Whether the schedule says the truth about itself."""
        p, o = self.p, schedule.weights
        total = o.makespan * max(completion) + o.setup_minutes * setup
        for j, done in enumerate(completion):
            late, past = done - int(p.due[j]), done - int(p.deadline[j])
            total += o.flow_time * (done - int(p.release[j])) + o.deadline_overrun * max(past, 0)
            if late > 0:
                total += int(p.weight[j]) * (o.weighted_tardiness * late + o.weighted_late_orders)
        claims: list[tuple[str, Any, Any]] = [
            ("end", schedule.end.tolist(), ends),
            ("completion", schedule.completion.tolist(), completion),
            ("objective", schedule.objective, total),
        ]
        for name, claimed, found in claims:
            if claimed != found:
                self.found.append(Violation("claim", f"the schedule's {name} is not what its starts give"))
        if schedule.bound > total:
            text = f"the bound {schedule.bound} is above the objective {total}"
            self.found.append(Violation("claim", text))


def check(problem: Problem, schedule: Schedule | tuple[Any, Any] | tuple[Any, Any, Any]) -> Violations:
    """Judge a schedule, or rows (machine, start) with one whole number per operation; where operations need
    people or tools, (machine, start, unit) with one whole number per need.

    Kinds: shape, not_eligible, before_horizon, closed, horizon, interrupted, release, earliest, precedence,
    pin, overlap, setup, line, lag, transfer_batch, unit, unit_overlap, deadline, claim (a `Schedule` whose
    end, completion, objective or bound is not true).
    """
    own = schedule if isinstance(schedule, Schedule) else None
    given: tuple[Any, ...] = (own.machine, own.start, own.unit) if own else schedule  # type: ignore[assignment]
    needs = len(problem.secondary.need_pool)
    rows = []
    for name, row, length, of in (
        ("machine", given[0], problem.operations, "operation"),
        ("start", given[1], problem.operations, "operation"),
        ("unit", given[2] if len(given) > 2 else [], needs, "need"),
    ):
        values = row.tolist() if hasattr(row, "tolist") else list(row)
        if len(values) != length or not all(type(value) is int for value in values):
            text = f"{name} must hold {length} whole numbers, one per {of}"
            return Violations((Violation("shape", text),))
        rows.append(values)
    return _Judge(problem, *rows).judge(own)
