"""Will a shift reach its plan? Counted on like shifts, nothing assumed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.outlook import LEAST_SHIFTS, PastShift, outlook

pasts = st.builds(
    lambda plan, now, rest: PastShift(plan, now, now + rest),
    st.integers(1, 10_000), st.integers(0, 10_000), st.integers(0, 10_000),
)  # fmt: skip


def test_the_rest_of_each_past_shift_is_laid_on_this_plan():
    past = [PastShift(100, 50, 100)] * 8 + [PastShift(100, 50, 90)] * 2
    found = outlook(200, 100, past)
    # eight would add 100 and just reach it, two would add 80 and end 20 short
    assert (found.missed, found.n, found.percent, found.short) == (2, 10, 20.0, 4.0)


def test_below_ten_shifts_nothing_is_estimated():
    assert outlook(100, 0, [PastShift(100, 0, 50)] * (LEAST_SHIFTS - 1)).percent is None


def test_what_is_made_already_cannot_be_missed():
    assert outlook(100, 100, [PastShift(100, 0, 0)] * 12).percent == 0.0


@given(st.integers(1, 10_000), st.integers(0, 10_000), st.lists(pasts, min_size=10, max_size=14))
def test_more_made_never_makes_missing_likelier(plan, made, past):
    before, after = outlook(plan, made, past), outlook(plan, made + 1, past)
    assert after.missed <= before.missed
    assert after.short <= before.short
    assert 0 <= before.percent <= 100


def test_a_plan_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        outlook(0, 0, [])
    with pytest.raises(ValueError, match="above 0"):
        PastShift(0, 0, 0)
