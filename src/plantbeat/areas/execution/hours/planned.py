"""Where the plan of an hour board comes from: the frozen plan, the schedule, or the standard rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from django.utils.translation import gettext as _

from plantbeat.areas.execution.hours.answers import PlanSource
from plantbeat.areas.execution.hours.standards import Ramp, Standard, Standards
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.planning.runs.questions import (
    RunOfShift,
    VersionOfShift,
    version_in_force,
    version_now,
    version_numbered,
)
from plantbeat.engine.hours import ClosedTime, HourPlan, PlanPart, Run, Why, last_working_us, ramped
from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.feeds import timing_asset
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.tables import FactInterval, ShiftPlan

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What a line was to make in a shift, and what it is to make now that the schedule was changed."""

    source: PlanSource
    text: str = ""
    plan: HourPlan = field(default_factory=lambda: HourPlan((), ()))
    now: HourPlan | None = None
    now_from_us: int = 0
    changed_to: str = ""
    missing: str = ""

    def parts(self, start_us: int, end_us: int) -> list[PlanPart]:
        """What the plan the shift began with is made of in a time."""
        return self.plan.parts_between(start_us, end_us)

    def parts_now(self, start_us: int, end_us: int) -> list[PlanPart]:
        """The same of the schedule in force now: the first plan up to where it begins, then its own."""
        if self.now is None:
            return []
        edge_us = min(max(start_us, self.now_from_us), end_us)
        return self.plan.parts_between(start_us, edge_us) + self.now.parts_between(edge_us, end_us)

    def runs_now(self) -> list[Run]:
        """The schedule in force now: runs of the first plan up to where it begins, then its own."""
        before = [run for run in self.plan.runs() if run.start_us < self.now_from_us]
        return before + self.now.runs() if self.now is not None else []

    def planned(self, start_us: int, end_us: int) -> int | None:
        """Pieces of the plan the shift began with: those of its parts."""
        return _pieces(self.parts(start_us, end_us)) if self.source is not PlanSource.none else None

    def planned_now(self, start_us: int, end_us: int) -> int | None:
        """Pieces by the schedule in force now; None where that is the plan the shift began with."""
        return _pieces(self.parts_now(start_us, end_us)) if self.now is not None else None


def _pieces(parts: Sequence[PlanPart]) -> int:
    return sum(part.pieces for part in parts)


def closed_times(rules: SiteRules, line_id: int, shift: FactShift) -> list[ClosedTime]:
    """Breaks of a shift, and planned stops of the line that reach into it, in order; they may overlap."""
    days = {shift.owner_day, rules.day_at(shift.start_us), rules.day_at(shift.end_us - 1)}
    stops = {tuple(span) for day in days for span in rules.planned_stops(line_id, day)}
    pauses = msgspec.json.decode(shift.breaks, type=list[Span])
    closed = [
        *(ClosedTime(begin_us, end_us, Why.planned_stop) for begin_us, end_us in stops),
        *(ClosedTime(begin_us, end_us, Why.shift_break) for begin_us, end_us in pauses),
    ]
    return sorted(closed, key=lambda one: (one.start_us, one.end_us))


def worked_spans(shift: FactShift, closed: Sequence[ClosedTime]) -> list[Span]:
    """When a line is worked in a shift: the shift less its breaks and the planned stops of the line."""
    spans, at_us = [], shift.start_us
    for one in closed:
        if one.start_us > at_us:
            spans.append((at_us, min(one.start_us, shift.end_us)))
        at_us = max(at_us, one.end_us)
        if at_us >= shift.end_us:
            break
    if at_us < shift.end_us:
        spans.append((at_us, shift.end_us))
    return [span for span in spans if span[0] < span[1]]


class Planner:
    """The plans of several lines for one shift; each kind of record is read once."""

    def __init__(self, floor: Floor, shift: FactShift, lines: Sequence[FactAsset]) -> None:
        self.floor, self.shift = floor, shift
        self.standards = Standards(floor.site, floor.by)
        self._frozen: dict[int, list[ShiftPlan]] = {}
        for row in readings.plans_for([line.pk for line in lines], [shift.pk]):
            self._frozen.setdefault(row.asset_id, []).append(row)
        self._versions: dict[str, VersionOfShift | None] = {}
        known = {rows[0].version for rows in self._frozen.values()}
        self._begun = shift.start_us <= floor.now_us
        latest = version_now(floor.site, shift, floor.by, unless=known) if lines else None
        self._latest = latest
        if latest is not None:
            self._versions[latest.number] = latest

    def of(self, line: FactAsset, intervals: Sequence[FactInterval], as_of_us: int | None) -> LinePlan:
        """The plan of a line; `intervals` are those of the shift so far."""
        worked = worked_spans(self.shift, closed_times(self.floor.rules, line.pk, self.shift))
        ramp = self.standards.ramp_of(line.ref)
        first = self._first(line, worked, ramp)
        if first is None:
            return self._by_rate(line, worked, ramp, intervals, as_of_us)
        latest = self._latest
        if (
            latest is None
            or latest.number == first.text
            or not self._begun
            or (latest.published_us or 0) <= self.shift.start_us
            or latest.from_us >= self.shift.end_us
        ):
            return first
        now = self._plan(latest.runs.get(line.pk, ()), worked, ramp)
        from_us = max(latest.from_us, self.shift.start_us)
        return LinePlan(first.source, first.text, first.plan, now, from_us, latest.number)

    def _first(self, line: FactAsset, worked: Sequence[Span], ramp: Ramp) -> LinePlan | None:
        """The plan the shift began with."""
        frozen = self._frozen.get(line.pk)
        if frozen:
            number = frozen[0].version
            version = self._numbered(number)
            runs = version.runs.get(line.pk, []) if version is not None else []
            as_frozen = [(row.order_number, row.planned) for row in frozen]
            if [(run.order, run.pieces) for run in runs] == as_frozen:
                plan = self._plan(runs, worked, ramp)
            else:
                plan = HourPlan(self._placed(line, frozen, worked, ramp), worked)
            return LinePlan(PlanSource.frozen, number, plan)
        version = self._in_force()
        if version is None or line.pk not in version.runs:
            return None
        plan = self._plan(version.runs[line.pk], worked, ramp)
        return LinePlan(PlanSource.schedule, version.number, plan)

    def _in_force(self) -> VersionOfShift | None:
        if not self._begun:
            return self._latest
        key = "as the shift began"
        if key not in self._versions:
            at_us, floor = self.shift.start_us, self.floor
            self._versions[key] = version_in_force(floor.site, at_us, self.shift, floor.by)
        return self._versions[key]

    def _numbered(self, number: str) -> VersionOfShift | None:
        if number not in self._versions:
            floor = self.floor
            self._versions[number] = version_numbered(floor.site, number, self.shift, floor.by)
        return self._versions[number]

    def _plan(self, runs: Sequence[RunOfShift], worked: Sequence[Span], ramp: Ramp) -> HourPlan:
        start_us, end_us = self.shift.start_us, self.shift.end_us
        return HourPlan(
            [
                Run(
                    max(run.start_us, start_us), min(run.end_us, end_us), run.pieces,
                    ramp.us if start_us <= run.start_us != run.setup_us else 0, ramp.percent,
                    run.setup_us, run.order, run.item,
                )
                for run in runs
            ],
            worked,
        )  # fmt: skip

    def _placed(
        self, line: FactAsset, frozen: Sequence[ShiftPlan], worked: Sequence[Span], ramp: Ramp
    ) -> list[Run]:
        """Frozen pieces in their sequence: a run ends when it was to be done, and takes its standard time."""
        found: list[Run] = []
        at_us = self.shift.start_us
        for row in frozen:
            end_us = min(max(row.finish_us, at_us + 1), self.shift.end_us)
            standard, begin_us = self.standard_of(line, row.product), at_us
            ramp_us, setup_us = ramp.us if found else 0, None
            if standard is not None and standard.cycle_us:
                needed_us = ramped(row.planned, standard.cycle_us, ramp_us, ramp.percent)
                begin_us = last_working_us(worked, end_us, needed_us, at_us)
                if found:
                    setup_us = last_working_us(worked, begin_us, standard.setup_us, at_us)
            found.append(
                Run(
                    begin_us, end_us, row.planned, ramp_us, ramp.percent, setup_us, row.order_number,
                    row.product,
                )
            )  # fmt: skip
            at_us = end_us
        return found

    def standard_of(self, line: FactAsset, item: str | None) -> Standard | None:
        """What the routing allows for an item where the line is timed; None without one."""
        machine = self.floor.rules.assets[timing_asset(self.floor.rules, line.pk, self.shift.owner_day)]
        return self.standards.of(item, machine.code) if item else None

    def _by_rate(
        self, line: FactAsset, worked: Sequence[Span], ramp: Ramp, intervals: Sequence[FactInterval],
        as_of_us: int | None,
    ) -> LinePlan:  # fmt: skip
        """Without a plan: what the running order is worth at the standard of its routing."""
        ordered = _orders(intervals, self.shift, as_of_us)
        if not ordered:
            why = _("no schedule covers this shift, and no order runs on the line")
            return LinePlan(PlanSource.none, missing=why)
        runs, names, unknown = [], [], []
        for number, item, begin_us, end_us in ordered:
            standard = self.standard_of(line, item)
            if standard is None or not standard.cycle_us:
                unknown.append(item)
                continue
            is_new = begin_us > self.shift.start_us
            start_us = _after(worked, begin_us, standard.setup_us) if is_new else begin_us
            ramp_us = ramp.us if is_new and standard.setup_us else 0
            open_us = sum(max(0, min(b, end_us) - max(a, start_us)) for a, b in worked)
            slow_us = min(ramp_us, open_us)
            pieces = (open_us - slow_us + slow_us * ramp.percent // 100) // standard.cycle_us
            if pieces and start_us < end_us:
                runs.append(
                    Run(start_us, end_us, pieces, ramp_us, ramp.percent, begin_us, number or "", item)
                )
                names.append(number or item)
        if not runs:
            why = _("the routing has no standard time for %(items)s on this line")
            return LinePlan(PlanSource.none, missing=why % {"items": ", ".join(sorted(set(unknown)))})
        return LinePlan(PlanSource.standard, ", ".join(dict.fromkeys(names)), HourPlan(runs, worked))


def _orders(
    intervals: Sequence[FactInterval], shift: FactShift, as_of_us: int | None
) -> list[tuple[str | None, str, int, int]]:
    """(order, item, from, to) of the orders of a shift; the last one is taken to go on."""
    found: list[tuple[str | None, str, int, int]] = []
    for piece in intervals:
        if piece.product is None:
            continue
        begin_us, end_us = max(piece.start_us, shift.start_us), min(piece.end_us, shift.end_us)
        if found and found[-1][:2] == (piece.order_number, piece.product):
            found[-1] = (*found[-1][:3], end_us)
        else:
            found.append((piece.order_number, piece.product, begin_us, end_us))
    if found and as_of_us is not None and found[-1][3] >= min(as_of_us, shift.end_us):
        found[-1] = (*found[-1][:3], shift.end_us)
    return found


def _after(worked: Sequence[Span], begin_us: int, duration_us: int) -> int:
    """Where worked time of a duration that begins at an instant ends."""
    left_us = duration_us
    for start_us, end_us in worked:
        at_us = max(start_us, begin_us)
        if at_us >= end_us:
            continue
        if end_us - at_us >= left_us:
            return at_us + left_us
        left_us -= end_us - at_us
    return worked[-1][1] if worked else begin_us


def cycles_of(floor: Floor, shift: FactShift, line: FactAsset, plan: LinePlan) -> dict[str, int]:
    """The standard time a piece (µs) of each item of a plan, where the routing has one for the line."""
    planner = Planner(floor, shift, [])
    items = {run.item for run in (*plan.plan.runs(), *plan.runs_now()) if run.item}
    known = {item: planner.standard_of(line, item) for item in items}
    return {item: one.cycle_us for item, one in known.items() if one is not None and one.cycle_us}


def plans_of(
    floor: Floor, shift: FactShift, lines: Sequence[FactAsset],
    intervals: Mapping[int, Sequence[FactInterval]], as_of: Mapping[int, int | None],
) -> dict[int, LinePlan]:  # fmt: skip
    """The plan of each line for a shift; a number of queries that does not grow with the lines."""
    planner = Planner(floor, shift, lines)
    return {line.pk: planner.of(line, intervals.get(line.pk, ()), as_of.get(line.pk)) for line in lines}
