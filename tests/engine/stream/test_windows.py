"""Windows add up exactly, and windows one after the other equal the whole."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.stream import (
    NO_DATA,
    Carry,
    Interval,
    Point,
    StateTime,
    carry_at,
    cover,
    day_start_us,
    joined,
    merged,
    state_intervals,
    time_in_state,
)

END = 60
HOUR_US = 3_600_000_000
states = st.sampled_from(["RUN", "IDLE", "DOWN"])


@st.composite
def streams(draw):
    values = draw(st.lists(st.tuples(st.integers(0, END - 1), states), max_size=12))
    return [Point(at, order, value, order) for order, (at, value) in enumerate(values)]


signs_of_life = st.lists(st.integers(0, END - 1), max_size=8)
timeouts = st.none() | st.integers(1, END)
cuts = st.lists(st.integers(0, END), max_size=5).map(lambda inner: sorted({0, END, *inner}))


def windows_one_by_one(points, heard, timeout_us, edges):
    """Each window from its own points and the carry of the one before, as a day is rebuilt."""
    carry, days = None, []
    for start_us, end_us in pairwise(edges):
        inside = [point for point in points if start_us <= point.at_us < end_us]
        signs = [sign for sign in heard if start_us <= sign < end_us]
        known = state_intervals(inside, heard=signs, carry=carry, timeout_us=timeout_us, until_us=end_us)
        days.append(cover(known, start_us, end_us))
        carry = carry_at(end_us, inside, heard=signs, carry=carry)
    return days


def test_uncovered_time_of_a_window_is_no_data():
    pieces = cover([Interval(10, 20, "RUN", 10, 1), Interval(30, 40, "IDLE", 30, 2)], 5, 35)
    assert pieces == [
        Interval(5, 10, NO_DATA, 5),
        Interval(10, 20, "RUN", 10, 1),
        Interval(20, 30, NO_DATA, 20),
        Interval(30, 35, "IDLE", 30, 2),
    ]
    assert cover([], 5, 35) == [Interval(5, 35, NO_DATA, 5)]
    assert cover([Interval(10, 20, "RUN", 10)], 12, 12) == []


def test_a_cut_piece_keeps_since_when_its_state_holds():
    (piece,) = cover([Interval(10, 50, "RUN", 10, 1)], 20, 30)
    assert piece == Interval(20, 30, "RUN", 10, 1)
    assert not piece.begins


def test_an_interval_without_length_belongs_to_the_window_that_holds_its_instant():
    blink = Interval(20, 20, "DOWN", 20, 1)
    assert blink in cover([blink], 20, 30)
    assert blink not in cover([blink], 10, 20)


def test_a_window_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="before its start"):
        cover([], 10, 9)


def test_overlapping_intervals_are_refused():
    with pytest.raises(ValueError, match="before the end of the one before"):
        cover([Interval(0, 20, "RUN", 0), Interval(10, 30, "IDLE", 10)], 0, 30)


def test_a_state_said_at_the_first_instant_of_a_window_is_not_carried_into_it():
    points = [Point(5, 1, "RUN", 11), Point(20, 2, "IDLE", 12)]
    assert carry_at(20, points, heard=[9, 20]) == Carry(20, "RUN", 5, 9, 11)
    assert carry_at(21, points) == Carry(21, "IDLE", 20, 20, 12)
    assert carry_at(5, points) is None


def test_a_carry_of_a_later_instant_is_refused():
    with pytest.raises(ValueError, match="later than"):
        carry_at(10, [], carry=Carry(20, "RUN", 0, 0))


def test_the_same_state_said_again_can_be_merged_to_one_stretch():
    pieces = state_intervals([Point(0, 1, "RUN"), Point(10, 2, "RUN"), Point(30, 3, "IDLE")], until_us=40)
    assert merged(pieces) == [Interval(0, 30, "RUN", 0), Interval(30, 40, "IDLE", 30)]
    assert joined(pieces) == pieces


def test_a_source_that_itself_says_no_data_is_not_joined_with_its_silence():
    pieces = [Interval(0, 10, NO_DATA, 0, 7), Interval(10, 20, NO_DATA, 10)]
    assert joined(pieces) == pieces
    assert joined([Interval(0, 10, NO_DATA, 0), Interval(10, 20, NO_DATA, 10)]) == [
        Interval(0, 20, NO_DATA, 0)
    ]


def test_time_in_state_adds_up_pieces_by_state():
    pieces = [Interval(0, 10, "RUN", 0), Interval(10, 12, "IDLE", 10), Interval(12, 20, "RUN", 12)]
    assert time_in_state(pieces) == {"IDLE": StateTime(2, 1), "RUN": StateTime(18, 2)}


@settings(max_examples=400)
@given(streams(), signs_of_life, timeouts, cuts)
def test_the_pieces_of_every_window_add_up_to_it_without_gap_or_overlap(points, heard, timeout_us, edges):
    for (start_us, end_us), pieces in zip(
        pairwise(edges), windows_one_by_one(points, heard, timeout_us, edges), strict=True
    ):
        assert sum(piece.length_us for piece in pieces) == end_us - start_us
        assert pieces[0].start_us == start_us
        assert pieces[-1].end_us == end_us
        assert all(before.end_us == after.start_us for before, after in pairwise(pieces))


@settings(max_examples=400)
@given(streams(), signs_of_life, timeouts, cuts)
def test_windows_rebuilt_one_by_one_join_to_the_one_big_window(points, heard, timeout_us, edges):
    whole = cover(state_intervals(points, heard=heard, timeout_us=timeout_us, until_us=END), 0, END)
    days = windows_one_by_one(points, heard, timeout_us, edges)
    assert joined(piece for day in days for piece in day) == whole


@settings(max_examples=400)
@given(streams(), signs_of_life, timeouts, cuts)
def test_windows_rebuilt_one_by_one_equal_windows_cut_from_the_whole(points, heard, timeout_us, edges):
    whole = state_intervals(points, heard=heard, timeout_us=timeout_us, until_us=END)
    for (start_us, end_us), day in zip(
        pairwise(edges), windows_one_by_one(points, heard, timeout_us, edges), strict=True
    ):
        known = [piece for piece in day if piece.fact is not None]
        assert known == [piece for piece in cover(whole, start_us, end_us) if piece.fact is not None]
        assert time_in_state(day) == time_in_state(cover(whole, start_us, end_us))


@pytest.mark.requirement("X8")
@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-06-15", 24), ("2026-10-25", 25)])
def test_a_local_day_of_23_24_or_25_hours_adds_up_to_itself(day, hours):
    berlin = ZoneInfo("Europe/Berlin")
    start_us = day_start_us(day, berlin)
    next_day = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
    end_us = day_start_us(next_day.date().isoformat(), berlin)
    points = [Point(start_us - HOUR_US, 1, "RUN"), Point(start_us + 2 * HOUR_US, 2, "IDLE")]
    times = time_in_state(
        cover(state_intervals(points, timeout_us=5 * HOUR_US, until_us=end_us), start_us, end_us)
    )
    assert {state: time.length_us // HOUR_US for state, time in times.items()} == {
        "RUN": 2,
        "IDLE": 5,
        NO_DATA: hours - 7,
    }
