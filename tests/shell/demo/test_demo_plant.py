"""The parts of the simulated plant that are not lines: real machines replayed, people, weeks of history."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.counters import CounterState, counter_advance
from plantbeat.kernel import clock
from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US
from plantbeat.shell.demo.machine_streams import LAP_US, RECORDINGS, MachineStream
from plantbeat.shell.demo.people_simulation import Roster, attendance, incidents
from plantbeat.shell.demo.plant_reading import week_end_us, week_start_us
from plantbeat.shell.demo.plant_simulation import CELL, PlantPlan, PlantSimulation
from plantbeat.shell.demo.segments import number_after, segments
from shell.demo.simulated_line import MONDAY_US, WEEK_US, plan, told_by

CHICAGO = ZoneInfo("America/Chicago")
LATHE, MILL = (MachineStream(recording, MONDAY_US) for recording in RECORDINGS)
BUILT_US = MONDAY_US + 3 * DAY_US + 5 * HOUR_US


# --- real machines ---


def test_a_recording_is_shifted_by_whole_weeks_so_that_monday_stays_monday() -> None:
    for stream, recording in zip((LATHE, MILL), RECORDINGS, strict=True):
        recorded = clock.to_us(clock.from_us(0)) + (recording.first_week - date(1970, 1, 1)).days * DAY_US
        assert (stream.begin_us - recorded) % WEEK_US == MONDAY_US % WEEK_US - recorded % WEEK_US
        assert recording.first_week.weekday() == 0


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 2 * LAP_US), max_size=6))
def test_however_it_is_cut_a_recording_is_told_once_and_whole_over_laps(cuts: list[int]) -> None:
    begin = MONDAY_US - LAP_US - 1
    whole = MILL.between(begin, begin + 2 * LAP_US)
    edges = [begin, *sorted(begin + cut for cut in cuts), begin + 2 * LAP_US]
    assert [one for a, b in pairwise(edges) for one in MILL.between(a, b)] == whole
    assert len(whole) == 2 * len(MILL.events) > 10_000
    half = len(whole) // 2
    assert [one.t_us + LAP_US for one in whole[:half]] == [one.t_us for one in whole[half:]]


@pytest.mark.requirement("R159")
def test_the_lathes_register_counts_on_over_laps_and_its_false_zeros_count_nothing() -> None:
    begin = MONDAY_US - LAP_US - 1
    readings = [
        one.body["value"] for one in LATHE.between(begin, begin + 3 * LAP_US) if one.kind == "counter"
    ]
    assert 0 in readings
    one_lap, _state = counter_advance(readings[: len(readings) // 3])
    three_laps, state = counter_advance(readings)
    assert one_lap == 717
    assert three_laps == 3 * 717
    assert isinstance(state, CounterState)


def test_a_clock_that_fell_back_to_2002_is_told_as_it_came() -> None:
    told = LATHE.between(MONDAY_US - LAP_US - 1, MONDAY_US)
    assert [clock.from_us(one.t_us).year for one in told if one.t_us < MONDAY_US - LAP_US] == [2002]


def test_the_notice_of_the_recordings_ships_with_them() -> None:
    from importlib.resources import files

    folder = files("plantbeat.shell.demo") / "data"
    notice = (folder / "NOTICE").read_text(encoding="utf-8")
    for recording in RECORDINGS:
        assert recording.file in notice
        assert (folder / recording.file).is_file()
    assert "NIST SMS Test Bed" in notice
    assert "968279f1" in notice


# --- people ---

ROSTERS = [Roster(MONDAY_US + day * DAY_US, line, "A", 12) for day in range(90) for line in ("L1", "L2")]


def test_attendance_adds_up_and_most_people_come() -> None:
    told = list(attendance(ROSTERS, "s", MONDAY_US - 1, MONDAY_US + 90 * DAY_US))
    assert 0.95 * len(ROSTERS) < len(told) < len(ROSTERS), "now and then it is not taken"
    bodies = [one.body for one in told]
    assert all(0 <= b["present"] <= b["rostered"] - b["leave"] for b in bodies)
    present = sum(b["present"] for b in bodies) / sum(b["rostered"] - b["leave"] for b in bodies)
    assert 0.93 < present < 0.98


@settings(max_examples=20, deadline=None)
@given(cut=st.integers(0, 90 * DAY_US))
def test_people_are_told_of_once_wherever_the_time_is_cut(cut: int) -> None:
    def told(a: int, b: int) -> list:
        return [*attendance(ROSTERS, "s", a, b), *incidents(("L1", "L2"), "s", BUILT_US, a, b)]

    begin, end = MONDAY_US - 1, MONDAY_US + 90 * DAY_US
    parts = [*told(begin, begin + cut), *told(begin + cut, end)]
    assert sorted(parts, key=str) == sorted(told(begin, end), key=str)


def test_two_people_were_hurt_in_the_ninety_days_before_and_some_nearly() -> None:
    told = list(incidents(("L1", "L2"), "s", BUILT_US, BUILT_US - 90 * DAY_US, BUILT_US))
    severities = [one.body["severity"] for one in told]
    assert severities.count("recordable") == 2
    assert 8 < severities.count("near_miss") < 40
    assert len({one.body["case"] for one in told}) == len(told)


# --- the whole plant ---


def plant() -> PlantPlan:
    lines = {code: plan(code) for code in ("L1", "L2")}
    return PlantPlan("s", BUILT_US, lines, {"CNC2": plan("CNC2")}, [LATHE, MILL], ROSTERS)


class NoJobs:
    def next_job(self, _at_us: int) -> None:
        return None


def test_the_plant_taken_up_again_tells_what_it_would_have_told() -> None:
    from plantbeat.shell.demo.campaigns import PastOrders

    def orders() -> dict:
        return {code: PastOrders(one, MONDAY_US, None, 1) for code, one in plant().simulated().items()}

    end = MONDAY_US + 3 * DAY_US
    whole = PlantSimulation.begun(plant(), MONDAY_US).run(end, orders())
    simulation, jobs = PlantSimulation.begun(plant(), MONDAY_US), orders()
    parts: dict[str, list] = {code: [] for code in whole}
    for hours in (1, 7, 30, 71, 72):
        for code, row in simulation.run(MONDAY_US + hours * HOUR_US, jobs).items():
            parts[code] += row
        simulation = PlantSimulation.resumed(plant(), simulation.put_away())
    assert parts == whole
    assert set(whole) == {"L1", "L2", CELL}
    assert {one.asset for one in whole[CELL]} == {"CNC2", "CNC4"}


def test_a_line_without_orders_waits_and_says_so() -> None:
    told = PlantSimulation.begun(plant(), MONDAY_US).run(
        MONDAY_US + DAY_US, dict.fromkeys(("L1", "L2", "CNC2"), NoJobs())
    )
    assert [one.body["state"] for one in told["L1"] if one.asset == "L1-FIL" and one.kind == "state"] == [
        "no_order"
    ]


# --- weeks ---


@settings(max_examples=60, deadline=None)
@given(
    built=st.integers(MONDAY_US - 400 * DAY_US, MONDAY_US + 400 * DAY_US),
    days=st.sampled_from([1, 7, 14, 90]),
)
@pytest.mark.requirement("X8")
def test_stretches_of_history_follow_each_other_and_begin_on_mondays_at_six(built: int, days: int) -> None:
    made = segments(built, days, CHICAGO)
    assert made[0].end_us == built
    assert made[0].is_open
    assert not any(one.is_open for one in made[1:])
    assert all(later.start_us == earlier.end_us for later, earlier in pairwise(made))
    assert built - made[0].start_us >= min(days, 7) * DAY_US
    assert made[-1].start_us <= built - days * DAY_US < made[-1].start_us + 2 * WEEK_US + DAY_US
    for one in made:
        local = clock.from_us(one.start_us).astimezone(CHICAGO)
        assert (local.weekday(), local.hour, local.minute) == (0, 6, 0)


def test_no_two_lines_or_stretches_share_an_order_number() -> None:
    ranges = [
        (one.first_number(place, CHICAGO), one.first_number(place, CHICAGO) + 99)
        for one in segments(BUILT_US, 90, CHICAGO)
        for place in range(8)
    ]
    ordered = sorted(ranges)
    assert all(before[1] < after[0] for before, after in pairwise(ordered))
    assert ordered[-1][1] < number_after(BUILT_US)


def test_a_working_week_has_an_hour_more_when_the_clocks_go_back() -> None:
    autumn = clock.to_us(clock.EPOCH.replace(year=2026, month=10, day=30))
    length = week_end_us(autumn, CHICAGO) - week_start_us(autumn, CHICAGO)
    assert length == WEEK_US + HOUR_US
    assert timedelta(microseconds=length).days == 7


def test_a_line_tells_far_less_than_a_million_facts_in_ninety_days() -> None:
    a_week = sum(len(told_by(plan(line), days=7)) for line in ("L1", "L2", "L3", "L4", "L5", "CNC2", "CNC5"))
    assert 15_000 < a_week < 1_000_000 * 7 / 90
