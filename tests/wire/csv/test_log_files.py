"""Log files of machines and of a job shop become facts; what cannot be taken is named by its row."""

from __future__ import annotations

import gzip
import json
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2] / "facts" / "views"))
from line_of_machines import HOUR, SYSTEM, at

from plantbeat.areas.plant.records.machine import Machine
from plantbeat.facts.models import AssetHour, Fact, FactAsset, Quarantine
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.cube_query import Cut, elements_of
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.recompute import recompute
from plantbeat.facts.views.scopes import Scope
from plantbeat.shell.cli import facts as facts_group
from plantbeat.wire.csv.file_fault import FileFault
from plantbeat.wire.csv.importing import import_file
from plantbeat.wire.csv.mapping import EventMapping, OperationMapping, read_mapping

EVENTS = """
layout = "events"
[source]
name = "log"
[assets]
code = "M1"
[columns]
time = "ts"
key = "key"
value = "value"
file_date = "file_date"
[keys]
state = "execution"
[keys.counters]
PartCount = "parts"
"""
OPERATIONS = """
layout = "operations"
[source]
name = "job-shop"
[assets]
column = "Resource"
create = true
[time]
duration = "Span"
begin = "2012-01-02T00:00:00Z"
[columns]
order = "Case ID"
step = "Activity"
item = "Part Desc."
quantity = "Work Order Qty"
worker = "Worker ID"
good = "Qty Completed"
scrap = "Qty Rejected"
rework = "Qty for MRB"
[rework]
column = "Rework"
value = "Y"
"""

pytestmark = pytest.mark.django_db


def written(tmp_path, text, name="map.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def events(tmp_path, *rows):
    return written(tmp_path, "ts,key,value,file_date\n" + "\n".join(rows) + "\n", "events.csv")


# --- mappings ---


def test_both_layouts_are_read(tmp_path):
    read = read_mapping(written(tmp_path, EVENTS))
    assert isinstance(read, EventMapping)
    assert (read.asset, read.state, read.counters) == ("M1", "execution", {"PartCount": "parts"})
    read = read_mapping(written(tmp_path, OPERATIONS))
    assert isinstance(read, OperationMapping)
    assert (read.create, read.begin_us, read.of.worker) == (True, at("2012-01-02"), "Worker ID")


@pytest.mark.parametrize(
    "before, after, said",
    [
        (
            'layout = "events"',
            'layout = "rows"',
            "layout is 'rows'; allowed are “events”, “operations” and “lifecycle”",
        ),
        (
            'time = "ts"',
            'times = "ts"',
            r"\[columns\] has no 'times'; allowed are file_date, key, time, value",
        ),
        ("[keys]", "[key]", r"there is no table \[key\]"),
        ('state = "execution"', "", r"\[keys\] state is missing; a text is needed"),
        ('name = "log"', "name = 7", r"\[source\] name is 7; a text is needed"),
        ("[source]", "[source", "is not a TOML file"),
    ],
)
def test_a_wrong_mapping_is_refused_in_one_sentence(tmp_path, before, after, said):
    with pytest.raises(FileFault, match=said):
        read_mapping(written(tmp_path, EVENTS.replace(before, after)))


@pytest.mark.parametrize(
    "before, after, said",
    [
        ('begin = "2012-01-02T00:00:00Z"', "", "needs either start or begin"),
        ('begin = "2012-01-02T00:00:00Z"', 'begin = "soon"', "begin: 'soon' is not a timestamp"),
        ('duration = "Span"', 'end = "End"', "needs start and end, or a duration"),
        ("create = true", 'create = "yes"', "allowed are true and false"),
        ('order = "Case ID"', "", r"\[columns\] order is missing"),
    ],
)
def test_operations_need_an_order_and_a_time(tmp_path, before, after, said):
    with pytest.raises(FileFault, match=said):
        read_mapping(written(tmp_path, OPERATIONS.replace(before, after)))


# --- events ---


def test_events_keep_the_order_of_the_file_and_repeats_are_dropped(line, tmp_path):
    file = events(
        tmp_path,
        "2026-03-10T08:00:00.1234567Z,execution,ACTIVE,20260310",
        "2026-03-10T08:00:00.123456Z,execution,ACTIVE,20260310",
        "2026-03-10T09:00:00Z,execution,STOPPED,20260310",
        "2026-03-10T09:00:00Z,execution,ACTIVE,20260310",
        "2026-03-10T08:00:00Z,PartCount,10,20260310",
        "2026-03-10T09:30:00Z,PartCount,14,20260310",
        "2026-03-10T09:31:00Z,PartCount,UNAVAILABLE,20260310",
        "2026-03-10T10:00:00Z,mode,AUTO,20260310",
    )
    report = import_file(file, read_mapping(written(tmp_path, EVENTS)), line.site, SYSTEM)
    assert (report.facts, report.accepted, report.refused) == (5, 5, [])
    line.drain()
    assert line.total("us", "M1", day="2026-03-10", state="running") == 16 * HOUR - 123_456
    assert line.total("good", "M1") == 4
    again = import_file(file, read_mapping(written(tmp_path, EVENTS)), line.site, SYSTEM)
    assert (again.accepted, again.duplicates) == (0, 5)


def test_rows_that_cannot_be_taken_are_in_quarantine_by_number_and_the_others_are_not_kept_waiting(
    line, tmp_path
):
    file = events(
        tmp_path,
        "2026-03-10T08:00:00Z,execution,ACTIVE,20260310",
        "yesterday,execution,STOPPED,20260310",
        "2002-01-01T00:00:00Z,execution,STOPPED,20260310",
        "2026-03-14T00:00:00Z,execution,STOPPED,20260310",
        "2026-03-10T08:10:00Z,PartCount,many,20260310",
        "2026-03-10T08:20:00Z,execution,,20260310",
        "2026-03-10T09:00:00Z,execution,STOPPED,20260310",
    )
    report = import_file(file, read_mapping(written(tmp_path, EVENTS)), line.site, SYSTEM)
    assert (report.accepted, len(report.refused)) == (2, 5)
    for number, words in (
        (3, "is not a timestamp"),
        (4, "before the earliest"),
        (5, "after receipt"),
        (6, "no reading"),
        (7, "is empty"),
    ):
        assert any(one.startswith(f"row {number}: ") and words in one for one in report.refused), number
    assert Quarantine.objects.count() == 5


def test_a_file_that_does_not_fit_is_refused_and_nothing_is_stored(line, tmp_path):
    mapping = read_mapping(written(tmp_path, EVENTS))
    with pytest.raises(
        FileFault, match="has no column 'key', 'value', 'file_date'; columns found: ts, other"
    ):
        import_file(written(tmp_path, "ts,other\n1,2\n", "a.csv"), mapping, line.site, SYSTEM)
    path = tmp_path / "b.csv.gz"
    path.write_bytes(gzip.compress(b"ts,key,value,file_date\n" + b"x" * 9999)[:-20])
    with pytest.raises(FileFault, match="damaged or cut short"):
        import_file(path, mapping, line.site, SYSTEM)
    elsewhere = read_mapping(written(tmp_path, EVENTS.replace("M1", "M7")))
    with pytest.raises(FileFault, match="mapped to 'M7', but B has no such line or machine"):
        import_file(events(tmp_path, "2026-03-10T08:00:00Z,execution,ACTIVE,"), elsewhere, line.site, SYSTEM)
    strict = read_mapping(written(tmp_path, OPERATIONS.replace("create = true", "create = false")))
    with pytest.raises(FileFault, match="has no machine Lathe-1, Packing; make them, or set create = true"):
        import_file(shop_file(tmp_path), strict, line.site, SYSTEM)
    assert not Fact.objects.exists()


@pytest.mark.requirement("R158", "R092")
def test_the_real_stream_of_a_machine_comes_out_of_the_cube(line, tmp_path, reference_data):
    """NIST SMS test bed, Hurco01: 0.3499 h active, 29,095.5258 h unavailable, 1,418 parts (not 40,920)."""
    text = EVENTS.replace("execution", "Program_Status").replace("PartCount", "Part_Count")
    file = reference_data / "execution" / "nist_hurco01_events.csv.gz"
    report = import_file(file, read_mapping(written(tmp_path, text)), line.site, SYSTEM)
    assert all("2002-01-01" in one for one in report.refused)
    assert len(report.refused) == 2
    last = Fact.objects.filter(asset=line.asset("M1"), kind="state").order_by("-t_us").first()
    while recompute(None).left:
        pass
    cube = AssetHour.objects.filter(asset=line.asset("M1"))
    assert sum(cube.values_list("good", flat=True)) == 1418
    assert round(sum(cube.filter(state="running").values_list("us", flat=True)) / HOUR, 4) == 0.3499
    # Until its first word nothing is known either; the last state is open.
    first = Fact.objects.filter(asset=line.asset("M1"), kind="state").order_by("t_us").first()
    whole = elements_of(cube)
    silent_us = whole.no_data_us - (first.t_us - first.t_us // (24 * HOUR) * 24 * HOUR)
    open_us = whole.total_us - (last.t_us - first.t_us // (24 * HOUR) * 24 * HOUR)
    assert round((silent_us - (open_us if "UNAVAILABLE" in last.body else 0)) / HOUR, 4) == 29095.5258


# --- operations ---


def shop_file(tmp_path, *rows):
    header = "Case ID,Activity,Resource,Span,Work Order Qty,Part Desc.,Worker ID,"
    header += "Qty Completed,Qty Rejected,Qty for MRB,Rework"
    usual = (
        "Case 1,Turning,Lathe 1,002:30,10,Shaft,ID1,8,1,1,",
        "Case 1,Turning,Lathe 1,001:00,10,Shaft,ID2,2,0,0,Y",
        "Case 2,Turning,Lathe 1,000:00,5,Nut,ID1,3,0,0,",
        "Case 2,Packing,Packing,1899/12/31,5,Nut,ID1,5,0,0,",
        "Case 2,Packing,Packing,000:30,5,Nut,ID1,five,0,0,",
        "Case 2,Packing,Packing,000:30,5,Nut,ID1,5,0,0,",
    )
    return written(tmp_path, "\n".join((header, *(rows or usual))) + "\n", "shop.csv")


def test_operations_become_orders_labour_run_time_and_quantities(line, tmp_path):
    report = import_file(shop_file(tmp_path), read_mapping(written(tmp_path, OPERATIONS)), line.site, SYSTEM)
    assert report.machines_made == ["Lathe-1", "Packing"]
    assert [one.split(";")[0] for one in report.refused] == [
        "row 5: Span “1899/12/31” is no duration", "row 6: Qty Completed “five” is no quantity",
    ]  # fmt: skip
    line.drain()
    lathe = Scope.machine(line.site.pk, "Lathe-1")
    day = Period.of_day(date(2012, 1, 2))
    (throughput,) = values("throughput", lathe, day, SYSTEM)
    assert (throughput.figure.numerator, throughput.figure.denominator) == (11, 3.5 * HOUR)
    by_order = {v.key: v.figure.numerator for v in values("throughput", lathe, day, SYSTEM, Cut.order)}
    assert by_order["Case 1"] == 8
    assert by_order["Case 2"] == 3
    assert values("scrap_percent", lathe, day, SYSTEM)[0].figure.numerator == 1
    assert line.total("recovered", "Lathe-1") == 2
    assert line.total("rework", "Lathe-1") == 1
    assert Fact.objects.filter(kind="operator_on", body__contains="ID2").count() == 1
    ends = list(Fact.objects.filter(kind="order_end").order_by("lsn").values_list("body", flat=True))
    # The second operation of Case 1 begins at the end of the first: the order leaves the lathe once. An order
    # is complete at its last end by the clock, not by the row.
    assert [json.loads(body).get("complete", True) for body in ends if "Case 1" in body] == [True]
    assert [json.loads(body).get("complete", True) for body in ends if "Case 2" in body] == [True, False]
    line.check()


@pytest.mark.requirement("R161", "R069")
def test_the_job_shop_comes_out_of_the_catalogue_with_its_published_totals(line, tmp_path, reference_data):
    """4TU production log: hours and pieces by machine; one row has no duration and is refused by number."""
    file = reference_data / "execution" / "production_4tu_quantities.csv.gz"
    report = import_file(file, read_mapping(written(tmp_path, OPERATIONS)), line.site, SYSTEM)
    assert report.refused == ["row 929: Span “1899/12/31 01:49:00” is no duration; allowed is hhh:mm"]
    while recompute(None).left:
        pass
    machines = dict(FactAsset.objects.filter(level="machine").values_list("name", "code"))
    assert Machine.objects.count() == 2 + len(report.machines_made) == 2 + 31
    period = Period.of_days(date(2012, 1, 1), date(2013, 12, 31))

    def total(measure, code=None):
        scope = Scope.machine(line.site.pk, code) if code else Scope.site(line.site.pk)
        return values(measure, scope, period, SYSTEM)[0].figure

    for name, hours, done, rejected in (
        ("Machine 4 Turning Milling", 1532.70, 4286, 0), ("Machine 5 Turning Milling", 1415.00, 4250, 13),
        ("Machine 6 Turning Milling", 1314.67, 3019, 6), ("Machine 2 Round Grinding", 1093.67, 3211, 16),
        ("Quality Check 1", 1936.93, 28781, 512),
    ):  # fmt: skip
        code = machines[name]
        made, scrap = total("throughput", code), total("scrap_percent", code)
        recovered = line.total("recovered", code)
        assert round(made.denominator / HOUR, 2) == hours, name
        assert (made.numerator + recovered, scrap.numerator) == (done, rejected), name
    whole, scrap = total("throughput"), total("scrap_percent")
    recovered = sum(AssetHour.objects.values_list("recovered", flat=True))
    assert round(whole.denominator / HOUR, 2) == 13317.15
    assert (whole.numerator + recovered, scrap.numerator) == (92519, 593)
    assert sum(AssetHour.objects.values_list("rework", flat=True)) == 105
    begun = Fact.objects.filter(kind="order_start").order_by("lsn").values_list("body", flat=True)
    ordered: dict[str, int] = {}
    for body in begun:
        said = json.loads(body)
        ordered.setdefault(said["order"], said["quantity"])
    assert (len(ordered), sum(ordered.values())) == (225, 20_894)
    products = values("throughput", Scope.site(line.site.pk), period, SYSTEM, Cut.product)
    assert len({one.key for one in products} - {None}) == 43
    workers = {
        json.loads(body)["person"]
        for body in Fact.objects.filter(kind="operator_on").values_list("body", flat=True)
    }
    assert len(workers) == 49
    labour, again = total("labour_per_operation"), total("rework_labour_percent")
    assert (round(labour.numerator / HOUR, 2), labour.denominator) == (13317.15, 4542)
    assert 0 < again.numerator < again.denominator == labour.numerator
    offs = Fact.objects.filter(kind="operator_off").values_list("body", flat=True)
    assert sum(json.loads(body).get("rework", False) for body in offs) == 32


# --- the command ---


def test_the_command_imports_and_says_what_it_did(line, tmp_path):
    run = CliRunner().invoke
    file, mapping = shop_file(tmp_path), written(tmp_path, OPERATIONS)
    done = run(facts_group, ["import", str(file), "--map", str(mapping)])
    assert done.exit_code == 0, done.output
    assert "2 in quarantine" in done.output
    assert "row 5: Span" in done.output
    again = run(facts_group, ["import", str(file), "--map", str(mapping), "--site", "B", "--json"])
    assert json.loads(again.output)["accepted"] == 0
    wrong = run(facts_group, ["import", str(file), "--map", str(mapping), "--site", "X"])
    assert (wrong.exit_code, wrong.output) == (2, "Error: there is no site 'X'; sites: B.\n")
    bad = run(facts_group, ["import", str(file), "--map", str(written(tmp_path, EVENTS, "e.toml"))])
    assert bad.exit_code == 2
    assert "has no column" in bad.output
    assert "Traceback" not in bad.output
