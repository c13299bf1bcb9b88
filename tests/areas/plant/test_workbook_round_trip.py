"""What a site exports, an empty site takes in, and exports again cell by cell."""

from __future__ import annotations

import io
from datetime import date, datetime, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from sample_plant import sample_plant

from people_of_the_plant import SYSTEM
from plantbeat.areas.plant import workbook
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.surfaces.import_.loading import load, rehearse
from plantbeat.surfaces.import_.planning import plan
from workbooks import cells

pytestmark = pytest.mark.django_db


def local(*parts: int) -> datetime:
    """A moment as a spreadsheet keeps it: without a zone."""
    return datetime(*parts)  # noqa: DTZ001


@pytest.fixture
def filled(plant) -> bytes:
    act(plant.bottle, "remove", SYSTEM)
    sample_plant(plant.north)
    return workbook.filled_workbook(plant.north, SYSTEM)


@pytest.mark.requirement("X7", "R003", "R007", "R008", "R021", "R023")
@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Kolkata"])
def test_export_then_import_into_an_empty_site_then_export_gives_the_same_cells(plant, filled, zone):
    act(plant.north, "edit", SYSTEM, {"zone": zone})
    plant.north.refresh_from_db()
    first = workbook.filled_workbook(plant.north, SYSTEM)
    twin = act(Site, "create", SYSTEM, {"code": "T", "name": "Twin", "zone": zone})
    made = plan(workbook.read_book(io.BytesIO(first), "plant.xlsx", SYSTEM).parts, SYSTEM, twin)
    rehearse(made, SYSTEM)
    assert made.problems() == []
    load(made, SYSTEM, good_rows_only=False, source="plant.xlsx", reason="import of plant.xlsx")
    second = workbook.filled_workbook(twin, SYSTEM)
    assert cells(second) == cells(first)
    again = plan(workbook.read_book(io.BytesIO(second), "plant.xlsx", SYSTEM).parts, SYSTEM, twin)
    counts = again.counts()
    assert counts["same"] == sum(counts.values()) > 30
    assert not [part for part in again.parts if part.ignored]


def test_the_cells_say_what_the_records_hold(filled):
    book = cells(filled)
    items = {row[0]: row for row in book["Items"][1:]}
    assert items["000123"][1:6] == ("+49 “bottle”, 1 l", "pcs", "made", None, 0.1)
    assert set(items) == {"000123", "1234", "CAP", "GLUE"}
    orders = {row[0]: row for row in book["Work orders"][1:]}
    assert orders["WO-000001"][4] == "2026-11-01T01:30:00-05:00"
    assert orders["WO-000001"][2] == 1200.5
    assert orders["WO-000002"][3:5] == ("2026-02-28T18:00:00.000005-06:00", local(2026, 12, 1, 0, 30))
    operations = book["Routing operations"]
    assert operations[0][:5] == ("Item", "Step", "Operation", "Work centre", "Only on")
    assert [row[5:7] for row in operations[1:]] == [("100 s", 2.5), (0, 0.333333)]
    assert book["Shift pattern shifts"][1][3:5] == (time(6), time(18))
    assert book["Machines"][1][0] == "007"
    assert book["Machines"][1][6] == local(2020, 2, 29)
    assert {row[0]: row[5] for row in book["Downtime reasons"][1:]} == {"1": "yes", "1.1": "no"}
    assert book["Lines"][2][2] == "=1+1"
    assert book["Routings"][1] == ("1234", "two\nlines")
    joined = book["People"][0].index("Joined")
    assert date(1999, 12, 31) in [row[joined].date() for row in book["People"][1:] if row[joined]]


@pytest.mark.requirement("X10")
def test_private_fields_leave_only_with_those_who_may_read_them(plant, filled):
    open_to_all = cells(workbook.filled_workbook(plant.north, plant.actor(Role.planner)))["People"][0]
    to_leaders = cells(workbook.filled_workbook(plant.north, plant.actor(Role.supervisor)))["People"][0]
    assert set(to_leaders) - set(open_to_all) == {"Phone", "Joined", "Left"}


@pytest.mark.requirement("X6")
def test_a_foreign_site_stays_out_of_the_workbook(plant, filled):
    elsewhere = plant.actor(Role.manager, plant.south)
    book = cells(workbook.filled_workbook(plant.north, elsewhere))
    assert all(len(rows) == 1 for title, rows in book.items() if title != "Instructions")


def test_an_export_costs_the_same_queries_for_many_rows_as_for_few(plant, filled):
    with CaptureQueriesContext(connection) as few:
        workbook.filled_workbook(plant.north, SYSTEM)
    line, centre = Line.objects.get(code="L1"), WorkCentre.objects.get()
    for n in range(10):
        item = act(Item, "create", SYSTEM, {"site": plant.north, "code": f"X{n}", "name": "x"})
        step = {"step": 10, "work_centre": centre, "run": 1}
        act(Routing, "create", SYSTEM, {"site": plant.north, "item": item, "operations": [step]})
        data = {"code": f"X{n}", "name": "x", "line": line, "work_centre": centre}
        act(Machine, "create", SYSTEM, {"site": plant.north, **data})
    with CaptureQueriesContext(connection) as many:
        content = workbook.filled_workbook(plant.north, SYSTEM)
    assert len(cells(content)["Machines"]) == 13
    assert len(many) <= len(few)
