"""What the plan of an hour is made of: parts that are the plan, and time that makes nothing."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.calendars.civil import hour_slots, local_day_window
from plantbeat.engine.hours import ClosedTime, HourPlan, Run, TakenOut, Why, taken_out

HOUR = 3_600_000_000
MIN = 60_000_000

pytestmark = pytest.mark.requirement("R146")


def test_a_part_is_rate_times_time_and_a_piece_counts_where_it_becomes_whole():
    plan = HourPlan([Run(0, 2 * HOUR, 105, order="W1")], [(0, 20 * MIN), (30 * MIN, 2 * HOUR)])
    first, second = plan.parts_between(0, HOUR)
    assert [(one.us // MIN, one.exact, one.pieces) for one in (first, second)] == [
        (20, Fraction(210, 11), 19), (30, Fraction(315, 11), 28),
    ]  # fmt: skip
    assert first.pieces_per_h == second.pieces_per_h == Fraction(105 * 60, 110)
    assert plan.due_between(0, HOUR) == 47 == int(first.exact + second.exact)
    assert second.run.order == "W1"
    assert plan.parts_between(HOUR, HOUR) == []


def test_a_ramp_up_is_a_part_of_its_own_with_its_share_of_the_rate():
    plan = HourPlan([Run(0, 2 * HOUR, 300, ramp_us=30 * MIN, ramp_percent=50)], [(0, 2 * HOUR)])
    slow, full = plan.parts_between(0, HOUR)
    assert [(slow.percent, full.percent), (slow.end_us, full.start_us)] == [(50, 100), (30 * MIN, 30 * MIN)]
    assert slow.pieces_per_h * 2 == full.pieces_per_h


def test_a_run_without_worked_time_is_one_part_without_a_rate():
    plan = HourPlan([Run(0, HOUR, 7)], [])
    (part,) = plan.parts_between(0, HOUR)
    assert (part.us, part.pieces, part.pieces_per_h) == (0, 7, None)
    assert plan.parts_between(HOUR, 2 * HOUR) == []


def test_time_that_makes_nothing_says_why():
    run = Run(20 * MIN, 50 * MIN, 30, setup_from_us=8 * MIN)
    closed = [
        ClosedTime(10 * MIN, 15 * MIN, Why.shift_break),
        ClosedTime(12 * MIN, 16 * MIN, Why.planned_stop),
    ]
    plan = HourPlan([run], [(0, 10 * MIN), (16 * MIN, HOUR)])
    found = taken_out(0, HOUR, plan.parts_between(0, HOUR), plan.runs(), closed)
    assert [(one.start_us // MIN, one.end_us // MIN, one.why) for one in found] == [
        (0, 8, Why.nothing), (8, 10, Why.setup), (10, 15, Why.shift_break), (15, 16, Why.planned_stop),
        (16, 20, Why.setup), (50, 60, Why.nothing),
    ]  # fmt: skip
    assert found[1].run is run
    assert taken_out(0, 30 * MIN, [], [], []) == [TakenOut(0, 30 * MIN, Why.nothing)]


DAYS = st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 10)])
"""The days of 23 and 25 hours in Berlin, and one of 24."""
STRETCHES = st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 200)), max_size=6)


def _by(run: Run, worked: list[tuple[int, int]], at_us: int) -> int:
    """Time at full rate that a run has had by an instant (% · µs); time of its ramp-up counts less."""
    spans = [(max(a, run.start_us), min(b, run.end_us)) for a, b in worked]
    whole_us = sum(max(0, min(b, at_us) - a) for a, b in spans if b > a)
    return 100 * whole_us - (100 - run.ramp_percent) * min(whole_us, run.ramp_us)


def _due_by(runs: list[Run], worked: list[tuple[int, int]], at_us: int) -> int:
    """The plan by an instant as DEFINITIONS says it, without parts: whole pieces at the run's rate."""
    due = 0
    for run in runs:
        whole = _by(run, worked, run.end_us)
        done = run.pieces * _by(run, worked, at_us) // whole if whole else 0
        due += run.pieces if at_us >= run.end_us else done
    return due


@given(
    DAYS, STRETCHES, STRETCHES, st.integers(0, 40), st.integers(1, 100), st.integers(0, 1500),
    st.lists(st.integers(0, 4000), min_size=6, max_size=6),
)  # fmt: skip
def test_the_parts_of_every_hour_are_its_plan_and_its_time(
    day, pauses, jobs, ramp_min, percent, as_of_min, pieces
):
    zone = ZoneInfo("Europe/Berlin")
    slots = hour_slots(local_day_window(day, zone), zone)
    first, last = slots[0].start_us, slots[-1].end_us
    closed, worked, at_us = [], [], first
    for start_min, minutes in sorted(pauses):
        begin = max(at_us, first + start_min * MIN)
        end = min(begin + minutes * MIN, last)
        if begin >= end:
            continue
        closed.append(ClosedTime(begin, end, Why.shift_break if start_min % 2 else Why.planned_stop))
        worked += [(at_us, begin)] if begin > at_us else []
        at_us = end
    worked += [(at_us, last)] if at_us < last else []
    runs, at_us = [], first
    for (start_min, minutes), count in zip(sorted(jobs), pieces, strict=False):
        begin = max(at_us, first + start_min * MIN)
        end = min(begin + minutes * MIN, last)
        if begin < end:
            runs.append(Run(begin, end, count, ramp_min * MIN, percent, max(at_us, begin - 9 * MIN)))
            at_us = end
    plan = HourPlan(runs, worked)
    for slot in slots:
        edge = min(max(first + as_of_min * MIN, slot.start_us), slot.end_us)
        parts = plan.parts_between(slot.start_us, slot.end_us)
        so_far = plan.parts_between(slot.start_us, edge)
        rest = plan.parts_between(edge, slot.end_us)
        oracle = [_due_by(runs, worked, at) for at in (slot.start_us, edge, slot.end_us)]
        assert sum(part.pieces for part in parts) == plan.due_between(slot.start_us, slot.end_us)
        assert plan.due_between(slot.start_us, slot.end_us) == oracle[2] - oracle[0]
        assert sum(part.pieces for part in so_far) == oracle[1] - oracle[0]
        assert sum(part.pieces for part in (*so_far, *rest)) == oracle[2] - oracle[0]
        assert all(abs(part.exact - part.pieces) < 1 for part in parts if part.us)
        idle = taken_out(slot.start_us, slot.end_us, parts, runs, closed)
        assert sum(one.us for one in (*parts, *idle)) == slot.end_us - slot.start_us
        assert all(one.us > 0 for one in idle)
    assert sum(plan.due_between(slot.start_us, slot.end_us) for slot in slots) == sum(r.pieces for r in runs)
