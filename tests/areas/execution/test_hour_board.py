"""The hour board: plan, made, gap and its reasons, from facts and plans to what is asked."""

from __future__ import annotations

from datetime import date

import pytest
from half_shift import DAY, early, half_a_shift
from line_of_machines import HOUR, MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.execution.hours.answers import Phase, PlanSource
from plantbeat.areas.execution.hours.questions import hour_board, hours_below_plan
from plantbeat.areas.execution.records.ramp_up import RampUp
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.engine.hours import GapPart
from plantbeat.engine.oee import State
from plantbeat.facts.models import FactShift
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R146")]


@pytest.fixture
def line(db):
    yield from half_a_shift()


def freeze(line, *runs, version="03-10 early"):
    planned = [PlannedRun(order, "P", pieces, at(DAY, end)) for order, pieces, end in runs]
    freeze_plan(line.asset("L1"), early(), planned, version, SYSTEM)


def standard(line, run_s=72, setup_min=0):
    """A routing that allows so many seconds a piece on the bottleneck."""
    centre = line.make(WorkCentre, code="FILL", name="Filling")
    act(line.m1, "edit", SYSTEM, {"work_centre": centre})
    step = {"step": 10, "work_centre": centre, "run": run_s * 1_000_000, "setup": setup_min * MIN}
    line.make(Routing, item=line.item, operations=[step])


def board(line):
    return hour_board(line.site, "L1", early().pk, SYSTEM)


def test_the_frozen_plan_spreads_over_the_shift_and_every_gap_is_told(line):
    freeze(line, ("W1", 480, "14:00"))
    found = board(line)
    assert (found.source, found.source_text, found.changed_to) == (PlanSource.frozen, "03-10 early", "")
    assert [row.plan for row in found.rows] == [60] * 8
    assert [row.good for row in found.rows] == [0, 0, 0, 90, 0, 110, 0, 0]
    assert [row.gap for row in found.rows] == [60, 60, 60, -30, 60, -50, 30, None]
    assert [row.phase for row in found.rows] == [Phase.past] * 6 + [Phase.current, Phase.ahead]
    assert [row.cumulative_plan for row in found.rows][-1] == 480
    assert found.cumulative_gap == 390 - 200 == found.due - found.good
    jam = found.rows[2].reasons
    assert [(one.part, one.state, one.us // MIN, one.pieces) for one in jam] == [
        (GapPart.stop, State.own_stop, 45, 45), (GapPart.slower, None, 0, 15),
    ]  # fmt: skip
    assert (jam[0].reason.code, jam[0].stop_us, jam[0].needs_reason) == ("JAM", at(DAY, "08:00"), False)
    now = found.rows[6].reasons
    assert [(one.part, one.pieces, one.needs_reason) for one in now] == [(GapPart.stop, 30, True)]
    assert [(one.part, one.pieces) for one in found.rows[3].reasons] == [
        (GapPart.scrap, 3), (GapPart.faster, -33),
    ]  # fmt: skip


def test_the_parts_of_every_hour_are_its_gap(line):
    freeze(line, ("W1", 441, "13:20"))
    for row in board(line).rows:
        if row.gap is not None:
            assert sum(one.pieces for one in row.reasons) == row.gap


def test_the_standard_of_the_routing_places_the_runs_of_a_frozen_plan(line):
    standard(line, run_s=60)
    freeze(line, ("W1", 120, "08:00"), ("W2", 180, "13:00"))
    assert [row.plan for row in board(line).rows] == [60, 60, 0, 0, 60, 60, 60, 0]


def test_without_a_plan_the_running_order_is_planned_at_its_standard_rate(line):
    standard(line, run_s=72)
    found = board(line)
    assert (found.source, found.source_text) == (PlanSource.standard, "W1")
    assert [row.plan for row in found.rows] == [50] * 8


def test_set_up_and_ramp_up_of_a_new_order_are_not_planned_as_pieces(line):
    standard(line, run_s=60, setup_min=30)
    line.make(RampUp, line=line.line, lasts=30 * MIN, percent=50)
    line.say(line.fact("order_end", at(DAY, "10:00"), "L1", order="W1"))
    line.say(line.fact("order_start", at(DAY, "10:00"), "L1", order="W2", item="P"))
    line.drain()
    found = board(line)
    assert found.source_text == "W1, W2"
    assert [row.plan for row in found.rows] == [60, 60, 60, 60, 15, 60, 60, 60]


def test_without_a_standard_or_an_order_the_board_says_what_is_missing(line):
    found = board(line)
    assert (found.source, found.plan, found.cumulative_gap) == (PlanSource.none, None, None)
    assert "no standard time for P" in found.missing
    assert [one.us // MIN for one in found.rows[2].reasons] == [45]
    line.say(line.fact("order_end", at(DAY, "06:00"), "L1", order="W1"))


def test_a_late_fact_puts_the_hours_right(line):
    freeze(line, ("W1", 480, "14:00"))
    assert board(line).rows[1].good == 0
    line.say(line.fact("count", at(DAY, "07:50"), "M2", good=55, scrap=2))
    line.drain()
    row = board(line).rows[1]
    assert (row.good, row.gap) == (55, 5)
    assert [(one.part, one.pieces) for one in row.reasons] == [(GapPart.slower, 3), (GapPart.scrap, 2)]


def test_hours_below_plan_come_worst_first(line):
    freeze(line, ("W1", 480, "14:00"))
    found = hours_below_plan(line.site, early().pk, SYSTEM)
    assert [(one.gap, (one.start_us - at(DAY)) // HOUR) for one in found] == [
        (60, 6), (60, 7), (60, 8), (60, 10),
    ]  # fmt: skip
    assert hours_below_plan(line.site, early().pk, SYSTEM, lines=["L9"]) == []


def test_strangers_and_unknown_lines_and_shifts_are_refused(line):
    stranger = Actor(pseudonym="p-x", grants=((Role.manager, line.site.pk + 1),))
    with pytest.raises(Refused, match="no role"):
        hour_board(line.site, "L1", early().pk, stranger)
    with pytest.raises(Refused, match="“X9”"):
        hour_board(line.site, "X9", early().pk, SYSTEM)
    with pytest.raises(Refused, match="no such shift"):
        hour_board(line.site, "L1", 10**9, SYSTEM)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-11-07", 8)])
def test_a_night_over_midnight_and_a_change_of_the_clock_has_the_hours_it_has(day, hours):
    with clock.at(at(day, "23:30")):
        made = LineOfMachines("Europe/Berlin")
        made.say(made.fact("state", at(day, "20:30"), state="running"))
        made.drain()
        night = FactShift.objects.get(shift="night", owner_day=date.fromisoformat(day))
        planned = [PlannedRun("W1", "P", hours * 60, night.end_us)]
        freeze_plan(made.asset("L1"), night, planned, "N", SYSTEM)
        found = hour_board(made.site, "L1", night.pk, SYSTEM)
    assert [row.plan for row in found.rows] == [60] * hours
    assert sum(row.end_us - row.start_us for row in found.rows) == night.end_us - night.start_us
