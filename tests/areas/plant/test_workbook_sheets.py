"""Which sheets the workbook has, what the template explains, and sheets nobody knows."""

from __future__ import annotations

import io

import pytest

from people_of_the_plant import SYSTEM
from plantbeat.areas.plant import workbook
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.kernel import registry
from plantbeat.kernel.problems import Refused
from plantbeat.kernel.schema import fields_of
from plantbeat.surfaces.import_.columns import guessed_mapping, layouts
from plantbeat.surfaces.import_.planning import plan
from workbooks import opened, xlsx


def test_needed_links_point_at_sheets_before_and_circles_are_cut_at_optional_ones():
    types = workbook.record_types()
    place = {model: n for n, model in enumerate(types)}
    for model in types:
        lines = model.line_types().values()
        for spec in [
            spec for one in (model, *lines) for spec in fields_of(one).values() if spec.kind == "link"
        ]:
            target = spec.model_field.related_model
            if target in place and target is not model and not spec.model_field.null:
                assert place[target] < place[model], f"{model.type_code()}.{spec.name}"
    assert place[Line] < place[Machine] < place[Routing]


def test_every_record_type_people_keep_of_a_site_has_a_sheet():
    types = set(workbook.record_types())
    codes = {model.type_code() for model in types}
    assert {"plant.Item", "plant.Routing", "people.Person", "planning.WorkOrder", "plant.Target"} <= codes
    assert "planning.Schedule" not in codes  # made by the solver, edited by nobody
    for model in registry.records():
        area = model._meta.app_label in ("plant", "people", "planning")
        if area and model.scope == "site" and model.face.menu and model.access.edit:
            assert model in types


@pytest.mark.parametrize("model", workbook.record_types(), ids=lambda model: model.type_code())
def test_each_column_is_known_by_title_and_by_field_name(model):
    for layout in layouts(model):
        assert len(layout.title) <= 31
        titles = [column.title for column in layout.columns.values()]
        assert len(set(titles)) == len(titles)
        assert guessed_mapping(layout, titles) == dict(zip(titles, layout.columns, strict=True))
        assert guessed_mapping(layout, list(layout.columns)) == {name: name for name in layout.columns}
    assert len({layout.title for layout in workbook.plant_layouts()}) == len(workbook.plant_layouts())


@pytest.mark.requirement("X7", "X4")
def test_the_template_explains_each_column_and_offers_what_it_takes():
    book = opened(workbook.empty_workbook(SYSTEM))
    assert book.sheetnames == ["Instructions", *(layout.title for layout in workbook.plant_layouts())]
    told = "\n".join(str(cell) for row in book["Instructions"].iter_rows(values_only=True) for cell in row)
    assert "plantbeat import plant.xlsx" in told
    for layout in workbook.plant_layouts():
        sheet = book[layout.title]
        assert sheet.max_row == 1
        assert sheet.freeze_panes == "A2"
        for cell, column in zip(sheet[1], layout.columns.values(), strict=True):
            assert cell.value == column.title
            assert column.spec.allowed() in cell.comment.text
            assert column.title in told
    (kinds,) = book["Items"].data_validations.dataValidation
    assert (str(kinds.sqref), kinds.formula1, kinds.errorStyle) == ("D2:D2000", '"made,bought"', "stop")
    lists = [rule.formula1 for rule in book["Machines"].data_validations.dataValidation]
    assert "'Lines'!$A$2:$A$2000" in lists
    assert "'Work centres'!$A$2:$A$2000" in lists
    assert book["Items"].column_dimensions["A"].number_format == "@"


def test_the_empty_template_is_an_import_of_nothing(plant):
    book = workbook.read_book(io.BytesIO(workbook.empty_workbook(SYSTEM)), "plant.xlsx", SYSTEM)
    assert len(book.parts) == len(workbook.plant_layouts())
    assert (book.left_out, [part for part in book.parts if part.rows or part.ignored]) == ([], [])


def named(*titles: str) -> io.BytesIO:
    """A workbook of items on sheets with these names."""
    return xlsx({title: [["Code", "Name"], ["A", "a"]] for title in titles})


@pytest.mark.requirement("X7")
def test_a_workbook_without_a_known_sheet_is_refused_with_those_that_are_known(db):
    with pytest.raises(Refused) as refused:
        workbook.read_book(named("Sheet1", "Pivot"), "plant.xlsx", SYSTEM)
    assert [problem.sheet for problem in refused.value.problems] == ["Sheet1", "Pivot"]
    assert "Areas, " in str(refused.value.problems[0].allowed)
    assert "Work orders" in str(refused.value.problems[0].allowed)


def test_a_sheet_spelled_almost_right_is_asked_about_and_others_are_left_out_by_name(db):
    with pytest.raises(Refused, match="is “Machines” meant"):
        workbook.read_book(named("Items", "Machnes"), "plant.xlsx", SYSTEM)
    book = workbook.read_book(named("Items", "Notes of Ann"), "plant.xlsx", SYSTEM)
    assert ([part.layout.model for part in book.parts], book.left_out) == ([Item], ["Notes of Ann"])


@pytest.mark.parametrize("title", ["Items", "items", "ITEM", "plant.Item", "Item"])
def test_a_sheet_is_known_by_any_of_its_names(db, title):
    assert workbook.read_book(named(title), "plant.xlsx", SYSTEM).parts[0].layout.model is Item


def test_two_sheets_for_one_type_are_a_fault_of_the_second(plant):
    book = workbook.read_book(named("Items", "Item"), "plant.xlsx", SYSTEM)
    problems = plan(book.parts, SYSTEM, plant.north).problems()
    assert [(p.sheet, "put the rows together" in str(p)) for p in problems] == [("Item", True)]


def test_own_keys_leave_the_site_out():
    assert Item.own_key() == ["code"]
    assert Routing.own_key() == ["item"]
