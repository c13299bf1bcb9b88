"""Open time of a workbook's calendars in minutes of the plan, in the site's zone with its clock changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from plantbeat.engine.calendars.civil import MINUTE_US, local_day_at, utc_us
from plantbeat.shell.workbooks.orders_reading import CalendarRow

DAY_MIN = 1440


def open_minutes(
    rows: Iterable[CalendarRow], origin_us: int, days: int, zone: ZoneInfo
) -> list[tuple[int, int]]:
    """Open spans (opening, closing minute after the origin) of one calendar for a number of days.

    Rows of a date replace the weekday's rows for the spans that begin on that date. A span that does not
    close later than it opens closes on the next day. Nothing lies before minute 0.
    """
    weekly: dict[int, list[tuple[int, int]]] = {}
    dated: dict[date, list[tuple[int, int]]] = {}
    for row in rows:
        span = None if row.opens_min is None or row.closes_min is None else (row.opens_min, row.closes_min)
        if isinstance(row.days, date):
            dated.setdefault(row.days, []).extend([span] if span else [])
        else:
            for weekday in row.days:
                weekly.setdefault(weekday, []).extend([span] if span else [])
    first = local_day_at(origin_us, zone).day - timedelta(days=1)
    spans = []
    for step in range(days + 1):
        day = first + timedelta(days=step)
        for opens, closes in dated.get(day, weekly.get(day.weekday(), [])):
            closing = closes if closes > opens else closes + DAY_MIN
            begin, end = _minute(day, opens, origin_us, zone), _minute(day, closing, origin_us, zone)
            if end > max(begin, 0):
                spans.append((max(begin, 0), end))
    return spans


def _minute(day: date, minute: int, origin_us: int, zone: ZoneInfo) -> int:
    days, rest = divmod(minute, DAY_MIN)
    at = utc_us(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    return (at - origin_us) // MINUTE_US
