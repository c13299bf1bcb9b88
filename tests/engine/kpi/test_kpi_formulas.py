"""Edges of the KPI formulas; their plain cases are the worked examples of the pages."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.kpi.actions import Action, actions_closed_on_time, open_actions_on_time
from plantbeat.engine.kpi.adherence import (
    PlannedOrder,
    schedule_adherence_quantity,
    schedule_adherence_sequence,
    schedule_adherence_time,
    sequence_adherence_of_lines,
)
from plantbeat.engine.kpi.delivery import DeliveryRules, OrderLine, Promise, Shipment, delivery
from plantbeat.engine.kpi.downtime import (
    DownTime,
    Repair,
    mdt,
    mttr,
    mttr_iso22400,
    unplanned_downtime_percent,
)
from plantbeat.engine.kpi.hazards import HazardReport, hazards_fixed_in_time
from plantbeat.engine.kpi.pace import Demand, Made, takt_as_shown, takt_attainment, takt_time, throughput
from plantbeat.engine.kpi.people import (
    AttendanceSheet,
    HeadCounts,
    attendance,
    overtime_percent,
    turnover,
)
from plantbeat.engine.kpi.pieces import (
    Opportunities,
    Pieces,
    dpmo,
    first_pass_yield,
    rolled_throughput_yield,
    scrap_percent,
    sigma_level,
)
from plantbeat.engine.kpi.ratio import HOUR_US, Ratio, Unit
from plantbeat.engine.kpi.safety import (
    InjuryCases,
    dart,
    days_since_last_recordable,
    ltir,
    rate_change,
    trir,
)

pieces = st.builds(Pieces, *[st.integers(0, 10**6)] * 5)
MAY = date(2024, 5, 1), date(2024, 5, 31)
LATER = date(2024, 6, 30)


@pytest.mark.requirement("R056", "R069")
@given(st.lists(pieces, min_size=1, max_size=6))
@settings(deadline=None)
def test_yield_and_scrap_of_a_roll_up_are_those_of_the_summed_pieces(parts):
    whole = sum(parts, Pieces())
    assert whole.produced == sum(part.produced for part in parts)
    assert first_pass_yield(whole).numerator == sum(part.good for part in parts)
    assert scrap_percent(whole).numerator == sum(part.scrap + part.scrapped_after_rework for part in parts)


@pytest.mark.requirement("R056")
@given(st.lists(pieces, min_size=1, max_size=5))
@settings(deadline=None)
def test_rolled_yield_is_the_exact_product_of_the_steps(steps):
    rolled = rolled_throughput_yield(steps).fraction
    factors = [first_pass_yield(step).fraction for step in steps]
    if None in factors:
        assert rolled is None
    else:
        expected = 1
        for factor in factors:
            expected *= factor
        assert rolled == expected


def test_no_steps_and_no_pieces_give_no_yield():
    assert rolled_throughput_yield([]).value is None
    assert first_pass_yield(Pieces()).value is None


@pytest.mark.requirement("R057")
@pytest.mark.parametrize(("rate", "level"), [(3.4e-6, 4.4998), (0.00135, 2.99998), (0.5, 0.0)])
def test_a_sigma_level_is_the_normal_quantile_without_the_shift_by_default(rate, level):
    ratio = Ratio(round(rate * 10**9), 10**9, Unit.per_million)
    assert sigma_level(ratio).value == pytest.approx(level, abs=5e-4)
    assert sigma_level(ratio, shift_included=True).value == pytest.approx(level + 1.5, abs=5e-4)


@pytest.mark.requirement("R057")
def test_dpmo_sums_opportunities_and_gives_no_level_where_none_is_finite():
    both = dpmo([Opportunities(3, 100, 10), Opportunities(1, 50, 4)])
    assert (both.numerator, both.denominator) == (4, 1200)
    for empty in ([], [Opportunities(0, 10, 1)], [Opportunities(10, 10, 1)]):
        assert sigma_level(dpmo(empty)) is None


def order(position, started=None, **more):
    usual = {"planned": 10, "made": 10, "planned_finish_us": 100}
    return PlannedOrder(f"M{position}", position, started_us=started, **(usual | more))


@pytest.mark.requirement("R019")
def test_too_much_of_one_order_never_makes_up_for_another():
    plan = [order(1, made=1000), order(2, made=0)]
    assert schedule_adherence_quantity(plan).value == 50
    assert schedule_adherence_quantity([]).value is None


@pytest.mark.requirement("R019")
def test_an_order_is_on_time_up_to_its_tolerance_on_both_sides():
    finished = [89, 90, 110, 111, None]
    plan = [order(n, finished_us=at) for n, at in enumerate(finished)]
    ratio = schedule_adherence_time(plan, tolerance_us=10)
    assert (ratio.numerator, ratio.denominator) == (2, 5)
    with pytest.raises(ValueError, match="0 or more"):
        schedule_adherence_time(plan, tolerance_us=-1)


@pytest.mark.requirement("R019")
@given(st.permutations(range(7)), st.integers(0, 7))
@settings(deadline=None)
def test_sequence_adherence_is_the_largest_group_that_kept_the_plan(starts, begun):
    plan = [order(position, started=at if at < begun else None) for position, at in enumerate(starts)]
    ratio = schedule_adherence_sequence(plan)
    began = sorted((row for row in plan if row.started_us is not None), key=lambda row: row.started_us)
    best = max(
        size
        for size in range(len(began) + 1)
        for group in combinations(began, size)
        if [row.position for row in group] == sorted(row.position for row in group)
    )
    assert (ratio.numerator, ratio.denominator) == (best, begun)


def test_sequences_of_different_machines_do_not_mix():
    lines = [[order(1, 5), order(2, 6)], [order(1, 9), order(2, 8)]]
    ratio = sequence_adherence_of_lines(lines)
    assert (ratio.numerator, ratio.denominator) == (3, 4)
    with pytest.raises(ValueError, match=r"'M1'.*0 or more"):
        order(1, made=-1)


def line(due, *shipped, **more):
    parts = tuple(Shipment(date(2024, 5, day), pieces) for day, pieces in shipped)
    day = None if due is None else date(2024, 5, due)
    usual = {"requested": date(2024, 5, 20), "current_promise": None, "closed": bool(shipped)}
    return OrderLine("1", 100, first_promise=day, shipments=parts, **(usual | more))


def judged(*lines, as_of=LATER, **rules):
    result = delivery(lines, *MAY, as_of, DeliveryRules(**rules))
    return result.otd.numerator, result.otif.numerator, result.otd.denominator


@pytest.mark.requirement("R101")
def test_a_line_shipped_in_parts_is_on_time_when_its_last_part_is():
    assert judged(line(10, (8, 50), (10, 50))) == (1, 1, 1)
    assert judged(line(10, (8, 50), (11, 50))) == (0, 0, 1)
    assert judged(line(10, (8, 50), (11, 50)), late_days=1) == (1, 1, 1)
    assert judged(line(10, (9, 50), closed=False)) == (0, 0, 1)
    assert judged(line(10, (10, 99))) == (1, 0, 1)


@pytest.mark.requirement("R101")
def test_the_early_window_is_closed_by_the_first_part():
    early = line(10, (6, 50), (10, 50))
    assert judged(early) == (1, 1, 1)
    assert judged(early, early_days=4) == (1, 1, 1)
    assert judged(early, early_days=3) == (0, 0, 1)


@pytest.mark.requirement("R101")
def test_unshipped_overdue_lines_count_and_cancelled_undated_and_future_ones_do_not():
    lines = [
        line(10),
        line(10, cancelled_by_customer=True),
        line(None),
        line(31),
        line(31, (30, 100)),
        OrderLine("old", 1, date(2024, 4, 1), date(2024, 4, 2), None),
        OrderLine("old and gone", 1, date(2024, 4, 1), date(2024, 4, 2), None, (Shipment(MAY[0], 1),), True),
    ]
    result = delivery(lines, *MAY, date(2024, 5, 30), DeliveryRules())
    assert (result.otd.numerator, result.otd.denominator) == (0, 1)
    assert (result.not_yet_due, result.without_date, result.cancelled, result.overdue_before) == (2, 1, 1, 1)


@pytest.mark.requirement("R101")
def test_a_line_is_judged_at_the_end_of_its_last_day_of_grace_and_not_before():
    assert judged(line(10), as_of=date(2024, 5, 10)) == (0, 0, 1)
    assert judged(line(10), as_of=date(2024, 5, 11), late_days=2) == (0, 0, 0)
    assert judged(line(10), as_of=date(2024, 5, 12), late_days=2) == (0, 0, 1)


@pytest.mark.requirement("R101")
def test_request_first_promise_and_current_promise_are_three_measures():
    shipped = OrderLine(
        "1", 1, MAY[0], date(2024, 5, 10), date(2024, 5, 20), (Shipment(date(2024, 5, 15), 1),), True
    )
    on_time = {
        promise: delivery([shipped], *MAY, LATER, DeliveryRules(promise)).otd.numerator for promise in Promise
    }
    assert on_time == {Promise.requested: 0, Promise.first: 0, Promise.current: 1}
    assert DeliveryRules().promise is Promise.first
    with pytest.raises(ValueError, match="both must be 0 or more"):
        DeliveryRules(early_days=-1)


@pytest.mark.requirement("R101")
@given(
    st.lists(st.tuples(st.integers(1, 31), st.integers(1, 31), st.booleans()), max_size=12),
    st.integers(1, 30),
)
@settings(deadline=None)
def test_the_months_parts_add_up_to_the_month(lines, middle):
    known = [line(due, (day, 100)) if closed else line(due) for due, day, closed in lines]
    whole = delivery(known, *MAY, LATER, DeliveryRules())
    cut = date(2024, 5, middle)
    parts = [
        delivery(known, MAY[0], cut, LATER, DeliveryRules()),
        delivery(known, cut + timedelta(days=1), MAY[1], LATER, DeliveryRules()),
    ]
    for kind in ("otd", "otif"):
        for element in ("numerator", "denominator"):
            assert sum(getattr(getattr(p, kind), element) for p in parts) == getattr(
                getattr(whole, kind), element
            )


@pytest.mark.requirement("R091")
@given(st.lists(st.builds(Repair, *[st.integers(0, 10**9)] * 5), min_size=1, max_size=8))
@settings(deadline=None)
def test_down_time_is_its_five_parts_and_repair_time_is_the_hands_on_ones(repairs):
    result = mdt(repairs)
    parts = (result.respond, result.diagnose, result.wait, result.repair, result.test)
    assert sum(part.numerator for part in parts) == result.mdt.numerator
    hands_on = result.diagnose.numerator + result.repair.numerator + result.test.numerator
    assert mttr(repairs).numerator == hands_on
    assert mttr_iso22400(repairs).denominator == len(repairs) + 1


def test_without_repairs_there_is_no_mttr_and_negative_times_are_refused():
    assert mttr([]).value is None
    with pytest.raises(ValueError, match="wait_us is -1"):
        Repair(wait_us=-1)


@pytest.mark.requirement("R082")
def test_unplanned_downtime_rolls_up_by_its_elements():
    both = DownTime(10, 5, 100) + DownTime(0, 0, 50)
    assert unplanned_downtime_percent(both).value == 10


@pytest.mark.requirement("R013")
def test_takt_leaves_breakdowns_and_setups_in_and_turns_to_a_rate_below_ten_seconds():
    demand = Demand(8 * HOUR_US, HOUR_US // 2, HOUR_US // 2, 2520)
    assert takt_time(demand).value == 10
    assert takt_as_shown(demand) == takt_time(demand)
    faster = Demand(8 * HOUR_US, HOUR_US // 2, HOUR_US // 2, 2521)
    assert takt_as_shown(faster).unit is Unit.pieces_per_minute
    assert takt_time(Demand(HOUR_US, 0, 0, 0)).value is None


@pytest.mark.requirement("R013")
def test_takt_attainment_sums_days_and_knows_no_cycle_without_pieces():
    days = [(Demand(HOUR_US, 0, 0, 60), Made(30, HOUR_US)), (Demand(HOUR_US, 0, 0, 20), Made(50, HOUR_US))]
    demand, made = days[0][0] + days[1][0], days[0][1] + days[1][1]
    assert takt_attainment(demand, made).value == 100
    assert takt_attainment(demand, Made(0, HOUR_US)).value == 0
    assert takt_attainment(demand, Made(0, 0)).value is None
    assert throughput(0, 0).value is None


@pytest.mark.requirement("R130")
def test_trir_counts_every_case_dart_counts_cases_not_days_and_ltir_says_about_deaths():
    cases = InjuryCases(1, 2, 4, 8, 200_000 * HOUR_US, "payroll")
    assert [rate(cases).ratio.value for rate in (trir, dart, ltir)] == [15, 6, 2]
    with_deaths = ltir(cases, deaths_included=True)
    assert (with_deaths.ratio.value, with_deaths.deaths_included) == (3, True)
    assert trir(cases).deaths_included is None


@pytest.mark.requirement("R130", "X3")
def test_months_of_different_hours_are_summed_and_every_rate_carries_interval_and_source():
    months = InjuryCases(0, 1, 0, 0, 10_000 * HOUR_US, "payroll") + InjuryCases(
        0, 0, 0, 0, 90_000 * HOUR_US, "time clock"
    )
    rate = trir(months)
    assert rate.ratio.value == 2
    assert rate.hours_source == "payroll + time clock"
    assert rate.interval.lower < 2 < rate.interval.upper
    assert trir(InjuryCases(0, 1, 0, 0, 0, "none yet")).interval is None
    assert rate_change(rate, trir(InjuryCases(0, 0, 0, 0, 0, "none yet"))) is None
    assert rate_change(rate, rate) == pytest.approx(1)


def test_impossible_injury_records_are_refused():
    with pytest.raises(ValueError, match="0 or more"):
        InjuryCases(-1, 0, 0, 0, 1, "payroll")
    with pytest.raises(ValueError, match="hours worked are"):
        InjuryCases(0, 0, 0, 0, -1, "payroll")


def test_days_since_count_from_the_last_case_and_say_when_there_was_none():
    today, start = date(2024, 5, 20), date(2024, 1, 1)
    found = days_since_last_recordable(today, [today, date(2024, 5, 1)], start)
    assert (found.days, found.never) == (0, False)
    ahead_or_before = [today + timedelta(days=1), start - timedelta(days=1)]
    none_yet = days_since_last_recordable(today, ahead_or_before, start)
    assert (none_yet.days, none_yet.since, none_yet.never) == (140, start, True)
    with pytest.raises(ValueError, match="lies after today"):
        days_since_last_recordable(today, [], today + timedelta(days=1))


@pytest.mark.requirement("R134")
def test_a_hazard_counts_on_its_seventh_day_and_fixed_on_that_day_is_in_time():
    reported, week = date(2024, 5, 6), timedelta(days=7)
    for fixed, share in ((reported + week, 100.0), (reported + week + timedelta(days=1), 0.0), (None, 0.0)):
        hazard = HazardReport(reported, fixed)
        assert hazards_fixed_in_time([hazard], reported + week, reported + week).value == share
    before = hazards_fixed_in_time([HazardReport(reported)], reported, reported + timedelta(days=6))
    assert before.value is None


@pytest.mark.requirement("R131")
def test_an_action_due_today_is_still_on_time_and_one_closed_later_was_open_then():
    today = date(2024, 5, 20)
    actions = [Action(today), Action(today - timedelta(days=1), closed=today + timedelta(days=1))]
    found = open_actions_on_time(actions, today)
    assert (found.ratio.numerator, found.ratio.denominator, found.without_due) == (1, 2, 0)
    assert actions_closed_on_time([Action(today, closed=today)], today, today).value == 100
    assert open_actions_on_time([Action(None)], today).ratio.value is None


@pytest.mark.requirement("R026")
def test_attendance_not_taken_is_its_own_state():
    nothing = attendance([AttendanceSheet(20, 2, 0, taken=False)])
    assert (nothing.ratio.value, nothing.not_taken) == (None, 1)
    for rostered, leave, worked in ((10, 11, 0), (10, 2, 9), (10, -1, 5), (10, 0, -1)):
        with pytest.raises(ValueError, match="must not exceed"):
            AttendanceSheet(rostered, leave, worked, taken=True)


@pytest.mark.requirement("R037", "R072")
def test_turnover_of_a_year_is_leavers_of_all_months_over_their_mean_head_count():
    year = HeadCounts(1, (100,)) + HeadCounts(3, (140, 120))
    assert turnover(year).value == pytest.approx(4 / 120 * 100)
    assert turnover(HeadCounts(0, ())).value is None
    assert overtime_percent(0, 0).value is None
    with pytest.raises(ValueError, match="between 0 and the total"):
        overtime_percent(2, 1)


def test_impossible_opportunities_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        Opportunities(0, 1, 0)
