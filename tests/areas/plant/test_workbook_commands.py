"""`plantbeat import`, `export` and `template` at the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sample_plant import sample_plant

from people_of_the_plant import SYSTEM
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.shell.cli.workbook import export, import_, template
from plantbeat.surfaces.models import Assumption, ImportMapping
from workbooks import opened, xlsx

pytestmark = pytest.mark.django_db

ITEMS = [
    ["Code", "Name", "Kind"],
    ["A", "First", "made"],
    ["B", "Second", "stolen"],
    ["C", "Third", "bought"],
]
ORDERS = [["Item", "Quantity", "Due"], ["B", 5, "2026-03-31"], ["C", 5, "2026-03-31"]]


@pytest.fixture
def run(plant, settings, tmp_path, monkeypatch):
    """`run(command, *arguments)` in a folder of its own; returns click's result."""
    settings.DATA = tmp_path / "data"
    monkeypatch.chdir(tmp_path)

    def command(which, *arguments: str):
        result = CliRunner().invoke(which, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return command


def written(name: str, sheets: dict[str, list[list]]) -> str:
    Path(name).write_bytes(xlsx(sheets).getvalue())
    return name


@pytest.mark.requirement("X7")
def test_all_rows_are_loaded_or_none_and_every_problem_is_named(run):
    file = written("plant.xlsx", {"Items": ITEMS, "Work orders": ORDERS})
    before = Change.objects.count()
    result = run(import_, file, "--site", "N")
    assert result.exit_code == 1
    assert (
        "Items, row 3, Kind: “stolen” is not one of the choices; allowed: one of: made, bought"
        in result.output
    )
    assert "Work orders, row 2, Item: points at row 3 of “Items”, which is refused itself" in result.output
    assert "Nothing was changed." in result.output
    assert Change.objects.count() == before


@pytest.mark.requirement("X7", "X4")
def test_good_rows_are_loaded_and_the_others_come_back_ready_to_be_corrected(run):
    file = written("plant.xlsx", {"Items": ITEMS, "Work orders": ORDERS})
    result = run(import_, file, "--site", "N", "--good-rows")
    assert result.exit_code == 1
    assert "plant-refused.xlsx" in result.output
    assert set(Item.objects.values_list("code", flat=True)) == {"BOTTLE", "A", "C"}
    book = opened("plant-refused.xlsx")
    assert [cell.value for cell in book["Items"][1]] == ["Code", "Name", "Kind", "why not"]
    assert book["Items"]["A2"].value == "B"
    assert "not one of the choices" in book["Items"]["D2"].value
    assert "refused itself" in book["Work orders"]["D2"].value
    book["Items"]["C2"].value = "bought"
    book.save("corrected.xlsx")
    result = run(import_, "corrected.xlsx", "--site", "N")
    assert result.exit_code == 0, result.output
    assert "columns left out" not in result.output
    assert Item.objects.get(code="B").kind == "bought"


def test_a_dry_run_shows_what_would_happen_and_json_says_it_to_programs(run):
    file = written("plant.xlsx", {"Items": ITEMS[:2], "Notes": [["x", "y"]]})
    result = run(import_, file, "--site", "N", "--dry-run", "--json")
    assert result.exit_code == 0
    told = json.loads(result.output)
    assert (told["file"], told["site"], told["loaded"], told["left_out"]) == (
        "plant.xlsx",
        "N",
        False,
        ["Notes"],
    )
    assert told["sheets"][0] | {} == {
        "sheet": "Items", "type": "plant.Item", "rows": 1, "create": 1, "update": 0, "same": 0, "bad": 0,
        "lines_gone": 0, "columns_left_out": [], "assumed": 0,
    }  # fmt: skip
    assert not Item.objects.filter(code="A").exists()
    told = json.loads(run(import_, written("b.xlsx", {"Items": ITEMS}), "--site", "N", "--json").output)
    assert told["problems"][0] == {
        "sheet": "Items", "row": 3, "column": "Kind", "field": "kind", "value": "stolen",
        "message": "“stolen” is not one of the choices", "allowed": "one of: made, bought",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("nothere.xlsx", "--site", "N"), "cannot be read"),
        (("plant.xlsx", "--site", "X"), "there is no site “X”; there are: N, S"),
        (("plant.xlsx",), "say which site with --site; there are: N, S"),
        (("note.xlsx", "--site", "N"), "is neither a CSV file nor a workbook"),
        (("other.xlsx", "--site", "N"), "is no sheet of the plant workbook"),
        (("plant.xlsx", "--site", "N", "--header-row", "2"), "go with --as"),
        (("plant.xlsx", "--site", "N", "--as", "Items", "--assume", "name"), "write it as NAME=VALUE"),
        (("plant.xlsx", "--site", "N", "--as", "Engines"), "is no sheet of the plant workbook"),
        (("plant.xlsx", "--site", "N", "--user", "nobody"), "nobody signs in as “nobody”"),
        (("--undo", "0123"), "there is no import with the id"),
        ((), "say which FILE to load"),
    ],
)
def test_what_cannot_be_used_ends_in_one_sentence_and_code_2(run, arguments, why):
    written("plant.xlsx", {"Items": ITEMS[:2]})
    written("other.xlsx", {"Pivot": ITEMS})
    Path("note.xlsx").write_bytes(b"\x00\x01\x02 no workbook")
    before = Change.objects.count()
    result = run(import_, *arguments)
    assert result.exit_code == 2
    assert why in result.output
    assert Change.objects.count() == before


@pytest.mark.requirement("X6")
def test_a_person_loads_with_their_own_rights(run, plant):
    file = written("plant.xlsx", {"Items": ITEMS[:2]})
    operator, planner = plant.user(Role.operator), plant.user(Role.planner)
    refused = run(import_, file, "--site", "N", "--user", operator.username)
    assert refused.exit_code == 1
    assert "your role does not allow" in refused.output
    foreign = run(import_, file, "--site", "S", "--user", planner.username)
    assert (foreign.exit_code, "there is no site “S”; there are: N" in foreign.output) == (2, True)
    assert run(import_, file, "--site", "N", "--user", planner.username).exit_code == 0
    assert Change.objects.get(type_code="plant.Item", after__code="A").actor == planner.pseudonym


def test_an_import_is_taken_back_by_its_id(run):
    file = written("plant.xlsx", {"Items": ITEMS[:2]})
    told = json.loads(run(import_, file, "--site", "N", "--json").output)
    result = run(import_, "--undo", told["import"])
    assert (result.exit_code, "1 of 1 changes taken back" in result.output) == (0, True)
    assert not Item.objects.filter(code="A").exists()


@pytest.mark.requirement("X7")
def test_any_other_sheet_is_read_as_told(run):
    rows = [["Stand 2026"], ["Nr", "Text"], ["A", "first"], ["B", ""]]
    file = written("erp.xlsx", {"Tabelle1": rows})
    told = (
        "--as",
        "Items",
        "--header-row",
        "2",
        "--column",
        "Nr=code",
        "--column",
        "Text=name",
        "--assume",
        "name=?",
    )
    result = run(import_, file, "--site", "N", *told)
    assert (result.exit_code, "values assumed: 1" in result.output) == (0, True), result.output
    assert dict(Item.objects.exclude(code="BOTTLE").values_list("code", "name")) == {"A": "first", "B": "?"}
    assert Assumption.objects.get().source == "erp.xlsx"


@pytest.mark.requirement("X7")
def test_what_a_sheet_was_told_to_be_is_remembered_for_the_next_and_for_its_refused_rows(run, plant):
    columns = ("--column", "Nr=code", "--column", "Text=name", "--assume", "unit=kg")
    titles = ["Nr", "Text"]
    first = written("first.xlsx", {"Tabelle1": [titles, ["A", "first"], ["B B", "bad"]]})
    assert run(import_, first, "--site", "N", "--as", "Items", *columns, "--dry-run").exit_code == 1
    assert not ImportMapping.objects.exists()
    assert run(import_, first, "--site", "N", "--as", "Items", *columns, "--good-rows").exit_code == 1
    second = written("second.xlsx", {"Tabelle1": [["Stand 2026"], ["NR.", "text"], ["C", "third"]]})
    result = run(import_, second, "--site", "N", "--as", "Items")
    assert (result.exit_code, "values assumed: 1" in result.output) == (0, True), result.output
    corrected = written("third.xlsx", {"Tabelle1": [[*titles, "why not"], ["B", "second", "…"]]})
    assert run(import_, corrected, "--site", "N", "--as", "Items").exit_code == 0
    assert set(Item.objects.values_list("code", flat=True)) >= {"A", "B", "C"}
    mine = plant.user(Role.planner).username
    as_me = ("--site", "N", "--as", "Items", "--user", mine)
    assert run(import_, corrected, *as_me).exit_code == 1
    assert run(import_, corrected, *as_me, *columns).exit_code == 0
    assert run(import_, second, *as_me).exit_code == 0
    assert [one.owner and one.owner.username for one in ImportMapping.objects.order_by("pk")] == [None, mine]


def test_a_new_site_is_made_only_if_its_rows_are_loaded(run):
    bad = written("bad.xlsx", {"Items": ITEMS})
    good = written("good.xlsx", {"Items": ITEMS[:2]})
    assert run(import_, bad, "--site", "NEW", "--zone", "Europe/Berlin").exit_code == 1
    assert run(import_, good, "--site", "NEW", "--zone", "Europe/Berlin", "--dry-run").exit_code == 0
    assert not Site.objects.filter(code="NEW").exists()
    assert run(import_, good, "--site", "NEW", "--zone", "Mars/Olympus").exit_code == 2
    assert run(import_, good, "--site", "NEW", "--zone", "Europe/Berlin").exit_code == 0
    assert Item.objects.get(code="A").site.zone == "Europe/Berlin"


@pytest.mark.requirement("X7")
def test_export_and_templates_are_written_and_never_over_a_file_that_is_there(run, plant):
    act(plant.bottle, "remove", SYSTEM)
    sample_plant(plant.north)
    assert run(export, "plant.xlsx", "--site", "N").exit_code == 0
    again = run(export, "plant.xlsx", "--site", "N")
    assert (again.exit_code, "write over it with --force" in again.output) == (2, True)
    assert run(export, "plant.xlsx", "--site", "N", "--force").exit_code == 0
    same = run(import_, "plant.xlsx", "--site", "N")
    assert (same.exit_code, "Nothing was changed." in same.output) == (0, True)
    assert run(template, "empty.xlsx").exit_code == 0
    assert opened("empty.xlsx")["Machines"].max_row == 1
    assert run(template, "filled.xlsx", "--from-site", "N").exit_code == 0
    assert opened("filled.xlsx")["Machines"].max_row == 3
    assert run(template, "filled2.xlsx", "--from-site", "NONE").exit_code == 2
    assert run(export, "no/such/folder.xlsx", "--site", "N").exit_code == 2
    assert Machine.objects.count() == 2


@pytest.mark.slow
@pytest.mark.requirement("X7")
def test_the_template_from_the_demo_plant_leaves_the_database_alone(tmp_path):
    data = tmp_path / "data"
    environment = {**os.environ, "PLANTBEAT_DATA": str(data)}
    code = "from plantbeat.shell.cli.workbook import template; template()"
    subprocess.run(
        [sys.executable, "-c", code, "demo.xlsx", "--from-demo"], cwd=tmp_path, env=environment, check=True
    )
    book = opened(tmp_path / "demo.xlsx")
    assert book["People"].max_row > 150
    assert book["Routing operations"].max_row > 10
    assert not data.exists()
