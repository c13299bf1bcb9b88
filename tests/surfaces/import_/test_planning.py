"""What an import would do: every problem at its place, links inside the file, few queries."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from sheets_at_hand import loaded, places, planned

from people_of_the_plant import SYSTEM
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Operation, Routing
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.surfaces.import_ import loading

pytestmark = pytest.mark.django_db

ITEMS = ["Code", "Name", "Unit", "Kind", "Standard cost"]
ORDERS = ["Item", "Quantity", "Due", "Weight"]
RUN = "Run time per unit (s)"
STEPS = ["Item", "Step", "Work centre", RUN]

BAD_CELLS = [
    ("Items", ITEMS, ["A B", "Bottle", "", "", ""], "Code", "A B", "without spaces"),
    ("Items", ITEMS, ["", "Bottle", "", "", ""], "Code", "", "is required"),
    ("Items", ITEMS, ["A", "", "", "", ""], "Name", "", "is required"),
    ("Items", ITEMS, ["A", "x" * 121, "", "", ""], "Name", "x" * 121, "at most 120"),
    ("Items", ITEMS, ["A", "Bottle", "", "stolen", ""], "Kind", "stolen", "one of: made, bought"),
    ("Items", ITEMS, ["A", "Bottle", "", "", "cheap"], "Standard cost", "cheap", "an amount"),
    ("Items", ITEMS, ["A", "Bottle", "", "", 0.123456], "Standard cost", "0.123456", "an amount"),
    ("Items", ITEMS, ["A", "#REF!", "", "", ""], "Name", "#REF!", "error of the spreadsheet"),
    ("Items", ITEMS, ["A", "=B1", "", "", ""], "Name", "=B1", "without a stored result"),
    ("Work orders", ORDERS, ["NONE", 5, "2026-03-31", ""], "Item", "NONE", "existing item"),
    ("Work orders", ORDERS, ["BOTTLE", "many", "2026-03-31", ""], "Quantity", "many", "a number"),
    ("Work orders", ORDERS, ["BOTTLE", -1, "2026-03-31", ""], "Quantity", "-1", "greater than or equal"),
    ("Work orders", ORDERS, ["BOTTLE", 0, "2026-03-31", ""], "Quantity", "0", "more than zero"),
    ("Work orders", ORDERS, ["BOTTLE", 5, "03/04/2026", ""], "Due", "03/04/2026", "as in 2026-03-31"),
    ("Work orders", ORDERS, ["BOTTLE", 5, "tomorrow", ""], "Due", "tomorrow", "as in 2026-03-31"),
    ("Work orders", ORDERS, ["BOTTLE", 5, "2026-02-30", ""], "Due", "2026-02-30", "as in 2026-03-31"),
    ("Work orders", ORDERS, ["BOTTLE", 5, "2026-03-08 02:30", ""], "Due", "2026-03-08 02:30", "ambiguous"),
    ("Work orders", ORDERS, ["BOTTLE", 5, "2026-03-31", 2.5], "Weight", "2.5", "whole number"),
    ("Work orders", ORDERS, ["BOTTLE", 5, "2026-03-31", 101], "Weight", "101", "at most 100"),
    ("Routing operations", STEPS, ["BOTTLE", 10, "NONE", 5], "Work centre", "NONE", "existing work centre"),
    ("Routing operations", STEPS, ["BOTTLE", 10, "FILL", "fast"], RUN, "fast", "a duration"),
    ("Routing operations", STEPS, ["BOTTLE", 10, "FILL", 0], RUN, "0", "needs a run time"),
    ("Routing operations", STEPS, ["BOTTLE", "", "FILL", 5], "Step", "", "is required"),
    ("Routing operations", STEPS, ["NONE", 10, "FILL", 5], "Item", "NONE", "existing item"),
    ("Holidays", ["Day", "Name"], ["Christmas", "x"], "Day", "Christmas", "a date"),
    ("Downtime reasons", ["Code", "Name", "Offered"], ["1", "x", "maybe"], "Offered", "maybe", "yes or no"),
    (
        "Shift pattern shifts",
        ["Shift pattern", "Order", "Shift", "From", "To"],
        ["P", 1, "day", "6 o'clock", "14:00"],
        "From",
        "6 o'clock",
        "a time as in",
    ),
]  # fmt: skip


@pytest.mark.requirement("X7")
@pytest.mark.parametrize(
    ("sheet", "header", "row", "column", "value", "told"), BAD_CELLS, ids=lambda value: str(value)[:24]
)
def test_every_kind_of_bad_cell_is_named(plant, sheet, header, row, column, value, told):
    act(WorkCentre, "create", SYSTEM, {"site": plant.north, "code": "FILL", "name": "Filling"})
    patterns = {"Shift patterns": [["Code", "Name", "First day of the cycle"], ["P", "p", "2026-01-05"]]}
    made = planned({**patterns, sheet: [["Note"], header, row]}, plant.north, SYSTEM)
    problem = next(one for one in made.problems() if one.column == column)
    assert (problem.sheet, problem.row) == (sheet, 3)
    assert str(problem.value if problem.value is not None else "") == value
    assert told in f"{problem.message} {problem.allowed}"
    before = Change.objects.count()
    with pytest.raises(Exception, match="row 3"):
        loaded(made, SYSTEM)
    assert Change.objects.count() == before


@pytest.mark.parametrize("day", ["2026-03-31", "31.03.2026", "2026-03-31 00:00:00", date(2026, 3, 31)])
def test_a_day_is_read_in_every_clear_form(plant, day):
    made = planned({"Holidays": [["Day", "Name"], [day, "x"]]}, plant.north, SYSTEM)
    assert made.problems() == []
    assert made.parts[0].rows[0].values["day"] == date(2026, 3, 31)


def test_times_without_a_zone_are_the_sites(plant):
    due = datetime(2026, 7, 1, 14, 30)  # noqa: DTZ001  (as a spreadsheet keeps it)
    made = planned({"Work orders": [ORDERS, ["BOTTLE", 5, due, ""]]}, plant.north, SYSTEM)
    loaded(made, SYSTEM)
    assert WorkOrder.objects.get().due == datetime(2026, 7, 1, 19, 30, tzinfo=UTC)


def test_codes_typed_as_numbers_are_codes_and_never_ids(plant):
    assert plant.bottle.pk < 1234
    sheets = {
        "Items": [["Code", "Name"], [1234, "Typed as a number"], ["007", "With zeros"]],
        "Work orders": [ORDERS, [1234, 5, "2026-03-31", ""], ["007", 5, "2026-03-31", ""]],
    }
    loaded(planned(sheets, plant.north, SYSTEM), SYSTEM)
    assert set(WorkOrder.objects.values_list("item__code", flat=True)) == {"1234", "007"}
    by_id = planned({"Work orders": [ORDERS, [plant.bottle.pk, 5, "2026-03-31", ""]]}, plant.north, SYSTEM)
    assert places(by_id) == [("Work orders", 2, "Item")]


@pytest.mark.requirement("X7", "R008")
def test_rows_may_point_at_rows_of_other_sheets_in_any_order_even_in_circles(plant):
    sheets = {
        "People": [
            ["Personnel number", "Name", "Reports to"],
            ["2", "Ann", "1"],
            ["3", "Bob", "2"],
            ["1", "Eve", ""],
        ],
        "Machines": [["Code", "Name", "Line", "Work centre"], ["M1", "Filler", "L1", "FILL"]],
        "Lines": [["Code", "Name", "Counting point"], ["L1", "Line", "M1"]],
        "Routing operations": [[*STEPS, "Only on"], ["BOTTLE", 10, "FILL", 2.5, "M1"]],
        "Work centres": [["Code", "Name"], ["FILL", "Filling"]],
    }
    made = planned(sheets, plant.north, SYSTEM)
    assert made.problems() == []
    loaded(made, SYSTEM)
    line = Line.objects.get()
    assert (line.counting_point.code, Machine.objects.get().line) == ("M1", line)
    assert dict(Person.objects.values_list("name", "reports_to__name")) == {
        "Eve": None,
        "Ann": "Eve",
        "Bob": "Ann",
    }
    assert Operation.objects.get().machines == "M1"
    assert (
        Change.objects.filter(type_code="people.Person").values_list("verb", flat=True).distinct().get()
        == "create"
    )


def test_rules_are_asked_of_the_plant_as_it_would_be(plant):
    circle = {"People": [["Personnel number", "Name", "Reports to"], ["1", "A", "2"], ["2", "B", "1"]]}
    assert places(planned(circle, plant.north, SYSTEM)) == [
        ("People", 2, "Reports to"),
        ("People", 3, "Reports to"),
    ]
    lines = [["Code", "Name", "Counting point"], ["L1", "One", "M1"]]
    machines = [["Code", "Name", "Line"], ["M1", "Filler", ""]]
    made = planned({"Lines": lines, "Machines": machines}, plant.north, SYSTEM)
    first = made.problems()[0]
    assert (first.column, str(first.message)) == ("Counting point", "is not a machine of this line")
    own = [["Item", "Component", "Quantity"], ["NEW", "NEW", 1]]
    made = planned(
        {"Items": [["Code", "Name"], ["NEW", "n"]], "Bill of materials components": own}, plant.north, SYSTEM
    )
    assert ("Bill of materials components", 2, "Component") in places(made)
    two = [["Item", "Component", "Quantity"], ["NEW", "OTHER", 1]]
    items = [["Code", "Name"], ["NEW", "n"], ["OTHER", "o"]]
    assert (
        planned({"Items": items, "Bill of materials components": two}, plant.north, SYSTEM).problems() == []
    )


def test_what_only_the_database_knows_is_found_before_anything_is_loaded(plant):
    sheets = {
        "Areas": [["Code", "Name"], ["X", "Hall"]],
        "Machines": [["Code", "Name"], ["X", "Filler"], ["Y", "Other"]],
    }
    made = planned(sheets, plant.north, SYSTEM)
    assert [(p.sheet, p.row, p.column) for p in made.problems()] == [("Machines", 2, "Code")]
    assert not Change.objects.filter(type_code="plant.Area").exists()
    loaded(made, SYSTEM, good_rows_only=True)
    assert list(Machine.objects.values_list("code", flat=True)) == ["Y"]


@pytest.mark.requirement("X7")
def test_a_row_that_points_at_a_refused_row_is_refused_and_says_so(plant):
    sheets = {
        "Items": [["Code", "Name"], ["NEW", ""], ["GOOD", "Good"]],
        "Work orders": [ORDERS, ["NEW", 5, "2026-03-31", ""], ["GOOD", 5, "2026-03-31", ""]],
    }
    made = planned(sheets, plant.north, SYSTEM)
    assert places(made) == [("Items", 2, "Name"), ("Work orders", 2, "Item")]
    assert "row 2 of “Items”, which is refused itself" in str(made.problems()[1])
    done = loaded(made, SYSTEM, good_rows_only=True)
    assert (done.counts["create"], done.counts["bad"]) == (2, 2)
    assert WorkOrder.objects.get().item.code == "GOOD"


@pytest.mark.requirement("R008")
def test_a_record_and_its_lines_stand_or_fall_together(plant):
    act(WorkCentre, "create", SYSTEM, {"site": plant.north, "code": "FILL", "name": "Filling"})
    sheets = {
        "Items": [["Code", "Name"], ["OTHER", "Other"]],
        "Routings": [["Item", "Note"], ["BOTTLE", "kept"], ["OTHER", ""]],
        "Routing operations": [
            STEPS,
            ["BOTTLE", 10, "FILL", 5],
            ["BOTTLE", 20, "FILL", "slow"],
            ["OTHER", 10, "FILL", 5],
            ["OTHER", 10, "FILL", 6],
        ],
    }
    made = planned(sheets, plant.north, SYSTEM)
    assert places(made)[:2] == [("Routings", 2, ""), ("Routings", 3, "")]
    assert {row.row for row in made.parts[2].rows if row.fate == "bad"} == {2, 3, 4, 5}
    sheets["Routing operations"][2][3] = 7
    sheets["Routing operations"][4][1] = 20
    loaded(planned(sheets, plant.north, SYSTEM), SYSTEM)
    assert list(Operation.objects.order_by("routing__item__code", "step").values_list("step", "run")) == [
        (10, 5_000_000), (20, 7_000_000), (10, 5_000_000), (20, 6_000_000),
    ]  # fmt: skip
    assert Routing.objects.get(item=plant.bottle).note == "kept"


@pytest.mark.requirement("R008", "X4")
def test_a_flat_list_of_operations_is_enough_and_replaces_those_there(plant):
    act(WorkCentre, "create", SYSTEM, {"site": plant.north, "code": "FILL", "name": "Filling"})
    flat = {
        "Routing operations": [
            [*STEPS, "Skill"],
            ["BOTTLE", 10, "FILL", 5, "filler"],
            ["BOTTLE", 20, "FILL", 6, ""],
        ]
    }
    made = planned(flat, plant.north, SYSTEM)
    assert made.counts()["create"] == 2
    loaded(made, SYSTEM)
    again = planned(flat, plant.north, SYSTEM)
    assert again.counts() == {"create": 0, "update": 0, "same": 2, "bad": 0}
    fewer = planned({"Routing operations": [STEPS, ["BOTTLE", 10, "FILL", 4]]}, plant.north, SYSTEM)
    assert (fewer.counts()["update"], fewer.parts[0].gone) == (1, 1)
    loaded(fewer, SYSTEM)
    assert list(Operation.objects.values_list("step", "run", "skill")) == [(10, 4_000_000, "filler")]


def test_the_same_key_twice_is_a_fault_of_the_second_row(plant):
    rows = [["A", "1"], ["B", "2"], ["A", "3"]]
    made = planned({"Items": [["Code", "Name"], *rows]}, plant.north, SYSTEM)
    assert places(made) == [("Items", 4, "Code")]
    assert "row 2 already" in str(made.problems()[0])


def test_a_sheet_with_some_columns_changes_only_these(plant):
    act(plant.bottle, "edit", SYSTEM, {"unit": "l", "family": "bottles"})
    made = planned({"Items": [["Code", "Standard cost"], ["BOTTLE", 1.25]]}, plant.north, SYSTEM)
    assert made.counts()["update"] == 1
    loaded(made, SYSTEM)
    plant.bottle.refresh_from_db()
    assert (plant.bottle.standard_cost, plant.bottle.unit, plant.bottle.family) == (
        Decimal("1.25"),
        "l",
        "bottles",
    )
    new = planned({"Items": [["Code", "Standard cost"], ["NEW", 1.25]]}, plant.north, SYSTEM)
    assert "there is no column for it, and a new item needs it" in str(new.problems()[0])


def test_an_empty_cell_clears_what_may_be_empty_and_keeps_what_has_a_default(plant):
    act(plant.bottle, "edit", SYSTEM, {"unit": "l", "family": "bottles"})
    made = planned(
        {"Items": [["Code", "Name", "Unit", "Family"], ["BOTTLE", "Bottle", "", ""]]}, plant.north, SYSTEM
    )
    loaded(made, SYSTEM)
    plant.bottle.refresh_from_db()
    assert (plant.bottle.unit, plant.bottle.family) == ("l", "")


def test_without_the_key_column_the_sheet_is_refused_once(plant):
    made = planned({"Items": [["Name", "Unit"], ["First", "pcs"], ["Second", "pcs"]]}, plant.north, SYSTEM)
    assert [(p.sheet, p.row, p.column) for p in made.problems()] == [("Items", 1, "Code")]
    assert made.counts()["bad"] == 2


@pytest.mark.requirement("X6", "X7")
def test_a_role_without_the_right_or_from_elsewhere_loads_nothing(plant):
    items = {"Items": [["Code", "Name"], ["NEW", "New"]]}
    elsewhere = plant.actor(Role.planner, plant.south)
    for by in (plant.actor(Role.operator), plant.actor(Role.analyst), elsewhere):
        made = planned(items, plant.north, by)
        assert "role does not allow" in str(made.problems()[0])
        with pytest.raises(Exception, match="role does not allow"):
            loaded(made, by)
    link = planned({"Work orders": [ORDERS, ["BOTTLE", 5, "2026-03-31", ""]]}, plant.south, elsewhere)
    assert "there is no item “BOTTLE” here" in str(link.problems()[0])


@pytest.mark.requirement("X10")
def test_a_private_column_is_refused_to_those_who_may_not_read_it(plant):
    act(Person, "create", SYSTEM, {"site": plant.north, "number": "1", "name": "Ann", "phone": "555"})
    lead = plant.actor(Role.planner)
    made = planned(
        {"People": [["Personnel number", "Name", "Phone"], ["1", "Ann", "777"]]}, plant.north, lead
    )
    assert made.counts()["bad"] == 1
    assert Person.objects.get().phone == "555"


@pytest.mark.requirement("X7")
def written(asked: CaptureQueriesContext) -> int:
    """Statements, without the savepoints that only some databases are asked for."""
    return sum("SAVEPOINT" not in query["sql"] for query in asked.captured_queries)


def test_five_thousand_rows_cost_few_questions(plant, monkeypatch):
    monkeypatch.setattr(loading, "FIRST", 1000)
    monkeypatch.setattr(loading, "FEWEST", 1000)  # else a slow machine cuts smaller chunks
    rows = [[f"I{n}", f"Item {n}", "pcs", "made", ""] for n in range(5000)]
    orders = [[f"I{n}", 5, "2026-03-31", ""] for n in range(500)]
    with CaptureQueriesContext(connection) as asked:
        made = planned(
            {"Items": [ITEMS, *rows], "Work orders": [ORDERS, *orders]},
            plant.north,
            plant.actor(Role.planner),
        )
        assert made.problems() == []
    assert len(asked) < 60
    with CaptureQueriesContext(connection) as wrote:
        loaded(made, SYSTEM)
    assert written(wrote) < 450
    with CaptureQueriesContext(connection) as asked:
        again = planned({"Items": [ITEMS, *rows]}, plant.north, SYSTEM)
    assert again.counts()["same"] == 5000
    assert len(asked) < 60
    changed = [[code, f"{name} new", *rest] for code, name, *rest in rows]
    with CaptureQueriesContext(connection) as wrote:
        loaded(planned({"Items": [ITEMS, *changed]}, plant.north, SYSTEM), SYSTEM)
    assert written(wrote) < 450
    assert Item.objects.filter(name="Item 4999 new").exists()


def test_a_validity_starts_a_new_row_and_leaves_the_old_one(plant):
    machine = act(Machine, "create", SYSTEM, {"site": plant.north, "code": "M", "name": "m"})
    data = {"item": plant.bottle, "machine": machine, "valid_from": date(2026, 1, 1), "cycle": 1_000_000}
    act(IdealCycle, "create", SYSTEM, {"site": plant.north, **data})
    header = ["Item", "Machine", "In force from", "Ideal cycle (s)"]
    rows = [["BOTTLE", "M", "2026-01-01", 1], ["BOTTLE", "M", "2026-06-01", 0.9]]
    made = planned({"Ideal cycles": [header, *rows]}, plant.north, SYSTEM)
    assert made.counts() == {"create": 1, "update": 0, "same": 1, "bad": 0}
