"""The history of the demo plant in stretches that can be told on their own, the newest first."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from plantbeat.kernel import clock
from plantbeat.shell.demo.line_plan import DAY_US
from plantbeat.shell.demo.plant_reading import week_start_us

RECENT_DAYS = 7
_FIRST_MONDAY = date(2020, 1, 6)


class Segment(NamedTuple):
    """Half-open time that begins with a working week; `is_open`: the plant runs on after it."""

    start_us: int
    end_us: int
    is_open: bool

    def first_number(self, place: int, zone: ZoneInfo) -> int:
        """First order number of the line at a place among those of the plant."""
        monday = clock.from_us(self.start_us).astimezone(zone).date()
        return (monday - _FIRST_MONDAY).days // 7 * 1000 + place * 100 + 1


def segments(built_us: int, days: int, zone: ZoneInfo) -> list[Segment]:
    """Stretches that cover so many days before an instant; the first holds at least the last seven."""
    first_us = built_us - days * DAY_US
    start_us = week_start_us(built_us - min(days, RECENT_DAYS) * DAY_US, zone)
    found = [Segment(start_us, built_us, True)]
    while start_us > first_us:
        earlier_us = week_start_us(start_us - 1, zone)
        found.append(Segment(earlier_us, start_us, False))
        start_us = earlier_us
    return found


def number_after(built_us: int) -> int:
    """An order number beyond all that the history uses."""
    monday = clock.from_us(built_us).date()
    return ((monday - _FIRST_MONDAY).days // 7 + 1) * 1000
