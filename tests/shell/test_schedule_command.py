"""`plantbeat schedule`: a plan out of a workbook, with every fault named by its cell."""

import io
import json
from copy import deepcopy
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from plantbeat.engine.calendars import utc_us
from plantbeat.shell.cli.schedule import schedule
from plantbeat.shell.workbooks.open_time import open_minutes
from plantbeat.shell.workbooks.orders_layout import LAYOUT, SHEETS
from plantbeat.shell.workbooks.orders_reading import CalendarRow, read_orders_workbook
from plantbeat.shell.workbooks.orders_template import example_rows

BERLIN = ZoneInfo("Europe/Berlin")


def civil(*parts):
    """A date and time as a workbook has it: without a zone."""
    return datetime(*parts)  # noqa: DTZ001


def write(path, rows=None, headers=None):
    """A workbook of the given rows by sheet (else the example's), with the layout's titles or others."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, lines in (rows or example_rows()).items():
        sheet = book.create_sheet(name)
        titles = [column.header for column in SHEETS[name].columns] if name in SHEETS else []
        sheet.append((headers or {}).get(name, titles))
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def changed(sheet, row, title, value):
    """The example with one cell changed; rows are numbered as people see them."""
    rows = deepcopy(example_rows())
    place = [column.title for column in SHEETS[sheet].columns].index(title)
    rows[sheet][row - 2][place] = value
    return rows


def run(*arguments):
    outcome = CliRunner().invoke(schedule, [str(argument) for argument in arguments])
    assert "Traceback" not in outcome.output
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome


def solved(path, *options):
    outcome = run("solve", path, "--seconds", "0", "--json", *options)
    assert outcome.exit_code == 0, outcome.output
    return json.loads(outcome.stdout)


def sheets_of(path):
    from openpyxl import load_workbook

    book = load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


@pytest.mark.requirement("R002")
def test_the_example_is_written_solved_and_planned(tmp_path):
    example, plan = tmp_path / "orders.xlsx", tmp_path / "plan.xlsx"
    assert run("template", example, "--example").exit_code == 0
    said = run("solve", example, "--out", plan, "--seconds", "1", "--seed", "3", "--workers", "1")
    assert said.exit_code == 0, said.output
    assert "Scheduled 9 orders" in said.output
    assert "0 not scheduled" in said.output
    assert f"Written to {plan}." in said.output
    found = sheets_of(plan)
    assert list(found) == ["Plan", "Dispatch", "Late orders", "Why late", "Not scheduled", "Remarks"]
    assert len(found["Plan"]) == len(found["Dispatch"]) == 1 + 27
    assert len(found["Not scheduled"]) == 1


@pytest.mark.requirement("R002", "R003")
def test_the_plan_keeps_calendars_sequence_and_zone(tmp_path):
    plan = tmp_path / "plan.xlsx"
    solved(write(tmp_path / "orders.xlsx"), "--out", plan)
    found = sheets_of(plan)
    assert found["Plan"][0][5] == "Start (Europe/Berlin)"
    ends = {}
    for order, _item, step, machine, set_up, start, end, setup, work, _pcs in found["Plan"][1:]:
        assert set_up <= start < end
        assert (setup > 0) == (set_up < start)
        assert start.weekday() < 5
        assert start.date() != date(2026, 3, 6), "the plant is closed on that date"
        hours = (7, 16) if machine == "Pack 1" else (6, 22)
        assert hours[0] <= start.hour < hours[1]
        assert end - start >= timedelta(minutes=work)
        ends[order, int(step)] = (start, end)
    for (order, step), (start, _end) in ends.items():
        if step > 10:
            assert start >= ends[order, step - 10][1]
    for machine in {row[0] for row in found["Dispatch"][1:]}:
        rows = [row for row in found["Dispatch"][1:] if row[0] == machine]
        assert [row[1] for row in rows] == list(range(1, len(rows) + 1))
        assert all(later[6] >= earlier[8] for earlier, later in pairwise(rows))


@pytest.mark.requirement("R103")
def test_late_orders_say_what_they_waited_for_and_the_minutes_add_up(tmp_path):
    plan = tmp_path / "plan.xlsx"
    summary = solved(write(tmp_path / "orders.xlsx"), "--out", plan)
    found = sheets_of(plan)
    late = found["Late orders"][1:]
    assert len(late) == summary["late"] >= 2
    why = found["Why late"][1:]
    for order, _item, due, finish, minutes, _weight, waited in late:
        assert finish - due == timedelta(minutes=minutes)
        assert "min" in waited
        mine = [row for row in why if row[0] == order]
        *causes, total = mine
        assert total[1] is None
        assert sum(row[4] for row in causes) == total[4]
        assert finish - timedelta(minutes=total[4]) == civil(2026, 3, 2, 6), "all are released at the start"


@pytest.mark.requirement("R002")
def test_json_holds_the_agreed_values(tmp_path):
    found = solved(write(tmp_path / "orders.xlsx"))
    assert found["scheduled"] == 9
    assert found["not_scheduled"] == found["remarks"] == []
    assert 0 < found["bound"] <= found["objective"]
    assert found["gap"] == pytest.approx((found["objective"] - found["bound"]) / found["objective"], abs=1e-6)
    assert found["status"] in ("feasible", "optimal")
    assert (found["moves"], found["first_s"] > 0) == (0, True)
    assert found["plan_start"] == "2026-03-02T06:00:00+01:00"


def test_the_same_seed_gives_the_same_first_plan(tmp_path):
    book = write(tmp_path / "orders.xlsx")
    keys = ("objective", "bound", "late", "status")
    first, second = solved(book, "--seed", "5"), solved(book, "--seed", "5")
    assert [first[key] for key in keys] == [second[key] for key in keys]


FAULTS = [
    ("Orders", 3, "Quantity", "many", "1002", "is not a number"),
    ("Orders", 3, "Quantity", 0, "1002", "is not above 0"),
    ("Orders", 3, "Quantity", -4, "1002", "is not above 0"),
    ("Orders", 3, "Quantity", None, "1002", "is empty"),
    ("Orders", 3, "Quantity", True, "1002", "is not a number"),
    ("Orders", 3, "Quantity", "#REF!", "1002", "is an error value"),
    ("Orders", 3, "Due", None, "1002", "is empty"),
    ("Orders", 3, "Due", "next week", "1002", "is not a date"),
    ("Orders", 3, "Due", 46000, "1002", "is not a date"),
    ("Orders", 3, "Release", "soon", "1002", "is not a date"),
    ("Orders", 3, "Weight", 2.5, "1002", "is not a whole number"),
    ("Orders", 3, "Weight", 2000, "1002", "is above 1000"),
    ("Orders", 3, "Item", "panel pink", "1002", "there is no routing for this item"),
    ("Orders", 3, "Item", None, "1002", "is empty"),
    ("Orders", 3, "Order", None, "(row 3)", "is empty"),
    ("Orders", 3, "Order", "1001", "1001 (row 3)", "row 2 has the same name already"),
]


@pytest.mark.requirement("R002")
@pytest.mark.parametrize(("sheet", "row", "title", "value", "order", "why"), FAULTS)
def test_an_order_with_a_fault_is_left_out_and_the_rest_is_scheduled(
    tmp_path, sheet, row, title, value, order, why
):
    found = solved(write(tmp_path / "orders.xlsx", changed(sheet, row, title, value)))
    assert found["scheduled"] == 8
    (fault,) = found["not_scheduled"]
    assert (fault["order"], fault["sheet"], fault["row"], fault["column"]) == (order, sheet, row, title)
    assert fault["value"] == ("" if value is None else str(value))
    assert why in fault["why"]
    assert fault["allowed"]


ITEM_FAULTS = [
    ("Routings", 3, "Work centre", "Turning", "there is no such work centre", "Work centre"),
    ("Routings", 3, "Time per piece", "fast", "is not a number", "Time per piece"),
    ("Routings", 3, "Time per piece", -1, "is below 0", "Time per piece"),
    ("Routings", 3, "Family", "pink", "there is no such family at work centre Milling", "Family"),
    ("Routings", 3, "Family", None, "is empty, but work centre Milling has set-ups", "Family"),
    ("Routings", 3, "Machines", "Mill 9", "there is no such machine at work centre Milling", "Machines"),
    ("Routings", 3, "Machines", "Saw 1", "there is no such machine at work centre Milling", "Machines"),
    ("Routings", 3, "Step", 10, "row 2 has the same step", "Step"),
    ("Routings", 3, "Step", None, "is empty", "Step"),
    ("Routings", 3, "After", "99", "there is no such step of this item", "After"),
    ("Routings", 3, "After", "30", "wait for each other in a circle", "After"),
    ("Routings", 3, "Interruptible", "perhaps", "is neither yes nor no", "Interruptible"),
    ("Routings", 2, "Fixed time", -5, "is below 0", "Fixed time"),
]


def without_wildcards(rows):
    """Set-ups that name every family, so that another one is unknown."""
    rows["Setups"] = [row for row in rows["Setups"] if "*" not in row]
    return rows


@pytest.mark.requirement("R002", "R004")
@pytest.mark.parametrize(("sheet", "row", "title", "value", "why", "column"), ITEM_FAULTS)
def test_a_fault_in_a_routing_leaves_out_the_orders_of_its_item(
    tmp_path, sheet, row, title, value, why, column
):
    rows = without_wildcards(changed(sheet, row, title, value))
    found = solved(write(tmp_path / "orders.xlsx", rows))
    assert found["scheduled"] == 6
    assert {fault["order"] for fault in found["not_scheduled"]} == {"1001", "1004", "1007"}
    places = {(fault["sheet"], fault["row"], fault["column"]) for fault in found["not_scheduled"]}
    assert (sheet, row, column) in places
    assert any(why in fault["why"] for fault in found["not_scheduled"])


@pytest.mark.requirement("R004")
def test_a_wrong_set_up_leaves_out_the_families_it_is_about(tmp_path):
    rows = changed("Setups", 2, "Minutes", "long")
    found = solved(write(tmp_path / "orders.xlsx", rows))
    assert {fault["order"] for fault in found["not_scheduled"]} == {
        *("1001", "1004", "1007"),
        *("1002", "1005", "1008"),
    }
    assert {(fault["sheet"], fault["row"], fault["value"]) for fault in found["not_scheduled"]} == {
        ("Setups", 2, "long")
    }


@pytest.mark.requirement("R003")
@pytest.mark.parametrize(
    ("sheet", "row", "title", "value", "why"),
    [
        ("Machines", 3, "Calendar", "three shifts", "there is no such calendar"),
        ("Machines", 3, "Speed", "quick", "is not a number"),
        ("Machines", 3, "Speed", 0, "is below 0.01"),
    ],
)
def test_a_machine_with_a_fault_is_not_used_and_said(tmp_path, sheet, row, title, value, why):
    plan = tmp_path / "plan.xlsx"
    found = solved(write(tmp_path / "orders.xlsx", changed(sheet, row, title, value)), "--out", plan)
    assert found["scheduled"] == 9
    (remark,) = found["remarks"]
    assert (remark["sheet"], remark["row"], remark["column"]) == (sheet, row, title)
    assert why in remark["why"]
    assert "Mill 1" not in {line[0] for line in sheets_of(plan)["Dispatch"]}
    assert sheets_of(plan)["Remarks"][1][1] == row


@pytest.mark.requirement("R003")
def test_orders_that_need_a_machine_that_cannot_be_used_are_left_out_with_the_machines_cell(tmp_path):
    rows = changed("Machines", 3, "Calendar", "three shifts")
    rows["Machines"][2][2] = None
    rows["Routings"].append(["plate", 10, "Sawing", 0, 1, None, None, None, None])
    rows["Orders"].append(["2001", "plate", 5, None, civil(2026, 3, 4), None])
    found = solved(write(tmp_path / "orders.xlsx", rows))
    assert found["scheduled"] == 1
    mine = [fault for fault in found["not_scheduled"] if fault["order"] == "1001"]
    assert [(fault["sheet"], fault["row"], fault["column"]) for fault in mine] == [
        ("Machines", 3, "Calendar"),
        ("Machines", 4, "Calendar"),
        ("Routings", 3, "Work centre"),
    ]
    assert mine[2]["why"] == "none of its machines can be used"


@pytest.mark.parametrize(
    ("row", "title", "value", "why"),
    [
        (4, "From", "25:00", "is not a time"),
        (4, "From", "early", "is not a time"),
        (4, "From", None, "is empty"),
        (4, "Day", "Someday", "is neither a weekday nor a date"),
    ],
)
def test_a_calendar_with_a_fault_stops_only_the_machines_that_follow_it(tmp_path, row, title, value, why):
    rows = changed("Calendars", row, title, value)
    rows["Routings"].append(["plate", 10, "Sawing", 0, 1, None, None, None, None])
    rows["Orders"].append(["2001", "plate", 5, None, civil(2026, 3, 4), None])
    found = solved(write(tmp_path / "orders.xlsx", rows))
    assert found["scheduled"] == 1, "only packing follows the day calendar, and every panel is packed"
    assert ("Calendars", row, title) in {(f["sheet"], f["row"], f["column"]) for f in found["remarks"]}
    assert any(why in fault["why"] for fault in found["remarks"])


def test_rows_that_concern_no_order_are_remarked(tmp_path):
    rows = example_rows()
    rows["Routings"] += [[None, 10, "Sawing", 1, 1], ["spare", 10, "Turning", 1, 1]]
    rows["Setups"] += [["Milling", "white", "grey", 99], ["Turning", "a", "b", 5], [None, "a", "b", 5]]
    rows["Machines"][1][4] = "pink"
    found = solved(write(tmp_path / "orders.xlsx", rows))
    assert (found["scheduled"], found["not_scheduled"]) == (9, [])
    said = {(remark["sheet"], remark["row"], remark["column"]): remark for remark in found["remarks"]}
    assert said.keys() == {
        ("Routings", 11, "Item"),
        ("Routings", 12, "Work centre"),
        ("Setups", 7, "To"),
        ("Setups", 8, "Work centre"),
        ("Setups", 9, "Work centre"),
    }
    assert "row 2 has the same set-up already" in said["Setups", 7, "To"]["why"]
    assert said["Setups", 8, "Work centre"]["severity"] == "warning"


def test_an_unknown_family_on_a_machine_is_a_warning_where_the_families_are_known(tmp_path):
    rows = without_wildcards(changed("Machines", 3, "Set up for", "pink"))
    found = solved(write(tmp_path / "orders.xlsx", rows))
    (remark,) = found["remarks"]
    assert (remark["sheet"], remark["row"], remark["column"], remark["severity"]) == (
        *("Machines", 3, "Set up for"),
        "warning",
    )
    assert remark["allowed"] == "black, grey, white"


def test_due_before_release_is_a_warning_only(tmp_path):
    found = solved(write(tmp_path / "orders.xlsx", changed("Orders", 3, "Release", civil(2026, 3, 20))))
    assert (found["scheduled"], found["not_scheduled"]) == (9, [])
    (remark,) = found["remarks"]
    assert (remark["sheet"], remark["row"], remark["column"]) == ("Orders", 3, "Due")
    assert remark["severity"] == "warning"
    assert "before its release 2026-03-20" in remark["why"]


def test_work_that_fits_into_no_calendar_is_left_out_with_its_numbers(tmp_path):
    rows = changed("Orders", 3, "Quantity", 900_000_000)
    rows["Routings"][2][8], rows["Orders"][0][2] = "no", 1000
    found = solved(write(tmp_path / "orders.xlsx", rows))
    assert found["scheduled"] == 7
    why = {fault["order"]: fault for fault in found["not_scheduled"]}
    assert why.keys() == {"1001", "1002"}
    assert "without a break; machine Pack 1 is open for at most 300 min at a time" in why["1001"]["why"]
    assert (why["1001"]["sheet"], why["1001"]["row"], why["1001"]["column"]) == (
        "Routings",
        4,
        "Time per piece",
    )
    assert "is open for" in why["1002"]["why"]


def test_a_plan_longer_than_a_year_gets_longer_calendars(tmp_path):
    rows = changed("Orders", 3, "Quantity", 150_000)
    rows["Routings"][5][8] = "yes"
    found = solved(write(tmp_path / "orders.xlsx", rows))
    assert found["scheduled"] == 9
    assert found["objective"] > 60 * 24 * 365


def test_when_every_order_has_a_fault_nothing_is_written_and_all_are_named(tmp_path):
    rows, plan = example_rows(), tmp_path / "plan.xlsx"
    for order in rows["Orders"]:
        order[2] = "none"
    book = write(tmp_path / "orders.xlsx", rows)
    outcome = run("solve", book, "--out", plan, "--seconds", "0", "--json")
    assert outcome.exit_code == 2
    assert not plan.exists()
    said = json.loads(outcome.stdout)
    assert len({fault["order"] for fault in said["not_scheduled"]}) == 9
    assert "no order can be scheduled (9 with faults)" in said["error"]
    assert "order 1001 is not scheduled, because sheet Orders, row 2, column Quantity" in outcome.stderr


def test_without_any_calendar_that_can_be_used_the_solve_is_refused(tmp_path):
    rows = example_rows()
    for row in rows["Calendars"]:
        row[2] = "never"
    outcome = run("solve", write(tmp_path / "orders.xlsx", rows), "--seconds", "0")
    assert outcome.exit_code == 2
    assert "orders.xlsx: no machine can be used; sheet Calendars, row 2, column From" in outcome.stderr


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("Time zone", "Mars/Base", "is not an IANA time zone name"),
        ("Plan start", "tomorrow", "is not a date"),
    ],
)
def test_a_wrong_setting_of_the_site_refuses_the_workbook(tmp_path, setting, value, message):
    rows = example_rows()
    rows["Site"] = [[setting, value]]
    outcome = run("solve", write(tmp_path / "orders.xlsx", rows), "--seconds", "0")
    assert outcome.exit_code == 2
    assert "orders.xlsx: sheet Site, row 2, column Value" in outcome.stderr
    assert message in outcome.stderr


def test_without_site_and_setups_the_earliest_release_in_utc_is_the_start(tmp_path):
    rows = example_rows()
    del rows["Site"], rows["Setups"]
    rows["Orders"][4][3] = civil(2026, 3, 3, 7, 30)
    found = solved(write(tmp_path / "orders.xlsx", rows))
    assert found["scheduled"] == 9
    assert found["plan_start"] == "2026-03-03T07:30:00+00:00"


def test_without_any_date_the_plan_starts_now(tmp_path, monkeypatch):
    from plantbeat.kernel import clock

    now = datetime(2026, 5, 4, 10, 17, 42, tzinfo=BERLIN)
    monkeypatch.setattr(clock, "now", lambda: now)
    rows = example_rows()
    rows["Site"] = [["Time zone", "Europe/Berlin"]]
    assert solved(write(tmp_path / "orders.xlsx", rows))["plan_start"] == "2026-05-04T10:17:00+02:00"


STRANGE = (
    None,
    "",
    "x",
    -1,
    0,
    1e308,
    True,
    "#N/A",
    "=A1",
    "a,b",
    "*",
    "Mon-Fri",
    "10,20",
    "2026-13-45",
    10**20,
)


@pytest.mark.parametrize("seed", range(20))
def test_strange_values_anywhere_end_in_a_plan_or_in_a_sentence(tmp_path, seed):
    r, rows, plan = Random(seed), example_rows(), tmp_path / "plan.xlsx"
    for _ in range(r.randint(1, 6)):
        sheet = r.choice(list(rows))
        line = r.choice(rows[sheet])
        line[r.randrange(len(line))] = r.choice(STRANGE)
    outcome = run("solve", write(tmp_path / "orders.xlsx", rows), "--out", plan, "--seconds", "0")
    assert outcome.exit_code in (0, 2)
    assert plan.exists() == (outcome.exit_code == 0)
    if outcome.exit_code == 2:
        assert outcome.stderr.splitlines()[-1].startswith("Error: orders.xlsx: ")


def damaged(path):
    content = write(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def text_file(path):
    path.write_text("Order;Item;Quantity\n")
    return path


def empty_file(path):
    path.write_bytes(b"")
    return path


def folder(path):
    path.mkdir()
    return path


def foreign_zip(path):
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    return path


def without_sheet(path):
    rows = example_rows()
    del rows["Routings"]
    return write(path, rows)


def without_column(path):
    titles = [column.header for column in SHEETS["Orders"].columns]
    return write(path, headers={"Orders": ["Ordre" if title == "Order" else title for title in titles]})


def with_empty_sheet(path):
    return write(path, example_rows() | {"Machines": []})


def without_titles(path):
    from openpyxl import Workbook

    book = Workbook()
    for layout in LAYOUT:
        book.create_sheet(layout.name)
    book.save(path)
    return path


BAD_FILES = [
    (damaged, "orders.xlsx: this is not a workbook that can be read; allowed: .xlsx"),
    (text_file, "orders.xlsx: this is not a workbook that can be read; allowed: .xlsx"),
    (empty_file, "orders.xlsx: this is not a workbook that can be read; allowed: .xlsx"),
    (foreign_zip, "orders.xlsx: this is not a workbook that can be read; allowed: .xlsx"),
    (folder, "orders.xlsx: this is a folder"),
    (Path, "there is no such file"),
    (without_sheet, "orders.xlsx: sheet Routings is missing; the sheets there are Orders, Machines"),
    (without_column, "orders.xlsx: sheet Orders: column Order is missing; the columns there are Ordre, Item"),
    (with_empty_sheet, "orders.xlsx: sheet Machines has no rows below its titles"),
    (without_titles, "orders.xlsx: sheet Orders: column Order is missing; the columns there are none"),
]


@pytest.mark.parametrize(("make", "message"), BAD_FILES)
def test_a_file_that_is_no_orders_workbook_is_refused_in_a_sentence(tmp_path, make, message):
    plan = tmp_path / "plan.xlsx"
    outcome = run("solve", make(tmp_path / "orders.xlsx"), "--out", plan, "--seconds", "0")
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert outcome.stdout == ""
    assert not plan.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "plan.csv"], "must end in .xlsx"),
        (["--out", "nowhere/plan.xlsx"], "the folder nowhere does not exist"),
        (["--seconds", "-1"], "give seconds from 0"),
        (["--seconds", "nan"], "give seconds from 0"),
        (["--seconds", "long"], "is not a valid float"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--workers", "0"], "0 is not in the range"),
    ],
)
def test_wrong_options_are_refused(tmp_path, options, message):
    outcome = run("solve", write(tmp_path / "orders.xlsx"), *options)
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["orders.xlsx"]


def test_the_workbook_that_is_read_is_never_overwritten(tmp_path):
    book = write(tmp_path / "orders.xlsx")
    before = book.read_bytes()
    outcome = run("solve", book, "--out", book, "--seconds", "0")
    assert outcome.exit_code == 2
    assert "name another file for the plan" in outcome.stderr
    outcome = run("template", book)
    assert outcome.exit_code == 2
    assert "exists already" in outcome.stderr
    assert book.read_bytes() == before


def test_an_empty_template_holds_titles_units_instructions_and_drop_downs(tmp_path):
    from openpyxl import load_workbook

    path = tmp_path / "empty.xlsx"
    assert run("template", path).exit_code == 0
    book = load_workbook(path)
    assert book.sheetnames == ["Guide", *(layout.name for layout in LAYOUT)]
    for layout in LAYOUT:
        sheet = book[layout.name]
        assert [cell.value for cell in sheet[1]] == [column.header for column in layout.columns]
        assert all(cell.comment is not None for cell in sheet[1])
    described = {(row[0], row[1]) for row in book["Guide"].iter_rows(min_row=5, values_only=True)}
    assert described == {(layout.name, column.header) for layout in LAYOUT for column in layout.columns}
    rules = {(sheet.title, rule.type) for sheet in book for rule in sheet.data_validations.dataValidation}
    assert {("Orders", "list"), ("Machines", "list"), ("Routings", "list"), ("Orders", "decimal")} <= rules
    outcome = run("solve", path)
    assert outcome.exit_code == 2
    assert "sheet Orders has no rows below its titles" in outcome.stderr


def test_titles_are_found_in_any_case_and_place_and_empty_rows_are_skipped(tmp_path):
    rows = example_rows()
    titles = ["due", "ORDER ", "item", "quantity [pcs]", "Remark"]
    rows["Orders"] = [[row[4], int(row[0]), row[1], str(row[2]), "="] for row in rows["Orders"]]
    rows["Orders"].insert(2, [None] * 5)
    path = write(tmp_path / "orders.xlsx", rows, {"Orders": titles})
    inputs, faults = read_orders_workbook(path)
    assert faults == []
    assert [row.row for row in inputs.orders] == [2, 3, 5, 6, 7, 8, 9, 10, 11]
    assert [row.order for row in inputs.orders] == [str(1001 + i) for i in range(9)]
    assert solved(path)["scheduled"] == 9


def test_an_open_file_is_read_like_a_path(tmp_path):
    content = io.BytesIO(write(tmp_path / "orders.xlsx").read_bytes())
    from_file, faults = read_orders_workbook(content)
    from_path, _ = read_orders_workbook(tmp_path / "orders.xlsx")
    assert faults == []
    assert from_file == from_path


def test_a_date_without_a_time_is_due_at_the_end_of_its_day(tmp_path):
    rows = changed("Orders", 2, "Due", civil(2026, 3, 5))
    rows["Orders"][1][4] = "2026-03-05"
    rows["Orders"][2][4] = "2026-03-05 14:30"
    inputs, _ = read_orders_workbook(write(tmp_path / "orders.xlsx", rows))
    assert [row.due for row in inputs.orders[:3]] == [
        civil(2026, 3, 6),
        civil(2026, 3, 6),
        civil(2026, 3, 5, 14, 30),
    ]


def test_names_that_look_like_formulas_stay_names(tmp_path):
    plan = tmp_path / "plan.xlsx"
    rows = changed("Machines", 2, "Machine", "@SUM(1)")
    path = write(tmp_path / "orders.xlsx", rows)
    from openpyxl import load_workbook

    book = load_workbook(path)
    book["Orders"]["A2"].value, book["Orders"]["A2"].data_type = "=1+1", "s"
    book.save(path)
    solved(path, "--out", plan)
    found = load_workbook(plan)["Plan"]
    names = {(row[0].value, row[0].data_type) for row in found.iter_rows(min_row=2)}
    assert ("=1+1", "s") in names
    assert {row[3].value for row in found.iter_rows(min_row=2)} >= {"@SUM(1)"}


def rows_of(*rows):
    return [CalendarRow(2 + i, "c", *row) for i, row in enumerate(rows)]


def test_a_night_shift_over_a_change_of_the_clock_has_its_true_length():
    night = rows_of(((5,), 22 * 60, 6 * 60))
    for day, hours in ((date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 5, 2), 8)):
        origin = utc_us(day, datetime.min.time(), BERLIN)
        opening, closing = open_minutes(night, origin, 2, BERLIN)[0]
        assert opening == 22 * 60
        assert closing - opening == hours * 60


def test_a_date_replaces_its_weekday_and_nothing_lies_before_the_start():
    monday = date(2026, 3, 2)
    rows = rows_of(
        ((0, 1), 480, 960),
        (date(2026, 3, 3), 600, 660),
        (date(2026, 3, 9), None, None),
    )
    origin = utc_us(monday, datetime.min.time(), ZoneInfo("UTC")) + 500 * 60_000_000
    assert open_minutes(rows, origin, 9, ZoneInfo("UTC")) == [
        (0, 460),
        (1440 + 600 - 500, 1440 + 660 - 500),
        (8 * 1440 + 480 - 500, 8 * 1440 + 960 - 500),
    ]
