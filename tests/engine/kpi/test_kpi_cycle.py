"""Real cycle times: weighted by pieces, exact, and within the spans they come from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.kpi.cycle import CountedHour, cycle_times

pytestmark = pytest.mark.requirement("R014")

SECOND_US = 1_000_000


def test_the_quantiles_are_of_pieces_and_not_of_hours():
    hours = [CountedHour(900 * 4 * SECOND_US, 900), CountedHour(50 * 10 * SECOND_US, 50)]
    found = cycle_times([*hours, CountedHour(50 * 20 * SECOND_US, 50)])
    assert found is not None
    assert (found.pieces, found.hours) == (1000, 3)
    assert (found.p10_us, found.p50_us, found.p90_us) == (4 * SECOND_US, 4 * SECOND_US, 4 * SECOND_US)
    assert found.mean.value == (900 * 4 + 50 * 10 + 50 * 20) / 1000


def test_hours_without_pieces_or_without_production_say_nothing_about_the_cycle():
    assert cycle_times([CountedHour(3_600 * SECOND_US, 0), CountedHour(0, 12)]) is None


@given(st.lists(st.builds(CountedHour, st.integers(1, 10**10), st.integers(1, 10**5)), min_size=1))
def test_quantiles_are_ordered_and_match_the_pieces_laid_out_one_by_one(hours):
    found = cycle_times(hours)
    assert found is not None
    assert found.p10_us <= found.p50_us <= found.p90_us
    cycles = sorted((one.production_us / one.pieces, one.pieces) for one in hours)
    assert int(cycles[0][0]) <= found.p10_us <= found.p90_us <= cycles[-1][0] + 1
    below = sum(one.pieces for one in hours if one.production_us // one.pieces <= found.p50_us)
    assert 2 * below >= found.pieces
