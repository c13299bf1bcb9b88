"""Shift instances: a pattern, its holidays and its one-off changes, written out as UTC spans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from plantbeat.engine.calendars.civil import MINUTE_US, local_day_at, utc_us
from plantbeat.engine.calendars.patterns import BreakAfter, ShiftPattern, ShiftTimes

Span: TypeAlias = tuple[int, int]
_ONE_DAY = timedelta(days=1)


class OwnerDay(StrEnum):
    """Site rule for the day that owns a shift (and all it made)."""

    start = "start"
    end = "end"
    majority = "majority"


@dataclass(frozen=True, slots=True)
class CrewShift:
    """One shift of one crew, outside the rotation."""

    crew: str
    times: ShiftTimes


@dataclass(frozen=True, slots=True)
class Holiday:
    """A date on which no shift of the pattern begins; `replacement` shifts are worked instead, if any.

    A night shift that began the evening before is worked to its end.
    """

    day: date
    name: str
    replacement: tuple[CrewShift, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtraShift:
    """A shift beyond the pattern (overtime Saturday, added night)."""

    day: date
    crew: str
    times: ShiftTimes


@dataclass(frozen=True, slots=True)
class CancelledShift:
    """A shift that is not worked on that date; crew None means every crew that has it."""

    day: date
    shift: str
    crew: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedTimes:
    """A shift worked at other times on that date; crew None means every crew that has it."""

    day: date
    shift: str
    times: ShiftTimes
    crew: str | None = None


ShiftChange: TypeAlias = ExtraShift | CancelledShift | ChangedTimes


@dataclass(frozen=True, slots=True)
class ShiftCalendar:
    """Everything that decides who works when at a site or line; civil times are those of `zone`."""

    pattern: ShiftPattern
    zone: ZoneInfo
    owner_day: OwnerDay = OwnerDay.start
    holidays: tuple[Holiday, ...] = ()
    changes: tuple[ShiftChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ShiftInstance:
    """A shift that was or will be worked: the UTC span ``[start_us, end_us)`` of one crew.

    `breaks` are disjoint, in order and inside the shift. `planned_us` is the shift less its breaks,
    `paid_us` what is paid (see `ShiftTimes.paid_min`).
    """

    start_us: int
    end_us: int
    shift: str
    crew: str
    owner_day: date
    breaks: tuple[Span, ...]
    planned_us: int
    paid_us: int

    @property
    def length_us(self) -> int:
        return self.end_us - self.start_us


def shift_instances(calendar: ShiftCalendar, first: date, last: date) -> list[ShiftInstance]:
    """Shifts whose owner day lies in `first` to `last`, both included, by start, shift and crew.

    Holidays and changes act on the civil date on which a shift begins. A shift that the clock change leaves
    without any time is left out.

    Raises:
        ValueError: a change names a shift that nobody works on that date.
    """
    instances: list[ShiftInstance] = []
    day = first - 2 * _ONE_DAY
    while day <= last + _ONE_DAY:
        for crew, times in _worked_on(calendar, day):
            instance = _instance(calendar, day, crew, times)
            if instance.length_us > 0 and first <= instance.owner_day <= last:
                instances.append(instance)
        day += _ONE_DAY
    instances.sort(key=lambda shift: (shift.start_us, shift.shift, shift.crew))
    return instances


def _worked_on(calendar: ShiftCalendar, day: date) -> list[tuple[str, ShiftTimes]]:
    """(crew, shift) pairs that begin on the civil date `day`, after holidays and changes."""
    worked = calendar.pattern.crew_shifts(day)
    for holiday in calendar.holidays:
        if holiday.day == day:
            worked = [(shift.crew, shift.times) for shift in holiday.replacement]
    for change in calendar.changes:
        if change.day == day:
            worked = _changed(worked, change)
    return worked


def _changed(worked: list[tuple[str, ShiftTimes]], change: ShiftChange) -> list[tuple[str, ShiftTimes]]:
    if isinstance(change, ExtraShift):
        return [*worked, (change.crew, change.times)]
    meant = [
        times.name == change.shift and (change.crew is None or crew == change.crew) for crew, times in worked
    ]
    if not any(meant):
        who = "no crew" if change.crew is None else f"crew {change.crew!r} does not work it; nobody else"
        there = ", ".join(f"{times.name} ({crew})" for crew, times in worked) or "none"
        raise ValueError(
            f"change on {change.day.isoformat()} to shift {change.shift!r}: {who} works it that day; "
            f"shifts of that day: {there}"
        )
    if isinstance(change, CancelledShift):
        return [pair for pair, is_meant in zip(worked, meant, strict=True) if not is_meant]
    return [
        (crew, change.times if is_meant else times)
        for (crew, times), is_meant in zip(worked, meant, strict=True)
    ]


def _instance(calendar: ShiftCalendar, day: date, crew: str, times: ShiftTimes) -> ShiftInstance:
    zone = calendar.zone
    start_us = utc_us(day, times.start, zone)
    end_us = utc_us(day + _ONE_DAY if times.crosses_midnight else day, times.end, zone)
    pauses = _break_spans(times, day, zone, (start_us, end_us))
    breaks = _union([span for span, _ in pauses])
    unpaid_us = _length_us(_union([span for span, paid in pauses if not paid]))
    length_us = end_us - start_us
    return ShiftInstance(
        start_us,
        end_us,
        times.name,
        crew,
        _owner_day(calendar.owner_day, start_us, end_us, zone),
        breaks,
        length_us - _length_us(breaks),
        length_us - unpaid_us if times.paid_min is None else times.paid_min * MINUTE_US,
    )


def _break_spans(times: ShiftTimes, day: date, zone: ZoneInfo, shift: Span) -> list[tuple[Span, bool]]:
    """((start_us, end_us), paid) of each break, cut to the shift; those left without time are dropped."""
    spans: list[tuple[Span, bool]] = []
    for pause in times.breaks:
        if isinstance(pause, BreakAfter):
            start_us = shift[0] + pause.after_min * MINUTE_US
        else:
            start_us = utc_us(day + _ONE_DAY if pause.start < times.start else day, pause.start, zone)
        span = max(start_us, shift[0]), min(start_us + pause.duration_min * MINUTE_US, shift[1])
        if span[0] < span[1]:
            spans.append((span, pause.paid))
    return spans


def _union(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start_us, end_us in sorted(spans):
        if merged and start_us <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end_us)
        else:
            merged.append((start_us, end_us))
    return tuple(merged)


def _length_us(spans: tuple[Span, ...]) -> int:
    return sum(end_us - start_us for start_us, end_us in spans)


def _owner_day(rule: OwnerDay, start_us: int, end_us: int, zone: ZoneInfo) -> date:
    """The owner day; an end at midnight still belongs to the day before, equal halves to the start."""
    starts_in = local_day_at(start_us, zone)
    if rule is OwnerDay.start or end_us <= starts_in.end_us:
        return starts_in.day
    ends_in = local_day_at(end_us - 1, zone)
    if rule is OwnerDay.end or end_us - ends_in.start_us > starts_in.end_us - start_us:
        return ends_in.day
    return starts_in.day
