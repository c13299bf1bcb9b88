"""When lines and machines work: shift patterns, holidays, one-off changes, planned stops, as records say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from plantbeat.areas.plant.records.holiday import Holiday
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.planned_stop import PlannedStop
from plantbeat.areas.plant.records.shift_change import ShiftChange
from plantbeat.areas.plant.records.site_rule import SiteRule
from plantbeat.engine import calendars
from plantbeat.facts.views.dimension_tables import ChangeOfShift
from plantbeat.facts.views.shift_calendar import OneOff, engine_changes
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

Span = tuple[int, int]
READER = Actor.system("calendar")


class SiteCalendars:
    """The calendars of a site's lines and machines; each kind of record is read once."""

    def __init__(self, site: Site) -> None:
        self.site, self.zone = site, ZoneInfo(site.zone)
        self._spans: dict[tuple[int | None, date, date], list[Span] | None] = {}

    @cached_property
    def holidays(self) -> tuple[calendars.Holiday, ...]:
        """Days on which no shift of the site begins."""
        rows = visible(Holiday, READER).filter(site=self.site).order_by("day")
        return tuple(calendars.Holiday(row.day, row.name) for row in rows)

    @cached_property
    def _changes(self) -> list[ShiftChange]:
        return list(visible(ShiftChange, READER).filter(site=self.site).order_by("pk"))

    @cached_property
    def _stops(self) -> list[PlannedStop]:
        return list(visible(PlannedStop, READER).filter(site=self.site).order_by("starts"))

    @cached_property
    def _rule(self) -> SiteRule | None:
        today = clock.now().astimezone(self.zone).date()
        rows = visible(SiteRule, READER).filter(site=self.site, valid_from__lte=today)
        return rows.select_related("shift_pattern").order_by("-valid_from").first()

    def calendar(self, line: Line | None) -> calendars.ShiftCalendar | None:
        """The calendar of a line, or of machines without one; None without a shift pattern: always open.

        A line without a pattern of its own works by that of the site rule. Raises ValueError in words if the
        pattern does not fit its rotation.
        """
        pattern = line.shift_pattern if line is not None else None
        if pattern is None and self._rule is not None:
            pattern = self._rule.shift_pattern
        if pattern is None:
            return None
        rotation = pattern.pattern()
        changes = [_one_off(one) for one in self._changes if _is_about(one, line)]
        return calendars.ShiftCalendar(
            rotation, self.zone, calendars.OwnerDay(self.site.owner_day), self.holidays,
            engine_changes(rotation, self.holidays, changes),
        )  # fmt: skip

    def open_spans(
        self, line: Line | None, machine: Machine | None, first: date, last: date
    ) -> list[Span] | None:
        """Half-open UTC spans (µs) in which a machine (None: any of the line) is worked; None: always.

        Shifts less their breaks and less the planned stops. Raises ValueError as `calendar` does.
        """
        key = (line.pk if line is not None else None, first, last)
        if key not in self._spans:
            calendar = self.calendar(line)
            self._spans[key] = working_spans(calendar, first, last) if calendar is not None else None
        spans = self._spans[key]
        stops = [
            (clock.to_us(one.starts), clock.to_us(one.ends))
            for one in self._stops
            if (one.machine_id is None and _is_about(one, line))
            or (machine is not None and one.machine_id == machine.pk)
        ]
        if not stops:
            return spans
        whole = (
            calendars.local_day_window(first, self.zone).start_us,
            calendars.local_day_window(last, self.zone).end_us,
        )
        return without([whole] if spans is None else spans, stops)


def _is_about(one: ShiftChange | PlannedStop, line: Line | None) -> bool:
    """True if a record is about a line: it names the line, or its area, or no place at all."""
    if one.line_id is not None:
        return line is not None and one.line_id == line.pk
    return one.area_id is None or (line is not None and one.area_id == line.area_id)


def _one_off(one: ShiftChange) -> OneOff:
    return OneOff(one.day, ChangeOfShift(one.change), one.shift, one.crew, one.times())


def working_spans(calendar: calendars.ShiftCalendar, first: date, last: date) -> list[Span]:
    """Half-open UTC spans (µs) in which somebody works: shifts less their breaks, joined where they touch."""
    spans: list[Span] = []
    for shift in calendars.shift_instances(calendar, first, last):
        at = shift.start_us
        for begin, end in (*shift.breaks, (shift.end_us, shift.end_us)):
            if begin > at:
                spans.append((at, begin))
            at = end
    return _joined(spans)


def without(spans: Iterable[Span], stops: Iterable[Span]) -> list[Span]:
    """Spans less the time of stops, which may overlap."""
    closed, left = _joined(list(stops)), []
    for begin, end in spans:
        at = begin
        for stop, resume in closed:
            if stop < end and resume > at:
                if stop > at:
                    left.append((at, stop))
                at = max(at, resume)
        if at < end:
            left.append((at, end))
    return left


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
