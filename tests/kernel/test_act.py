"""The one write path: permission, guards, log and outbox, all or nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people_of_the_plant import PASSWORD, SYSTEM
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.kernel.access import ANYONE, Role, visible
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.lifecycle import step
from plantbeat.kernel.log import Change
from plantbeat.kernel.outbox import Outbox
from plantbeat.kernel.permission import may
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import write_lines

pytestmark = pytest.mark.django_db


def test_create_gives_number_state_log_row_and_message(plant):
    planner = plant.actor(Role.planner)
    order = act(WorkOrder, "create", planner, plant.order_data())
    assert (order.number, order.state, order.version) == ("WO-000001", "planned", 1)
    change = Change.objects.get(type_code="planning.WorkOrder")
    assert (change.verb, change.actor, change.chain) == ("create", planner.pseudonym, plant.north.pk)
    assert change.after["quantity"] == "500"
    assert Outbox.objects.filter(topic="record:planning.WorkOrder", payload__id=order.pk).exists()


def test_numbers_run_per_site(plant):
    south_item = act(Item, "create", SYSTEM, {"site": plant.south, "code": "CAP", "name": "Cap"})
    first = act(WorkOrder, "create", SYSTEM, plant.order_data())
    there = act(WorkOrder, "create", SYSTEM, plant.order_data(site=plant.south, item=south_item))
    second = act(WorkOrder, "create", SYSTEM, plant.order_data())
    assert [first.number, there.number, second.number] == ["WO-000001", "WO-000001", "WO-000002"]


@pytest.mark.requirement("X6")
@pytest.mark.parametrize("role", [Role.operator, Role.quality, Role.analyst, None])
def test_a_role_without_the_right_creates_nothing(plant, role):
    with pytest.raises(Refused) as refused:
        act(WorkOrder, "create", plant.actor(role), plant.order_data())
    assert refused.value.kind is Kind.forbidden
    assert not WorkOrder._base_manager.exists()


def test_the_right_role_at_another_site_is_no_right_here(plant):
    elsewhere = plant.actor(Role.planner, plant.south)
    with pytest.raises(Refused, match="role does not allow"):
        act(WorkOrder, "create", elsewhere, plant.order_data())


def test_a_record_cannot_be_moved_to_a_site_where_the_actor_has_no_right(plant):
    planner = plant.actor(Role.planner)
    item = act(Item, "create", planner, {"site": plant.north, "code": "A", "name": "A"})
    with pytest.raises(Refused) as refused:
        act(item, "edit", planner, {"site": plant.south})
    assert refused.value.kind is Kind.forbidden


def test_every_problem_is_named_and_nothing_changes(plant):
    order = act(WorkOrder, "create", SYSTEM, plant.order_data())
    with pytest.raises(Refused) as refused:
        act(order, "edit", SYSTEM, {"quantity": -1, "weight": 1000})
    assert {problem.field for problem in refused.value.problems} == {"quantity", "weight"}
    order.refresh_from_db()
    assert (order.quantity, order.version) == (500, 1)
    assert Change.objects.filter(type_code="planning.WorkOrder").count() == 1


def test_a_step_moves_the_state_and_the_wrong_one_says_why(plant):
    planner = plant.actor(Role.planner)
    order = act(WorkOrder, "create", planner, plant.order_data())
    assert "Planned" in str(may(order, "start", planner)[0])
    with pytest.raises(Refused) as refused:
        act(order, "start", planner)
    assert refused.value.kind is Kind.state
    order = act(order, "release", planner)
    assert (order.state, order.version) == ("firm", 2)


def test_a_state_is_never_edited(plant):
    order = act(WorkOrder, "create", SYSTEM, plant.order_data())
    with pytest.raises(Refused, match="no such field"):
        act(order, "edit", SYSTEM, {"state": "completed"})


def test_a_step_that_needs_a_reason_refuses_without(plant):
    order = act(act(WorkOrder, "create", SYSTEM, plant.order_data()), "release", SYSTEM)
    with pytest.raises(Refused, match="reason is required"):
        act(order, "hold", SYSTEM)
    held = act(order, "hold", SYSTEM, reason="label printer down")
    assert held.state == "held"
    assert Change.objects.get(verb="hold").reason == "label printer down"


def test_two_people_never_overwrite_each_other(plant):
    item = plant.bottle
    act(item, "edit", SYSTEM, {"name": "Bottle 1 l"}, version=1)
    with pytest.raises(Refused) as refused:
        act(item, "edit", SYSTEM, {"name": "Flask"}, version=1)
    assert refused.value.kind is Kind.conflict
    item.refresh_from_db()
    assert item.name == "Bottle 1 l"


def test_the_log_holds_only_what_changed(plant):
    act(plant.bottle, "edit", SYSTEM, {"name": "Bottle 1 l"})
    change = Change.objects.get(verb="edit", type_code="plant.Item")
    assert (change.before, change.after) == ({"name": "Bottle"}, {"name": "Bottle 1 l"})


def test_what_is_in_use_is_not_removed(plant):
    act(WorkOrder, "create", SYSTEM, plant.order_data())
    with pytest.raises(Refused, match="still used by: WO-000001"):
        act(plant.bottle, "remove", SYSTEM)


def test_removing_keeps_what_it_was_in_the_log(plant):
    cap = act(Item, "create", SYSTEM, {"site": plant.north, "code": "CAP", "name": "Cap"})
    pk = cap.pk
    act(cap, "remove", SYSTEM)
    assert not Item._base_manager.filter(pk=pk).exists()
    assert Change.objects.get(verb="remove").before["name"] == "Cap"


@pytest.mark.requirement("R008")
def test_lines_are_written_logged_and_refused_with_their_owner(plant):
    centre = act(WorkCentre, "create", SYSTEM, {"site": plant.north, "code": "FILL", "name": "Filling"})
    step = {"step": 10, "work_centre": centre, "run": 2_000_000}
    routing = act(
        Routing, "create", SYSTEM, {"site": plant.north, "item": plant.bottle, "operations": [step]}
    )
    again = [{**step, "run": 3_000_000}, {**step, "step": 20}]
    act(routing, "edit", SYSTEM, {"operations": again})
    assert list(routing.operations.order_by("step").values_list("step", "run")) == [
        (10, 3_000_000),
        (20, 2_000_000),
    ]
    change = Change.objects.filter(type_code="plant.Routing", verb="edit").get()
    assert [len(change.before["operations"]), len(change.after["operations"])] == [1, 2]
    with pytest.raises(Refused) as refused:
        act(routing, "edit", SYSTEM, {"operations": [step, step]})
    assert (refused.value.problems[0].row, refused.value.problems[0].sheet) == (2, "operations")
    assert routing.operations.count() == 2


def test_many_rows_are_created_in_one_act_or_not_at_all(plant):
    rows = [{"site": plant.north, "code": f"I{n}", "name": f"Item {n}"} for n in range(50)]
    made = act_many(Item, "create", plant.actor(Role.planner), rows)
    assert len(made) == 50
    assert Change.objects.filter(type_code="plant.Item", verb="create").count() == 51
    bad = [
        {"site": plant.north, "code": "X1", "name": "X"},
        {"site": plant.north, "code": "I7", "name": "again"},
    ]
    with pytest.raises(Refused) as refused:
        act_many(Item, "create", SYSTEM, bad)
    assert [(p.row, p.field) for p in refused.value.problems] == [(2, "code")]
    assert not Item._base_manager.filter(code="X1").exists()


def test_visible_shows_only_the_sites_of_the_actor(plant):
    act(Item, "create", SYSTEM, {"site": plant.south, "code": "CAP", "name": "Cap"})
    assert [item.code for item in visible(Item, plant.actor(Role.operator))] == ["BOTTLE"]
    assert visible(Item, plant.actor(Role.analyst, everywhere=True)).count() == 2
    assert not visible(Item, plant.actor()).exists()


def test_only_an_administrator_of_all_sites_makes_users(plant):
    local = plant.actor(Role.administrator)
    with pytest.raises(Refused):
        act(User, "create", local, {"username": "mallory"})
    act(User, "create", plant.actor(Role.administrator, everywhere=True), {"username": "mallory"})


def test_secrets_never_enter_the_log(plant):
    plant.user(Role.operator)
    for change in Change.objects.filter(type_code="kernel.User"):
        assert "password" not in {*change.before, *change.after}
        assert PASSWORD not in str(change.after)


@pytest.mark.requirement("X6")
def test_what_a_step_asks_for_hinders_it_only_when_it_is_taken_without(plant, monkeypatch):
    def told_who_for(record, by):
        return None if record.customer else Problem("say who it is for", "customer")

    step = WorkOrder.lifecycle.steps["release"]
    monkeypatch.setattr(step, "guards", (told_who_for,))
    planner = plant.actor(Role.planner)
    order = act(WorkOrder, "create", planner, plant.order_data(customer=""))
    for asks, hindered in ((), True), (("customer",), False):
        monkeypatch.setattr(step, "asks", asks)
        assert bool(may(order, "release", planner)) is hindered
        with pytest.raises(Refused, match="say who it is for"):
            act(order, "release", planner)
    assert act(order, "release", planner, {"customer": "ACME"}).state == "firm"


@pytest.mark.requirement("X6", "R046")
def test_a_signature_needs_the_persons_own_secret(plant, monkeypatch):
    monkeypatch.setattr(WorkOrder.lifecycle.steps["release"], "signed", "approval")
    planner = plant.actor(Role.planner)
    order = act(WorkOrder, "create", planner, plant.order_data())
    for secret in ("", "wrong"):
        with pytest.raises(Refused) as refused:
            act(order, "release", planner, secret=secret)
        assert refused.value.kind is Kind.signature
    act(order, "release", planner, secret=PASSWORD)
    signature = Change.objects.get(verb="release").signature
    assert (signature["meaning"], signature["by"], signature["method"]) == (
        "approval",
        planner.pseudonym,
        "password",
    )
    assert len(signature["record_hash"]) == 64


def test_a_step_that_moves_a_key_is_refused_where_it_is_taken(plant, monkeypatch):
    first = act(WorkOrder, "create", SYSTEM, plant.order_data())
    second = act(WorkOrder, "create", SYSTEM, plant.order_data())

    def renumber(record, by, data):
        record.number = data["wanted"]

    renumbering = step("renumber", by=ANYONE, asks=("wanted",), effect=renumber)
    monkeypatch.setattr(WorkOrder, "actions", (renumbering,))
    assert act(second, "renumber", SYSTEM, {"wanted": "WO-000009"}).number == "WO-000009"
    with pytest.raises(Refused, match="already exists"):
        act(second, "renumber", SYSTEM, {"wanted": first.number})


def test_a_step_asks_the_database_for_nothing_it_leaves_as_it_was(plant):
    order = act(WorkOrder, "create", SYSTEM, plant.order_data())
    with CaptureQueriesContext(connection) as asked:
        act(order, "release", SYSTEM)
    reads = [one["sql"] for one in asked if one["sql"].startswith("SELECT")]
    assert not [sql for sql in reads if "plant_item" in sql or ("LIMIT 1" in sql and "work_order" in sql)]


def test_the_lines_that_a_step_writes_stand_in_the_log(plant, monkeypatch):
    centre = act(WorkCentre, "create", SYSTEM, {"site": plant.north, "code": "WC", "name": "Centre"})
    rows = [{"step": 10, "work_centre": centre, "run": 2_000_000}]
    routing = act(Routing, "create", SYSTEM, {"site": plant.north, "item": plant.bottle, "operations": rows})

    def double(record, by, data):
        write_lines(
            [record], [{"operations": [*rows, {"step": 20, "work_centre": centre, "run": 2_000_000}]}]
        )

    monkeypatch.setattr(Routing, "actions", (step("double", by=ANYONE, effect=double),))
    act(routing, "double", SYSTEM)
    change = Change.objects.get(type_code="plant.Routing", verb="double")
    assert [one["step"] for one in change.before["operations"]] == [10]
    assert [one["step"] for one in change.after["operations"]] == [10, 20]
