"""Plans by the hour: what is due adds up, whatever cuts the time."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.hours import (
    GapPart,
    HourPlan,
    LostTime,
    Run,
    apportioned,
    gap_parts,
    last_working_us,
    ramped,
)

HOUR = 3_600_000_000
MIN = 60_000_000

pytestmark = pytest.mark.requirement("R146")


def test_pieces_spread_over_worked_time_only():
    plan = HourPlan([Run(0, 4 * HOUR, 300)], [(0, HOUR), (2 * HOUR, 4 * HOUR)])
    assert [plan.due_between(hour * HOUR, (hour + 1) * HOUR) for hour in range(4)] == [100, 0, 100, 100]
    assert plan.worth(0, 30 * MIN) == 50
    assert plan.worth(HOUR, 2 * HOUR) == 0


def test_the_first_time_of_a_run_is_slower_where_a_ramp_up_is_set():
    plan = HourPlan([Run(0, 2 * HOUR, 300, ramp_us=HOUR, ramp_percent=50)], [(0, 2 * HOUR)])
    assert [plan.due_between(0, HOUR), plan.due_between(0, 2 * HOUR)] == [100, 300]
    assert ramped(300, HOUR // 200, HOUR, 50) == 2 * HOUR
    assert ramped(50, HOUR // 200, HOUR, 50) == 30 * MIN
    assert ramped(300, HOUR // 200, 0, 50) == 300 * (HOUR // 200)


def test_a_run_without_worked_time_is_due_at_its_end():
    plan = HourPlan([Run(0, HOUR, 7)], [])
    assert (plan.due_between(0, HOUR - 1), plan.due_between(0, HOUR)) == (0, 7)


def test_a_run_that_ends_at_an_instant_begins_so_much_worked_time_before():
    worked = [(0, HOUR), (2 * HOUR, 4 * HOUR)]
    assert last_working_us(worked, 3 * HOUR, 90 * MIN, 0) == 30 * MIN
    assert last_working_us(worked, 3 * HOUR, 9 * HOUR, 10 * MIN) == 10 * MIN


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20), st.integers(0, 5000)), max_size=4),
    st.lists(st.integers(0, 80), min_size=2, max_size=12, unique=True),
    st.integers(0, 30), st.integers(0, 100),
)  # fmt: skip
def test_hours_add_up_to_the_runs_exactly(runs, edges, ramp_min, percent):
    edges = sorted(edges)
    worked = [(edges[i] * MIN, edges[i + 1] * MIN) for i in range(0, len(edges) - 1, 2)]
    plan = HourPlan(
        [Run(a * MIN, (a + n) * MIN, pieces, ramp_min * MIN, percent) for a, n, pieces in runs], worked
    )
    parts = [plan.due_between(at * MIN, (at + 7) * MIN) for at in range(0, 84, 7)]
    assert sum(parts) == sum(pieces for *_times, pieces in runs)
    assert all(part >= 0 for part in parts)


# --- the gap ---


def test_time_lost_costs_what_the_plan_expected_and_the_rest_was_slower():
    lost = [LostTime("JAM", 12 * MIN, Fraction(20)), LostTime("EMPTY", 3 * MIN, Fraction(5))]
    pieces, parts = gap_parts(40, lost, scrap=7)
    assert pieces == [20, 5]
    assert parts == {GapPart.scrap: 7, GapPart.slower: 8}


def test_time_of_which_nothing_is_known_explains_no_more_than_it_was_worth():
    assert gap_parts(30, [], unknown=Fraction(50)) == ([], {GapPart.unexplained: 30})
    assert gap_parts(60, [], unknown=Fraction(50)) == ([], {GapPart.unexplained: 50, GapPart.slower: 10})
    assert gap_parts(-5, [], unknown=Fraction(50)) == ([], {GapPart.faster: -5})


@given(
    st.integers(-500, 500),
    st.lists(st.fractions(0, 300, max_denominator=97), max_size=6),
    st.integers(0, 50), st.integers(0, 50), st.fractions(0, 100, max_denominator=13),
)  # fmt: skip
def test_the_parts_are_the_gap_exactly_and_next_to_their_worth(gap, worths, scrap, rework, unknown):
    lost = [LostTime(place, 1, worth) for place, worth in enumerate(worths)]
    pieces, parts = gap_parts(gap, lost, scrap=scrap, rework=rework, unknown=unknown)
    assert sum(pieces) + sum(parts.values()) == gap
    assert all(abs(count - worth) < 1 for count, worth in zip(pieces, worths, strict=True))
    assert not (GapPart.slower in parts and GapPart.faster in parts)


def test_shares_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="add up"):
        apportioned([Fraction(1, 2)], 1)
