"""Sheets with titles of their own: header row, columns, what is assumed, and the memory of it all."""

from __future__ import annotations

import pytest
from sheets_at_hand import loaded, planned

from people_of_the_plant import SYSTEM
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.bill_of_materials import BillOfMaterials
from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Operation, Routing
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.areas.plant.workbook import Reading, plant_layouts
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.import_.columns import USUAL_TITLES, guessed_mapping, known_titles, layouts
from plantbeat.surfaces.import_.loading import take_back
from plantbeat.surfaces.models import Assumption, ImportMapping
from workbooks import opened, xlsx

pytestmark = pytest.mark.django_db

FOREIGN = [
    ["Materialstamm", "Werk", "1000"],
    ["Stand", "2026-03-31", ""],
    ["Artikel", "Bezeichnung", "Preis"],
    ["A-1", "Flasche", 1.5],
    ["A-2", "", 2],
]


@pytest.mark.requirement("X7")
def test_header_row_columns_and_assumptions_can_be_told(plant):
    told = Reading(
        "Items", 3, {"Artikel": "code", "Bezeichnung": "name", "Preis": "standard_cost"}, {"name": "?"}
    )
    made = planned({"Tabelle1": FOREIGN}, plant.north, SYSTEM, told)
    assert made.problems() == []
    loaded(made, SYSTEM)
    assert dict(Item.objects.exclude(code="BOTTLE").values_list("code", "name")) == {
        "A-1": "Flasche",
        "A-2": "?",
    }
    note = Assumption.objects.get()
    assert (note.record_type, note.field, note.value, note.source) == (
        "plant.Item",
        "name",
        "?",
        "plant.xlsx",
    )


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Reading("Engines"), "no sheet of the plant workbook"),
        (Reading("Items", 99), "no such row"),
        (Reading("Items", 3, {"Nummer": "code"}), "no such column"),
        (Reading("Items", 3, {"Artikel": "colour"}), "no such field"),
        (Reading("Items", 3, None, {"colour": "red"}), "no such field"),
    ],
)
def test_what_is_told_wrongly_is_refused_with_what_there_is(plant, told, why):
    with pytest.raises(Refused, match=why) as refused:
        planned({"Tabelle1": FOREIGN}, plant.north, SYSTEM, told)
    assert refused.value.problems[0].value is not None


@pytest.mark.requirement("X7")
def test_a_value_given_later_takes_the_assumption_away(plant):
    told = Reading("Items", 3, {"Artikel": "code"}, {"name": "?"})
    loaded(planned({"T": FOREIGN}, plant.north, SYSTEM, told), SYSTEM)
    assert Assumption.objects.count() == 2
    better = {"Items": [["Code", "Name"], ["A-1", "Flasche"], ["A-2", ""]]}
    loaded(planned(better, plant.north, SYSTEM), SYSTEM, good_rows_only=True)
    assert Assumption.objects.count() == 1
    same = loaded(planned({"Items": [["Code", "Name"], ["A-2", "?"]]}, plant.north, SYSTEM), SYSTEM)
    assert (same.counts["same"], Assumption.objects.count()) == (1, 0)
    assert take_back(same.import_id, SYSTEM, reason="not so sure") == []
    assert Assumption.objects.get().value == "?"


def test_an_assumption_never_goes_over_what_a_record_has(plant):
    told = Reading("Items", None, {"Nr": "code"}, {"name": "?"})
    made = planned({"T": [["Nr", "Other"], ["BOTTLE", "x"]]}, plant.north, SYSTEM, told)
    assert made.counts()["same"] == 1
    loaded(made, SYSTEM)
    plant.bottle.refresh_from_db()
    assert (plant.bottle.name, Assumption.objects.count()) == ("Bottle", 0)


@pytest.mark.requirement("R008", "X7")
def test_lines_may_be_assumed_in_part_and_keep_what_they_had(plant):
    act(WorkCentre, "create", SYSTEM, {"site": plant.north, "code": "FILL", "name": "Filling"})
    told = Reading("Routing operations", None, None, {"run": "60"})
    rows = [["Item", "Step", "Work centre"], ["BOTTLE", 10, "FILL"], ["BOTTLE", 20, "FILL"]]
    loaded(planned({"T": rows}, plant.north, SYSTEM, told), SYSTEM)
    assert set(Operation.objects.values_list("run", flat=True)) == {60_000_000}
    assert set(Assumption.objects.values_list("line", "field", "value")) == {
        ("operations 10", "run", "60"), ("operations 20", "run", "60"),
    }  # fmt: skip
    measured = [[*rows[0], "Run time per unit"], [*rows[1], 3], [*rows[2], 60]]
    loaded(planned({"Routing operations": measured}, plant.north, SYSTEM), SYSTEM)
    assert not Assumption.objects.exists()
    rows.append(["BOTTLE", 30, "FILL"])
    loaded(planned({"T": rows}, plant.north, SYSTEM, told), SYSTEM)
    assert list(Operation.objects.order_by("step").values_list("run", flat=True)) == [
        3_000_000,
        60_000_000,
        60_000_000,
    ]
    assert Assumption.objects.get().line == "operations 30"
    assert Routing.objects.count() == 1


def test_a_record_with_a_mark_of_its_own_carries_it(plant):
    act(Machine, "create", SYSTEM, {"site": plant.north, "code": "M", "name": "m"})
    told = Reading("Ideal cycles", None, None, {"cycle": "2"})
    sheet = [["Item", "Machine", "In force from"], ["BOTTLE", "M", "2026-01-01"]]
    loaded(planned({"T": sheet}, plant.north, SYSTEM, told), SYSTEM)
    assert IdealCycle.objects.get().assumed is True


@pytest.mark.requirement("X7")
@pytest.mark.parametrize(
    ("title", "given", "seconds"),
    [
        ("Cycle time (min)", 0.5, 30),
        ("Ideal cycle [MS]", "1500", 1.5),
        ("Ideal cycle (s)", 38, 38),
        ("Ideal cycle", 38, 38),
        ("Cycle time (min)", "38 s", 38),
        ("Cycle time (min)", "00:01:30", 90),
        ("Cycle time (per piece)", 38, 38),
    ],
)
def test_a_duration_is_in_the_unit_its_title_names(plant, title, given, seconds):
    act(Machine, "create", SYSTEM, {"site": plant.north, "code": "M", "name": "m"})
    sheet = [["Item", "Machine", "In force from", title], ["BOTTLE", "M", "2026-01-01", given]]
    loaded(planned({"T": sheet}, plant.north, SYSTEM, Reading("Ideal cycles", None)), SYSTEM)
    assert IdealCycle.objects.get().cycle == seconds * 1_000_000


@pytest.mark.requirement("X7")
@pytest.mark.parametrize(
    ("model", "header", "fields"),
    [
        (
            Item,
            ["Article no", "Description", "Unit of measure", "Cost"],
            ["code", "name", "unit", "standard_cost"],
        ),
        (
            Item,
            ["PART NUMBERS", "part_name", "UoM", "Unit cost (EUR)"],
            ["code", "name", "unit", "standard_cost"],
        ),
        (WorkOrder, ["Order No.", "Part number", "Qty", "Due dates"], ["number", "item", "quantity", "due"]),
        (WorkOrder, ["Due", "Due date", "Item"], ["due", None, "item"]),
        (Machine, ["Machine-Nr.", "Machine name", "Work center"], ["code", "name", "work_centre"]),
        (IdealCycle, ["Article", "Equipment", "Cycle time"], ["item", "machine", "cycle"]),
        (BillOfMaterials, ["Part number", "colour"], ["item", None]),
    ],
)
def test_titles_of_other_programs_are_guessed(model, header, fields):
    known = {title: name for title, name in zip(header, fields, strict=True) if name}
    assert guessed_mapping(layouts(model)[0], header) == known


def test_a_title_that_may_mean_two_columns_is_left_to_people():
    components = layouts(BillOfMaterials)[1]
    assert guessed_mapping(components, ["Part number", "Qty"]) == {"Qty": "quantity"}
    told = guessed_mapping(components, ["Parent part", "Component no", "Qty per"])
    assert list(told.values()) == ["bill.item", "item", "quantity"]


def test_every_usual_title_is_written_once_for_a_word_and_belongs_to_a_column():
    words = {word for layout in plant_layouts() for word in known_titles(layout)}
    assert USUAL_TITLES.keys() <= words
    for titles in USUAL_TITLES.values():
        assert len(set(titles)) == len(titles)


def posted(client, rows) -> str:
    """Upload a workbook to the import of items; address of the preview."""
    answer = client.post(address(Item, "import"), {"file": xlsx({"Tabelle1": rows})})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return answer.url


@pytest.mark.requirement("X7", "X4")
def test_in_the_browser_header_row_columns_and_assumptions_are_chosen_once_and_remembered(plant, browser):
    planner = browser(Role.planner)
    url = posted(planner, FOREIGN)
    assert planner.get(url).context["table"].header_row != 3
    planner.post(url, {"map": "1", "header_row": "3"})
    page = planner.get(url)
    assert [one["title"] for one in page.context["choices"]] == ["Artikel", "Bezeichnung", "Preis"]
    assert page.context["counts"]["bad"] == 2
    chosen = {
        "map": "1",
        "header_row": "3",
        "column-0": "code",
        "column-1": "name",
        "column-2": "",
        "assume-name": "?",
    }
    planner.post(url, chosen)
    page = planner.get(url)
    assert page.context["counts"] == {"create": 2, "update": 0, "same": 0, "bad": 0}
    assert "Preis" in page.context["part"].ignored
    planner.post(url, {"mode": "all"})
    assert Item.objects.filter(code__startswith="A-").count() == 2
    assert Assumption.objects.get().value == "?"

    body = [*FOREIGN[:2], ["ARTIKEL", " Bezeichnung", "Preis (EUR)"], ["A-3", "Deckel", 1]]
    page = planner.get(posted(planner, body))
    assert page.context["part"].mapping == {"ARTIKEL": "code", "Bezeichnung": "name"}
    assert page.context["counts"]["create"] == 1
    other = browser(Role.planner)
    assert other.get(posted(other, body)).context["part"].mapping == {}
    assert ImportMapping.objects.count() == 1


def test_two_columns_for_one_field_count_once(plant, browser):
    planner = browser(Role.planner)
    url = posted(planner, [["Code", "Name", "Text"], ["A", "a", "b"]])
    planner.post(
        url, {"map": "1", "header_row": "1", "column-0": "code", "column-1": "name", "column-2": "name"}
    )
    page = planner.get(url)
    assert page.status_code == 200
    assert sorted(page.context["part"].mapping.values()) == ["code", "name"]


@pytest.mark.requirement("R008")
def test_the_import_of_one_type_takes_its_lines_from_a_second_sheet(plant, browser):
    act(WorkCentre, "create", SYSTEM, {"site": plant.north, "code": "FILL", "name": "Filling"})
    planner = browser(Role.planner)
    operations = [
        ["Item", "Step", "Work centre", "Run time per unit"],
        ["BOTTLE", 10, "FILL", 5],
        ["BOTTLE", 20, "NONE", 5],
    ]
    sheets = {"Operations": operations, "Routings": [["Item", "Note"], ["BOTTLE", "n"]]}
    answer = planner.post(address(Routing, "import"), {"file": xlsx(sheets)})
    page = planner.get(answer.url)
    assert page.context["counts"]["bad"] == 3
    refused = planner.get(f"{answer.url}bad-rows.xlsx")
    book = opened(refused.content)
    assert book.sheetnames == ["Routings", "Operations"]
    assert book["Operations"]["E1"].value == "why not"
    assert "there is no work centre “NONE” here" in book["Operations"]["E3"].value
    sheets["Operations"][2][2] = "FILL"
    answer = planner.post(address(Routing, "import"), {"file": xlsx(sheets)})
    planner.post(answer.url, {"mode": "all"})
    assert Operation.objects.count() == 2


def test_a_load_that_somebody_else_crossed_is_shown_not_thrown(plant, browser):
    planner = browser(Role.planner)
    url = posted(planner, [["Code", "Name"], ["B B", "x"]])
    page = planner.post(url, {"mode": "all"})
    assert page.status_code == 422
    assert "letters, digits" in page.content.decode()
    assert planner.post(url, {"mode": "good"}).status_code == 302
