"""Loading a plan: one transaction for small files, chunks that are taken back for large ones."""

from __future__ import annotations

import pytest
from sheets_at_hand import loaded, planned

from people_of_the_plant import SYSTEM
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Operation, Routing
from plantbeat.facts import disk
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change, broken
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.import_ import loading
from plantbeat.surfaces.import_.loading import take_back

pytestmark = pytest.mark.django_db

HEADER = ["Code", "Name"]


@pytest.fixture
def small_chunks(monkeypatch):
    """Every file is large, every chunk a few rows."""
    monkeypatch.setattr(loading, "ONE_TRANSACTION", 5)
    monkeypatch.setattr(loading, "FEWEST", 4)
    monkeypatch.setattr(loading, "MOST", 4)
    monkeypatch.setattr(loading, "FIRST", 4)


def items(count: int) -> dict[str, list[list[str]]]:
    return {"Items": [HEADER, *([f"I{n}", f"Item {n}"] for n in range(count))]}


@pytest.mark.requirement("X7")
def test_everything_an_import_writes_is_logged_under_one_id_and_reason(plant):
    planner = plant.actor(Role.planner)
    done = loaded(planned(items(3), plant.north, planner), planner)
    changes = Change.objects.filter(request_id=done.import_id)
    assert {(one.actor, one.reason, one.verb) for one in changes} == {
        (planner.pseudonym, "import of plant.xlsx", "create")
    }
    assert (changes.count(), broken(plant.north.pk)) == (3, None)


def test_refused_rows_stop_all_unless_the_good_ones_are_asked_for(plant):
    sheets = {"Items": [HEADER, ["A", "a"], ["B B", "b"]]}
    with pytest.raises(Refused, match="row 3"):
        loaded(planned(sheets, plant.north, SYSTEM), SYSTEM)
    assert not Item.objects.filter(code="A").exists()
    done = loaded(planned(sheets, plant.north, SYSTEM), SYSTEM, good_rows_only=True)
    assert (done.counts["create"], done.counts["bad"]) == (1, 1)


@pytest.mark.requirement("X7")
def test_a_large_file_is_written_in_chunks_under_one_id(plant, small_chunks):
    told: list[int] = []
    made = planned(items(10), plant.north, SYSTEM)
    done = loading.load(made, SYSTEM, good_rows_only=False, source="x", reason="x", progress=told.append)
    assert told == [4, 8, 10]
    assert Change.objects.filter(request_id=done.import_id).count() == 10


@pytest.mark.requirement("X7")
def test_if_a_later_chunk_fails_the_earlier_ones_are_undone_by_logged_acts(plant, small_chunks):
    sheets = items(10)
    sheets["Items"].insert(1, ["BOTTLE", "Changed"])
    made = planned(sheets, plant.north, SYSTEM)
    act(Item, "create", SYSTEM, {"site": plant.north, "code": "I9", "name": "somebody was quicker"})
    with pytest.raises(Refused, match=r"Items, row 12.*already exists"):
        loaded(made, SYSTEM)
    assert set(Item.objects.values_list("code", flat=True)) == {"BOTTLE", "I9"}
    assert Item.objects.get(code="BOTTLE").name == "Bottle"
    undone = Change.objects.filter(verb="remove", type_code="plant.Item")
    assert undone.count() == 8
    assert all("import of plant.xlsx" in one.reason for one in undone)
    assert broken(plant.north.pk) is None


def test_what_somebody_changed_since_stays_and_is_named(plant, small_chunks):
    done = loaded(planned(items(6), plant.north, SYSTEM), SYSTEM)
    act(Item.objects.get(code="I3"), "edit", SYSTEM, {"name": "mine now"})
    left = take_back(done.import_id, SYSTEM, reason="not wanted")
    assert [str(problem) for problem in left] == [
        "item “I3” could not be taken back: somebody else has changed it since"
    ]
    assert set(Item.objects.values_list("code", flat=True)) == {"BOTTLE", "I3"}


def test_what_others_use_meanwhile_stays_and_the_rest_is_taken_back(plant):
    done = loaded(planned(items(3), plant.north, SYSTEM), SYSTEM)
    act(WorkOrder, "create", SYSTEM, plant.order_data(item=Item.objects.get(code="I1")))
    left = take_back(done.import_id, SYSTEM, reason="not wanted")
    assert len(left) == 1
    assert "item “I1” could not be taken back: still used by: WO-000001" in str(left[0])
    assert set(Item.objects.values_list("code", flat=True)) == {"BOTTLE", "I1"}


@pytest.mark.requirement("R008")
def test_edits_lines_and_circles_are_taken_back_to_what_they_were(plant):
    first = {
        "Work centres": [HEADER, ["FILL", "Filling"]],
        "Routing operations": [["Item", "Step", "Work centre", "Run"], ["BOTTLE", 10, "FILL", 5]],
    }
    first["Routing operations"][0][3] = "Run time per unit"
    loaded(planned(first, plant.north, SYSTEM), SYSTEM)
    second = {
        "Items": [["Code", "Name", "Standard cost"], ["BOTTLE", "New name", 3]],
        "Lines": [["Code", "Name", "Counting point"], ["L1", "Line", "M1"]],
        "Machines": [["Code", "Name", "Line"], ["M1", "Filler", "L1"]],
        "Routing operations": [
            ["Item", "Step", "Work centre", "Run time per unit"],
            ["BOTTLE", 10, "FILL", 6],
            ["BOTTLE", 20, "FILL", 7],
        ],
        "People": [["Personnel number", "Name", "Phone"], ["1", "Ann", "555"]],
    }
    done = loaded(planned(second, plant.north, SYSTEM), SYSTEM)
    assert take_back(done.import_id, SYSTEM, reason="not wanted") == []
    assert not any(model.objects.exists() for model in (Line, Machine, Person))
    item = Item.objects.get()
    assert (item.name, item.standard_cost) == ("Bottle", None)
    assert list(Operation.objects.values_list("step", "run")) == [(10, 5_000_000)]
    assert Routing.objects.count() == 1


@pytest.mark.requirement("X10")
def test_a_private_value_is_put_back_too(plant):
    act(Person, "create", SYSTEM, {"site": plant.north, "number": "1", "name": "Ann", "phone": "555"})
    sheets = {"People": [["Personnel number", "Name", "Phone"], ["1", "Ann", "777"]]}
    done = loaded(planned(sheets, plant.north, SYSTEM), SYSTEM)
    assert Person.objects.get().phone == "777"
    assert take_back(done.import_id, SYSTEM, reason="not wanted") == []
    assert Person.objects.get().phone == "555"


def test_somebody_elses_edit_between_plan_and_load_is_a_conflict(plant):
    made = planned({"Items": [HEADER, ["BOTTLE", "Mine"]]}, plant.north, SYSTEM)
    act(plant.bottle, "edit", SYSTEM, {"name": "Theirs"})
    with pytest.raises(Refused, match="somebody else has changed it"):
        loaded(made, SYSTEM)
    assert Item.objects.get().name == "Theirs"


@pytest.mark.requirement("X7")
def test_order_numbers_come_in_and_are_never_given_again(plant):
    header = ["Number", "Item", "Quantity", "Due"]
    rows = [
        ["WO-000041", "BOTTLE", 5, "2026-03-31"],
        ["SAP-7", "BOTTLE", 6, "2026-03-31"],
        ["", "BOTTLE", 7, "2026-03-31"],
    ]
    loaded(planned({"Work orders": [header, *rows]}, plant.north, SYSTEM), SYSTEM)
    assert set(WorkOrder.objects.values_list("number", flat=True)) == {"WO-000041", "SAP-7", "WO-000042"}
    assert act(WorkOrder, "create", SYSTEM, plant.order_data()).number == "WO-000043"
    rows[1][2] = 60
    again = planned({"Work orders": [header, *rows[:2]]}, plant.north, SYSTEM)
    assert again.counts() == {"create": 0, "update": 1, "same": 1, "bad": 0}


@pytest.mark.django_db(transaction=True)
def test_others_can_write_between_the_chunks(plant, small_chunks):
    written: list[str] = []

    def between(rows: int) -> None:
        written.append(
            act(Item, "create", SYSTEM, {"site": plant.north, "code": f"B{rows}", "name": "between"}).code
        )

    made = planned(items(10), plant.north, SYSTEM)
    loading.load(made, SYSTEM, good_rows_only=False, source="x", reason="x", progress=between)
    assert written == ["B4", "B8", "B10"]
    assert Item.objects.count() == 14


def test_a_large_file_stops_at_the_chunk_for_which_the_disk_has_no_room(plant, small_chunks, monkeypatch):
    left = [600]
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: left[0] * disk.MIB)
    made = planned(items(20), plant.north, SYSTEM)

    def running_out(rows: int) -> None:
        left[0] = 600 - 20 * rows

    with pytest.raises(Refused, match="MiB left"):
        loading.load(
            made, SYSTEM, good_rows_only=False, source="x", reason="import of x", progress=running_out
        )
    assert not Item.objects.filter(code__startswith="I").exists()
    left[0] = 600
    assert loaded(planned(items(20), plant.north, SYSTEM), SYSTEM).counts["create"] == 20
