"""Shift patterns in civil time: the times of a shift, its breaks, and the rotation of crews over a cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import TypeAlias

_DAY_MIN = 24 * 60


def _minute_of_day(at: time) -> int:
    return at.hour * 60 + at.minute


def _civil_minutes(start: time, end: time) -> int:
    """Minutes from `start` to the next `end` on the clock face, 1 to 1440."""
    return (_minute_of_day(end) - _minute_of_day(start)) % _DAY_MIN or _DAY_MIN


@dataclass(frozen=True, slots=True)
class BreakAt:
    """A break from one civil time to another. On a day of clock change its start moves, its length stays."""

    start: time
    end: time
    paid: bool = False

    @property
    def duration_min(self) -> int:
        return _civil_minutes(self.start, self.end)


@dataclass(frozen=True, slots=True)
class BreakAfter:
    """A break of `duration_min` that begins `after_min` elapsed minutes into the shift."""

    after_min: int
    duration_min: int
    paid: bool = False

    def __post_init__(self) -> None:
        if self.after_min < 0 or self.duration_min <= 0:
            raise ValueError(
                f"break after {self.after_min} min for {self.duration_min} min: the offset must be 0 or more "
                "and the duration more than 0 minutes"
            )


Break: TypeAlias = BreakAt | BreakAfter


@dataclass(frozen=True, slots=True)
class ShiftTimes:
    """A shift in civil time. `end` at or before `start` means the next day; equal times mean 24 hours.

    `paid_min` is the paid time when an agreement fixes it; None pays the elapsed time less unpaid breaks.
    """

    name: str
    start: time
    end: time
    breaks: tuple[Break, ...] = ()
    paid_min: int | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a shift needs a name, for example 'early'")
        for at in (self.start, self.end):
            if at.second or at.microsecond or at.tzinfo:
                raise ValueError(
                    f"shift {self.name!r}: {at.isoformat()} must be a civil time in whole minutes"
                )
        for pause in self.breaks:
            self._check_break(pause)
        if self.paid_min is not None and self.paid_min < 0:
            raise ValueError(f"shift {self.name!r}: paid minutes are {self.paid_min}, they must be 0 or more")

    @property
    def duration_min(self) -> int:
        """Length on the clock face in minutes, 1 to 1440; the elapsed length may differ on a clock change."""
        return _civil_minutes(self.start, self.end)

    @property
    def crosses_midnight(self) -> bool:
        return self.end <= self.start

    def break_offset_min(self, pause: Break) -> int:
        """Minutes on the clock face from the start of the shift to the start of `pause`."""
        if isinstance(pause, BreakAfter):
            return pause.after_min
        return (_minute_of_day(pause.start) - _minute_of_day(self.start)) % _DAY_MIN

    def _check_break(self, pause: Break) -> None:
        if self.break_offset_min(pause) + pause.duration_min > self.duration_min:
            raise ValueError(
                f"shift {self.name!r} ({self.start:%H:%M}-{self.end:%H:%M}): the break that begins "
                f"{self.break_offset_min(pause)} min into it and lasts {pause.duration_min} min does not fit "
                "inside the shift"
            )


@dataclass(frozen=True, slots=True)
class CrewRotation:
    """What a crew works on each day of the cycle: a shift name, or None for a day off."""

    crew: str
    days: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class ShiftPattern:
    """A cycle of N days that repeats from `anchor` (its first day) in both directions of time."""

    name: str
    anchor: date
    shifts: tuple[ShiftTimes, ...]
    crews: tuple[CrewRotation, ...]

    def __post_init__(self) -> None:
        names = [shift.name for shift in self.shifts]
        if len(set(names)) != len(names):
            raise ValueError(f"pattern {self.name!r}: shift names must differ, they are {', '.join(names)}")
        if not self.crews or not self.crews[0].days:
            raise ValueError(f"pattern {self.name!r}: at least one crew with a cycle of one day is needed")
        for rotation in self.crews:
            if len(rotation.days) != self.cycle_days:
                raise ValueError(
                    f"pattern {self.name!r}: crew {rotation.crew!r} has {len(rotation.days)} days, the cycle "
                    f"has {self.cycle_days}"
                )
            for shift in rotation.days:
                if shift is not None and shift not in names:
                    raise ValueError(
                        f"pattern {self.name!r}: crew {rotation.crew!r} works shift {shift!r}, which is not "
                        f"one of {', '.join(names)}"
                    )

    @property
    def cycle_days(self) -> int:
        return len(self.crews[0].days)

    def crew_shifts(self, day: date) -> list[tuple[str, ShiftTimes]]:
        """(crew, shift) pairs whose shift begins on the civil date `day`, in the order of the crews."""
        position = (day - self.anchor).days % self.cycle_days
        by_name = {shift.name: shift for shift in self.shifts}
        return [
            (rotation.crew, by_name[shift])
            for rotation in self.crews
            if (shift := rotation.days[position]) is not None
        ]
