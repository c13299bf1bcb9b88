"""Weeks and fiscal periods."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.calendars import (
    ISO_WEEKS,
    FiscalMonths,
    FiscalWeeks,
    YearEnd,
    YearName,
    fiscal_period,
    week_start,
)

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
# The retail 4-5-4 calendar: weeks Sunday to Saturday, year closing on the Saturday nearest to 31 January.
RETAIL = FiscalWeeks(1, 5, YearEnd.nearest, (4, 5, 4), YearName.start)
week_rules = st.builds(
    FiscalWeeks,
    st.integers(1, 12),
    st.integers(0, 6),
    st.sampled_from(YearEnd),
    st.sampled_from([(4, 4, 5), (4, 5, 4), (5, 4, 4)]),
    st.sampled_from(YearName),
)
month_rules = st.builds(FiscalMonths, st.integers(1, 12), st.integers(0, 6), st.sampled_from(YearName))


@given(days)
@settings(deadline=None)
def test_iso_weeks_agree_with_the_standard_library(day):
    period = fiscal_period(day, ISO_WEEKS)
    assert (period.year, period.week) == day.isocalendar()[:2]


@given(st.one_of(week_rules, month_rules), days)
@settings(deadline=None)
def test_periods_hold_their_dates_and_follow_each_other(rule, day):
    period = fiscal_period(day, rule)
    assert period.first <= day <= period.last
    assert (
        fiscal_period(period.first, rule).period == fiscal_period(period.last, rule).period == period.period
    )
    after = fiscal_period(period.last + timedelta(days=1), rule)
    assert after.first == period.last + timedelta(days=1)
    expected = (period.year, period.period + 1) if period.period < 12 else (period.year + 1, 1)
    assert (after.year, after.period) == expected
    assert period.quarter == (period.period + 2) // 3


@given(week_rules, days)
@settings(deadline=None)
def test_a_year_of_weeks_has_52_or_53_and_closes_on_its_weekday(rule, day):
    start = day
    while (fiscal_period(start, rule).period, fiscal_period(start, rule).first) != (1, start):
        start -= timedelta(days=1)
    year = fiscal_period(start, rule).year
    weeks = 0
    while fiscal_period(start + timedelta(weeks=weeks), rule).year == year:
        weeks += 1
    close = start + timedelta(weeks=weeks, days=-1)
    assert weeks in (52, 53)
    assert close.weekday() == rule.closing_weekday
    if rule.year_end is YearEnd.last:
        assert close.month == rule.closing_month
        assert (close + timedelta(days=7)).month != rule.closing_month


def test_the_retail_year_2023_has_53_weeks_and_ends_on_3_february_2024():
    assert fiscal_period(date(2023, 1, 29), RETAIL).first == date(2023, 1, 29)
    last = fiscal_period(date(2024, 2, 3), RETAIL)
    assert (last.year, last.quarter, last.period, last.week) == (2023, 4, 12, 53)
    assert fiscal_period(date(2024, 2, 4), RETAIL).year == 2024


def test_a_fiscal_year_of_months_is_named_after_its_end_or_its_start():
    october = FiscalMonths(first_month=10)
    period = fiscal_period(date(2024, 11, 15), october)
    assert (period.year, period.quarter, period.period) == (2025, 1, 2)
    assert (period.first, period.last) == (date(2024, 11, 1), date(2024, 11, 30))
    named = fiscal_period(date(2024, 11, 15), FiscalMonths(10, named_after=YearName.start))
    assert named.year == 2024
    assert fiscal_period(date(2024, 9, 30), october).year == 2024


@pytest.mark.parametrize(("first_weekday", "expected"), [(0, 29), (6, 28), (5, 27), (3, 2)])
def test_a_week_begins_on_the_weekday_the_site_says(first_weekday, expected):
    assert week_start(date(2024, 5, 2), first_weekday).day == expected


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (lambda: FiscalWeeks(13), "month 13"),
        (lambda: FiscalWeeks(12, 7), "weekday 7"),
        (lambda: FiscalWeeks(grouping=(4, 4, 4)), "4-4-5"),
        (lambda: FiscalMonths(0), "month 0"),
    ],
)
def test_an_impossible_rule_is_refused_in_one_sentence(broken, sentence):
    with pytest.raises(ValueError, match=sentence):
        broken()
