"""Working days of a site, an area or a line, from its shifts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from plantbeat.facts.views import readings, shifts
from plantbeat.facts.views.rules_at_hand import rules_of

DAY_US = 86_400_000_000
LOOK_DAYS = 14
"""How far a next or a last working day is looked for; beyond it a site is taken to work on weekdays."""


def working_days(site_id: int, first: date, last: date, patterns: Collection[str] = ()) -> list[date]:
    """Production days from `first` to `last` that have a shift, of certain shift patterns where any is named.

    Without any shift in sight, Monday to Friday: a site that has set up no pattern works by the week.
    """
    rules = rules_of(site_id)
    start_us = rules.midnight_us(first - timedelta(days=1))
    end_us = rules.midnight_us(last + timedelta(days=2))
    found = {
        day
        for day, pattern in readings.days_of_shifts(site_id, start_us, end_us)
        if not patterns or pattern in patterns
    }
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if (day in found if found else day.weekday() < 5)]


def last_working_day(site_id: int, before: date, patterns: Collection[str] = ()) -> date:
    """The latest working day before a day."""
    days = working_days(site_id, before - timedelta(days=LOOK_DAYS), before - timedelta(days=1), patterns)
    return days[-1] if days else before - timedelta(days=1)


def working_day_ahead(site_id: int, day: date, count: int, patterns: Collection[str] = ()) -> date:
    """The day `count` working days after a day; that many days after it where the calendar ends before."""
    ahead = working_days(site_id, day + timedelta(days=1), day + timedelta(days=LOOK_DAYS), patterns)
    return ahead[count - 1] if len(ahead) >= count else day + timedelta(days=count)


def next_working_day_us(site_id: int, at_us: int) -> int:
    """The same time of the clock on the next working day: one working day to answer."""
    rules = rules_of(site_id)
    today = rules.day_at(at_us)
    shifts.ensure(site_id, today, today + timedelta(days=LOOK_DAYS))
    ahead = working_days(site_id, today + timedelta(days=1), today + timedelta(days=LOOK_DAYS))
    day = ahead[0] if ahead else today + timedelta(days=1)
    return rules.midnight_us(day) + (at_us - rules.midnight_us(today))
