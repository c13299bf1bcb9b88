"""Injury rates per 200,000 hours worked (100 people × 40 h × 50 weeks) and days since the last recordable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plantbeat.engine.kpi.intervals import Interval, poisson_interval, rate_test
from plantbeat.engine.kpi.ratio import HOUR_US, Ratio, Unit

_BASE_H = 200_000


@dataclass(frozen=True, slots=True)
class InjuryCases:
    """Recordable cases of a period by their gravest outcome, and the hours worked in it; add to roll up.

    Hours are hours actually worked: overtime in, leave out. `hours_source` says where they come from
    ("time clock", "payroll", "estimate").
    """

    deaths: int
    days_away: int
    restricted_or_transferred: int
    other_recordable: int
    worked_us: int
    hours_source: str

    def __post_init__(self) -> None:
        if min(self.deaths, self.days_away, self.restricted_or_transferred, self.other_recordable) < 0:
            raise ValueError("case counts must be 0 or more")
        if self.worked_us < 0:
            raise ValueError(f"hours worked are {self.worked_us / HOUR_US} h, they must be 0 or more")

    def __add__(self, other: InjuryCases) -> InjuryCases:
        sources = sorted({*self.hours_source.split(" + "), *other.hours_source.split(" + ")})
        return InjuryCases(
            self.deaths + other.deaths,
            self.days_away + other.days_away,
            self.restricted_or_transferred + other.restricted_or_transferred,
            self.other_recordable + other.other_recordable,
            self.worked_us + other.worked_us,
            " + ".join(sources),
        )


@dataclass(frozen=True, slots=True)
class InjuryRate:
    """A rate per 200,000 h with its exact Poisson interval (None without hours) and the hours' source.

    `deaths_included` is the site setting of LTIR; None where it does not apply.
    """

    ratio: Ratio
    interval: Interval | None
    hours_source: str
    deaths_included: bool | None = None


def trir(cases: InjuryCases, confidence: float = 0.95) -> InjuryRate:
    """Recordable cases × 200,000 / hours worked.

    Unit: cases per 200,000 h. Direction: lower is better. Source: OSHA 29 CFR 1904 cases and hours;
    incidence rate of the Bureau of Labor Statistics.
    Page: docs/reference/kpi/trir.md
    """
    recordable = cases.deaths + cases.days_away + cases.restricted_or_transferred + cases.other_recordable
    return _rate(recordable, cases, confidence, None)


def dart(cases: InjuryCases, confidence: float = 0.95) -> InjuryRate:
    """Cases with days away, restriction or transfer × 200,000 / hours worked: cases, not days.

    Unit: cases per 200,000 h. Direction: lower is better. Source: OSHA 29 CFR 1904 cases and hours;
    incidence rate of the Bureau of Labor Statistics.
    Page: docs/reference/kpi/dart.md
    """
    return _rate(cases.days_away + cases.restricted_or_transferred, cases, confidence, None)


def ltir(cases: InjuryCases, confidence: float = 0.95, *, deaths_included: bool = False) -> InjuryRate:
    """Cases with days away (and deaths, if the site says so) × 200,000 / hours worked.

    Unit: cases per 200,000 h. Direction: lower is better. Source: OSHA 29 CFR 1904 cases and hours;
    incidence rate of the Bureau of Labor Statistics.
    Page: docs/reference/kpi/ltir.md
    """
    lost_time = cases.days_away + (cases.deaths if deaths_included else 0)
    return _rate(lost_time, cases, confidence, deaths_included)


def rate_change(before: InjuryRate, after: InjuryRate) -> float | None:
    """Two-sided exact p-value that two periods share one rate; None when one of them has no hours."""
    first, second = before.ratio, after.ratio
    if first.denominator == 0 or second.denominator == 0:
        return None
    return rate_test((first.numerator, first.denominator), (second.numerator, second.denominator))


def _rate(count: int, cases: InjuryCases, confidence: float, deaths_included: bool | None) -> InjuryRate:
    ratio = Ratio(count, cases.worked_us, Unit.cases_per_200000_h)
    interval = None
    if cases.worked_us:
        bases = cases.worked_us / (_BASE_H * HOUR_US)
        events = poisson_interval(count, confidence)
        interval = Interval(events.lower / bases, events.upper / bases, confidence)
    return InjuryRate(ratio, interval, cases.hours_source, deaths_included)


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Whole days since `since`; `never` says that nothing has happened since counting began on that day."""

    days: int
    since: date
    never: bool


def days_since_last_recordable(today: date, recordables: Iterable[date], counting_from: date) -> DaysSince:
    """Days from the last recordable case (the day it happened) to `today`, 0 on the day itself.

    Unit: days. Direction: higher is better. Source: recordable as in OSHA 29 CFR 1904.7.
    Page: docs/reference/kpi/days_since_last_recordable.md

    Raises:
        ValueError: counting would begin after today.
    """
    if counting_from > today:
        raise ValueError(
            f"counting from {counting_from.isoformat()} lies after today, {today.isoformat()}; it must not"
        )
    happened = [day for day in recordables if counting_from <= day <= today]
    since = max(happened, default=counting_from)
    return DaysSince((today - since).days, since, not happened)
