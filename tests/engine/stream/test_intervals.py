"""States said at instants become intervals, whatever the order and repetition of delivery."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.stream import NO_DATA, Carry, Interval, Point, cover, in_order, state_intervals

END = 60
states = st.sampled_from(["RUN", "IDLE", "DOWN"])
said = st.builds(lambda at, value: (at, value), st.integers(0, END - 1), states)


@st.composite
def streams(draw):
    """Points of one source; the order is the source's own count, the fact is what the point opens to."""
    values = draw(st.lists(said, max_size=12))
    return [Point(at, order, value, 100 + order) for order, (at, value) in enumerate(values)]


signs_of_life = st.lists(st.integers(0, END - 1), max_size=8)
timeouts = st.none() | st.integers(1, END)


def spans(intervals):
    return [(piece.start_us, piece.end_us, piece.state) for piece in intervals]


def test_a_state_lasts_until_the_next_and_the_open_one_is_left_out():
    points = [Point(10, 1, "RUN", 7), Point(25, 2, "IDLE", 8), Point(40, 3, "RUN", 9)]
    assert state_intervals(points) == [Interval(10, 25, "RUN", 10, 7), Interval(25, 40, "IDLE", 25, 8)]


def test_the_open_state_lasts_to_the_given_end_and_nothing_lies_beyond_it():
    points = [Point(10, 1, "RUN"), Point(25, 2, "IDLE"), Point(90, 3, "RUN")]
    assert spans(state_intervals(points, until_us=60)) == [(10, 25, "RUN"), (25, 60, "IDLE")]
    assert spans(state_intervals(points, until_us=20)) == [(10, 20, "RUN")]
    assert state_intervals(points, until_us=10) == []


def test_an_exact_repeat_says_nothing_but_the_same_state_at_a_later_time_does():
    points = [Point(10, 1, "RUN"), Point(10, 5, "RUN"), Point(20, 6, "RUN"), Point(30, 7, "IDLE")]
    assert spans(state_intervals(points)) == [(10, 20, "RUN"), (20, 30, "RUN")]


def test_two_states_of_one_instant_stand_in_the_order_of_the_source():
    points = [Point(10, 2, "IDLE"), Point(10, 1, "RUN"), Point(20, 3, "DOWN")]
    assert spans(state_intervals(points)) == [(10, 10, "RUN"), (10, 20, "IDLE")]


def test_silence_longer_than_the_timeout_is_no_data_until_the_source_is_heard_again():
    points = [Point(0, 1, "RUN", 7), Point(50, 2, "IDLE", 8)]
    assert state_intervals(points, heard=[8, 30], timeout_us=10) == [
        Interval(0, 18, "RUN", 0, 7),
        Interval(18, 30, NO_DATA, 18),
        Interval(30, 40, "RUN", 0, 7),
        Interval(40, 50, NO_DATA, 40),
    ]


def test_hearing_the_source_exactly_at_the_timeout_leaves_no_gap():
    points = [Point(0, 1, "RUN"), Point(20, 2, "IDLE")]
    assert spans(state_intervals(points, heard=[10], timeout_us=10)) == [(0, 20, "RUN")]


def test_a_carried_state_continues_and_does_not_begin_again():
    carry = Carry(at_us=100, state="RUN", since_us=40, heard_us=95, fact=7)
    first, *_ = state_intervals([Point(130, 1, "IDLE")], carry=carry)
    assert first == Interval(100, 130, "RUN", 40, 7)
    assert not first.begins
    assert first.length_us == 30


def test_a_carried_silence_goes_on():
    carry = Carry(at_us=100, state="RUN", since_us=40, heard_us=60)
    pieces = state_intervals([], heard=[120], carry=carry, timeout_us=10, until_us=125)
    assert pieces == [Interval(100, 120, NO_DATA, 70), Interval(120, 125, "RUN", 40)]


def test_a_timeout_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="timeout_us is 0"):
        state_intervals([], timeout_us=0)


def test_a_point_before_its_carry_is_refused():
    with pytest.raises(ValueError, match="earlier than the carry"):
        state_intervals([Point(5, 1, "RUN")], carry=Carry(10, "IDLE", 0, 0))


@pytest.mark.requirement("R159")
@settings(max_examples=400)
@given(streams(), signs_of_life, timeouts, st.randoms(use_true_random=False))
def test_any_permutation_and_duplication_gives_the_same_intervals(points, heard, timeout_us, chance):
    again = points + [chance.choice(points) for _ in range(chance.randrange(6)) if points]
    chance.shuffle(again)
    once = state_intervals(points, heard=heard, timeout_us=timeout_us, until_us=END)
    heard_again = random.Random(0).sample(heard, len(heard)) + heard[:2]
    assert state_intervals(again, heard=heard_again, timeout_us=timeout_us, until_us=END) == once


@settings(max_examples=400)
@given(streams())
def test_repeats_sent_later_under_a_new_number_change_nothing(points):
    resent = [point._replace(order=point.order + 1000, fact=None) for point in points]
    assert in_order(resent + points) == in_order(points)


@settings(max_examples=400)
@given(streams(), signs_of_life, timeouts)
def test_every_moment_is_in_the_state_a_moment_by_moment_reading_gives(points, heard, timeout_us):
    pieces = cover(state_intervals(points, heard=heard, timeout_us=timeout_us, until_us=END), 0, END)
    signs = sorted({*heard, *(point.at_us for point in points)})
    for moment in range(END):
        stated = [point for point in in_order(points) if point.at_us <= moment]
        expected = stated[-1].value if stated else NO_DATA
        if stated and timeout_us is not None:
            last_heard = max(sign for sign in signs if sign <= moment)
            if moment - last_heard >= timeout_us:
                expected = NO_DATA
        (found,) = [piece.state for piece in pieces if piece.start_us <= moment < piece.end_us]
        assert found == expected


@settings(max_examples=400)
@given(streams(), signs_of_life, timeouts)
def test_every_stated_state_begins_exactly_once(points, heard, timeout_us):
    pieces = state_intervals(points, heard=heard, timeout_us=timeout_us, until_us=END)
    begun = [(piece.start_us, piece.state, piece.fact) for piece in pieces if piece.fact and piece.begins]
    assert begun == [(point.at_us, point.value, point.fact) for point in in_order(points)]


@pytest.mark.requirement("X2")
@settings(max_examples=400)
@given(streams(), signs_of_life, timeouts)
def test_every_known_piece_opens_to_the_fact_that_stated_it(points, heard, timeout_us):
    by_fact = {point.fact: point for point in points}
    for piece in state_intervals(points, heard=heard, timeout_us=timeout_us, until_us=END):
        if piece.fact is None:
            assert piece.state == NO_DATA
        else:
            assert by_fact[piece.fact].value == piece.state
            assert by_fact[piece.fact].at_us == piece.since_us
