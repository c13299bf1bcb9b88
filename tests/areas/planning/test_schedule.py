"""From open orders to a published schedule with dispatch list and hour-by-hour plan."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from shop import MINUTE_US, MONDAY, Shop

from people_of_the_plant import SYSTEM
from plantbeat.areas.planning import questions
from plantbeat.areas.planning.actions import ask_for_schedule
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.solving import solve_schedule
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.planned_stop import PlannedStop
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.areas.plant.records.shift_change import ShiftChange
from plantbeat.areas.plant.records.site_rule import SiteRule
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R002")]


def solved(shop: Shop, by=SYSTEM) -> Schedule:
    schedule = ask_for_schedule(shop.site, by, 1)
    solve_schedule(schedule.pk)
    schedule.refresh_from_db()
    return schedule


def test_open_orders_become_a_checked_draft(shop):
    for number in range(8):
        shop.order("red" if number % 2 else "blue")
    schedule = solved(shop)
    assert (schedule.state, schedule.orders, schedule.operations, schedule.left_out) == ("draft", 8, 8, 0)
    planned = list(questions.planned_operations(schedule))
    by_machine = defaultdict(list)
    for one in planned:
        by_machine[one.machine.code].append(one)
    assert set(by_machine) == {"F1", "F2"}
    for row in by_machine.values():
        assert all(b.setup_us >= a.end_us for a, b in pairwise(row))


@pytest.mark.requirement("R003")
def test_nothing_is_planned_while_the_line_is_closed(shop):
    shop.order("red", quantity=2400)
    planned = questions.planned_operations(solved(shop)).get()
    opens = clock.to_us(MONDAY + timedelta(hours=7))
    assert planned.start_us == opens
    assert planned.end_us == opens + (80 + 0) * MINUTE_US


@pytest.mark.requirement("R004")
def test_orders_of_one_family_are_put_together_to_save_set_ups(shop):
    for number in range(8):
        shop.order("red" if number % 2 else "blue", quantity=1200, due_h=24 * 6)
    schedule = solved(shop)
    assert schedule.setup_minutes <= 45 * 2


@pytest.mark.requirement("R103")
def test_a_late_order_says_what_it_waited_for_and_the_minutes_add_up(shop):
    for _ in range(6):
        shop.order("red", quantity=6000, due_h=9)
    schedule = solved(shop)
    late = list(questions.late_orders(schedule))
    assert schedule.late_orders == len(late) > 0
    for row in late:
        begin = row.finish_us - sum(cause["minutes"] for cause in row.causes) * MINUTE_US
        assert begin >= clock.to_us(MONDAY)
        assert row.late_min == (row.finish_us - row.due_us) // MINUTE_US


def test_orders_that_cannot_be_scheduled_are_left_out_with_the_reason(shop):
    good = shop.order("red")
    bare = act(Item, "create", SYSTEM, {"site": shop.site, "code": "BARE", "name": "No routing"})
    act(WorkOrder, "create", SYSTEM, {"site": shop.site, "item": bare, "quantity": 5, "due": MONDAY})
    act(shop.order("blue"), "hold", SYSTEM, reason="no caps")
    schedule = solved(shop)
    assert [one.order.pk for one in questions.planned_operations(schedule)] == [good.pk]
    reasons = sorted(row.reason for row in questions.not_scheduled(schedule))
    assert reasons == ["it is on hold", "item BARE has no routing"]


def test_what_the_engine_refuses_of_one_order_leaves_the_others_scheduled(shop):
    shop.order("red")
    plain = act(Item, "create", SYSTEM, {"site": shop.site, "code": "PLAIN", "name": "No family"})
    step = {"step": 10, "work_centre": shop.centre, "run": 1_000_000}
    act(Routing, "create", SYSTEM, {"site": shop.site, "item": plain, "operations": [step]})
    order = {"site": shop.site, "item": plain, "quantity": 5, "due": MONDAY + timedelta(days=2)}
    bad = act(WorkOrder, "create", SYSTEM, order)
    schedule = solved(shop)
    assert (schedule.state, schedule.orders, schedule.left_out) == ("draft", 1, 1)
    left_out = questions.not_scheduled(schedule).get()
    assert left_out.order == bad
    assert "family" in left_out.reason


def test_a_fault_of_the_whole_site_fails_in_words_and_writes_nothing(shop):
    schedule = solved(shop)
    assert (schedule.state, schedule.failure) == ("failed", "there is no open work order to schedule")
    assert not schedule.planned.exists()


@pytest.mark.requirement("R146")
def test_publishing_replaces_the_version_in_force_and_plans_every_hour(shop):
    shop.order("red", quantity=5000)
    first = act(solved(shop), "publish", SYSTEM)
    assert questions.schedule_in_force(shop.site, SYSTEM) == first
    shop.order("blue", quantity=777)
    second = act(solved(shop), "publish", SYSTEM)
    first.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "published")
    hours = list(second.planned_hours.all())
    by_order = defaultdict(int)
    for hour in hours:
        by_order[hour.order_id] += hour.quantity
    assert sorted(by_order.values()) == [777, 5000]
    breaks = clock.to_us(MONDAY + timedelta(hours=11))
    in_break = [hour for hour in hours if hour.hour_us == breaks and hour.machine.code == "F1"]
    before = [hour for hour in hours if hour.hour_us == breaks - 60 * MINUTE_US and hour.machine.code == "F1"]
    if in_break and before:
        assert in_break[0].quantity < before[0].quantity


def test_only_planning_may_solve_and_publish(shop, plant):
    shop.order("red")
    with pytest.raises(Refused):
        ask_for_schedule(shop.site, plant.actor(Role.operator), 5)
    schedule = solved(shop, plant.actor(Role.planner))
    with pytest.raises(Refused):
        act(schedule, "publish", plant.actor(Role.quality))
    act(schedule, "publish", plant.actor(Role.supervisor))
    assert Change.objects.filter(type_code="planning.Schedule").count() == 3


@pytest.mark.requirement("R003", "X8")
def test_planned_stops_and_changed_shifts_are_planned_around(shop):
    first, second = shop.machines
    stop = {"site": shop.site, "purpose": "service"}
    day = MONDAY.date()
    times = {"starts": MONDAY, "ends": MONDAY + timedelta(days=1)}
    act(PlannedStop, "create", SYSTEM, {**stop, **times, "machine": first})
    cancelled = {
        "site": shop.site,
        "day": day,
        "change": "cancelled",
        "shift": "early",
        "reason": "power cut",
    }
    act(ShiftChange, "create", SYSTEM, {**cancelled, "line": shop.line})
    for family in ("red", "red"):
        shop.order(family, quantity=60)
    schedule = solved(shop)
    planned = list(questions.planned_operations(schedule))
    late_opens = clock.to_us(MONDAY + timedelta(hours=15))
    assert [one.machine.code for one in planned] == [second.code, second.code]
    assert planned[0].start_us == late_opens
    act(schedule, "publish", SYSTEM)
    hours = questions.planned_hours(schedule, "L1", 0, 2**62)
    assert min(hours.values_list("hour_us", flat=True)) == late_opens


def test_a_line_without_a_pattern_of_its_own_is_planned_by_that_of_the_site(shop):
    since = MONDAY.date() - timedelta(days=1)
    rule = {"site": shop.site, "valid_from": since, "shift_pattern": shop.line.shift_pattern}
    act(SiteRule, "create", SYSTEM, rule)
    act(shop.line, "edit", SYSTEM, {"shift_pattern": None})
    shop.order("red", quantity=60)
    planned = questions.planned_operations(solved(shop)).get()
    assert planned.start_us == clock.to_us(MONDAY + timedelta(hours=7))
