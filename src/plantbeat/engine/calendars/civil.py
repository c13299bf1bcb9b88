"""Civil time and UTC: instants, local days and civil hours.

An instant is an integer of microseconds since 1970-01-01T00:00:00 UTC. Every span is half-open
``[start_us, end_us)``. Two rules make the step from a civil time to an instant total and monotone, so that
spans built from civil times never overlap and never leave a hole:

* a civil time that the clock skips (spring gap, date-line skip) means the first instant after the gap;
* a civil time that the clock shows twice (autumn fold) means its first showing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MIDNIGHT = time(0)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A civil day of a zone as the UTC span ``[start_us, end_us)``; 23, 24 or 25 hours, rarely others."""

    day: date
    start_us: int
    end_us: int

    @property
    def length_us(self) -> int:
        return self.end_us - self.start_us


@dataclass(frozen=True, slots=True)
class HourSlot:
    """A civil hour as the UTC span ``[start_us, end_us)``; `hour` (0-23) is what the clock shows in it."""

    start_us: int
    end_us: int
    hour: int


def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone called `name`; ValueError says what is allowed when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not an IANA time zone name; write it as region/city, for example Europe/Berlin"
        ) from None


def _offset_s(at_s: int, zone: ZoneInfo) -> int:
    """Seconds east of UTC in force in `zone` at `at_s` seconds since 1970 UTC."""
    offset = (_EPOCH + timedelta(seconds=at_s)).astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(seconds=1)


def _offset_change_s(before_s: int, after_s: int, zone: ZoneInfo) -> int:
    """First second at which the offset in force at `before_s` no longer holds, at most `after_s`."""
    offset = _offset_s(before_s, zone)
    while after_s - before_s > 1:
        middle = (before_s + after_s) // 2
        if _offset_s(middle, zone) == offset:
            before_s = middle
        else:
            after_s = middle
    return after_s


@lru_cache(maxsize=8192)
def utc_us(day: date, at: time, zone: ZoneInfo) -> int:
    """Instant (µs UTC) at which the clocks of `zone` show `at` on `day`.

    A skipped civil time gives the first instant after the gap, one shown twice gives its first showing.
    """
    civil_us = (datetime.combine(day, at, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
    shown = datetime.combine(day, at, tzinfo=zone)
    first, second = (
        civil_us - (shown.replace(fold=fold).utcoffset() or timedelta()) // timedelta(microseconds=1)
        for fold in (0, 1)
    )
    # In a fold the first reading is the earlier one; only in a gap is it the later (PEP 495).
    if first <= second:
        return first
    return _offset_change_s(second // SECOND_US - 1, first // SECOND_US + 1, zone) * SECOND_US


def local_day_window(day: date, zone: ZoneInfo) -> LocalDay:
    """The civil day `day` of `zone` as a UTC span; empty when the zone skipped that date.

    It runs from the first instant of the day to the first instant of the next, so days always tile time.
    """
    return LocalDay(day, utc_us(day, _MIDNIGHT, zone), utc_us(day + _ONE_DAY, _MIDNIGHT, zone))


def local_day_at(t_us: int, zone: ZoneInfo) -> LocalDay:
    """The local day of `zone` whose window holds the instant `t_us`."""
    at_s = t_us // SECOND_US
    day = (_EPOCH + timedelta(seconds=at_s + _offset_s(at_s, zone))).date()
    window = local_day_window(day, zone)
    # A clock set back across midnight shows the date before again; the day itself has begun already.
    while t_us >= window.end_us:
        window = local_day_window(window.day + _ONE_DAY, zone)
    return window


def local_days(start_us: int, end_us: int, zone: ZoneInfo) -> list[LocalDay]:
    """Local days of `zone` that share time with ``[start_us, end_us)``: whole windows, in order.

    Dates that the zone skipped are left out.
    """
    days: list[LocalDay] = []
    if start_us >= end_us:
        return days
    window = local_day_at(start_us, zone)
    while window.start_us < end_us:
        if window.length_us > 0:
            days.append(window)
        window = local_day_window(window.day + _ONE_DAY, zone)
    return days


def hour_slots(day: LocalDay, zone: ZoneInfo) -> tuple[HourSlot, ...]:
    """Civil hours of a local day, which they tile exactly; the UTC start of a slot is its key.

    Cuts lie at every whole civil hour and at every change of the offset: an hour shown twice gives two
    slots, and a change of half an hour (Australia/Lord_Howe) gives one slot of 30 minutes.
    """
    slots: list[HourSlot] = []
    start_s, end_s = day.start_us // SECOND_US, day.end_us // SECOND_US
    while start_s < end_s:
        offset = _offset_s(start_s, zone)
        civil_s = start_s + offset
        until_s = min(start_s + 3600 - civil_s % 3600, end_s)
        if _offset_s(until_s, zone) != offset:
            until_s = _offset_change_s(start_s, until_s, zone)
        slots.append(HourSlot(start_s * SECOND_US, until_s * SECOND_US, civil_s // 3600 % 24))
        start_s = until_s
    return tuple(slots)
