"""Measures over facts that are counted one by one: failures, repairs, attendance, incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from plantbeat.engine.kpi.downtime import Repair, mttr
from plantbeat.engine.kpi.people import AttendanceSheet, attendance
from plantbeat.engine.kpi.ratio import Unit
from plantbeat.engine.oee import State
from plantbeat.facts.views.catalogue import Ask, Direction, Figure, Measure, declare
from plantbeat.facts.views.counted import Counted, Event, events_at_hand, grouped, narrowed, shifts_of
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, Key, cube_sums
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import Counted as CountedIn
from plantbeat.facts.views.measure_parts import Element, things_of, time_of
from plantbeat.facts.views.rules_at_hand import answered_once
from plantbeat.facts.views.shifts import worked_by
from plantbeat.facts.views.tables import AssetDay, FactEvent

RECORDABLE = frozenset({"recordable", "restricted", "days_away", "fatality"})
"""Severities that make a case recordable (29 CFR 1904.7)."""

BREAKDOWNS = "breakdowns"
"""The loss whose reasons are failures; a stop with another reason, or none, is no failure."""

ATTENDANCE = ("attendance",)
"""Kind of facts that is a sheet of attendance."""
_ATTENDANCE_MEMORY = timedelta(days=60)
"""Whoever had attendance taken within this time is expected to have it taken."""


# --- failures ---


@dataclass(frozen=True, slots=True)
class RunAndFailures:
    """Run time, failures in it, and stops that nobody has given a reason."""

    run_us: int
    failures: int
    without_reason: int

    def __add__(self, other: RunAndFailures) -> RunAndFailures:
        return RunAndFailures(
            self.run_us + other.run_us,
            self.failures + other.failures,
            self.without_reason + other.without_reason,
        )


def _failure_elements(ask: Ask) -> Mapping[Key, RunAndFailures]:
    cuts = [*([ask.cut] if ask.cut is not None else []), Cut.reason]
    reasons = ask.rules.reasons(ask.period.last)
    failing = {code for code, rule in reasons.items() if rule.loss == BREAKDOWNS}
    found: dict[Key, RunAndFailures] = {} if ask.cut is not None else {None: RunAndFailures(0, 0, 0)}
    rows = cube_sums(CubeQuestion(ask.rules, ask.assets, ask.period, cuts, ask.where))
    for (*keys, reason), cells in rows.items():
        run_us = sum(cell.us for cell in cells if cell.state.producing)
        stops = sum(cell.starts for cell in cells if cell.state is State.own_stop)
        part = RunAndFailures(run_us, stops if reason in failing else 0, stops if reason is None else 0)
        key = keys[0] if keys else None
        found[key] = found.get(key, RunAndFailures(0, 0, 0)) + part
    return found


def _mtbf(part: RunAndFailures, ask: Ask) -> Figure:
    from plantbeat.engine.kpi.failures import FailureHistory, mtbf

    result = mtbf([FailureHistory(part.run_us, (0,) * part.failures)])
    remarks = []
    if part.without_reason:
        text = ngettext(
            "%(n)s stop without a reason is not counted", "%(n)s stops without a reason are not counted",
            part.without_reason,
        )  # fmt: skip
        remarks.append(text % {"n": part.without_reason})
    missing = ""
    if not part.failures:
        missing = _("not enough data")
        if result.at_least_h:
            missing = _("no failure yet: at least %(hours).1f h") % {"hours": result.at_least_h}
    interval = (result.interval.lower, result.interval.upper) if result.interval else None
    return Figure.of(result.ratio, part.failures, missing=missing, remarks=tuple(remarks), interval=interval)


# --- repairs ---


class _Call(NamedTuple):
    """A call for maintenance that was resolved."""

    raised: Event
    begun: Event
    resolved: Event

    @property
    def repair(self) -> Repair:
        """Until arrival they respond, from there they repair."""
        respond_us, repair_us = self.begun.t_us - self.raised.t_us, self.resolved.t_us - self.begun.t_us
        return Repair(respond_us=respond_us, repair_us=repair_us)


def _calls(ask: Ask) -> Iterator[_Call]:
    """Calls for maintenance that were resolved, in the scope and the period."""
    kinds = ("andon_raise", "andon_ack", "andon_arrive", "andon_resolve")
    calls: dict[tuple[int, str], dict[str, Event]] = defaultdict(dict)
    for event in events_at_hand(ask, kinds):
        calls[event.asset, event.said["call"]].setdefault(event.kind, event)
    for call in calls.values():
        raised, resolved = call.get("andon_raise"), call.get("andon_resolve")
        if raised is None or resolved is None or raised.said["category"] != "maintenance":
            continue
        if raised.said.get("test"):
            continue
        begun = call.get("andon_arrive") or call.get("andon_ack") or raised
        if raised.t_us <= begun.t_us <= resolved.t_us:
            yield _Call(raised, begun, resolved)


def _repairs(ask: Ask) -> Mapping[Key, tuple[Repair, ...]]:
    return grouped(ask, [Counted(call.repair, call.resolved.parts(ask)) for call in _calls(ask)])


def _behind_repairs(ask: Ask) -> list[int]:
    calls = [call for call in _calls(ask) if narrowed(ask, call.resolved.parts(ask))]
    events = {event.lsn: event.t_us for call in calls for event in call}
    return sorted(events, key=lambda lsn: (events[lsn], lsn))


def _mttr(repairs: tuple[Repair, ...], ask: Ask) -> Figure:
    return Figure.of(mttr(repairs), len(repairs), missing="" if repairs else _("no repair was finished"))


# --- attendance ---


def _sheets(ask: Ask) -> Mapping[Key, tuple[AttendanceSheet, ...]]:
    """The last sheet of each crew and shift, and an untaken one where attendance is usually taken."""
    shifts = shifts_of(ask)
    latest: dict[tuple[Any, ...], Event] = {}
    for event in events_at_hand(ask, ATTENDANCE):
        named = event.said.get("shift") or (event.shift.shift if event.shift else None)
        day = event.day(ask.rules)
        latest[event.asset, day, named, event.said.get("crew")] = event
    counted = []
    for (_asset, _day, named, crew), event in latest.items():
        parts = event.parts(ask)
        parts |= {Cut.shift: named, Cut.crew: crew or parts[Cut.crew]}
        counted.append(Counted(_sheet(event.said), parts))
    taken = {(asset, day, named) for asset, day, named, _crew in latest}
    for asset, shift in _expected(ask, shifts):
        if (asset, shift.owner_day, shift.shift) not in taken:
            event = Event(asset, shift.start_us, "attendance", {}, 0, shift)
            counted.append(Counted(AttendanceSheet(0, 0, 0, taken=False), event.parts(ask)))
    return grouped(ask, counted)


def _sheet(said: Mapping[str, Any]) -> AttendanceSheet:
    """A sheet; people beyond the roster, borrowed from elsewhere, are not counted."""
    rostered, leave = said["rostered"], min(said.get("leave", 0), said["rostered"])
    return AttendanceSheet(rostered, leave, min(said["present"], rostered - leave), taken=True)


def _expected(ask: Ask, shifts: Iterable[FactShift]) -> list[tuple[int, FactShift]]:
    """(asset, shift) pairs that have begun in the period where attendance has lately been taken."""
    start_us, end_us = ask.period.bounds_us(ask.rules)
    since_us = start_us - _ATTENDANCE_MEMORY // timedelta(microseconds=1)
    rows = FactEvent.objects.filter(
        asset__in=ask.place.everyone, kind="attendance", t_us__gte=since_us, t_us__lt=end_us
    )
    assets = set(rows.values_list("asset_id", flat=True).distinct())
    places = [(asset, ask.rules.line_of(asset)) for asset in assets]
    found: dict[tuple[int, date, str], FactShift] = {}
    for shift in shifts:
        inside = ask.period.first <= shift.owner_day <= ask.period.last
        if ask.period.shift_id is not None:
            inside = shift.pk == ask.period.shift_id
        if not inside or shift.start_us > ask.now_us:
            continue
        for asset, line in places:
            pattern = ask.rules.reading(asset, shift.owner_day).pattern
            if pattern == shift.pattern and worked_by([shift], pattern, line):
                found.setdefault((asset, shift.owner_day, shift.shift), shift)
    return [(asset, shift) for (asset, _day, _name), shift in found.items()]


def _attendance(sheets: tuple[AttendanceSheet, ...], ask: Ask) -> Figure:
    result = attendance(sheets)
    taken = len(sheets) - result.not_taken
    remarks = (_("%(n)s not taken") % {"n": result.not_taken},) if result.not_taken else ()
    missing = "" if taken else _("not taken")
    return Figure.of(result.ratio, taken, missing=missing, remarks=remarks)


# --- incidents ---


@dataclass(frozen=True, slots=True)
class LastCase:
    """The day of the last recordable case (None: none yet) and the day counting began."""

    last: date | None
    since: date

    def __add__(self, other: LastCase) -> LastCase:
        days = [day for day in (self.last, other.last) if day is not None]
        return LastCase(max(days, default=None), min(self.since, other.since))


class _Case(NamedTuple):
    """A case: the class it has now is that of its latest fact, its day that of its earliest."""

    day: date
    severity: str
    lsns: tuple[int, ...]


def _cases(ask: Ask) -> list[_Case]:
    """All cases of the scope; a page that asks for several periods reads them once."""
    return answered_once(("cases", ask.place.everyone), lambda: _read_cases(ask))


def _read_cases(ask: Ask) -> list[_Case]:
    rows = FactEvent.objects.filter(asset__in=ask.place.everyone, kind="incident").order_by("lsn")
    cases: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for row in rows:
        said = msgspec.json.decode(row.body)
        cases[said["case"]].append((row.t_us, said["severity"], row.lsn))
    return [
        _Case(ask.rules.day_at(min(told)[0]), told[-1][1], tuple(lsn for _t, _severity, lsn in told))
        for told in cases.values()
    ]


def _until(ask: Ask) -> date:
    return min(ask.period.last, ask.rules.day_at(ask.now_us))


def _recordable(ask: Ask) -> list[_Case]:
    """Recordable cases up to the end of the period, by day."""
    found = [case for case in _cases(ask) if case.severity in RECORDABLE and case.day <= _until(ask)]
    return sorted(found)


def _first_day(ask: Ask) -> date | None:
    found = AssetDay.objects.filter(asset__in=ask.place.everyone).aggregate(first=Min("day"))
    first: date | None = found["first"]
    return first


def _last_case(ask: Ask) -> Mapping[Key, LastCase]:
    cases, until = _recordable(ask), _until(ask)
    first = answered_once(("first day", ask.place.everyone), lambda: _first_day(ask))
    since = min([*(case.day for case in cases), first or until])
    return {None: LastCase(cases[-1].day if cases else None, since)}


def _behind_last_case(ask: Ask) -> list[int]:
    cases = _recordable(ask)
    return list(cases[-1].lsns) if cases else []


def _days_since(case: LastCase, ask: Ask) -> Figure:
    from plantbeat.engine.kpi.safety import days_since_last_recordable

    until = _until(ask)
    if until < case.since:
        return Figure(0, 0, None, 0, missing=_("nothing was counted yet"))
    known = days_since_last_recordable(until, [case.last] if case.last else [], case.since)
    remarks: tuple[str, ...] = ()
    if known.never:
        remarks = (_("no case since counting began on %(day)s") % {"day": known.since.isoformat()},)
    return Figure(known.days, 1, float(known.days), 0 if known.never else 1, remarks=remarks)


def declare_event_measures() -> None:
    """Put all measures over single facts into the catalogue."""
    places = frozenset({Cut.line, Cut.machine, Cut.shift, Cut.crew, Cut.day})
    higher, lower = Direction.higher_is_better, Direction.lower_is_better
    calls = frozenset({"andon_raise", "andon_ack", "andon_arrive", "andon_resolve"})
    declare(
        Measure(
            MeasureCode.mtbf, str(Unit.hours), higher, "SMRP 3.5.1; IEC 60050-192", "mtbf",
            places | {Cut.product}, _failure_elements, _mtbf, frozenset({"state", "reason"}), cells=True,
            states=frozenset({State.own_stop}),
            divides=(time_of(gettext_lazy("run time")), things_of(gettext_lazy("failures"))),
        )
    )  # fmt: skip
    declare(
        Measure(
            MeasureCode.mttr, str(Unit.hours), lower, "SMRP 3.5.2; IEC 60050-192", "mttr",
            places, _repairs, _mttr, calls, behind=_behind_repairs,
            divides=(time_of(gettext_lazy("of active repair")), things_of(gettext_lazy("repairs"))),
        )
    )  # fmt: skip
    declare(
        Measure(
            MeasureCode.attendance, str(Unit.percent), higher, "site practice", "attendance",
            frozenset({Cut.line, Cut.shift, Cut.crew, Cut.day}), _sheets, _attendance,
            frozenset({"attendance"}),
            divides=(
                things_of(gettext_lazy("people present")),
                things_of(gettext_lazy("people rostered, approved leave out")),
            ),
        )
    )  # fmt: skip
    declare(
        Measure(
            MeasureCode.days_since_last_recordable, "days", higher, "OSHA 29 CFR 1904.7",
            "days_since_last_recordable", frozenset(), _last_case, _days_since, frozenset({"incident"}),
            behind=_behind_last_case, divides=(things_of(gettext_lazy("days")), Element("", CountedIn.one)),
        )
    )  # fmt: skip
