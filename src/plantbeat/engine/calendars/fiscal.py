"""Weeks and fiscal periods: ISO weeks, 4-4-5 years and their relatives, calendar months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
_ONE_DAY = timedelta(days=1)


class YearEnd(StrEnum):
    """Which weekday closes a fiscal year of whole weeks (the two forms of a 52-53-week year)."""

    nearest = "nearest"  # the one nearest to the last day of the month, before or after it
    last = "last"  # the last one in the month


class YearName(StrEnum):
    """The calendar year a fiscal year is called after."""

    end = "end"
    start = "start"


def _check_month(month: int) -> None:
    if not 1 <= month <= 12:
        raise ValueError(f"month {month} is not allowed: 1 (January) to 12 (December) are")


@dataclass(frozen=True, slots=True)
class FiscalWeeks:
    """A fiscal year of 52 or 53 whole weeks, grouped into 12 periods.

    `grouping` is the weeks per period of a quarter (4-4-5, 4-5-4 or 5-4-4); a 53rd week joins the last
    period. The year closes on `closing_weekday` (0 Monday to 6 Sunday) at the end of `closing_month`.
    """

    closing_month: int = 12
    closing_weekday: int = SUNDAY
    year_end: YearEnd = YearEnd.nearest
    grouping: tuple[int, int, int] = (4, 4, 5)
    named_after: YearName = YearName.end

    def __post_init__(self) -> None:
        _check_month(self.closing_month)
        if not MONDAY <= self.closing_weekday <= SUNDAY:
            raise ValueError(f"closing weekday {self.closing_weekday}: 0 (Monday) to 6 (Sunday) are allowed")
        if sorted(self.grouping) != [4, 4, 5]:
            raise ValueError(f"weeks per period {self.grouping}: 4-4-5, 4-5-4 and 5-4-4 are allowed")


@dataclass(frozen=True, slots=True)
class FiscalMonths:
    """A fiscal year of 12 calendar months beginning with `first_month`; weeks begin on `week_start`."""

    first_month: int = 1
    week_start: int = MONDAY
    named_after: YearName = YearName.end

    def __post_init__(self) -> None:
        _check_month(self.first_month)


FiscalRule: TypeAlias = FiscalWeeks | FiscalMonths

# ISO 8601: week 1 holds the first Thursday; the same year closes on the Sunday nearest to 31 December.
ISO_WEEKS = FiscalWeeks()


@dataclass(frozen=True, slots=True)
class FiscalPeriod:
    """Where a date falls: year, quarter 1-4, period 1-12, week 1-53; the period runs `first` to `last`."""

    year: int
    quarter: int
    period: int
    week: int
    first: date
    last: date


def week_start(day: date, first_weekday: int = MONDAY) -> date:
    """First day of the week that holds `day`, for weeks that begin on `first_weekday` (0 Monday)."""
    return day - timedelta(days=(day.weekday() - first_weekday) % 7)


def fiscal_period(day: date, rule: FiscalRule = ISO_WEEKS) -> FiscalPeriod:
    """Fiscal year, quarter, period and week of a date under a site's rule."""
    if isinstance(rule, FiscalMonths):
        return _month_period(day, rule)
    return _week_period(day, rule)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - _ONE_DAY


def _year_close(year: int, rule: FiscalWeeks) -> date:
    """Last day of the fiscal year that closes around the closing month of calendar year `year`."""
    month_end = _month_end(year, rule.closing_month)
    last = month_end - timedelta(days=(month_end.weekday() - rule.closing_weekday) % 7)
    if rule.year_end is YearEnd.nearest and (month_end - last).days > 3:
        return last + timedelta(days=7)
    return last


def _week_period(day: date, rule: FiscalWeeks) -> FiscalPeriod:
    year = day.year - 1
    while _year_close(year, rule) < day:
        year += 1
    first_day = _year_close(year - 1, rule) + _ONE_DAY
    week = (day - first_day).days // 7
    quarter = min(week // 13, 3)
    in_quarter = week - quarter * 13
    index, begins = 0, 0
    while index < 2 and in_quarter >= begins + rule.grouping[index]:
        begins += rule.grouping[index]
        index += 1
    first = first_day + timedelta(weeks=quarter * 13 + begins)
    last = first + timedelta(weeks=rule.grouping[index]) - _ONE_DAY
    if quarter == 3 and index == 2:
        last = _year_close(year, rule)
    shift = 1 if rule.named_after is YearName.start and rule.closing_month < 12 else 0
    return FiscalPeriod(year - shift, quarter + 1, quarter * 3 + index + 1, week + 1, first, last)


def _month_period(day: date, rule: FiscalMonths) -> FiscalPeriod:
    period = (day.month - rule.first_month) % 12
    begins_in = day.year if day.month >= rule.first_month else day.year - 1
    year_start = week_start(date(begins_in, rule.first_month, 1), rule.week_start)
    year = begins_in + (1 if rule.named_after is YearName.end and rule.first_month > 1 else 0)
    return FiscalPeriod(
        year,
        period // 3 + 1,
        period + 1,
        (day - year_start).days // 7 + 1,
        date(day.year, day.month, 1),
        _month_end(day.year, day.month),
    )
