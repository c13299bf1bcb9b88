"""Shift patterns written out as UTC spans."""

import itertools
from collections import defaultdict
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.calendars import (
    BreakAfter,
    BreakAt,
    CancelledShift,
    ChangedTimes,
    CrewRotation,
    CrewShift,
    ExtraShift,
    Holiday,
    OwnerDay,
    ShiftCalendar,
    ShiftPattern,
    ShiftTimes,
    continental_2_2_3,
    dupont,
    fixed_week,
    four_on_four_off,
    local_day_window,
    metropolitan_2_2_2,
    pitman_2_2_3,
    shift_instances,
    utc_us,
)
from plantbeat.engine.calendars.civil import HOUR_US, MINUTE_US
from plantbeat.engine.calendars.rotations import EARLY, EVERY_DAY, LATE, NIGHT

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2024, 1, 1)
ROUND_THE_CLOCK = {
    "3 shifts, 7 days": fixed_week(MONDAY, weekdays=EVERY_DAY),
    "2-2-3": pitman_2_2_3(MONDAY),
    "2-2-3, days and nights": pitman_2_2_3(MONDAY, days_and_nights=True),
    "4-on-4-off": four_on_four_off(MONDAY),
    "4-on-4-off, days and nights": four_on_four_off(MONDAY, days_and_nights=True),
    "continental 2-2-3": continental_2_2_3(MONDAY),
    "continental 2-2-2": metropolitan_2_2_2(MONDAY),
    "DuPont": dupont(MONDAY),
}
STRANGE = [
    ("America/New_York", date(2024, 3, 10)),
    ("America/New_York", date(2024, 11, 3)),
    ("Europe/Berlin", date(2024, 10, 27)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Australia/Lord_Howe", date(2024, 10, 6)),
    ("Asia/Kolkata", date(2024, 5, 1)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("America/Sao_Paulo", date(2017, 10, 15)),
    ("America/Sao_Paulo", date(2018, 2, 17)),
    ("America/St_Johns", date(2008, 11, 2)),
]
ranges = st.sampled_from(STRANGE).flatmap(
    lambda pair: st.tuples(
        st.just(ZoneInfo(pair[0])),
        st.integers(-9, 9).map(lambda n: pair[1] + timedelta(days=n)),
        st.integers(0, 12),
    )
)
patterns = st.sampled_from(sorted(ROUND_THE_CLOCK)).map(ROUND_THE_CLOCK.__getitem__)


def one_crew(times, zone=BERLIN, **rules):
    pattern = ShiftPattern("one", MONDAY, (times,), (CrewRotation("A", (times.name,)),))
    return ShiftCalendar(pattern, zone, **rules)


@pytest.mark.requirement("R023", "X8")
@given(patterns, ranges, st.sampled_from(OwnerDay))
@settings(max_examples=150, deadline=None)
def test_a_round_the_clock_pattern_tiles_time_in_every_zone(pattern, where, rule):
    zone, first, more = where
    calendar = ShiftCalendar(pattern, zone, rule)
    shifts = shift_instances(calendar, first, first + timedelta(days=more))
    assert shifts == shift_instances(calendar, first, first + timedelta(days=more))
    for before, after in itertools.pairwise(shifts):
        assert before.end_us == after.start_us
    # Widening the range never changes a day: owner days share shifts out, none twice, none lost.
    wider = shift_instances(calendar, first - timedelta(days=3), first + timedelta(days=more + 3))
    by_day = defaultdict(list)
    for shift in wider:
        by_day[shift.owner_day].append(shift)
    inside = [first + timedelta(days=n) for n in range(more + 1)]
    assert [shift for day in inside for shift in by_day[day]] == shifts
    assert sum(shift.length_us for shift in wider) == wider[-1].end_us - wider[0].start_us


@pytest.mark.requirement("R023")
@pytest.mark.parametrize("name", sorted(ROUND_THE_CLOCK))
def test_every_crew_of_a_rotation_works_the_same_hours_over_its_cycle(name):
    pattern = ROUND_THE_CLOCK[name]
    calendar = ShiftCalendar(pattern, ZoneInfo("UTC"))
    last = MONDAY + timedelta(days=pattern.cycle_days - 1)
    hours = defaultdict(int)
    for shift in shift_instances(calendar, MONDAY, last):
        hours[shift.crew] += shift.length_us // HOUR_US
    assert len(set(hours.values())) == 1
    assert sum(hours.values()) == 24 * pattern.cycle_days


@pytest.mark.requirement("R023")
def test_2_2_3_gives_every_crew_every_other_weekend_free():
    calendar = ShiftCalendar(pitman_2_2_3(MONDAY), BERLIN)
    worked = {(s.crew, s.owner_day) for s in shift_instances(calendar, MONDAY, MONDAY + timedelta(days=13))}
    for crew in "ABCD":
        weekends = [
            all((crew, MONDAY + timedelta(days=week * 7 + day)) in worked for day in (4, 5, 6))
            for week in range(2)
        ]
        assert sorted(weekends) == [False, True]


@pytest.mark.requirement("R023", "X8")
def test_the_night_shift_of_a_clock_change_has_seven_or_nine_hours():
    calendar = ShiftCalendar(fixed_week(MONDAY, weekdays=EVERY_DAY), BERLIN)
    nights = {
        day: next(s for s in shift_instances(calendar, day, day) if s.shift == "night").length_us // HOUR_US
        for day in (date(2024, 3, 29), date(2024, 3, 30), date(2024, 10, 26))
    }
    assert list(nights.values()) == [8, 7, 9]


@pytest.mark.requirement("R023", "X8")
@pytest.mark.parametrize(
    ("start", "end", "start_rule", "end_rule", "majority"),
    [
        (time(22), time(6), 1, 2, 2),
        (time(18), time(2), 1, 2, 1),
        (time(20), time(4), 1, 2, 1),  # equal halves stay with the start
        (time(16), time(0), 1, 1, 1),  # an end at midnight is still that day
        (time(6), time(14), 1, 1, 1),
    ],
)
def test_the_owner_day_follows_the_site_rule(start, end, start_rule, end_rule, majority):
    times = ShiftTimes("s", start, end)
    for rule, expected in (
        (OwnerDay.start, start_rule),
        (OwnerDay.end, end_rule),
        (OwnerDay.majority, majority),
    ):
        owner = date(2024, 5, expected)
        started = utc_us(date(2024, 5, 1), start, BERLIN)
        found = shift_instances(one_crew(times, owner_day=rule), owner, owner)
        assert started in {shift.start_us for shift in found}


def test_majority_counts_elapsed_hours_so_the_clock_change_can_decide():
    times = ShiftTimes("night", time(20, 30), time(4))  # 3.5 h before midnight, 4 h after on the clock face
    rule = one_crew(times, owner_day=OwnerDay.majority)
    plain, spring = (
        date(2024, 3, 24),
        date(2024, 3, 31),
    )  # on the second the night has only 3 h after midnight
    assert shift_instances(rule, plain, plain)[0].start_us == utc_us(date(2024, 3, 23), time(20, 30), BERLIN)
    saturday = shift_instances(rule, date(2024, 3, 30), date(2024, 3, 30))
    assert [s.start_us for s in saturday] == [
        utc_us(date(2024, 3, 29), time(20, 30), BERLIN),
        utc_us(date(2024, 3, 30), time(20, 30), BERLIN),
    ]
    assert utc_us(date(2024, 3, 30), time(20, 30), BERLIN) not in {
        s.start_us for s in shift_instances(rule, spring, spring)
    }


def test_breaks_are_taken_by_clock_or_by_elapsed_time_and_paid_or_not():
    times = ShiftTimes(
        "late", time(14), time(22), (BreakAt(time(18), time(18, 30)), BreakAfter(120, 15, paid=True))
    )
    shift = shift_instances(one_crew(times), MONDAY, MONDAY)[0]
    into = [((a - shift.start_us) // MINUTE_US, (b - shift.start_us) // MINUTE_US) for a, b in shift.breaks]
    assert into == [(120, 135), (240, 270)]
    assert shift.planned_us == (480 - 45) * MINUTE_US
    assert shift.paid_us == (480 - 30) * MINUTE_US
    agreed = ShiftTimes("late", time(14), time(22), times.breaks, paid_min=480)
    assert shift_instances(one_crew(agreed), MONDAY, MONDAY)[0].paid_us == 480 * MINUTE_US


def test_a_break_keeps_its_length_on_the_night_of_a_clock_change():
    times = ShiftTimes("night", time(22), time(6), (BreakAt(time(2, 15), time(2, 45)),))
    for day in (date(2024, 3, 30), date(2024, 10, 26), date(2024, 6, 1)):
        shift = shift_instances(one_crew(times), day, day)[0]
        assert [end - start for start, end in shift.breaks] == [30 * MINUTE_US]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 80)), max_size=5),
    st.sampled_from([date(2024, 3, 30), date(2024, 10, 26), date(2024, 6, 1)]),
)
@settings(deadline=None)
def test_breaks_are_disjoint_in_order_and_inside_the_shift(pauses, day):
    times = ShiftTimes("night", time(22), time(6), tuple(BreakAfter(at, length) for at, length in pauses))
    shift = shift_instances(one_crew(times), day, day)[0]
    edges = [edge for span in shift.breaks for edge in span]
    assert edges == sorted(set(edges))
    assert all(shift.start_us <= edge <= shift.end_us for edge in edges)
    assert shift.planned_us + sum(end - start for start, end in shift.breaks) == shift.length_us


@pytest.mark.requirement("R023")
def test_a_holiday_stops_the_shifts_that_begin_on_it_or_replaces_them():
    short = ShiftTimes("short early", time(6), time(12))
    calendar = ShiftCalendar(
        fixed_week(MONDAY, weekdays=EVERY_DAY),
        BERLIN,
        holidays=(
            Holiday(date(2024, 12, 25), "Christmas Day"),
            Holiday(date(2024, 12, 24), "Christmas Eve", (CrewShift("A", short),)),
        ),
    )
    shifts = shift_instances(calendar, date(2024, 12, 23), date(2024, 12, 26))
    assert [(s.owner_day.day, s.shift) for s in shifts] == [
        (23, "early"),
        (23, "late"),
        (23, "night"),
        (24, "short early"),
        (26, "early"),
        (26, "late"),
        (26, "night"),
    ]


def test_one_off_changes_add_cancel_and_move_shifts():
    saturday = date(2024, 5, 4)
    calendar = ShiftCalendar(
        fixed_week(MONDAY, (EARLY, LATE)),
        BERLIN,
        changes=(
            ExtraShift(saturday, "A", EARLY),
            CancelledShift(date(2024, 5, 3), "late"),
            ChangedTimes(date(2024, 5, 2), "early", ShiftTimes("early", time(5), time(13)), crew="A"),
        ),
    )
    shifts = shift_instances(calendar, date(2024, 5, 2), saturday)
    assert [(s.owner_day.day, s.shift, s.crew) for s in shifts] == [
        (2, "early", "A"),
        (2, "late", "B"),
        (3, "early", "A"),
        (4, "early", "A"),
    ]
    assert shifts[0].start_us == utc_us(date(2024, 5, 2), time(5), BERLIN)


def test_a_change_to_a_shift_nobody_works_is_refused_by_name():
    calendar = ShiftCalendar(
        fixed_week(MONDAY, (EARLY, LATE)), BERLIN, changes=(CancelledShift(date(2024, 5, 3), "night"),)
    )
    with pytest.raises(ValueError, match=r"2024-05-03 to shift 'night'.*early \(A\), late \(B\)"):
        shift_instances(calendar, date(2024, 5, 3), date(2024, 5, 3))
    wrong_crew = ShiftCalendar(
        fixed_week(MONDAY, (EARLY, LATE)), BERLIN, changes=(CancelledShift(date(2024, 5, 3), "late", "A"),)
    )
    with pytest.raises(ValueError, match="crew 'A' does not work it"):
        shift_instances(wrong_crew, date(2024, 5, 3), date(2024, 5, 3))


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (lambda: ShiftTimes("", time(6), time(14)), "needs a name"),
        (lambda: ShiftTimes("s", time(6, 0, 1), time(14)), "whole minutes"),
        (lambda: ShiftTimes("s", time(6), time(14), (BreakAt(time(15), time(15, 30)),)), "does not fit"),
        (lambda: ShiftTimes("s", time(6), time(14), paid_min=-1), "0 or more"),
        (lambda: BreakAfter(-1, 10), "0 or more"),
        (lambda: ShiftPattern("p", MONDAY, (EARLY,), ()), "at least one crew"),
        (lambda: ShiftPattern("p", MONDAY, (EARLY, EARLY), (CrewRotation("A", ("early",)),)), "must differ"),
        (lambda: ShiftPattern("p", MONDAY, (EARLY,), (CrewRotation("A", ("night",)),)), "'night'"),
        (
            lambda: ShiftPattern(
                "p", MONDAY, (EARLY,), (CrewRotation("A", ("early",)), CrewRotation("B", (None, None)))
            ),
            "'B' has 2 days, the cycle has 1",
        ),
        (lambda: fixed_week(MONDAY, (EARLY, LATE, NIGHT), crews=("A",)), "need 3 crews"),
        (lambda: fixed_week(MONDAY, weekdays=(7,)), "weekday 7"),
        (lambda: dupont(MONDAY, crews=("A", "B")), "needs 4 crews"),
    ],
)
def test_a_pattern_that_cannot_be_worked_is_refused_in_one_sentence(broken, sentence):
    with pytest.raises(ValueError, match=sentence):
        broken()


def test_the_cycle_repeats_before_its_anchor_too():
    calendar = ShiftCalendar(fixed_week(date(2024, 5, 8), (EARLY,)), BERLIN)
    assert {s.owner_day.weekday() for s in shift_instances(calendar, date(2023, 1, 1), date(2023, 3, 1))} == {
        0,
        1,
        2,
        3,
        4,
    }


def test_a_day_of_three_shifts_adds_up_to_the_local_day_under_majority_and_midnight_shifts():
    times = (
        ShiftTimes("a", time(0), time(8)),
        ShiftTimes("b", time(8), time(16)),
        ShiftTimes("c", time(16), time(0)),
    )
    calendar = ShiftCalendar(fixed_week(MONDAY, times, EVERY_DAY), BERLIN)
    for day in (date(2024, 3, 31), date(2024, 10, 27), date(2024, 6, 1)):
        shifts = shift_instances(calendar, day, day)
        assert sum(shift.length_us for shift in shifts) == local_day_window(day, BERLIN).length_us
