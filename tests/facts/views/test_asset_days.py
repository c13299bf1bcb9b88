"""A day of a machine and of its line, from facts to the cube."""

from __future__ import annotations

from datetime import date

import pytest
from line_of_machines import BERLIN, HOUR, MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.plant.records.machine_counter import MachineCounter
from plantbeat.facts.log import reverse
from plantbeat.facts.models import AssetDay, AssetHour, Fact, FactInterval
from plantbeat.kernel import clock
from plantbeat.kernel.act import act

DAY, NEXT = "2026-03-10", "2026-03-11"
LATER = at("2026-03-12", "12:00")

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    with clock.at(LATER):
        yield


@pytest.fixture
def line(now):
    return LineOfMachines()


def stop(line, start, end, day=DAY, asset="M1"):
    """Running all day with one stop."""
    return (
        line.fact("state", at(day, "00:00"), asset, state="running"),
        line.fact("state", at(day, start), asset, state="stopped"),
        line.fact("state", at(day, end), asset, state="running"),
    )


@pytest.mark.requirement("R157", "R092", "R069")
def test_states_counts_and_orders_become_a_cube_that_adds_up(line):
    line.say(
        line.fact("state", at(DAY, "06:00"), state="running"),
        line.fact("order_start", at(DAY, "05:00"), order="WO-1", item="P", asset="L1"),
        line.fact("state", at(DAY, "08:00"), state="stopped"),
        line.fact("state", at(DAY, "09:00"), state="running"),
        line.fact("state", at(DAY, "13:00"), state="stopped"),
        line.fact("state", at(DAY, "13:02"), state="running"),
        line.fact("count", at(DAY, "07:30"), asset="M2", good=90, scrap=2),
        line.fact("scrap", at(DAY, "10:00"), asset="M2", quantity=3, reason="BURR"),
    )
    line.drain()
    expected = {"no_order": 300, "no_data": 60, "running": 18 * 60 - 62, "own_stop": 60, "micro_stop": 2}
    assert line.states("M1", DAY) == expected
    assert line.states("L1", DAY) == expected
    assert (line.total("good"), line.total("scrap")) == (90, 5)
    assert line.total("scrap", defect="BURR") == 3
    assert line.total("ideal_all_us") == 95 * MIN
    assert line.total("starts", state="own_stop") == 1
    line.check()


def test_a_reason_decides_what_a_stop_counts_as_and_the_latest_one_holds(line):
    first, second, third = stop(line, "08:00", "10:00")
    line.say(first, second, third)
    line.say(line.fact("reason", at(DAY, "10:01"), reason="JAM", from_us=at(DAY, "08:00")))
    line.drain()
    assert line.total("us", state="own_stop", reason="JAM") == 2 * HOUR
    line.say(
        line.fact(
            "reason", at(DAY, "10:02"), reason="EMPTY", from_us=at(DAY, "09:00"), until_us=at(DAY, "09:30")
        )
    )
    line.drain()
    assert line.total("us", state="own_stop", reason="JAM") == 90 * MIN
    assert line.total("us", state="starved", reason="EMPTY") == 30 * MIN
    assert line.states("M1", DAY)["running"] == 22 * 60
    line.check()


def test_a_reason_does_not_turn_running_time_into_a_stop(line):
    line.say(*stop(line, "08:00", "10:00"))
    line.say(
        line.fact(
            "reason", at(DAY, "11:00"), reason="JAM", from_us=at(DAY, "07:00"), until_us=at(DAY, "11:00")
        ),
        line.fact("reason", at(DAY, "11:01"), reason="EMPTY", from_us=at(DAY, "12:00")),
    )
    line.drain()
    assert line.states("M1", DAY) == {"running": 22 * 60, "own_stop": 120}
    assert line.total("us", reason="JAM") == 2 * HOUR
    line.check()


@pytest.mark.requirement("X8")
def test_a_stop_across_midnight_is_one_stop_with_one_reason(line):
    line.say(
        line.fact("state", at(DAY, "20:00"), state="running"),
        line.fact("state", at(DAY, "23:00"), state="stopped"),
        line.fact("state", at(NEXT, "01:00"), state="running"),
    )
    line.drain()
    line.say(line.fact("reason", at(NEXT, "01:01"), reason="JAM", from_us=at(DAY, "23:00")))
    line.drain()
    for day in (DAY, NEXT):
        assert line.total("us", "M1", day=day, reason="JAM") == HOUR
    assert line.total("starts", "M1", state="own_stop") == 1
    pieces = FactInterval.objects.filter(asset=line.asset("M1"), state="own_stop").order_by("start_us")
    assert [(piece.begins, piece.end_us - piece.start_us) for piece in pieces] == [
        (True, HOUR),
        (False, HOUR),
    ]
    line.check()


@pytest.mark.requirement("X8")
def test_a_micro_stop_across_midnight_is_judged_by_its_whole_length(line):
    line.say(
        line.fact("state", at(DAY, "20:00"), state="running"),
        line.fact("state", at(DAY, "23:58"), state="stopped"),
    )
    with clock.at(at(NEXT, "00:00") + 1_000_000):
        line.drain()
        assert line.states("M1", DAY)["own_stop"] == 2
    line.say(line.fact("state", at(NEXT, "00:02"), state="running"))
    line.drain()
    assert line.states("M1", DAY)["micro_stop"] == 2
    assert line.states("M1", NEXT)["micro_stop"] == 2
    assert line.total("starts", "M1", state="micro_stop") == 1
    line.check()


def test_a_stop_going_on_is_an_own_stop_until_it_turns_out_short(line):
    line.say(line.fact("state", at(DAY, "06:00"), state="running"))
    line.say(line.fact("state", at(DAY, "08:00"), state="stopped"))
    with clock.at(at(DAY, "08:01")):
        line.drain()
        assert line.states("M1", DAY)["own_stop"] == 1
        assert AssetDay.objects.get(asset=line.asset("M1")).until_us == at(DAY, "08:01")
    line.say(line.fact("state", at(DAY, "08:03"), state="running"))
    line.drain()
    assert line.states("M1", DAY)["micro_stop"] == 3
    line.check()


@pytest.mark.requirement("X2")
def test_a_fact_taken_back_is_gone_from_the_cube_and_stays_in_the_log(line):
    *_, lsn = line.say(*stop(line, "08:00", "10:00"), line.fact("count", at(DAY, "09:00"), "M2", good=7))
    line.drain()
    assert line.total("good") == 7
    reverse(Fact.objects.get(lsn=lsn), SYSTEM, "counted twice")
    line.drain()
    assert line.total("good") == 0
    assert Fact.objects.filter(lsn=lsn).exists()
    line.check()


def test_a_reason_taken_back_frees_the_day_it_had_reached(line):
    line.say(*stop(line, "08:00", "10:00"))
    (lsn,) = line.say(line.fact("reason", at(NEXT, "09:00"), reason="JAM", from_us=at(DAY, "08:00")))
    line.drain()
    assert line.total("us", reason="JAM") == 2 * HOUR
    reverse(Fact.objects.get(lsn=lsn), SYSTEM, "wrong machine")
    line.drain()
    assert line.total("us", reason="JAM") == 0
    line.check()


def test_a_fact_late_by_a_year_is_the_same_path(line):
    line.say(*stop(line, "08:00", "10:00"))
    line.drain()
    before = line.states("M1", DAY)
    line.say(line.fact("state", at("2025-03-10", "12:00"), state="stopped"))
    line.drain()
    assert line.states("M1", "2025-03-10") == {"no_data": 720, "own_stop": 720}
    assert line.states("M1", "2025-12-24") == {"own_stop": 1440}
    assert line.states("M1", DAY) == before
    line.check()


@pytest.mark.requirement("X8")
@pytest.mark.parametrize("day, hours", [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_local_day_has_the_hours_its_clocks_show(day, hours):
    with clock.at(at(day) + 48 * HOUR):
        line = LineOfMachines(BERLIN)
        line.say(line.fact("state", at(day) - 48 * HOUR, state="running"))
        line.say(line.fact("count", at(day, "12:00"), "M2", good=1))
        line.drain()
        row = AssetDay.objects.get(asset=line.asset("M1"), day=day)
        assert row.end_us - row.start_us == hours * HOUR
        cube = AssetHour.objects.filter(asset=line.asset("M1"), day=day)
        assert sum(cube.values_list("us", flat=True)) == hours * HOUR
        assert cube.values("hour_us").distinct().count() == hours
        shifts = cube.exclude(shift_id=None).values_list("production_day", flat=True).distinct()
        assert set(shifts) == {
            date.fromisoformat(day),
            date.fromordinal(date.fromisoformat(day).toordinal() - 1),
        }
        line.check()


def test_silence_is_no_data_until_the_source_is_heard_again():
    with clock.at(LATER):
        line = LineOfMachines(silent_after=10 * MIN)
        line.say(
            line.fact("state", at(DAY, "08:00"), state="running"),
            line.fact("heartbeat", at(DAY, "08:05")),
            line.fact("note", at(DAY, "08:10"), text="a person is no sign of the machine"),
            line.fact("heartbeat", at(DAY, "09:00")),
            line.fact("state", at(DAY, "09:05"), state="stopped"),
        )
        line.drain()
        assert line.states("M1", DAY, hour_us=at(DAY, "08:00")) == {"running": 15, "no_data": 45}
        assert line.states("M1", DAY, hour_us=at(DAY, "09:00")) == {
            "running": 5,
            "own_stop": 10,
            "no_data": 45,
        }
        line.check()


def test_a_declared_gap_is_no_data_on_whatever_day_it_is_declared(line):
    line.say(*stop(line, "08:00", "10:00"))
    line.say(line.fact("gap", at(NEXT, "07:00"), from_us=at(DAY, "22:00"), until_us=at(NEXT, "02:00")))
    line.drain()
    assert line.states("M1", DAY) == {"running": 20 * 60, "own_stop": 120, "no_data": 120}
    assert line.states("M1", NEXT) == {"no_data": 120, "running": 22 * 60}
    line.check()


def test_a_set_up_wins_over_the_motion_of_the_machine_and_belongs_to_its_order(line):
    line.say(
        *stop(line, "08:00", "08:30"),
        line.fact("setup_start", at(DAY, "08:10"), asset="M1", order="WO-2", item="P"),
        line.fact("setup_end", at(DAY, "09:00"), asset="M1"),
        line.fact("order_start", at(DAY, "09:00"), asset="M1", order="WO-2", item="P"),
    )
    line.drain()
    assert line.states("M1", DAY, state="setup", order_number="WO-2", product="P") == {"setup": 50}
    assert line.states("M1", DAY)["running"] == 24 * 60 - 50 - 10
    line.check()


def test_pieces_before_the_first_piece_approval_are_set_up_pieces(line):
    act(line.line, "edit", SYSTEM, {"first_piece": True})
    line.say(
        *stop(line, "08:00", "08:30"),
        line.fact("order_start", at(DAY, "09:00"), asset="M1", order="WO-2", item="P"),
        line.fact("count", at(DAY, "09:10"), "M2", good=5),
        line.fact("first_piece_ok", at(DAY, "09:30"), asset="M1", order="WO-2"),
        line.fact("count", at(DAY, "09:40"), "M2", good=8),
    )
    line.drain()
    assert (line.total("setup_pieces"), line.total("good")) == (5, 8)
    line.check()


def test_a_count_that_names_another_order_is_booked_there_and_nothing_is_lost(line):
    line.say(
        *stop(line, "08:00", "08:30"),
        line.fact("order_start", at(DAY, "07:00"), asset="M1", order="WO-1", item="P"),
        line.fact("count", at(DAY, "09:10"), "M2", good=5, order="WO-1"),
        line.fact("count", at(DAY, "09:20"), "M2", good=3, order="WO-9", item="P"),
        line.fact("scrap", at(DAY, "09:20"), "M2", quantity=2, order="WO-9", reason="BURR"),
    )
    line.drain()
    assert line.total("good", order_number="WO-1") == 5
    assert (line.total("good", order_number="WO-9"), line.total("scrap", order_number="WO-9")) == (3, 2)
    assert line.total("ideal_all_us", order_number="WO-9", product="P") == 3 * MIN
    assert line.total("us", order_number="WO-9") == 0
    line.check()


def test_a_count_with_a_begin_belongs_to_the_time_it_speaks_of(line):
    line.say(
        *stop(line, "08:00", "08:30"),
        line.fact("count", at(DAY, "14:00"), "M2", good=5, from_us=at(DAY, "13:00")),
        line.fact("count", at(NEXT, "00:00"), "M2", good=4, from_us=at(DAY, "23:00")),
    )
    line.drain()
    assert line.total("good", hour_us=at(DAY, "13:00")) == 5
    assert line.total("good", hour_us=at(DAY, "23:00")) == 4
    assert line.total("good") == 9
    line.check()


def test_counters_are_read_across_midnight_glitches_resets_and_cavities(line):
    act(
        MachineCounter, "create", SYSTEM,
        {"site": line.site, "machine": line.m2, "counter": "shots", "pieces_per_count": "2.5"},
    )  # fmt: skip
    act(
        MachineCounter, "create", SYSTEM,
        {"site": line.site, "machine": line.m2, "counter": "bad", "counts_as": "scrap"},
    )  # fmt: skip
    readings = [(DAY, "22:00", 100), (DAY, "23:00", 101), (NEXT, "00:30", 0), (NEXT, "01:00", 103)]
    line.say(*(line.fact("counter", at(day, t), "M2", counter="shots", value=v) for day, t, v in readings))
    line.say(
        *(
            line.fact("counter", at(DAY, t), "M2", counter="bad", value=v)
            for t, v in (("22:00", 7), ("22:30", 9))
        )
    )
    line.drain()
    assert (line.total("good", day=DAY), line.total("good", day=NEXT)) == (2, 5)
    assert line.total("scrap") == 2
    line.check()


def test_a_line_that_counts_by_the_hour_has_a_gap_not_yet_explained():
    with clock.at(LATER):
        line = LineOfMachines(source="hourly")
        act(line.line, "edit", SYSTEM, {"bottleneck": None, "counting_point": None})
        line.say(
            line.fact("order_start", at(DAY, "06:00"), "L1", order="WO-1", item="P"),
            line.fact("count", at(DAY, "07:00"), "L1", good=40, scrap=2, from_us=at(DAY, "06:00")),
            line.fact("count", at(DAY, "08:00"), "L1", good=30),
            line.fact("state", at(DAY, "08:30"), "L1", state="stopped"),
            line.fact("state", at(DAY, "09:00"), "L1", state="unexplained"),
        )
        line.drain()
        states = line.states("L1", DAY, hour_us__gte=at(DAY, "06:00"), hour_us__lt=at(DAY, "09:00"))
        assert states == {"unexplained": 120, "no_data": 30, "own_stop": 30}
        assert (line.total("good"), line.total("scrap")) == (70, 2)
        line.check()


def test_an_unknown_word_is_not_yet_explained_and_unavailable_is_no_data(line):
    line.say(
        line.fact("state", at(DAY, "00:00"), state="Execute"),
        line.fact("state", at(DAY, "06:00"), state="FLUX 7"),
        line.fact("state", at(DAY, "12:00"), state="UNAVAILABLE"),
        line.fact("state", at(DAY, "18:00"), state="feed hold"),
    )
    line.drain()
    assert line.states("M1", DAY) == {"running": 360, "unexplained": 360, "no_data": 360, "own_stop": 360}
    line.check()


def test_opposite_facts_of_a_source_never_stop_the_others(line):
    """A day that cannot be computed says so, and the next one goes on."""
    line.say(*stop(line, "08:00", "10:00"), line.fact("counter", at(DAY, "09:00"), "M2", value=5))
    line.say(line.fact("counter", at(DAY, "09:30"), "M2", value="-3"))
    line.say(line.fact("counter", at(DAY, "10:00"), "M2", value="7.5"))
    line.drain()
    assert line.total("good") == 2
    line.check()
