"""Timestamps as integer microseconds since 1970-01-01 UTC.

Device clocks write ISO 8601 in many shapes: seven fractional digits (.NET), none, `Z`, an offset, or none at
all. Everything is read with integers and floored to the microsecond, so that no value passes through a float
and the same text gives the same instant on every machine.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_FIRST_US = (1 - _EPOCH_ORDINAL) * DAY_US
_LAST_US = (date.max.toordinal() + 1 - _EPOCH_ORDINAL) * DAY_US - 1
_ONE_US = timedelta(microseconds=1)

# Groups of both forms: up to the minute, second, fraction, offset.
_EXTENDED = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?", re.ASCII
).fullmatch
_BASIC = re.compile(
    r"(\d{8}[Tt]\d{4})(?:(\d\d)(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?", re.ASCII
).fullmatch
_END_OF_DAY = ("24:00", "2400")
_DATE = re.compile(r"(\d{4})(-?)(\d\d)\2(\d\d)", re.ASCII).fullmatch

ALLOWED = "ISO 8601 such as 2026-05-01T06:30:00Z, with 0 to 9 fractional digits, and Z, an offset or none"


class TimestampError(ValueError):
    """A text that is no ISO 8601 timestamp or date; the message is one sentence that says what is allowed."""


def utc_us(text: str, zone: tzinfo | None = None) -> int:
    """Instant of an ISO 8601 timestamp in microseconds since 1970-01-01 UTC, floored.

    Read are calendar dates in extended (`2026-05-01T06:30:00.1234567Z`) or basic form (`20260501T063000Z`)
    with `T` or a blank between, 0 to 9 fractional digits after `.` or `,`, the seconds present or not,
    `24:00` as the end of the day, and `23:59:60` (a leap second, taken as the next midnight). A time without
    offset is UTC, or local time of `zone`; local times that occur twice in autumn are taken as the first,
    those skipped in spring as if the clock had not yet been moved.

    Raises `TimestampError` for anything else.
    """
    match = _EXTENDED(text) or _EXTENDED(text.strip()) or _BASIC(text.strip())
    if match is None:
        raise TimestampError(f"{text!r} is not a timestamp; allowed is {ALLOWED}")
    minute, second, fraction, offset = match.groups()
    at_us = minute_us = _minute_us(minute)
    if second is not None:
        at_us += int(second) * SECOND_US
        if fraction is not None:
            at_us += int(fraction.ljust(6, "0")[:6])
        if at_us != minute_us and minute_us % DAY_US == 0 and minute.endswith(_END_OF_DAY):
            raise TimestampError(f"{text!r} lies after 24:00, the end of the day")
    if offset is None:
        at_us -= _local_offset_us(at_us, zone)
    elif len(offset) > 1:
        at_us -= _offset_us(offset)
    if second is not None and second >= "60" and (second > "60" or at_us % DAY_US >= SECOND_US):
        raise TimestampError(f"{text!r} has second {second}; allowed is 00 to 59 (60 only in a leap second)")
    if not _FIRST_US <= at_us <= _LAST_US:
        raise TimestampError(f"{text!r} lies outside the years 0001 to 9999 in UTC")
    return at_us


def day_start_us(text: str, zone: tzinfo | None = None) -> int:
    """First instant of a calendar date (`2026-05-01` or `20260501`), in UTC or local time of `zone`.

    Raises `TimestampError` for anything that is not a date.
    """
    match = _DATE(text.strip())
    if match is None:
        raise TimestampError(f"{text!r} is not a date; allowed is YYYY-MM-DD or YYYYMMDD")
    midnight_us = _day_us(match[1], match[3], match[4])
    return midnight_us - _local_offset_us(midnight_us, zone)


def iso_utc(at_us: int) -> str:
    """The instant as ISO 8601 in UTC with six fractional digits; `utc_us` reads it back exactly."""
    shown = _EPOCH + timedelta(microseconds=at_us)
    return shown.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@lru_cache(maxsize=4096)
def _minute_us(text: str) -> int:
    """Wall time up to the minute, counted as if it were UTC; a stream stays in one minute for many rows."""
    digits = text.replace("-", "").replace(":", "")
    hour, minute = int(digits[9:11]), int(digits[11:13])
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        raise TimestampError(f"{text!r} has no such time of day; allowed is 00:00 to 23:59, or 24:00")
    return _day_us(digits[:4], digits[4:6], digits[6:8]) + hour * HOUR_US + minute * MINUTE_US


def _day_us(year: str, month: str, day: str) -> int:
    try:
        ordinal = date(int(year), int(month), int(day)).toordinal()
    except ValueError:
        raise TimestampError(f"there is no date {year}-{month}-{day} in the calendar") from None
    return (ordinal - _EPOCH_ORDINAL) * DAY_US


@lru_cache(maxsize=256)
def _offset_us(text: str) -> int:
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        raise TimestampError(f"{text!r} is not an offset from UTC; allowed is -23:59 to +23:59")
    size_us = hours * HOUR_US + minutes * MINUTE_US
    return -size_us if text[0] == "-" else size_us


def _local_offset_us(wall_us: int, zone: tzinfo | None) -> int:
    if zone is None or not _FIRST_US <= wall_us <= _LAST_US:
        return 0
    wall = (_EPOCH + wall_us * _ONE_US).replace(tzinfo=zone)
    offset = wall.utcoffset()
    return 0 if offset is None else offset // _ONE_US
