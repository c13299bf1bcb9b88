"""The asset-hour cube of one asset-day."""

import random
import sys
import time
from dataclasses import replace

import pytest

from plantbeat.engine.calendars.civil import HOUR_US, MINUTE_US
from plantbeat.engine.oee import (
    NOT_YET_APPROVED,
    CountEvent,
    CountKind,
    DayFacts,
    Elements,
    IdealCycle,
    IdealCycles,
    OrderSpan,
    ReadRules,
    ShiftSpan,
    State,
    StateSpan,
    asset_day,
)
from plantbeat.engine.oee.formulas import OeeResult, Remark, oee_result

RULES = ReadRules(micro_stop_us=5 * MINUTE_US)
GOOD, SCRAP, REWORK = CountKind.good, CountKind.scrap, CountKind.rework


def at(hour, minute=0):
    return hour * HOUR_US + minute * MINUTE_US


def day(**facts):
    """A UTC day with one shift 06:00-14:00, one order of product P at 60 s a piece, running throughout."""
    usual = {
        "start_us": 0,
        "end_us": at(24),
        "hours": [at(hour) for hour in range(24)],
        "shifts": [ShiftSpan(at(6), at(14), "early")],
        "states": [StateSpan(at(0), at(24), State.running)],
        "orders": [OrderSpan(at(0), at(24), "M1", "P")],
        "ideals": IdealCycles([IdealCycle("P", MINUTE_US, 0)]),
    }
    return DayFacts(**(usual | facts))


def minutes(rows, **cut):
    """Minutes per state over the rows that match the cut."""
    found = {}
    for row in rows:
        if row.us and all(getattr(row, name) == value for name, value in cut.items()):
            found[row.state.value] = found.get(row.state.value, 0) + row.us // MINUTE_US
    return found


@pytest.mark.requirement("R157", "X8")
def test_the_calendar_wins_over_the_machine():
    facts = day(
        shifts=[ShiftSpan(at(6), at(14), "early", ((at(9), at(9, 30)),))],
        maintenance=[(at(9, 15), at(10))],
        orders=[OrderSpan(at(6), at(13), "M1", "P")],
        states=[StateSpan(at(5), at(12), State.running), StateSpan(at(12), at(15), State.own_stop, "jam")],
    )
    assert minutes(asset_day(facts, RULES)) == {
        "off_shift": 16 * 60,
        "break": 30,
        "planned_stop": 30,
        "running": 5 * 60,
        "own_stop": 60,
        "no_order": 60,
    }


@pytest.mark.requirement("R157")
def test_setup_starved_and_blocked_stay_in_planned_busy_time():
    facts = day(
        states=[
            StateSpan(at(6), at(8), State.setup),
            StateSpan(at(8), at(10), State.starved),
            StateSpan(at(10), at(12), State.blocked),
            StateSpan(at(12), at(13), State.running),
        ]
    )
    elements = Elements.of(asset_day(facts, RULES))
    assert elements.pbt_us == at(8)
    assert (elements.setup_us, elements.starved_us, elements.blocked_us) == (at(2), at(2), at(2))
    assert (elements.no_data_us, elements.covered_us, elements.apt_us) == (at(1), at(7), at(1))
    assert (elements.planned_us, elements.total_us) == (at(8), at(24))


def test_without_an_order_idle_time_is_no_order_but_work_stays_work():
    states = [
        StateSpan(at(6), at(8), State.running),
        StateSpan(at(8), at(9), State.setup),
        StateSpan(at(9), at(11), State.own_stop),
        StateSpan(at(11), at(12), State.starved),
    ]
    idle = asset_day(day(orders=[], states=states), RULES)
    assert minutes(idle, shift="early") == {"running": 120, "setup": 60, "no_order": 300}
    not_by_order = asset_day(day(orders=None, states=states), RULES)
    assert minutes(not_by_order, shift="early") == {
        "running": 120,
        "setup": 60,
        "own_stop": 120,
        "starved": 60,
        "no_data": 120,
    }


@pytest.mark.requirement("R157", "X8")
def test_a_count_on_a_boundary_is_in_the_later_hour_shift_and_order_and_only_there():
    facts = day(
        shifts=[ShiftSpan(at(6), at(14), "early"), ShiftSpan(at(14), at(22), "late")],
        orders=[OrderSpan(at(0), at(14), "M1", "P"), OrderSpan(at(14), at(24), "M2", "Q")],
        counts=[CountEvent(at(14), GOOD, 7), CountEvent(at(14) - 1, GOOD, 5), CountEvent(at(24), GOOD, 9)],
    )
    booked = {(r.hour_us, r.shift, r.order, r.product): r.good for r in asset_day(facts, RULES) if r.good}
    assert booked == {(at(14), "late", "M2", "Q"): 7, (at(13), "early", "M1", "P"): 5}


def test_at_a_handover_the_shift_that_started_last_holds_the_time():
    facts = day(
        shifts=[
            ShiftSpan(at(6), at(14, 15), "early", ((at(14), at(14, 10)),)),
            ShiftSpan(at(14), at(22), "late", ((at(14), at(14, 5)),)),
        ]
    )
    rows = asset_day(facts, RULES)
    assert minutes(rows, shift="early") == {"running": 480}
    assert minutes(rows, shift="late") == {"running": 475, "break": 5}


@pytest.mark.requirement("R082")
def test_a_micro_stop_is_told_by_the_whole_stop_even_past_midnight():
    late = {"shifts": [ShiftSpan(at(16), at(32), "late")]}
    long_stop = day(states=[StateSpan(at(23, 58), at(24, 10), State.own_stop, "jam")], **late)
    short_stop = day(states=[StateSpan(at(23, 58), at(24, 2), State.own_stop, "jam")], **late)
    assert minutes(asset_day(long_stop, RULES), hour_us=at(23))["own_stop"] == 2
    assert minutes(asset_day(short_stop, RULES), hour_us=at(23))["micro_stop"] == 2


@pytest.mark.requirement("R082")
def test_a_stop_split_between_reasons_is_one_stop():
    parts = [
        StateSpan(at(8), at(8, 3), State.own_stop, "jam"),
        StateSpan(at(8, 3), at(8, 6), State.own_stop, "tool"),
        StateSpan(at(9), at(9, 3), State.own_stop, "jam"),
    ]
    rows = asset_day(day(states=parts), RULES)
    assert {(r.state.value, r.reason): r.us // MINUTE_US for r in rows if r.reason} == {
        ("own_stop", "jam"): 3,
        ("own_stop", "tool"): 3,
        ("micro_stop", "jam"): 3,
    }
    elements = Elements.of(rows)
    assert (elements.stops, elements.micro_stops) == (2, 1)


def test_a_stop_of_exactly_the_limit_is_no_micro_stop_and_the_limit_may_depend_on_the_product():
    stop = [StateSpan(at(8), at(8, 5), State.own_stop)]
    assert minutes(asset_day(day(states=stop), RULES), state=State.own_stop) == {"own_stop": 5}
    by_product = replace(RULES, micro_stop_us_of={"P": 10 * MINUTE_US})
    assert minutes(asset_day(day(states=stop), by_product), hour_us=at(8))["micro_stop"] == 5
    other = day(states=stop, orders=[OrderSpan(at(0), at(24), "M1", "Q")])
    assert minutes(asset_day(other, by_product), hour_us=at(8))["own_stop"] == 5
    no_order_yet = day(states=stop, orders=[OrderSpan(at(9), at(24), "M1", "P")])
    assert "micro_stop" not in minutes(asset_day(no_order_yet, by_product))


@pytest.mark.requirement("R181", "R157")
def test_counts_before_first_piece_approval_are_setup_pieces_not_good():
    facts = day(
        orders=[OrderSpan(at(6), at(14), "M1", "P", approved_us=at(7))],
        states=[StateSpan(at(6), at(6, 30), State.setup), StateSpan(at(6, 30), at(14), State.running)],
        counts=[
            CountEvent(at(6, 10), GOOD, 2),
            CountEvent(at(6, 40), SCRAP, 3),
            CountEvent(at(7), GOOD, 100),
            CountEvent(at(6, 50), CountKind.recovered, 1),
        ],
    )
    elements = Elements.of(asset_day(facts, RULES))
    assert (elements.setup_pieces, elements.good, elements.scrap, elements.recovered) == (5, 100, 0, 1)
    # The two pieces made during set-up cost set-up time already; the three made while running cost start-up.
    assert elements.ideal_setup_us == 3 * MINUTE_US
    assert elements.ideal_all_us == 103 * MINUTE_US
    waiting = replace(facts, orders=[replace(facts.orders[0], approved_us=NOT_YET_APPROVED)])
    assert Elements.of(asset_day(waiting, RULES)).good == 0


@pytest.mark.requirement("R056", "R070")
def test_a_later_pass_changes_neither_produced_quantity_nor_ideal_time():
    first = [CountEvent(at(8), GOOD, 90), CountEvent(at(8), SCRAP, 4, "burr"), CountEvent(at(8), REWORK, 6)]
    later = [CountEvent(at(9), CountKind.recovered, 5), CountEvent(at(9), CountKind.scrapped_after_rework, 1)]
    before, after = (Elements.of(asset_day(day(counts=c), RULES)) for c in (first, first + later))
    assert before.produced == after.produced == 100
    assert (before.ideal_all_us, before.ideal_good_us) == (after.ideal_all_us, after.ideal_good_us)
    assert (after.recovered, after.scrapped_after_rework) == (5, 1)


@pytest.mark.requirement("R069")
def test_scrap_is_kept_by_its_own_reason_apart_from_the_reason_of_the_state():
    facts = day(
        states=[StateSpan(at(6), at(14), State.own_stop, "jam")],
        counts=[
            CountEvent(at(8), SCRAP, 4, "burr"),
            CountEvent(at(9), SCRAP, 2, "burr"),
            CountEvent(at(9), GOOD, 1),
        ],
    )
    rows = asset_day(facts, RULES)
    assert {(r.reason, r.defect): r.scrap for r in rows if r.scrap and r.hour_us == at(8)} == {
        ("jam", "burr"): 4
    }
    assert sum(r.us for r in rows if r.defect is not None) == 0


def test_a_piece_earns_the_ideal_time_in_force_when_it_was_counted():
    ideals = IdealCycles([IdealCycle("P", 60, 0, at(8)), IdealCycle("P", 50, at(8), at(10))])
    counts = [CountEvent(at(8) - 1, GOOD), CountEvent(at(8), GOOD), CountEvent(at(10), GOOD, 4)]
    elements = Elements.of(asset_day(day(ideals=ideals, counts=counts), RULES))
    assert elements.ideal_good_us == 110
    assert elements.without_ideal == 4


def test_slow_is_derived_from_the_rate_with_one_piece_of_benefit():
    rules = replace(RULES, slow_below_percent=85)
    shift = [ShiftSpan(at(6), at(10), "early")]
    counts = [
        CountEvent(at(6, 30), GOOD, 60),
        CountEvent(at(7, 30), GOOD, 49),
        CountEvent(at(7, 40), SCRAP, 1, "burr"),
        CountEvent(at(8, 30), GOOD, 49),
    ]
    rows = asset_day(day(shifts=shift, counts=counts), rules)
    # 60 min at 85 % is 51 pieces: 50 + 1 given is not below it, 49 + 1 is.
    assert {r.hour_us // HOUR_US: r.state.value for r in rows if r.us and r.shift} == {
        6: "running",
        7: "running",
        8: "slow",
        9: "slow",
    }
    assert Elements.of(rows).apt_us == at(4)
    unknown = day(shifts=shift, counts=counts, ideals=IdealCycles())
    assert "slow" not in minutes(asset_day(unknown, rules))


def test_an_order_squeezed_into_another_holds_while_it_runs():
    facts = day(orders=[OrderSpan(at(6), at(14), "M1", "P"), OrderSpan(at(8), at(9), "rush", "Q")])
    rows = asset_day(facts, RULES)
    assert minutes(rows, order="rush") == {"running": 60}
    assert minutes(rows, order="M1", shift="early") == {"running": 420}


def test_pieces_outside_planned_time_are_counted_and_remarked():
    elements = Elements.of(asset_day(day(counts=[CountEvent(at(3), GOOD, 5)]), RULES))
    assert (elements.good, elements.produced_outside_pbt) == (5, 5)
    assert Remark.made_outside_planned_time in oee_result(elements).remarks


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"states": [StateSpan(0, 9, State.slow)]}, "'slow' from 0 µs cannot be reported.*own_stop"),
        ({"states": [StateSpan(9, 5, State.running)]}, "ends before, at 5"),
        ({"states": [StateSpan(0, 9, State.running), StateSpan(8, 10, State.setup)]}, "must not overlap"),
        ({"counts": [CountEvent(at(8), GOOD, -3)]}, "-3 pieces.*reversed instead"),
        ({"hours": [at(1)]}, "needs its civil hours"),
        ({"hours": [0, at(25)]}, "must ascend"),
        ({"end_us": 0}, "needs its civil hours"),
    ],
)
def test_facts_that_cannot_be_are_refused_in_one_sentence(facts, sentence):
    with pytest.raises(ValueError, match=sentence):
        asset_day(day(**facts), RULES)


@pytest.mark.parametrize(
    ("cycles", "sentence"),
    [
        ([IdealCycle("P", 0, 0)], "more than 0"),
        ([IdealCycle("P", 5, 0, 100), IdealCycle("P", 6, 99)], "two ideal cycles in force at 99"),
    ],
)
def test_ideal_cycles_that_cannot_be_are_refused(cycles, sentence):
    with pytest.raises(ValueError, match=sentence):
        IdealCycles(cycles)


def full_day(seed=1):
    """A day with about 370 facts."""
    draw = random.Random(seed)
    states, t = [], 0
    while t < at(24):
        length = draw.randint(1, 60) * MINUTE_US // 2
        states.append(
            StateSpan(t, t + length, draw.choice([State.running, State.own_stop, State.starved]), "r")
        )
        t += length
    counts = [
        CountEvent(draw.randrange(at(24)), draw.choice(list(CountKind)), 5, draw.choice([None, "burr"]))
        for _ in range(360 - len(states))
    ]
    shifts = [
        ShiftSpan(
            at(8 * n), at(8 * n + 8), n, ((at(8 * n + 2), at(8 * n + 2, 15)), (at(8 * n + 4), at(8 * n + 5)))
        )
        for n in range(3)
    ]
    orders = [OrderSpan(at(3 * n), at(3 * n + 3), n, "P", at(3 * n, 10)) for n in range(8)]
    return day(states=states, counts=counts, shifts=shifts, orders=orders, maintenance=[(at(10), at(11))])


def test_the_order_in_which_facts_arrive_does_not_matter():
    facts = full_day()
    expected = asset_day(facts, RULES)
    draw = random.Random(7)
    shuffled = replace(
        facts,
        **{
            name: draw.sample(getattr(facts, name), len(getattr(facts, name)))
            for name in ("states", "counts")
        },
    )
    assert sorted(map(repr, asset_day(shuffled, RULES))) == sorted(map(repr, expected))


@pytest.mark.skipif(sys.gettrace() is not None, reason="a tracer (coverage, debugger) distorts timing")
def test_an_asset_day_of_370_facts_takes_less_than_five_milliseconds():
    facts = full_day()
    took = []
    for _ in range(20):
        start = time.process_time()
        rows = asset_day(facts, replace(RULES, slow_below_percent=85))
        took.append(time.process_time() - start)
    assert len(rows) > 100
    assert min(took) < 0.005


def test_an_empty_day_is_off_shift_and_says_so():
    facts = day(shifts=[], states=[], orders=[])
    elements = Elements.of(asset_day(facts, RULES))
    assert elements.off_shift_us == elements.total_us == at(24)
    result = oee_result(elements)
    assert isinstance(result, OeeResult)
    assert result.oee.value is None
    assert Remark.no_planned_time in result.remarks
