"""The simulated line: the same again for a seed, wherever it is interrupted, and like a real line."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.shell.demo.campaigns import PastOrders
from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US, MINUTE_US, Open, Period
from plantbeat.shell.demo.line_simulation import LineSimulation
from shell.demo.simulated_line import (
    MONDAY_US,
    WEEK_US,
    OneJob,
    calm,
    of_kind,
    open_for,
    pieces,
    plan,
    shifts,
    stretches,
    time_in,
    told_by,
)


def test_a_seed_tells_the_same_facts_every_time_and_another_seed_others() -> None:
    first = told_by(plan(seed="a"))
    assert len(first) > 500
    assert told_by(plan(seed="a")) == first
    assert told_by(plan(seed="b")) != first


@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(0, 2 * DAY_US), max_size=8), line=st.sampled_from(["L3", "CNC2"]))
def test_a_run_taken_up_again_tells_what_an_uninterrupted_one_tells(cuts: list[int], line: str) -> None:
    made = plan(line)
    whole = told_by(made)
    jobs = PastOrders(made, MONDAY_US, None, 1)
    simulation, told = LineSimulation.begun(made, MONDAY_US), []
    for cut in sorted({*cuts, 2 * DAY_US}):
        told += simulation.run(MONDAY_US + cut, jobs)
        simulation = LineSimulation.resumed(made, simulation.put_away())
    assert told == whole


def test_a_state_of_another_version_is_refused_and_not_taken_for_one() -> None:
    with pytest.raises(msgspec.MsgspecError):
        LineSimulation.resumed(plan(), b'{"at_us": 1}')


def test_facts_come_in_order_of_time_and_every_state_is_a_change() -> None:
    told = told_by(plan("L3"))
    assert all(before.t_us <= after.t_us for before, after in pairwise(told))
    for station in ("UNS", "FIL", "CAP", "LAB", "PAC"):
        states = [one.body for one in of_kind(told, "state", f"L3-{station}")]
        assert len(states) > 50
        assert all(before != after for before, after in pairwise(states))


def test_every_fact_is_one_that_its_kind_allows() -> None:
    from plantbeat.facts.kinds import KINDS, body_json

    for line in ("L1", "L2", "L3", "L4", "L5", "CNC5"):
        for one in told_by(plan(line), days=10):
            assert body_json(KINDS[one.kind], dict(one.body))


def test_an_order_makes_its_quantity_and_leaves_nothing_in_the_line() -> None:
    line = calm(scrap={}, rework={})
    told = LineSimulation.begun(line, MONDAY_US).run(MONDAY_US + DAY_US, OneJob(5_000))
    assert pieces(told, "L1-PAC", "good") == pieces(told, "L1-FIL") == 5_000
    end = of_kind(told, "order_end")
    assert [one.body for one in end] == [{"order": "WO-1"}]
    running_s = time_in(told, "L1-FIL")["running"] / 1e6
    assert running_s == pytest.approx(5_000 * 0.6 / 0.9, rel=0.01), "ten per cent slower than ideal"


@pytest.mark.requirement("R146")
def test_people_tap_whole_pallets_and_the_rest_at_the_end() -> None:
    line = calm(scrap={}, rework={}, pallets={"DISH-500": 400})
    told = LineSimulation.begun(line, MONDAY_US, 5 * MINUTE_US).run(MONDAY_US + DAY_US, OneJob(5_100))
    counts = of_kind(told, "count", "L1-PAC")
    approved, end = of_kind(told, "first_piece_ok")[0].t_us, of_kind(told, "order_end")[0].t_us
    within = [one.body["good"] for one in counts if approved < one.t_us < end]
    assert len(within) >= 5
    assert all(good % 400 == 0 for good in within)
    assert pieces(told, "L1-PAC", "good") == 5_100
    assert all(one.by_hand for one in counts)


def test_scrap_and_rework_follow_the_item_and_are_part_of_what_was_made() -> None:
    line = calm(scrap={"DISH-500": 0.05}, rework={"DISH-500": 0.02})
    told = LineSimulation.begun(line, MONDAY_US).run(MONDAY_US + 5 * DAY_US, OneJob(200_000))
    made = pieces(told, "L1-PAC")
    assert made == pytest.approx(200_000 / 0.93, rel=0.001)
    assert pieces(told, "L1-PAC", "scrap") / made == pytest.approx(0.05, rel=0.1)
    recovered = sum(one.body["quantity"] for one in of_kind(told, "rework"))
    assert 0.8 < recovered / pieces(told, "L1-PAC", "rework") <= 1


def test_pieces_made_before_the_first_one_is_approved_are_counted_before_it() -> None:
    told = LineSimulation.begun(calm(), MONDAY_US).run(MONDAY_US + DAY_US, OneJob())
    approved = of_kind(told, "first_piece_ok")
    assert len(approved) == 1
    at = told.index(approved[0])
    assert [one.kind for one in told[at - 2 : at]] == ["count", "count"]
    assert told[at - 1].t_us == approved[0].t_us
    assert told[at - 1].body["from_us"] < approved[0].t_us


def test_while_the_bottleneck_stands_long_the_others_starve_or_are_blocked() -> None:
    told = told_by(plan("L3"), days=6)
    long_stops = [
        (start, end)
        for start, end, word in stretches(told, "L3-FIL")
        if word == "own_stop" and end - start > 15 * MINUTE_US
    ]
    assert long_stops
    for start, end in long_stops:
        middle = (start + end) // 2
        words = {
            station: next((w for a, b, w in stretches(told, f"L3-{station}") if a <= middle < b), "")
            for station in ("UNS", "CAP", "LAB", "PAC")
        }
        assert words["UNS"] in ("blocked", "own_stop", "starved")
        assert all(words[station] in ("starved", "own_stop") for station in ("CAP", "LAB", "PAC"))


def test_a_short_stop_of_the_packer_does_not_reach_the_filler() -> None:
    told = told_by(plan("L1"), days=6)
    short = [(a, b) for a, b, word in stretches(told, "L1-PAC") if word == "own_stop" and b - a < 45_000_000]
    blocked = [(a, b) for a, b, word in stretches(told, "L1-FIL") if word == "blocked"]
    assert short
    assert not [1 for a, b in short if any(a <= x <= b for x, _y in blocked)]


def test_a_closed_line_makes_nothing_and_goes_on_with_its_order_afterwards() -> None:
    line = plan("L1", periods=shifts(6))
    told = told_by(line, days=6)
    for one in of_kind(told, "count"):
        assert line.period_at(one.t_us - 1).kind is Open.work, one
    for one in [*of_kind(told, "setup_start"), *of_kind(told, "order_start")]:
        assert line.period_at(one.t_us).kind is Open.work, one
    for start, end, word in stretches(told, "L1-FIL"):
        kind = line.period_at(start).kind
        assert (word in ("off", "break")) == (kind is Open.closed)
        assert (word == "planned_stop") == (kind is Open.upkeep)
        assert word in ("off", "no_order") or end - start <= 8 * HOUR_US
    started, ended = of_kind(told, "order_start"), of_kind(told, "order_end")
    assert 0 <= len(started) - len(ended) <= 1
    assert any(
        after.t_us - before.t_us > 9 * HOUR_US for before, after in zip(started, ended, strict=False)
    ), "an order that goes over a night"


def test_the_reason_people_give_lies_in_the_stop_and_comes_after_it() -> None:
    told = told_by(plan("L3"), days=6)
    reasons = of_kind(told, "reason")
    assert len(reasons) > 20
    assert all(one.by_hand for one in reasons)
    for one in reasons:
        stops = {(a, b) for a, b, word in stretches(told, one.asset) if word in ("own_stop", "starved")}
        assert one.t_us >= one.body["until_us"]
        assert any(a == one.body["from_us"] for a, _b in stops), "the stop begins where the reason says"
    breakdowns = [1 for a, b, w in stretches(told, "L3-FIL") if w == "own_stop" and b - a > 150_000_000]
    explained = [one for one in reasons if one.asset == "L3-FIL" and one.body["reason"] != "SHORT"]
    assert 0.5 < len(explained) / len(breakdowns) < 1, "a share stays unexplained"


def test_what_a_silent_gateway_misses_is_declared_as_a_gap() -> None:
    told = told_by(plan("L1"), days=59)
    gaps = of_kind(told, "gap", "L1-FIL")
    assert gaps
    for gap in gaps:
        within = [one for one in told if gap.body["from_us"] < one.t_us < gap.body["until_us"]]
        assert not {one.kind for one in within} & {"state", "count", "heartbeat"}
        anew = [one for one in of_kind(told, "state") if one.t_us == gap.t_us]
        assert len({one.asset for one in anew}) == 5, "every station says its state anew"


def test_a_changeover_takes_about_what_the_matrix_says() -> None:
    line = calm("L1")
    took: dict[tuple[str, str], list[float]] = {}
    told = told_by(line, days=59)
    items = [one.body["item"] for one in of_kind(told, "setup_start")]
    families = {"DISH-500": "lemon", "DISH-500M": "mint", "HAND-300S": "sensitive", "BATH-750": "acid"}
    for (before, item), start, end in zip(
        pairwise(items), of_kind(told, "setup_start")[1:], of_kind(told, "setup_end")[1:], strict=False
    ):
        pair = families.get(str(before), ""), families.get(str(item), "")
        took.setdefault(pair, []).append((end.t_us - start.t_us) / MINUTE_US)
    assert 8 < sum(took["lemon", "mint"]) / len(took["lemon", "mint"]) < 17, "12 min"
    assert 38 < sum(took["", "sensitive"]) / len(took["", "sensitive"]) < 58, "45 min"


def test_line_3_is_the_worst_and_line_2_better_since_its_project() -> None:
    def running(line: str, from_day: float, days: float) -> float:
        made = plan(line, periods=open_for(from_day + days))
        start = MONDAY_US + round(from_day * DAY_US)
        jobs = PastOrders(made, start, None, 1)
        told = LineSimulation.begun(made, start).run(start + round(days * DAY_US), jobs)
        time_of = time_in(told, f"{line}-FIL")
        return time_of["running"] / sum(time_of.values())

    assert running("L3", 0, 14) < running("L1", 0, 14) - 0.05
    before, after = plan("L2").temper_at(MONDAY_US - 15 * DAY_US), plan("L2").temper_at(MONDAY_US)
    assert (after.stops, after.setups, after.slow) < (before.stops, before.setups, before.slow)


def test_a_machine_counts_every_piece_when_it_is_done() -> None:
    told = told_by(plan("CNC2"), days=2)
    counts = of_kind(told, "count", "CNC2")
    assert len(counts) > 300
    assert all(sum(int(one.body.get(n, 0)) for n in ("good", "scrap", "rework")) == 1 for one in counts)


def test_an_ended_stretch_leaves_no_order_and_no_set_up_open() -> None:
    for hours in (1, 9, 30):
        line = plan("L2")
        simulation = LineSimulation.begun(line, MONDAY_US)
        end_us = MONDAY_US + hours * HOUR_US
        told = simulation.run(end_us, PastOrders(line, MONDAY_US, None, 1)) + simulation.close(end_us)
        assert len(of_kind(told, "setup_start")) == len(of_kind(told, "setup_end"))
        assert len(of_kind(told, "order_start")) == len(of_kind(told, "order_end"))
        assert of_kind(told, "state", "L2-FIL")[-1].body["state"] in ("off", "break")


def test_a_line_that_counts_every_minute_is_heard_every_minute_closed_or_not() -> None:
    line = plan("L3", periods=shifts(1))
    until_us = MONDAY_US + 25 * HOUR_US
    told = LineSimulation.begun(line, MONDAY_US, MINUTE_US).run(until_us, OneJob())
    heard = [MONDAY_US, *(one.t_us for one in told if one.asset == "L3-FIL"), until_us]
    assert max(after - before for before, after in pairwise(heard)) <= MINUTE_US
    hourly = LineSimulation.begun(line, MONDAY_US).run(until_us, OneJob())
    closing_us = MONDAY_US + 16 * HOUR_US
    assert not [one for one in of_kind(hourly, "heartbeat") if one.t_us > closing_us], "in the history not"


def test_a_line_under_maintenance_says_every_hour_that_it_is_there() -> None:
    long = [
        Period(MONDAY_US - WEEK_US, MONDAY_US, Open.work),
        Period(MONDAY_US, MONDAY_US + 6 * HOUR_US, Open.upkeep),
        Period(MONDAY_US + 6 * HOUR_US, MONDAY_US + WEEK_US, Open.work),
    ]
    line = plan("L1", periods=long)
    told = LineSimulation.begun(line, MONDAY_US - HOUR_US).run(MONDAY_US + 6 * HOUR_US, OneJob())
    for station in line.stations:
        heard = [one.t_us for one in told if one.asset == station.asset and one.t_us >= MONDAY_US]
        assert max(b - a for a, b in pairwise([MONDAY_US, *heard])) <= 2 * HOUR_US
        assert len(heard) >= 4, "else two hours of silence are read as no data"
