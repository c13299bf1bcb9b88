"""Many records written set-wise through the same gates as one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people_of_the_plant import SYSTEM
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.routing import Operation, Routing
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.fields import duration_text
from plantbeat.kernel.log import Change, broken
from plantbeat.kernel.problems import Kind, Refused
from plantbeat.kernel.schema import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre(plant):
    return act(WorkCentre, "create", SYSTEM, {"site": plant.north, "code": "FILL", "name": "Filling"})


def items(plant, count: int) -> list[Item]:
    rows = [{"site": plant.north, "code": f"I{n}", "name": f"Item {n}"} for n in range(count)]
    return act_many(Item, "create", SYSTEM, rows)


@pytest.mark.requirement("R008")
def test_records_are_created_with_their_lines_and_logged_as_one_by_one(plant, centre):
    made = items(plant, 3)
    steps = [{"step": 10, "work_centre": centre, "run": 5}, {"step": 20, "work_centre": centre, "run": 6}]
    routings = act_many(
        Routing,
        "create",
        SYSTEM,
        [{"site": plant.north, "item": item, "operations": steps} for item in made[:2]],
    )
    alone = act(Routing, "create", SYSTEM, {"site": plant.north, "item": made[2], "operations": steps})
    assert Operation.objects.count() == 6
    many, one = (Change.objects.get(type_code="plant.Routing", record_id=x.pk) for x in (routings[0], alone))
    assert many.after["operations"] == one.after["operations"]
    assert many.after.keys() == one.after.keys()


def test_a_bad_line_refuses_all_and_is_named(plant, centre):
    made = items(plant, 2)
    good, bad = {"step": 10, "work_centre": centre, "run": 5}, {"step": 20, "work_centre": centre, "run": 0}
    rows = [
        {"site": plant.north, "item": one, "operations": [good, step]}
        for one, step in zip(made, ({**good, "step": 20}, bad), strict=True)
    ]
    with pytest.raises(Refused) as refused:
        act_many(Routing, "create", SYSTEM, rows)
    assert [(p.row, p.sheet, p.field) for p in refused.value.problems] == [(2, "operations 2", "run")]
    assert not Routing.objects.exists()


def test_many_edits_cost_few_queries_and_log_what_changed(plant):
    made = items(plant, 300)
    rows = [{"id": one.pk, "version": 1, "name": f"{one.name} new"} for one in made]
    with CaptureQueriesContext(connection) as asked:
        edited = act_many(Item, "edit", plant.actor(Role.planner), rows, reason="why")
    assert len(asked) < 60
    assert {one.version for one in edited} == {2}
    change = Change.objects.get(verb="edit", record_id=made[7].pk)
    assert (change.before, change.after, change.reason) == ({"name": "Item 7"}, {"name": "Item 7 new"}, "why")
    assert broken(plant.north.pk) is None


def test_an_edit_of_many_is_refused_as_a_whole_with_every_reason(plant):
    made = items(plant, 3)
    act(made[0], "edit", SYSTEM, {"name": "somebody else"})
    with pytest.raises(Refused) as refused:
        act_many(Item, "edit", SYSTEM, [{"id": one.pk, "version": 1, "name": "x"} for one in made])
    assert (refused.value.kind, [p.row for p in refused.value.problems]) == (Kind.conflict, [1])
    with pytest.raises(Refused) as refused:
        act_many(Item, "edit", SYSTEM, [{"id": made[1].pk, "code": "A B"}, {"id": made[2].pk, "name": ""}])
    assert [(p.row, p.field) for p in refused.value.problems] == [(1, "code"), (2, "name")]
    with pytest.raises(Refused, match="role does not allow"):
        act_many(Item, "edit", plant.actor(Role.operator), [{"id": made[1].pk, "name": "x"}])
    with pytest.raises(Refused, match="no such field"):
        act_many(Item, "edit", SYSTEM, [{"id": made[1].pk, "color": "x"}])
    assert Item.objects.filter(version__gt=1).count() == 1


def test_an_edit_of_many_writes_lines_and_names_a_bad_one(plant, centre):
    step = {"step": 10, "work_centre": centre, "run": 5}
    routing = act(
        Routing, "create", SYSTEM, {"site": plant.north, "item": plant.bottle, "operations": [step]}
    )
    act_many(Routing, "edit", SYSTEM, [{"id": routing.pk, "operations": [{**step, "run": 9}]}])
    assert Operation.objects.get().run == 9
    with pytest.raises(Refused) as refused:
        act_many(
            Routing,
            "edit",
            SYSTEM,
            [{"id": routing.pk, "operations": [step, {**step, "step": 20, "run": 0}]}],
        )
    assert [(p.row, p.sheet) for p in refused.value.problems] == [(1, "operations 2")]
    assert Operation.objects.get().run == 9


def test_many_are_removed_or_none(plant):
    made = items(plant, 3)
    act(WorkOrder, "create", SYSTEM, plant.order_data(item=made[1]))
    with pytest.raises(Refused, match="still used by: WO-000001"):
        act_many(Item, "remove", SYSTEM, [{"id": one.pk} for one in made])
    assert Item.objects.count() == 4
    act_many(Item, "remove", SYSTEM, [{"id": made[0].pk}, {"id": made[2].pk}])
    assert set(Item.objects.values_list("code", flat=True)) == {"BOTTLE", "I1"}
    assert Change.objects.filter(verb="remove").count() == 2


@pytest.mark.parametrize(
    ("us", "unit", "text"),
    [
        (90_000_000, "min", "1.5"),
        (100_000_000, "min", "100 s"),
        (1, "h", "0.000001 s"),
        (0, "min", "0"),
        (333_333, "s", "0.333333"),
    ],
)
def test_a_duration_as_text_reads_back_exactly(us, unit, text):
    assert duration_text(us, unit) == text
    spec = {"min": fields_of(Operation)["setup"], "s": fields_of(Operation)["run"]}.get(unit)
    if spec is not None:
        assert spec.parse(text) == us
