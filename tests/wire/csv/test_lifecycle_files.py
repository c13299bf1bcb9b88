"""Rows that mark where an operation starts and where it ends become operations, labour and lead times."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2] / "facts" / "views"))
from line_of_machines import HOUR, MIN, SYSTEM, at

from plantbeat.facts.models import AssetHour, Fact, FactSource, Quarantine
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.drill import drill
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.recompute import recompute
from plantbeat.facts.views.scopes import Scope
from plantbeat.shell.cli import facts as facts_group
from plantbeat.wire.csv.file_fault import FileFault
from plantbeat.wire.csv.importing import import_file
from plantbeat.wire.csv.mapping import LifecycleMapping, read_mapping

LIFECYCLE = """
layout = "lifecycle"
[source]
name = "job-shop"
[assets]
column = "activity"
create = true
[time]
column = "ts"
[marks]
column = "lifecycle"
start = "start"
end = "complete"
ignore = ["schedule"]
[skip]
column = "activity"
values = ["Start", "End"]
[columns]
order = "case"
step = "activity"
worker = "worker"
"""
DAY = Period.of_day(date(2026, 3, 10))

pytestmark = pytest.mark.django_db


def written(tmp_path, text, name="map.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def marks(tmp_path, *rows, header="case,activity,worker,lifecycle,ts"):
    told = [row if "2026" in row else f"{row[:-5]}2026-03-10T{row[-5:]}Z" for row in rows]
    return written(tmp_path, "\n".join((header, *told)) + "\n", "marks.csv")


def imported(line, tmp_path, *rows, text=LIFECYCLE):
    report = import_file(marks(tmp_path, *rows), read_mapping(written(tmp_path, text)), line.site, SYSTEM)
    line.drain()
    return report


def asked(line, measure, *, code=None, cut=None, period=DAY):
    scope = Scope.machine(line.site.pk, code) if code else Scope.site(line.site.pk)
    return values(measure, scope, period, SYSTEM, cut)


# --- mappings ---


def test_the_mapping_is_read_with_its_words_and_its_zone(tmp_path):
    text = LIFECYCLE.replace('column = "ts"', 'column = "ts"\nzone = "Europe/Berlin"')
    read = read_mapping(written(tmp_path, text))
    assert isinstance(read, LifecycleMapping)
    assert (read.start_word, read.end_word, read.ignored, read.skipped) == (
        "start", "complete", ("schedule",), ("Start", "End"),
    )  # fmt: skip
    assert str(read.zone) == "Europe/Berlin"
    assert read.columns == ["activity", "ts", "lifecycle", "case", "worker"]


@pytest.mark.parametrize(
    "before, after, said",
    [
        (
            'column = "ts"',
            'column = "ts"\nzone = "Europe/Berln"',
            r"\[time\] zone: 'Europe/Berln' is not an IANA",
        ),
        ('end = "complete"', 'end = "start"', r"\[marks\] start, end and ignore must be different words"),
        ('ignore = ["schedule"]', 'ignore = "schedule"', r"\[marks\] ignore is 'schedule'; a list of texts"),
        ('values = ["Start", "End"]', "", r"\[skip\] needs both column and values"),
        ('start = "start"', "", r"\[marks\] start is missing; a text is needed"),
        ('order = "case"', "", r"\[columns\] order is missing; a text is needed"),
        ("[skip]", "[skips]", r"there is no table \[skips\]; allowed are .*skip"),
        ("[skip]", '[rework]\ncolumn = "activity"\n[skip]', r"\[rework\] needs both column and value"),
    ],
)
def test_a_wrong_mapping_is_refused_in_one_sentence(tmp_path, before, after, said):
    with pytest.raises(FileFault, match=said):
        read_mapping(written(tmp_path, LIFECYCLE.replace(before, after)))


# --- pairs ---


def test_starts_and_ends_become_runs_orders_and_labour(line, tmp_path):
    report = imported(
        line, tmp_path,
        "C1,Start,Start,start,06:00", "C1,Start,Start,complete,06:00", "C1,Turning,P1,schedule,06:00",
        "C1,Turning,P1,start,07:00", "C1,Turning,P1,complete,08:00",
        "C2,Turning,P2,start,07:30", "C2,Turning,P2,complete,09:00",
        "C1,Packing,P1,start,10:00", "C1,Packing,P1,complete,10:30",
    )  # fmt: skip
    assert (report.operations, report.worked_us, report.refused, report.stated) == (3, 3 * HOUR, [], [])
    assert report.machines_made == ["Packing", "Turning"]
    (labour,) = asked(line, "labour_per_operation")
    assert (labour.figure.numerator, labour.figure.denominator, labour.value) == (3 * HOUR, 3, 1.0)
    by_order = {one.key: one.figure.numerator for one in asked(line, "labour_per_operation", cut=Cut.order)}
    assert by_order == {"C1": 90 * MIN, "C2": 90 * MIN}
    # The machine runs once from 07:00 to 09:00 while two operations overlap on it.
    assert line.total("us", "Turning", day="2026-03-10", state="running") == 2 * HOUR
    (lead,) = asked(line, "order_lead_time")
    assert (lead.figure.numerator, lead.figure.denominator) == (3 * HOUR + 30 * MIN + 90 * MIN, 2)
    (there,) = asked(line, "order_lead_time", code="Packing")
    assert (there.figure.numerator, there.figure.denominator) == (30 * MIN, 1)
    line.check()


def test_rows_without_a_partner_and_ends_before_their_start_are_named_by_number(line, tmp_path):
    report = imported(
        line, tmp_path,
        "C1,Turning,P1,complete,07:00",
        "C1,Turning,P1,start,08:00",
        "C1,Turning,P1,start,09:00",
        "C1,Turning,P1,complete,10:00",
        "C1,Packing,P1,start,12:00",
        "C1,Packing,P1,complete,11:00",
        "C1,Packing,P1,paused,11:00",
        "C1,Packing,Ann Smith,start,11:00",
        ",Packing,P1,start,11:00",
        "C1,Packing,P1,start,2026-03-10 25:00",
    )  # fmt: skip
    told = dict(sentence.split(": ", 1) for sentence in report.refused)
    assert told == {
        "row 2": "“complete” without a “start” before it (of the same case, activity, worker)",
        "row 3": "“start” without a “complete” after it (of the same case, activity, worker)",
        "row 7": "ts 2026-03-10T11:00:00.000000Z lies before the start in row 6, 2026-03-10T12:00:00.000000Z",
        "row 8": (
            "lifecycle “paused” is neither “start” nor “complete”; words that say nothing are named under "
            "ignore in [marks]"
        ),
        "row 9": "worker is no pseudonym; allowed is one word without @, such as a number, never a name",
        "row 10": "case is empty",
        "row 11": "ts: '2026-03-10 25:00' has no such time of day; allowed is 00:00 to 23:59, or 24:00",
    }
    assert report.stated == [
        "row 4: starts what row 3 has started and no row has ended; the next end is taken for row 4"
    ]
    assert report.operations == 1
    assert Quarantine.objects.count() == 7
    assert not Quarantine.objects.filter(raw__contains="Ann").exists()


def test_an_operation_with_an_impossible_clock_is_refused_as_a_whole(line, tmp_path):
    report = imported(
        line, tmp_path,
        "C1,Turning,P1,start,07:00", "C1,Turning,P1,complete,2026-03-20 08:00",
        "C2,Turning,P1,start,07:00", "C2,Turning,P1,complete,08:00",
    )  # fmt: skip
    assert [one.split(":")[0] for one in report.refused] == ["row 2", "row 3"]
    assert "after receipt" in report.refused[1]
    assert set(Fact.objects.filter(kind="order_start").values_list("body", flat=True)) == {
        '{"order":"C2","step":"Turning"}'
    }


def test_overlapping_operations_of_one_worker_are_stated_and_their_labour_counts_in_full(line, tmp_path):
    report = imported(
        line, tmp_path,
        "C1,Turning,P1,start,07:00", "C1,Turning,P1,complete,09:00",
        "C1,Turning,P1,start,08:00", "C1,Turning,P1,complete,08:30",
        "C1,Turning,P1,start,09:00", "C1,Turning,P1,complete,09:00",
    )  # fmt: skip
    assert report.stated == [
        "row 4: begins before row 3 ends the same operation of the same worker; both count in full"
    ]
    (labour,) = asked(line, "labour_per_operation")
    assert (labour.figure.numerator, labour.figure.n) == (150 * MIN, 3)
    assert line.total("us", "Turning", day="2026-03-10", state="running") == 2 * HOUR
    bodies = Fact.objects.filter(kind="order_end").values_list("body", flat=True)
    assert [json.loads(body) for body in bodies] == [{"order": "C1"}]


def test_times_without_an_offset_are_of_the_zone_and_pieces_stand_in_the_row_that_ends(line, tmp_path):
    text = LIFECYCLE.replace('column = "ts"', 'column = "ts"\nzone = "America/New_York"')
    text += 'good = "good"\nitem = "item"\nquantity = "of"\n[rework]\ncolumn = "again"\nvalue = "Y"\n'
    file = marks(
        tmp_path,
        "C1,Turning,P1,start,2026-03-10 04:00,,Shaft,8,", "C1,Turning,P1,complete,2026-03-10 05:00,7,,,",
        "C1,Turning,P1,start,2026-03-10 06:00,,Shaft,8,", "C1,Turning,P1,complete,2026-03-10 07:00,,,,Y",
        header="case,activity,worker,lifecycle,ts,good,item,of,again",
    )  # fmt: skip
    import_file(file, read_mapping(written(tmp_path, text)), line.site, SYSTEM)
    line.drain()
    first = Fact.objects.filter(kind="order_start").order_by("t_us").first()
    assert first.t_us == at("2026-03-10", "08:00")
    assert json.loads(first.body) == {"order": "C1", "item": "Shaft", "step": "Turning", "quantity": 8}
    assert line.total("good", "Turning") == 7
    (again,) = asked(line, "rework_labour_percent")
    assert (again.figure.numerator, again.figure.denominator, again.value) == (HOUR, 2 * HOUR, 50.0)


# --- the real log ---


@pytest.mark.requirement("R161", "R069")
def test_the_job_shop_log_comes_out_of_the_catalogue_with_its_published_totals(
    line, tmp_path, reference_data
):
    """4TU production log, events: 4,503 pairs, 12,900.55 h, hours by activity, 495.09 h mean lead time."""
    file = reference_data / "execution" / "production_4tu_events.csv.gz"
    mapping = read_mapping(written(tmp_path, LIFECYCLE))
    report = import_file(file, mapping, line.site, SYSTEM)
    assert (report.operations, round(report.worked_us / HOUR, 2)) == (4503, 12900.55)
    assert (report.refused, len(report.machines_made), len(report.stated)) == ([], 24, 149)
    again = import_file(file, mapping, line.site, SYSTEM)
    assert (again.accepted, again.duplicates) == (0, report.facts)
    while recompute(None).left:
        pass
    period = Period.of_days(date(2012, 1, 1), date(2012, 4, 30))
    (labour,) = asked(line, "labour_per_operation", period=period)
    assert (round(labour.figure.numerator / HOUR, 2), labour.figure.denominator) == (12900.55, 4503)
    by_machine = asked(line, "labour_per_operation", cut=Cut.machine, period=period)
    hours = {one.label: round(one.figure.numerator / HOUR, 2) for one in by_machine}
    assert len(hours) == 24
    for name, said in (
        ("Turning Milling", 5938.72), ("Round Grinding", 2578.67), ("Final Inspection Q.C.", 1034.02),
        ("Turning Milling Q.C.", 779.25),
    ):  # fmt: skip
        assert hours[name] == said, name
    (lead,) = asked(line, "order_lead_time", period=period)
    assert (round(lead.value, 2), lead.figure.n) == (495.09, 225)
    facts = Fact.objects.filter(kind__in=("operator_on", "operator_off"))
    people = {json.loads(body)["person"] for body in facts.values_list("body", flat=True)}
    assert len(people) == 46
    assert (facts.order_by("t_us").first().t_us, facts.order_by("t_us").last().t_us) == (
        at("2012-01-02", "07:00"), at("2012-03-31", "13:45"),
    )  # fmt: skip
    behind = drill("labour_per_operation", Scope.site(line.site.pk), period, SYSTEM, size=10_000)
    assert len(behind.facts) == 2 * 4503
    assert AssetHour.objects.exists()


# --- the command, called wrongly ---


def test_the_command_says_what_is_wrong_with_file_and_mapping_and_stores_nothing(line, tmp_path):
    def error(file, text=LIFECYCLE):
        done = CliRunner().invoke(
            facts_group, ["import", str(file), "--map", str(written(tmp_path, text)), "--site", "B"]
        )
        assert done.exit_code == 2
        return done.output.removeprefix("Error: ").strip()

    rows = "C1,Turning,P1,start,07:00", "C1,Turning,P1,complete,08:00"
    file = marks(tmp_path, *rows)
    assert error(written(tmp_path, "", "a.csv")).endswith(
        "a.csv is empty; the first row names the columns 'activity', 'ts', 'lifecycle', 'case', 'worker'."
    )
    assert error(written(tmp_path, "case,activity,worker,lifecycle,ts\n", "a.csv")).endswith(
        "a.csv has column names but no rows."
    )
    assert error(file, LIFECYCLE.replace('worker = "worker"', 'worker = "operator"')).endswith(
        "has no column 'operator'; columns found: case, activity, worker, lifecycle, ts."
    )
    assert error(file, LIFECYCLE.replace('"complete"', '"end"')).endswith(
        "no row has lifecycle “end”; words found: “start”, “complete”."
    )
    swapped = LIFECYCLE.replace('start = "start"', 'start = "complete"')
    assert error(file, swapped.replace('end = "complete"', 'end = "start"')).endswith(
        "1 of 1 operations begin with “start”; start and end in [marks] may be swapped, or the newest rows "
        "stand first: sort the file by time."
    )
    assert error(file, LIFECYCLE.replace('column = "ts"', 'column = "worker"')).endswith(
        "none of 2 rows can be taken; row 2: worker: 'P1' is not a timestamp; allowed is ISO 8601 such as "
        "2026-05-01T06:30:00Z, with 0 to 9 fractional digits, and Z, an offset or none."
    )
    assert error(file, LIFECYCLE.replace("create = true", "")).endswith(
        "B has no machine Turning; make them, or set create = true in [assets] of the mapping."
    )
    assert not Fact.objects.exists()
    assert not FactSource.objects.filter(name="job-shop").exists()
    assert not Quarantine.objects.exists()


def test_the_command_tells_operations_hours_and_what_to_look_at(line, tmp_path):
    rows = ["C1,Turning,P1,start,07:00", "C1,Turning,P1,start,08:00"]
    rows += ["C1,Turning,P1,complete,09:00", "C1,Turning,P1,complete,10:30"]
    arguments = ["import", str(marks(tmp_path, *rows)), "--map", str(written(tmp_path, LIFECYCLE))]
    done = CliRunner().invoke(facts_group, arguments)
    assert "2 operations, 4.50 h from start to end" in done.output
    assert "2 rows taken that you may want to look at:\n  row 3: starts what row 2 has started" in done.output
    told = json.loads(CliRunner().invoke(facts_group, [*arguments, "--json"]).output)
    assert (told["operations"], told["hours"], len(told["stated"])) == (2, 4.5, 2)
