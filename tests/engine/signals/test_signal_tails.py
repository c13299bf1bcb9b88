"""Tail probabilities against scipy, which pages do without."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats  # noqa: TID253

from plantbeat.engine.signals.tails import beta_share, order_statistic_depth, student_tail

SHAPE = st.floats(0.05, 2000.0)


@settings(max_examples=300, deadline=None)
@given(x=st.floats(0.0, 1.0), a=SHAPE, b=SHAPE)
def test_the_incomplete_beta_function_is_that_of_scipy(x: float, a: float, b: float) -> None:
    assert beta_share(x, a, b) == pytest.approx(special.betainc(a, b, x), abs=1e-9, rel=1e-6)


@settings(max_examples=200, deadline=None)
@given(t=st.floats(-30.0, 30.0), freedom=st.floats(1.0, 200.0))
def test_the_tail_of_students_t_is_that_of_scipy(t: float, freedom: float) -> None:
    assert student_tail(t, freedom) == pytest.approx(stats.t.sf(t, freedom), abs=1e-12, rel=1e-6)


def test_with_whole_numbers_it_is_the_tail_of_a_binomial() -> None:
    assert beta_share(0.2, 3, 8) == pytest.approx(stats.binom.sf(2, 10, 0.2))


@pytest.mark.parametrize("n", [5, 6, 9, 20, 57, 120])
def test_an_interval_of_order_statistics_covers_the_median_as_often_as_said(n: int) -> None:
    depth = order_statistic_depth(n, 0.95)
    if depth < 0:
        assert 1 - 2 * 0.5**n < 0.95, "even all values do not cover it"
        return
    assert 1 - 2 * stats.binom.cdf(depth, n, 0.5) >= 0.95
    assert 1 - 2 * stats.binom.cdf(depth + 1, n, 0.5) < 0.95, "and no narrower one would do"
