"""When a line works: its shift pattern, the site's holidays and rules, as the calendar engine reads them."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from plantbeat.areas.plant.records.holiday import Holiday
from plantbeat.areas.plant.records.line import Line
from plantbeat.engine import calendars
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

Span = tuple[int, int]


def shift_calendar(line: Line) -> calendars.ShiftCalendar | None:
    """The calendar of a line; None for a line without a shift pattern, which always works.

    Raises ValueError in words if the pattern does not fit its rotation.
    """
    if line.shift_pattern is None:
        return None
    return calendars.ShiftCalendar(
        line.shift_pattern.pattern(),
        ZoneInfo(line.site.zone),
        calendars.OwnerDay(line.site.owner_day),
        holidays(line.site),
    )


def holidays(site: Site) -> tuple[calendars.Holiday, ...]:
    """Days on which no shift of the site begins."""
    rows = visible(Holiday, Actor.system("calendar")).filter(site=site).order_by("day")
    return tuple(calendars.Holiday(row.day, row.name) for row in rows)


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


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
