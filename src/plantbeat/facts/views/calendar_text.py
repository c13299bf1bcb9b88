"""Shift patterns and fiscal calendars as text, for the tables that hold them."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import msgspec

from plantbeat.engine.calendars import (
    ISO_WEEKS,
    Break,
    BreakAfter,
    BreakAt,
    CrewRotation,
    FiscalMonths,
    FiscalRule,
    FiscalWeeks,
    ShiftPattern,
    ShiftTimes,
    YearEnd,
    YearName,
)


def pattern_text(pattern: ShiftPattern) -> str:
    """A shift pattern as JSON; `pattern_of` reads it back."""
    shifts = [_times_fields(times) for times in pattern.shifts]
    crews = [[rotation.crew, rotation.days] for rotation in pattern.crews]
    return msgspec.json.encode([pattern.name, pattern.anchor, shifts, crews]).decode()


def pattern_of(text: str) -> ShiftPattern:
    """The shift pattern that `pattern_text` wrote."""
    name, anchor, shifts, crews = msgspec.json.decode(text)
    return ShiftPattern(
        name,
        date.fromisoformat(anchor),
        tuple(_shift_times(*fields) for fields in shifts),
        tuple(CrewRotation(crew, tuple(days)) for crew, days in crews),
    )


def times_text(times: ShiftTimes) -> str:
    """A shift in civil time as JSON; `times_of` reads it back."""
    return msgspec.json.encode(_times_fields(times)).decode()


def times_of(text: str) -> ShiftTimes:
    """The shift that `times_text` wrote."""
    return _shift_times(*msgspec.json.decode(text))


def _times_fields(times: ShiftTimes) -> list[Any]:
    pauses = [_break_fields(pause) for pause in times.breaks]
    return [times.name, times.start, times.end, pauses, times.paid_min]


def _break_fields(pause: Break) -> list[Any]:
    if isinstance(pause, BreakAfter):
        return ["after", pause.after_min, pause.duration_min, pause.paid]
    return ["at", pause.start, pause.end, pause.paid]


def _shift_times(name: str, start: str, end: str, breaks: list[Any], paid_min: int | None) -> ShiftTimes:
    read: list[Break] = []
    for kind, first, second, paid in breaks:
        if kind == "after":
            read.append(BreakAfter(first, second, paid))
        else:
            read.append(BreakAt(time.fromisoformat(first), time.fromisoformat(second), paid))
    return ShiftTimes(name, time.fromisoformat(start), time.fromisoformat(end), tuple(read), paid_min)


def fiscal_text(rule: FiscalRule) -> str:
    """A fiscal calendar as JSON; `fiscal_of` reads it back."""
    if isinstance(rule, FiscalMonths):
        fields: list[Any] = ["months", rule.first_month, rule.week_start, rule.named_after]
    else:
        fields = ["weeks", rule.closing_month, rule.closing_weekday, rule.year_end, rule.grouping]
        fields.append(rule.named_after)
    return msgspec.json.encode(fields).decode()


def fiscal_of(text: str) -> FiscalRule:
    """The fiscal calendar that `fiscal_text` wrote; ISO weeks for an empty text."""
    if not text:
        return ISO_WEEKS
    kind, *fields = msgspec.json.decode(text)
    if kind == "months":
        first_month, week_start, named_after = fields
        return FiscalMonths(first_month, week_start, YearName(named_after))
    closing_month, closing_weekday, year_end, (first, second, third), named_after = fields
    return FiscalWeeks(
        closing_month, closing_weekday, YearEnd(year_end), (first, second, third), YearName(named_after)
    )
