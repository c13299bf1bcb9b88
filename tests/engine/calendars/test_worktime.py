"""Working-time arithmetic against counting minute by minute."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.calendars import worktime
from plantbeat.engine.calendars.worktime import FOREVER, NEVER, WorkTime, merged

LAST = 120


@st.composite
def calendars(draw):
    """Open intervals within the first two hours."""
    cuts = draw(st.lists(st.integers(0, LAST), max_size=10, unique=True))
    cuts.sort()
    return list(zip(cuts[::2], cuts[1::2], strict=False))


def open_at(intervals, minute):
    return any(a <= minute < b for a, b in intervals)


def counted_end(intervals, t, minutes):
    """End of work by counting open minutes one by one; None if they run out."""
    while minutes and t <= LAST:
        minutes -= open_at(intervals, t)
        t += 1
    return t if minutes == 0 else None


@given(calendars(), st.integers(-5, LAST + 5))
def test_worked_minutes_are_the_open_minutes_before_an_instant(intervals, t):
    assert WorkTime.of([intervals]).worked(0, t) == sum(open_at(intervals, u) for u in range(-10, t))


@given(calendars(), st.integers(-5, LAST + 5), st.integers(0, 60))
def test_work_is_done_where_counting_open_minutes_says_so(intervals, t, minutes):
    end = WorkTime.of([intervals]).after_work(0, t, minutes)
    expected = counted_end(intervals, t, minutes)
    assert end == (NEVER if expected is None else expected)


@given(calendars(), st.integers(-5, LAST + 5), st.integers(0, 60))
def test_the_latest_begin_leaves_exactly_the_work_before_the_end(intervals, t, minutes):
    work = WorkTime.of([intervals])
    begin = work.latest_begin(0, t, minutes)
    if minutes > work.worked(0, t):
        assert begin == -NEVER
        return
    assert work.worked(0, t) - work.worked(0, begin) == minutes
    assert minutes == 0 or open_at(intervals, begin), "one minute later there would be too little"


@given(calendars(), st.integers(-5, LAST + 5))
def test_the_first_open_minute_is_the_next_one_that_is_open(intervals, t):
    expected = next((u for u in range(t, LAST + 1) if open_at(intervals, u)), NEVER)
    assert WorkTime.of([intervals]).first_open(0, t) == expected


@given(calendars(), st.integers(-5, LAST + 5), st.integers(1, 40))
def test_a_block_begins_where_no_break_interrupts_it(intervals, t, minutes):
    def whole(u):
        return all(open_at(intervals, v) for v in range(u, u + minutes))

    expected = next((u for u in range(t, LAST + 1) if whole(u)), NEVER)
    assert WorkTime.of([intervals]).block_begin(0, t, minutes) == expected


@given(calendars(), calendars(), st.integers(-5, LAST), st.integers(0, 60))
def test_calendars_side_by_side_do_not_touch_each_other(first, second, t, minutes):
    both = WorkTime.of([first, second])
    assert both.after_work(1, t, minutes) == WorkTime.of([second]).after_work(0, t, minutes)
    assert both.intervals(0) == first
    assert both.intervals(1) == second
    assert both.worked(1, t) == WorkTime.of([second]).worked(0, t)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8))
def test_merged_intervals_hold_the_same_minutes_and_never_touch(spans):
    joined = merged(spans)
    for minute in range(51):
        assert open_at(joined, minute) == open_at(spans, minute)
    assert all(b < c for (_, b), (c, _) in pairwise(joined))


def test_a_calendar_that_never_closes_again_has_room_for_everything():
    work = WorkTime.of([[(0, 10), (20, FOREVER)]])
    assert work.after_work(0, 5, 1_000_000) == 1_000_015
    assert work.first_open(0, 12) == 20
    assert work.longest_block(0) == FOREVER - 20


def test_a_calendar_that_is_never_open_answers_never():
    work = WorkTime.of([[]])
    assert work.after_work(0, 0, 1) == NEVER
    assert work.first_open(0, 0) == NEVER
    assert work.block_begin(0, 0, 1) == NEVER
    assert work.latest_begin(0, 50, 1) == -NEVER
    assert work.worked(0, 50) == 0
    assert work.longest_block(0) == 0


@settings(max_examples=30, deadline=None)
@given(calendars(), st.integers(-5, LAST + 5), st.integers(0, 60))
def test_compiled_code_and_plain_python_agree(intervals, t, minutes):
    work = WorkTime.of([intervals])
    lo, hi = 0, len(intervals)
    rows = (lo, hi, work.opens, work.closes, work.before)
    assert worktime.after_work.compiled(*rows, t, minutes) == worktime.after_work(*rows, t, minutes)
    assert worktime.latest_begin.compiled(*rows, t, minutes) == worktime.latest_begin(*rows, t, minutes)
    assert worktime.worked.compiled(*rows, t) == worktime.worked(*rows, t)
    spans = (lo, hi, work.opens, work.closes)
    assert worktime.first_open.compiled(*spans, t) == worktime.first_open(*spans, t)
    assert worktime.block_begin.compiled(*spans, t, minutes) == worktime.block_begin(*spans, t, minutes)


@pytest.mark.parametrize("t", [0, 9, 10, 15, 20, 29])
def test_no_work_takes_no_time_open_or_not(t):
    work = WorkTime.of([[(0, 10), (20, 30)]])
    assert work.after_work(0, t, 0) == t
    assert work.latest_begin(0, t, 0) == t
