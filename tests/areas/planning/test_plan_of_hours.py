"""The plan of an hour by a schedule: what it is made of, before and after the schedule is changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from shop import MONDAY, Shop

from people_of_the_plant import SYSTEM
from plantbeat.areas.execution.hours.answers import PlanOfHours, PlanSource
from plantbeat.areas.execution.hours.questions import hour_board, plan_of_hours
from plantbeat.areas.execution.records.ramp_up import RampUp
from plantbeat.areas.planning import freezing
from plantbeat.areas.planning.actions import ask_for_schedule
from plantbeat.areas.planning.freezing import freeze_begun_shifts
from plantbeat.areas.planning.solving import solve_schedule
from plantbeat.engine.hours import Why
from plantbeat.facts.models import FactShift
from plantbeat.kernel import clock
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R146", "R157")]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EARLY = MONDAY + 7 * HOUR
MINUTE_US = 60_000_000


@pytest.fixture
def shop(plant):
    """One machine that works: 2 s a piece, 45 min of set-up between the families."""
    freezing._settled.clear()
    with clock.at(MONDAY):
        shop = Shop(plant)
        act(shop.machines[1], "edit", SYSTEM, {"work_centre": None})
        act(shop.line, "edit", SYSTEM, {"counting_point": shop.machines[0], "bottleneck": shop.machines[0]})
        yield shop


def published(shop):
    schedule = ask_for_schedule(shop.site, SYSTEM, 1)
    solve_schedule(schedule.pk)
    return act(schedule, "publish", SYSTEM)


def made(shop) -> PlanOfHours:
    """How the hours of the early shift are made; the parts of each are its plan and its time."""
    shift = FactShift.objects.get(shift="early", owner_day=date(2026, 11, 23))
    found = plan_of_hours(shop.site, "L1", shift.pk, SYSTEM)
    assert found.board == hour_board(shop.site, "L1", shift.pk, SYSTEM)
    for hour in found.hours:
        row = hour.row
        assert sum(part.pieces for part in hour.parts) == row.plan
        assert sum(one.us for one in (*hour.parts, *hour.taken_out)) == row.end_us - row.start_us
        if row.due is not None:
            assert sum(part.pieces for part in hour.parts if part.end_us <= hour.until_us) == row.due
        if row.plan_now is not None:
            assert sum(part.pieces for part in hour.parts_now) == row.plan_now
            beside = (*hour.parts_now, *hour.taken_out_now)
            assert sum(one.us for one in beside) == row.end_us - row.start_us
    return found


def taken_out(found: PlanOfHours) -> list[tuple[int, Why, int]]:
    first_us = found.hours[0].row.start_us
    return [
        ((one.start_us - first_us) // MINUTE_US, one.why, one.us // MINUTE_US)
        for hour in found.hours
        for one in hour.taken_out
    ]


def test_breaks_and_change_overs_of_the_schedule_stand_between_the_parts(shop):
    shop.order("red", quantity=5_400, due_h=9)
    shop.order("blue", quantity=1_800, due_h=24)
    version = published(shop)
    with clock.at(EARLY + MINUTE):
        freeze_begun_shifts(shop.site)
        found = made(shop)
    assert (found.board.source, found.board.source_text) == (PlanSource.frozen, version.number)
    assert [hour.row.plan for hour in found.hours] == [1800, 1800, 1800, 450, 900, 450, 0, 0]
    assert taken_out(found)[:3] == [
        (180, Why.setup, 45), (240, Why.shift_break, 30), (315, Why.nothing, 45),
    ]  # fmt: skip
    assert found.cycles_us == {"RED": 2_000_000, "BLUE": 2_000_000}
    part = found.hours[3].parts[0]
    assert (part.run.item, part.pieces_per_h, part.run.pieces) == ("BLUE", 1800, 1_800)


def test_a_ramp_up_follows_a_set_up_alone(shop):
    ramp = {"site": shop.site, "line": shop.line, "lasts": 30 * MINUTE_US, "percent": 50}
    act(RampUp, "create", SYSTEM, ramp)
    shop.order("red", quantity=3_600, due_h=8)
    shop.order("red", quantity=1_800, due_h=9)
    shop.order("blue", quantity=1_800, due_h=24)
    published(shop)
    with clock.at(EARLY + MINUTE):
        freeze_begun_shifts(shop.site)
        found = made(shop)
    slow = [part for hour in found.hours for part in hour.parts if part.percent < 100]
    assert {part.run.item for part in slow} == {"BLUE"}
    assert sum(part.us for part in slow) == 30 * MINUTE_US


def test_a_change_in_the_shift_has_parts_of_its_own_beside_the_first_plan(shop):
    shop.order("red", quantity=9_000)
    published(shop)
    with clock.at(EARLY + MINUTE):
        freeze_begun_shifts(shop.site)
    with clock.at(EARLY + 2 * HOUR):
        shop.order("blue", quantity=1_800, due_h=10, weight=100)
        second = published(shop)
        found = made(shop)
    assert found.board.changed_to == second.number
    assert [(hour.row.plan, hour.row.plan_now) for hour in found.hours[3:6]] == [
        (1800, 450), (900, None), (900, 1800),
    ]  # fmt: skip
    fourth = found.hours[3]
    assert fourth.taken_out == ()
    (setup,) = fourth.taken_out_now
    assert (setup.why, setup.us // MINUTE_US, setup.run.item) == (Why.setup, 45, "RED")
    assert [part.us // MINUTE_US for part in fourth.parts_now] == [15]


def test_before_the_shift_the_schedule_in_force_is_what_the_hours_are_made_of(shop: Shop):
    shop.order("red", quantity=5_400)
    version = published(shop)
    found = made(shop)
    assert (found.board.source, found.board.source_text) == (PlanSource.schedule, version.number)
    assert found.board.plan == 5_400
