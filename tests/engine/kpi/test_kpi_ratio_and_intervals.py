"""The ratio type, and the exact intervals and tests behind the rates."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.kpi.failures import FailureHistory, laplace_trend, mtbf, mtbf_iso22400
from plantbeat.engine.kpi.intervals import poisson_interval, poisson_lower_bound, rate_test
from plantbeat.engine.kpi.ratio import HOUR_US, Ratio, Unit


@given(st.integers(0, 10**18), st.integers(1, 10**18), st.sampled_from(Unit))
@settings(deadline=None)
def test_a_value_is_the_exact_quotient_rounded_once(numerator, denominator, unit):
    exact = Fraction(numerator * unit.times, denominator * unit.per)
    assert Ratio(numerator, denominator, unit).value == float(exact)
    assert Ratio(numerator, denominator, unit).fraction == Fraction(numerator, denominator)


@pytest.mark.parametrize("unit", Unit)
def test_without_a_denominator_there_is_no_value_and_never_zero(unit):
    assert Ratio(0, 0, unit).value is None
    assert Ratio(5, 0, unit).fraction is None


@pytest.mark.parametrize(
    ("unit", "numerator", "denominator", "value"),
    [
        (Unit.percent, 1, 4, 25),
        (Unit.seconds, 90_000_000, 3, 30),
        (Unit.minutes, 90_000_000, 1, 1.5),
        (Unit.hours, 9 * HOUR_US, 2, 4.5),
        (Unit.pieces_per_hour, 10, HOUR_US // 2, 20),
        (Unit.pieces_per_minute, 10, HOUR_US, 1 / 6),
        (Unit.cases_per_200000_h, 3, 300_000 * HOUR_US, 2),
        (Unit.per_million, 3, 1000, 3000),
    ],
)
def test_each_unit_scales_as_its_name_says(unit, numerator, denominator, value):
    assert Ratio(numerator, denominator, unit).value == value


@pytest.mark.requirement("R130", "X3")
@given(st.integers(0, 400), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
@settings(deadline=None)
def test_the_poisson_interval_is_the_one_of_the_chi_square_tables(count, confidence):
    from scipy.stats import chi2, poisson

    found = poisson_interval(count, confidence)
    tail = (1 - confidence) / 2
    assert found.upper == pytest.approx(chi2.ppf(1 - tail, 2 * count + 2) / 2, rel=1e-9)
    assert found.lower == pytest.approx(chi2.ppf(tail, 2 * count) / 2 if count else 0, rel=1e-9)
    # Both ends are exact: the tail beyond the observed count has the stated probability.
    assert poisson.cdf(count, found.upper) == pytest.approx(tail, rel=1e-6)
    if count:
        assert poisson.sf(count - 1, found.lower) == pytest.approx(tail, rel=1e-6)


@pytest.mark.requirement("R130", "R138")
@given(st.integers(0, 60), st.integers(1, 10**9), st.integers(0, 60), st.integers(1, 10**9))
@settings(deadline=None)
def test_two_rates_are_compared_by_the_exact_binomial_test(first, hours_1, second, hours_2):
    from scipy.stats import binomtest

    p = rate_test((first, hours_1), (second, hours_2))
    cases = first + second
    expected = binomtest(second, cases, hours_2 / (hours_1 + hours_2)).pvalue if cases else 1.0
    assert p == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (lambda: poisson_interval(-1), "-1 is not possible"),
        (lambda: poisson_interval(3, 95), "confidence 95"),
        (lambda: rate_test((1, 0), (1, 5)), "hours more than 0"),
        (lambda: FailureHistory(10, (11,)), "failure at 11 µs.*10 µs"),
        (lambda: FailureHistory(-1), "observed"),
    ],
)
def test_impossible_counts_are_refused_in_one_sentence(broken, sentence):
    with pytest.raises(ValueError, match=sentence):
        broken()


@pytest.mark.requirement("R090")
def test_mtbf_counts_the_open_interval_and_gives_only_a_bound_without_a_failure():
    result = mtbf([FailureHistory(100 * HOUR_US, (40 * HOUR_US,))])
    assert (result.ratio.value, result.at_least_h) == (100, None)
    none_yet = mtbf([FailureHistory(100 * HOUR_US)])
    assert (none_yet.ratio.value, none_yet.interval) == (None, None)
    assert none_yet.at_least_h == pytest.approx(100 / 2.995732, rel=1e-6)
    assert poisson_lower_bound(100.0, 0.5) == pytest.approx(100 / 0.693147, rel=1e-6)


@pytest.mark.requirement("R090")
def test_mtbf_of_several_assets_sums_run_time_and_failures_and_tests_no_trend():
    from scipy.stats import chi2

    result = mtbf(
        [FailureHistory(100 * HOUR_US, (10 * HOUR_US,)), FailureHistory(200 * HOUR_US, (5, 9 * HOUR_US))]
    )
    assert result.ratio.value == 100
    assert result.trend_z is None
    assert not result.trending
    assert result.interval.lower == pytest.approx(2 * 300 / chi2.ppf(0.975, 8))
    assert result.interval.upper == pytest.approx(2 * 300 / chi2.ppf(0.025, 6))


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=30))
@settings(deadline=None)
def test_the_trend_test_turns_its_sign_when_time_is_turned(ages):
    forward = laplace_trend(FailureHistory(10**6, tuple(sorted(ages))))
    backward = laplace_trend(FailureHistory(10**6, tuple(10**6 - age for age in sorted(ages))))
    assert forward == pytest.approx(-backward, abs=1e-9)


def test_failures_that_come_faster_are_a_trend_and_even_ones_are_not():
    wearing = mtbf([FailureHistory(1000, (500, 700, 800, 880, 930, 960, 980, 990))])
    assert wearing.trending
    assert wearing.trend_z > 0
    assert not mtbf([FailureHistory(1000, (100, 300, 500, 700, 900))]).trending
    assert laplace_trend(FailureHistory(1000, (500,))) is None


def test_the_iso_22400_form_has_its_own_name_and_its_own_value():
    history = FailureHistory(100 * HOUR_US, (40 * HOUR_US,))
    assert mtbf_iso22400(history).value == 50
    assert mtbf([history]).ratio.value == 100
