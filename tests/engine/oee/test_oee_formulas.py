"""OEE, its factors, losses and coverage, over one asset, a line and a roll-up."""

from dataclasses import fields, replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.oee import (
    CountEvent,
    CountKind,
    DayFacts,
    Elements,
    IdealCycle,
    IdealCycles,
    Loss,
    ReadRules,
    ShiftSpan,
    State,
    StateSpan,
    TimeElement,
    asset_day,
)
from plantbeat.engine.oee.formulas import (
    Remark,
    availability,
    coverage,
    oee,
    oee_result,
    performance,
    quality,
    six_big_losses,
)
from plantbeat.engine.oee.hourly import HourlyReport, hourly_day
from plantbeat.engine.oee.inputs import OrderSpan
from plantbeat.engine.oee.line import line_day, line_elements

H = 3_600_000_000
RULES = ReadRules(0)

# The worked example printed on oee.com: 420 min planned, 373 running, 19,271 pieces at 1 s, 423 rejected.
SHIFT = Elements(
    running_us=373 * 60_000_000,
    own_stop_us=30 * 60_000_000,
    micro_stop_us=5 * 60_000_000,
    setup_us=12 * 60_000_000,
    break_us=60 * 60_000_000,
    good=18_848,
    scrap=423,
    ideal_all_us=19_271_000_000,
    ideal_good_us=18_848_000_000,
    ideal_scrap_us=423_000_000,
)
amounts = st.integers(0, 10**12)


@st.composite
def elements(draw):
    """Elements that some set of facts could have: the ideal parts fit into the whole."""
    values = {field.name: draw(amounts) for field in fields(Elements)}
    parts = [draw(amounts) for _ in range(4)]
    values |= {
        "ideal_good_us": parts[0],
        "ideal_scrap_us": parts[1],
        "ideal_setup_us": parts[2],
        "ideal_all_us": sum(parts),
    }
    return Elements(**values)


@pytest.mark.requirement("R157")
def test_a_known_shift_has_its_known_oee():
    assert availability(SHIFT).value == pytest.approx(88.81, abs=0.005)
    assert performance(SHIFT).value == pytest.approx(86.11, abs=0.005)
    assert quality(SHIFT).value == pytest.approx(97.80, abs=0.005)
    assert oee(SHIFT).value == pytest.approx(74.79, abs=0.005)


@pytest.mark.requirement("R157")
@given(st.lists(elements(), min_size=1, max_size=5))
@settings(deadline=None)
def test_availability_performance_and_quality_multiply_to_oee_at_any_roll_up(parts):
    whole = sum(parts, Elements())
    factors = [ratio(whole).fraction for ratio in (availability, performance, quality)]
    if None not in factors:
        assert factors[0] * factors[1] * factors[2] == oee(whole).fraction
    for field in fields(Elements):
        assert getattr(whole, field.name) == sum(getattr(part, field.name) for part in parts)


@pytest.mark.requirement("R157", "R092")
@given(elements())
@settings(deadline=None)
def test_the_losses_add_up_to_planned_busy_time_exactly(whole):
    losses = six_big_losses(whole)
    assert losses.pbt_us == whole.pbt_us == sum(getattr(losses, field.name) for field in fields(losses))
    assert whole.pbt_us == sum(getattr(whole, f"{state.value}_us") for state in State if state.in_pbt)
    assert whole.total_us == sum(getattr(whole, f"{state.value}_us") for state in State)


def test_a_roll_up_sums_elements_and_never_averages_ratios():
    small = Elements(running_us=1 * H, good=1, ideal_all_us=H, ideal_good_us=H)
    large = Elements(running_us=1 * H, own_stop_us=8 * H, good=1, ideal_all_us=H, ideal_good_us=H)
    assert oee(small + large).fraction == Fraction(2, 10)
    assert (oee(small).fraction + oee(large).fraction) / 2 != oee(small + large).fraction


def test_performance_above_100_percent_is_shown_uncapped_and_flagged():
    fast = replace(SHIFT, ideal_all_us=SHIFT.apt_us + H, ideal_good_us=SHIFT.apt_us)
    result = oee_result(fast)
    assert result.performance.value > 100
    assert Remark.performance_above_100 in result.remarks
    assert six_big_losses(fast).reduced_speed_us == -H
    assert Remark.performance_above_100 not in oee_result(SHIFT).remarks


@pytest.mark.requirement("R157", "X3")
def test_oee_is_withheld_when_too_little_of_the_planned_time_is_covered():
    on_the_limit = Elements(running_us=8 * H, no_data_us=2 * H, ideal_all_us=H, ideal_good_us=H)
    assert oee_result(on_the_limit).oee.value == 10
    below = replace(on_the_limit, no_data_us=2 * H + 1)
    result = oee_result(below)
    assert (result.oee, result.availability, result.performance, result.quality) == (None,) * 4
    assert Remark.withheld in result.remarks
    assert result.coverage == coverage(below)
    assert oee_result(below, coverage_limit_percent=50).oee is not None


def test_missing_data_is_no_figure_and_never_zero():
    result = oee_result(Elements())
    assert [r.value for r in (result.oee, result.availability, result.performance, result.coverage)] == [
        None
    ] * 4
    assert result.remarks == (Remark.no_planned_time,)
    stopped = oee_result(Elements(own_stop_us=H))
    assert (stopped.oee.value, stopped.availability.value, stopped.performance.value) == (0, 0, None)


def test_pieces_without_an_ideal_time_are_remarked():
    assert Remark.ideal_missing in oee_result(replace(SHIFT, without_ideal=3)).remarks
    assert oee_result(SHIFT).remarks == ()


def cubed_day(states, counts, ideal_us=60_000_000):
    return DayFacts(
        0,
        24 * H,
        [hour * H for hour in range(24)],
        [ShiftSpan(6 * H, 14 * H, "early")],
        states,
        counts,
        [OrderSpan(0, 24 * H, "M1", "P")],
        ideals=IdealCycles([IdealCycle("P", ideal_us, 0)]),
    )


@pytest.mark.requirement("R157")
def test_hourly_counts_alone_give_an_oee_and_a_gap_that_is_not_yet_explained():
    reports = [HourlyReport(h * H, (h + 1) * H, 40, 2, 1) for h in range(6, 13)]
    whole = Elements.of(asset_day(hourly_day(cubed_day([], []), reports), RULES))
    result = oee_result(whole)
    assert result.oee.fraction == Fraction(7 * 40, 8 * 60)
    assert (result.availability, result.performance, result.quality) == (None, None, None)
    assert result.coverage.fraction == Fraction(7, 8)
    assert Remark.not_yet_explained in result.remarks
    losses = six_big_losses(whole)
    assert losses.not_yet_explained_us == 7 * H - 7 * 43 * 60_000_000
    assert losses.reduced_speed_us == 0
    assert losses.pbt_us == 8 * H


@pytest.mark.requirement("R157")
def test_with_stops_and_scrap_recorded_hourly_counts_give_all_factors():
    reports = [HourlyReport(h * H, (h + 1) * H, 40, 2) for h in range(6, 14)]
    stops = [StateSpan(9 * H, 10 * H + H // 2, State.own_stop, "jam")]
    recorded = Elements.of(asset_day(hourly_day(cubed_day(stops, []), reports, explained=True), RULES))
    result = oee_result(recorded)
    assert result.availability.fraction == Fraction(13, 16)
    assert result.quality.fraction == Fraction(40, 42)
    assert result.remarks == ()
    stops_only = Elements.of(asset_day(hourly_day(cubed_day(stops, []), reports), RULES))
    assert oee_result(stops_only).availability is None
    assert oee_result(stops_only).oee == result.oee
    assert six_big_losses(stops_only).breakdowns_us == H + H // 2


def test_a_report_is_booked_into_worked_time_of_its_hour_not_into_the_break_it_ends_with():
    day = cubed_day([], [])
    day = replace(day, shifts=[ShiftSpan(6 * H, 13 * H + H // 2, "early", ((8 * H + H // 2, 9 * H),))])
    reports = [HourlyReport(8 * H, 9 * H, 25), HourlyReport(13 * H, 14 * H, 20)]
    whole = Elements.of(asset_day(hourly_day(day, reports), RULES))
    assert (whole.good, whole.produced_outside_pbt) == (45, 0)
    assert whole.ideal_unexplained_us == whole.ideal_all_us
    assert not six_big_losses(whole).faster_than_ideal


def test_reports_of_other_days_are_passed_over_and_one_across_midnight_is_refused():
    day = cubed_day([], [])
    assert hourly_day(day, [HourlyReport(24 * H, 25 * H, 9), HourlyReport(-H, 0, 9)]).counts == []
    with pytest.raises(ValueError, match="must end at midnight"):
        hourly_day(day, [HourlyReport(23 * H, 25 * H, 9)])


def test_a_plant_of_connected_and_hourly_lines_keeps_the_gap_of_each_apart():
    reports = [HourlyReport(h * H, (h + 1) * H, 40) for h in range(6, 14)]
    hourly = Elements.of(asset_day(hourly_day(cubed_day([], []), reports), RULES))
    running = cubed_day([StateSpan(0, 24 * H, State.running)], [CountEvent(7 * H, CountKind.good, 400)])
    connected = Elements.of(asset_day(running, RULES))
    both, apart = six_big_losses(hourly + connected), six_big_losses(connected)
    assert both.reduced_speed_us == apart.reduced_speed_us == 8 * H - 400 * 60_000_000
    assert both.not_yet_explained_us == 8 * H - 320 * 60_000_000
    assert oee_result(hourly + connected).availability is None


def test_a_report_of_zero_pieces_is_data_and_an_hour_without_a_report_is_none():
    whole = Elements.of(asset_day(hourly_day(cubed_day([], []), [HourlyReport(6 * H, 7 * H, 0)]), RULES))
    assert (whole.unexplained_us, whole.no_data_us, whole.produced) == (H, 7 * H, 0)


@pytest.mark.requirement("R157")
def test_a_line_is_counted_at_its_counting_point_and_timed_at_its_bottleneck():
    packer = cubed_day(
        [StateSpan(6 * H, 14 * H, State.starved)],
        [CountEvent(8 * H, CountKind.good, 300), CountEvent(9 * H, CountKind.scrap, 10)],
    )
    filler = cubed_day(
        [StateSpan(6 * H, 13 * H, State.running), StateSpan(13 * H, 14 * H, State.own_stop)],
        [CountEvent(8 * H, CountKind.good, 999)],
    )
    line = Elements.of(asset_day(line_day(packer, filler), RULES))
    assert (line.good, line.scrap, line.running_us, line.starved_us) == (300, 10, 7 * H, 0)
    assert line.pbt_us == 8 * H
    assert line == line_elements(asset_day(packer, RULES), asset_day(filler, RULES))
    assert oee(line).fraction == Fraction(300, 480)
    with pytest.raises(ValueError, match="must be the same day"):
        line_day(replace(packer, start_us=-H, hours=[-H, *packer.hours]), filler)


def test_every_state_has_its_place_in_the_time_model_and_every_loss_a_source():
    assert {state for state in State if not state.in_pbt} == {
        State.planned_stop,
        State.no_order,
        State.shift_break,
        State.off_shift,
    }
    assert {state for state in State if state.producing} == {State.running, State.slow}
    assert {state.element for state in State} == set(TimeElement)
    assert {state.loss for state in State} - {None} == set(Loss) - {Loss.process_defects, Loss.reduced_yield}
    assert len({state.label for state in State}) == len(State)
