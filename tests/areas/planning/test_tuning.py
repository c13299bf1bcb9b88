"""Tuning a draft: moves with their consequences, freezes, rush orders; every change is a logged record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from shop import MINUTE_US, MONDAY

from people_of_the_plant import SYSTEM
from plantbeat.areas.planning import questions
from plantbeat.areas.planning.actions import ask_for_schedule
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.schedule_change import ScheduleChange
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.solving import solve_schedule
from plantbeat.areas.planning.tuning import actions, calculator
from plantbeat.areas.planning.version_diff import version_diff
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R002")]


@pytest.fixture
def draft(shop) -> Schedule:
    """Six orders on two machines, solved, and a draft made from that."""
    return actions.tune(shop.solved(apart_h=3), SYSTEM)


def bars(schedule: Schedule) -> dict[tuple[str, int], tuple[str, int, int, int]]:
    return {
        (one.order.number, one.step): (one.machine.code, one.setup_us, one.start_us, one.end_us)
        for one in questions.planned_operations(schedule)
    }


def last_to_first(schedule: Schedule) -> dict[str, object]:
    """The last bar of F1 to the head of F2."""
    rows = [one for one in questions.planned_operations(schedule) if one.machine.code == "F1"]
    return {"order": rows[-1].order.number, "step": 10, "machine": "F2"}


def test_a_draft_holds_what_its_version_holds_and_the_version_stays(draft):
    assert draft.state == "draft"
    assert bars(draft) == bars(draft.based_on)
    assert draft.late_minutes == draft.based_on.late_minutes


def test_a_move_does_what_its_preview_said(draft):
    asked = last_to_first(draft)
    said = calculator.ask("preview", draft.pk, draft.version, asked)
    before = bars(draft)
    moved, _found = actions.move(draft, draft.version, asked, SYSTEM)
    now = bars(moved)
    assert now[asked["order"], 10] == ("F2", said["setup_us"], said["start_us"], said["end_us"])
    assert moved.late_minutes - draft.based_on.late_minutes == said["late_minutes"]
    assert moved.setup_minutes - draft.based_on.setup_minutes == said["setup_minutes"]
    assert moved.late_orders == questions.late_orders(moved).count()
    assert sum(row.late_min for row in questions.late_orders(moved)) == moved.late_minutes
    assert sum(before[key] != now[key] for key in now) >= said["moved"] > 0
    assert bars(draft.based_on) == before


def test_a_move_is_a_record_and_in_the_log_with_the_person(plant, draft):
    planner = plant.actor(Role.planner, plant.north)
    asked = last_to_first(draft)
    moved, found = actions.move(draft, draft.version, asked, planner)
    change = ScheduleChange.objects.get(schedule=draft)
    assert (change.kind, change.order.number, change.machine.code) == ("move", asked["order"], "F2")
    assert change.late_minutes == found["late_minutes"]
    logged = Change.objects.filter(type_code="planning.ScheduleChange", record_id=change.pk).get()
    assert logged.actor == planner.pseudonym
    assert moved.tuned_by_id == planner.user_id


def test_the_last_move_can_be_taken_back_and_the_one_before_too(draft):
    first = bars(draft)
    one, _found = actions.move(draft, draft.version, last_to_first(draft), SYSTEM)
    second = bars(one)
    two, _found = actions.move(one, one.version, last_to_first(one), SYSTEM)
    back = actions.take_back(two, two.version, SYSTEM)
    assert bars(back) == second
    again = actions.take_back(back, back.version, SYSTEM)
    assert bars(again) == first
    assert again.late_minutes == draft.late_minutes
    with pytest.raises(Refused, match="nothing was moved"):
        actions.take_back(again, again.version, SYSTEM)


def test_what_is_frozen_or_begun_does_not_move(shop, draft):
    starts = sorted(row[2] for row in bars(draft).values())
    frozen = actions.freeze_until(draft, draft.version, starts[3], SYSTEM)
    held = {key: row for key, row in bars(frozen).items() if row[1] < starts[3]}
    order, step = next(iter(held))
    with pytest.raises(Refused, match="frozen or has begun"):
        actions.move(frozen, frozen.version, {"order": order, "step": step, "machine": "F2"}, SYSTEM)
    moved, _found = actions.move(frozen, frozen.version, last_to_first(frozen), SYSTEM)
    assert {key: bars(moved)[key] for key in held} == held
    with pytest.raises(Refused, match="lies in the past"):
        actions.freeze_until(moved, moved.version, clock.now_us() - 1, SYSTEM)


def test_a_held_operation_stays_while_others_go_past_it(draft):
    rows = [one for one in questions.planned_operations(draft) if one.machine.code == "F1"]
    fixed = rows[-1]
    held = actions.hold(draft, draft.version, fixed.order.number, 10, True, SYSTEM)
    asked = {"order": fixed.order.number, "step": 10, "machine": "F2"}
    with pytest.raises(Refused, match="frozen"):
        actions.move(held, held.version, asked, SYSTEM)
    moved, _found = actions.move(
        held, held.version, {"order": rows[0].order.number, "step": 10, "machine": "F2"}, SYSTEM
    )
    assert bars(moved)[fixed.order.number, 10][2] == fixed.start_us
    free = actions.hold(moved, moved.version, fixed.order.number, 10, False, SYSTEM)
    again, _found = actions.move(
        free, free.version, {"order": fixed.order.number, "step": 10, "machine": "F2"}, SYSTEM
    )
    assert bars(again)[fixed.order.number, 10][0] == "F2"


def test_two_planners_never_overwrite_each_other(draft):
    actions.move(draft, draft.version, last_to_first(draft), SYSTEM)
    with pytest.raises(Refused, match="somebody else"):
        actions.move(draft, draft.version, last_to_first(draft), SYSTEM)


def test_only_planners_tune_and_only_drafts_are_tuned(plant, draft):
    operator = plant.actor(Role.operator, plant.north)
    with pytest.raises(Refused, match="role"):
        actions.move(draft, draft.version, last_to_first(draft), operator)
    base = draft.based_on
    with pytest.raises(Refused, match="not a draft for tuning"):
        actions.move(base, base.version, last_to_first(base), SYSTEM)


def test_a_published_draft_writes_its_hours(draft):
    moved, _found = actions.move(draft, draft.version, last_to_first(draft), SYSTEM)
    published = act(moved, "publish", SYSTEM)
    pieces = sum(row.quantity for row in published.planned_hours.all())
    assert pieces == sum(one.quantity for one in questions.planned_operations(published))


def test_a_solve_from_a_draft_keeps_what_is_frozen_and_takes_new_orders(shop, draft):
    starts = sorted(row[2] for row in bars(draft).values())
    frozen = actions.freeze_until(draft, draft.version, starts[2], SYSTEM)
    held = {key: row for key, row in bars(frozen).items() if row[1] < starts[2]}
    new = shop.order("red", quantity=600, due_h=30)
    again = ask_for_schedule(shop.site, SYSTEM, 1, keeping=frozen)
    solve_schedule(again.pk)
    again.refresh_from_db()
    assert again.state == "draft", again.failure
    found = bars(again)
    assert {key: found[key] for key in held} == held
    assert found[new.number, 10][1] >= starts[2]
    assert again.based_on == frozen


RUSH = {"quantity": 1800, "weight": 1, "customer": "Hospital"}


@pytest.mark.requirement("R009")
def test_a_rush_order_shows_who_becomes_late_before_it_is_accepted(shop, draft):
    due = MONDAY + timedelta(hours=9)
    asked = {"item": shop.items["red"].pk, "quantity": "1800", "due": due.isoformat(), "weight": 1}
    orders, before = WorkOrder.objects.count(), bars(draft)
    options = calculator.ask("rush", draft.pk, draft.version, asked)["options"]
    assert WorkOrder.objects.count() == orders
    assert bars(draft) == before
    soonest = options[0]
    assert soonest["kind"] == "soonest"
    assert soonest["newly_late"] or soonest["later"] or soonest["harmed"] == 0
    data = {**RUSH, "item": shop.items["red"], "due": due}
    accepted, order = actions.insert_rush(draft, draft.version, data, soonest["kind"], SYSTEM)
    assert order.state == "firm"
    assert bars(accepted)[order.number, 10][3] == soonest["finish_us"]
    now = {row.order.number: row.late_min for row in questions.late_orders(accepted)}
    for number, _was, minutes in soonest["newly_late"] + soonest["later"]:
        assert now[number] == minutes
    assert accepted.orders == draft.orders + 1
    moved, _found = actions.move(accepted, accepted.version, last_to_first(accepted), SYSTEM)
    assert len(bars(moved)) == len(before) + 1


@pytest.mark.requirement("R009")
def test_a_rush_order_that_cannot_be_made_is_refused_in_words_and_nothing_is_written(shop, draft):
    bare = act(type(shop.items["red"]), "create", SYSTEM, {"site": shop.site, "code": "BARE", "name": "Bare"})
    orders = WorkOrder.objects.count()
    data = {**RUSH, "item": bare, "due": MONDAY + timedelta(hours=9)}
    with pytest.raises(Refused, match="item BARE has no routing"):
        actions.insert_rush(draft, draft.version, data, "soonest", SYSTEM)
    assert WorkOrder.objects.count() == orders


def test_a_changed_routing_says_that_the_draft_must_be_solved_again(shop, draft):
    routing = shop.items["red"].routings.get() if hasattr(shop.items["red"], "routings") else None
    if routing is None:
        from plantbeat.areas.plant.records.routing import Routing

        routing = Routing.objects.get(item=shop.items["red"])
    step = {"step": 20, "work_centre": shop.centre, "run": 2 * 1_000_000, "setup_family": "red"}
    act(routing, "edit", SYSTEM, {"operations": [step]})
    with pytest.raises(Refused, match="solve again"):
        calculator.ask("preview", draft.pk, draft.version + 1, last_to_first(draft))


def test_minutes_of_a_day_are_whole(draft):
    assert all(row[2] % MINUTE_US == 0 for row in bars(draft).values())


def test_minutes_of_set_up_agree_on_summary_rows_and_diff(draft):
    moved, found = actions.move(draft, draft.version, last_to_first(draft), SYSTEM)
    for version in (draft.based_on, moved):
        assert sum(one.setup_min for one in version.planned.all()) == version.setup_minutes
    diff = version_diff(draft.based_on, moved)
    assert (diff.setup_minutes, diff.late_minutes) == (found["setup_minutes"], found["late_minutes"])
    assert (diff.setups, diff.late_orders) == (found["setups"], found["late_orders"])
