"""The time a measure is asked about: a shift, or production days of a week or a fiscal period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plantbeat.engine.calendars import FiscalMonths, fiscal_period, week_start
from plantbeat.facts.views.calendar_text import fiscal_of
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.rules import SiteRules

_ONE_DAY = timedelta(days=1)


class PeriodKind(StrEnum):
    """How a period came about; it decides how it is named."""

    shift = "shift"
    day = "day"
    week = "week"
    fiscal = "fiscal"
    days = "days"


@dataclass(frozen=True, slots=True)
class Period:
    """Production days `first` to `last`, both included, or one shift of them.

    A production day is made of the shifts it owns (site rule) and of the time outside all shifts on the local
    day of its date.
    """

    kind: PeriodKind
    first: date
    last: date
    shift_id: int | None = None
    label: str = ""

    @classmethod
    def of_shift(cls, shift: FactShift) -> Period:
        """One shift."""
        label = f"{shift.owner_day.isoformat()} {shift.shift}"
        return cls(PeriodKind.shift, shift.owner_day, shift.owner_day, shift.pk, label)

    @classmethod
    def of_day(cls, day: date) -> Period:
        """One production day."""
        return cls(PeriodKind.day, day, day, None, day.isoformat())

    @classmethod
    def of_days(cls, first: date, last: date) -> Period:
        """Any run of production days. ValueError if it ends before it begins."""
        if last < first:
            raise ValueError(
                f"the period ends on {last.isoformat()}, before it begins on {first.isoformat()}"
            )
        return cls(PeriodKind.days, first, last, None, f"{first.isoformat()} – {last.isoformat()}")

    @classmethod
    def of_week(cls, rules: SiteRules, day: date) -> Period:
        """The week that holds a production day, by the site's calendar of that day."""
        rule = fiscal_of(rules.site_rule(day).calendar)
        weekday = rule.week_start if isinstance(rule, FiscalMonths) else (rule.closing_weekday + 1) % 7
        first, known = week_start(day, weekday), fiscal_period(day, rule)
        label = f"{known.year} W{known.week:02d}"
        return cls(PeriodKind.week, first, first + 6 * _ONE_DAY, None, label)

    @classmethod
    def of_fiscal(cls, rules: SiteRules, day: date) -> Period:
        """The fiscal period that holds a production day, by the site's calendar of that day."""
        known = fiscal_period(day, fiscal_of(rules.site_rule(day).calendar))
        return cls(PeriodKind.fiscal, known.first, known.last, None, f"{known.year} P{known.period:02d}")

    def bounds_us(self, rules: SiteRules) -> tuple[int, int]:
        """A span that holds every hour that can belong to the period; a shift may begin the day before."""
        return rules.midnight_us(self.first - _ONE_DAY), rules.midnight_us(self.last + 2 * _ONE_DAY)
