"""Attendance, turnover, overtime."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plantbeat.engine.kpi.ratio import Ratio, Unit


@dataclass(frozen=True, slots=True)
class AttendanceSheet:
    """Attendance of one crew and shift, in person-shifts.

    `taken` turns true when the lead has said that all others are present; before that the sheet says nothing.
    """

    rostered: int
    approved_leave: int
    worked: int
    taken: bool

    def __post_init__(self) -> None:
        expected = self.rostered - self.approved_leave
        if not 0 <= self.approved_leave <= self.rostered or not 0 <= self.worked <= expected:
            raise ValueError(
                f"{self.worked} worked of {self.rostered} rostered with {self.approved_leave} on approved "
                "leave: leave must not exceed the roster and worked not the rest"
            )


@dataclass(frozen=True, slots=True)
class Attendance:
    """The attendance ratio of the sheets taken, and how many sheets are "not taken"."""

    ratio: Ratio
    not_taken: int


@dataclass(frozen=True, slots=True)
class HeadCounts:
    """Leavers of a period and its head-counts, one per month or day alike; add to roll up over time."""

    leavers: int
    head_counts: tuple[int, ...]

    def __add__(self, other: HeadCounts) -> HeadCounts:
        return HeadCounts(self.leavers + other.leavers, self.head_counts + other.head_counts)


def attendance(sheets: Iterable[AttendanceSheet]) -> Attendance:
    """Shifts worked / shifts rostered, approved leave out; sheets not taken are counted apart.

    Unit: %. Direction: higher is better. Source: site practice; the complement is the absence rate.
    Page: docs/reference/kpi/attendance.md
    """
    rows = list(sheets)
    taken = [row for row in rows if row.taken]
    ratio = Ratio(
        sum(row.worked for row in taken),
        sum(row.rostered - row.approved_leave for row in taken),
        Unit.percent,
    )
    return Attendance(ratio, len(rows) - len(taken))


def turnover(people: HeadCounts) -> Ratio:
    """Leavers / average head-count of the period; not annualised.

    Unit: %. Direction: lower is better. Source: ISO 30414:2018, turnover rate.
    Page: docs/reference/kpi/turnover.md
    """
    return Ratio(people.leavers * len(people.head_counts), sum(people.head_counts), Unit.percent)


def overtime_percent(overtime_us: int, worked_us: int) -> Ratio:
    """Overtime hours / total hours worked.

    Unit: %. Direction: lower is better. Source: site practice; the total holds the overtime.
    Page: docs/reference/kpi/overtime_percent.md

    Raises:
        ValueError: overtime is negative or more than the total.
    """
    if not 0 <= overtime_us <= worked_us:
        raise ValueError(
            f"overtime of {overtime_us} µs must lie between 0 and the total of {worked_us} µs worked"
        )
    return Ratio(overtime_us, worked_us, Unit.percent)
