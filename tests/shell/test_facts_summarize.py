"""`plantbeat facts summarize`: its contract, and a clear sentence for every wrong use."""

import csv
import gzip
import io
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from plantbeat.engine.stream import utc_us
from plantbeat.kernel import clock
from plantbeat.shell.cli.facts_summarize import summarize

EVENTS = """ts,key,value
2026-05-04T06:00:00Z,execution,ACTIVE
2026-05-04T06:00:00Z,parts,100
2026-05-04T06:30:00.1234567Z,execution,READY
2026-05-04T06:30:00Z,parts,0
2026-05-04T06:40:00Z,parts,112
2026-05-04T06:45:00.1234567Z,execution,ACTIVE
2026-05-04T06:45:00.1234567Z,execution,ACTIVE
1998-01-01T00:00:00Z,execution,READY
2026-05-04T07:15:00.1234567Z,execution,READY
"""
RECEIVED = utc_us("2026-05-04T12:00:00Z")


def run(*arguments):
    with clock.at(RECEIVED):
        return CliRunner().invoke(summarize, [str(argument) for argument in arguments])


def said(result):
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return json.loads(result.stdout)


def refused(result, *words):
    """The one sentence on the error stream; exit code 2 and nothing on standard output."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    sentence = " ".join(result.stderr.split())
    for word in words:
        assert str(word) in sentence
    return sentence


@pytest.fixture
def events(tmp_path):
    file = tmp_path / "events.csv"
    file.write_text(EVENTS, encoding="utf-8")
    return file


def rewritten(events, columns, delimiter=","):
    """The same events with other columns."""
    rows = list(csv.DictReader(io.StringIO(EVENTS)))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(columns[column] or column, "x") for column in columns])
    events.write_text(text.getvalue(), encoding="utf-8")
    return events


EXPECTED = {
    "rows": 9,
    "quarantined": {"clock_too_early": 1},
    "states": {"ACTIVE": {"hours": 1.0, "intervals": 2}, "READY": {"hours": 0.25, "intervals": 1}},
    "counters": {"parts": 12},
}


def test_json_is_exactly_rows_quarantined_states_and_counters(events):
    assert said(run(events, "--state-key", "execution", "--counter-key", "parts", "--json")) == EXPECTED


def test_without_a_counter_key_there_are_no_counters(events):
    assert said(run(events, "--state-key", "execution", "--json")) == {**EXPECTED, "counters": {}}


def test_counter_key_may_be_repeated(events):
    with events.open("a") as file:
        file.write(
            "2026-05-04T06:00Z,metres,1.5\n2026-05-04T06:01Z,metres,4.25\n2026-05-04T06:01Z,note,hello\n"
        )
    counters = ("--counter-key", "parts", "--counter-key", "metres", "--counter-key", "note")
    assert said(run(events, "--state-key", "execution", *counters, "--json"))["counters"] == {
        "parts": 12,
        "metres": 2.75,
        "note": None,
    }


def test_gzip_is_read_whatever_its_name(events, tmp_path):
    for name in ("events.csv.gz", "events.dat"):
        packed = tmp_path / name
        packed.write_bytes(gzip.compress(EVENTS.encode()))
        assert said(run(packed, "--state-key", "execution", "--counter-key", "parts", "--json")) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_byte_order_mark_line_ends_and_blank_lines_make_no_difference(events, encoding, newline):
    events.write_bytes(f"{EVENTS}\n".replace("\n", newline).encode(encoding))
    assert said(run(events, "--state-key", "execution", "--counter-key", "parts", "--json")) == EXPECTED


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_may_stand_in_any_order_among_others_with_any_delimiter(events, delimiter):
    columns = {"value": None, "line": None, "key": None, "ts": None}
    rewritten(events, columns, delimiter)
    assert said(run(events, "--state-key", "execution", "--counter-key", "parts", "--json")) == EXPECTED


def test_columns_may_have_other_names(events):
    rewritten(events, {"zeit": "ts", "tag": "key", "wert": "value"})
    named = ("--ts-column", "zeit", "--key-column", "tag", "--value-column", "wert")
    counted = ("--state-key", "execution", "--counter-key", "parts", "--json")
    assert said(run(events, *named, *counted)) == EXPECTED


@pytest.mark.parametrize(("header", "options"), [("file_date", ()), ("day", ("--file-date-column", "day"))])
def test_a_row_48_hours_after_the_start_of_its_file_date_is_quarantined(tmp_path, header, options):
    file = tmp_path / "events.csv"
    file.write_text(
        f"{header},ts,key,value\n"
        "20260504,2026-05-04T06:00:00Z,execution,ACTIVE\n"
        "20260504,2026-05-06T00:00:00Z,execution,READY\n"
        "20260504,2026-05-06T00:00:01Z,execution,ACTIVE\n"
        "not a day,2026-05-06T00:00:02Z,execution,ACTIVE\n"
    )
    summary = said(run(file, "--state-key", "execution", "--json", *options))
    assert summary["quarantined"] == {"clock_ahead": 1, "bad_file_date": 1}
    assert summary["states"] == {"ACTIVE": {"hours": 42.0, "intervals": 1}}


def test_a_row_without_file_date_is_judged_against_the_receipt(events):
    with events.open("a") as file:
        file.write("2026-05-06T12:00:00.000001Z,execution,ACTIVE\n")
    assert said(run(events, "--state-key", "execution", "--json"))["quarantined"]["clock_ahead"] == 1
    later = ("--received", "2026-05-04T12:00:00.000001Z")
    assert "clock_ahead" not in said(run(events, "--state-key", "execution", "--json", *later))["quarantined"]


def test_not_before_moves_the_earliest_date(events):
    summary = said(run(events, "--state-key", "execution", "--not-before", "1998-01-01", "--json"))
    assert summary["quarantined"] == {}
    summary = said(run(events, "--state-key", "execution", "--not-before", "2026-05-05", "--json"))
    assert summary == {"rows": 9, "quarantined": {"clock_too_early": 9}, "states": {}, "counters": {}}


@pytest.mark.requirement("X8")
def test_zone_reads_times_without_offset(tmp_path):
    file = tmp_path / "events.csv"
    file.write_text("ts,key,value\n2026-03-29T01:00,execution,ACTIVE\n2026-03-29T04:00,execution,READY\n")
    local = said(run(file, "--state-key", "execution", "--zone", "Europe/Berlin", "--json"))
    assert local["states"]["ACTIVE"]["hours"] == 2.0
    assert said(run(file, "--state-key", "execution", "--json"))["states"]["ACTIVE"]["hours"] == 3.0


def test_malformed_rows_are_quarantined_by_reason_and_counted(events):
    with events.open("a") as file:
        file.write(
            "2026-05-04T08:00:00Z,execution\n"
            "2026-05-04T08:00:00Z,execution,ACTIVE,surplus\n"
            "2026-05-04T08:00:00Z,execution,ACTIVE,,\n"
            '2026-05-04T08:00:00Z,execution,"ACTIVE"?\n'
            f"2026-05-04T08:00:00Z,execution,{'x' * 200_000}\n"
            "04/05/2026 8 am,execution,ACTIVE\n"
            "2026-05-04T08:00:00Z,,ACTIVE\n"
            "2026-05-04T08:00:00Z,execution,\n"
        )
    summary = said(run(events, "--state-key", "execution", "--json"))
    assert summary["rows"] == 17
    assert summary["quarantined"] == {
        "clock_too_early": 1,
        "bad_timestamp": 1,
        "malformed_row": 4,
        "no_key": 1,
        "no_state": 1,
    }
    assert summary["states"]["READY"]["intervals"] == 2


def test_the_table_names_rows_reasons_states_and_counters(events):
    with events.open("a") as file:
        file.write("2026-05-04T08:00Z,parts,0\n2026-05-04T08:00Z,note,hello\n")
    result = run(events, "--state-key", "execution", "--counter-key", "parts", "--counter-key", "note")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines == [
        "11 rows, 1 of them quarantined",
        "1 clock_too_early: The device clock is before the earliest date accepted, so it had lost its time.",
        "",
        "state hours intervals",
        "ACTIVE 1.0000 2",
        "READY 0.2500 1",
        "",
        "counter advance readings",
        "parts 12 4 last drop undecided, not counted",
        "note no reading 0",
    ]


@pytest.mark.requirement("R159", "R161")
def test_nist_hurco01_gives_its_published_values(reference_data):
    file = reference_data / "execution" / "nist_hurco01_events.csv.gz"
    summary = said(run(file, "--state-key", "Program_Status", "--counter-key", "Part_Count", "--json"))
    assert summary["rows"] == 7477
    assert summary["quarantined"] == {"clock_too_early": 6}
    assert summary["counters"] == {"Part_Count": 1418}
    hours = {state: time["hours"] for state, time in summary["states"].items()}
    assert hours == {
        "ACTIVE": 0.3499,
        "FEED_HOLD": 0.004,
        "PROGRAM_COMPLETED": 0.2517,
        "PROGRAM_STOPPED": 0.0121,
        "READY": 109.6738,
        "STOPPED": 0.0244,
        "UNAVAILABLE": 29095.5258,
    }


@pytest.mark.requirement("R159")
def test_nist_mazak01_gives_its_published_values(reference_data):
    file = reference_data / "execution" / "nist_mazak01_events.csv.gz"
    assert said(run(file, "--state-key", "execution", "--counter-key", "PartCountAct", "--json")) == {
        "rows": 56_589,
        "quarantined": {},
        "states": {
            "ACTIVE": {"hours": 187.3792, "intervals": 8476},
            "FEED_HOLD": {"hours": 3.3422, "intervals": 1643},
            "INTERRUPTED": {"hours": 57.5378, "intervals": 2802},
            "READY": {"hours": 406.1199, "intervals": 7267},
            "STOPPED": {"hours": 416.7991, "intervals": 2691},
            "UNAVAILABLE": {"hours": 9153.7073, "intervals": 1557},
        },
        "counters": {"PartCountAct": 0},
    }


def test_django_is_not_needed(events):
    program = (
        "import sys; sys.modules['django'] = None\n"
        "from plantbeat.shell.cli.facts_summarize import summarize\n"
        "summarize()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(events), "--state-key", "execution", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["rows"] == 9


class TestWrongUse:
    """Exit code 2, one sentence that says what is allowed, nothing on standard output."""

    def test_the_file_is_missing(self, tmp_path):
        refused(
            run(tmp_path / "none.csv", "--state-key", "execution", "--json"), "none.csv", "does not exist"
        )

    def test_the_file_is_a_directory(self, tmp_path):
        refused(run(tmp_path, "--state-key", "execution", "--json"), "is a directory")

    def test_the_state_key_is_not_given(self, events):
        refused(run(events, "--json"), "--state-key")

    def test_the_file_is_empty(self, events):
        events.write_bytes(b"")
        refused(run(events, "--state-key", "execution", "--json"), "events.csv is empty", "header row")

    def test_the_packed_file_is_empty(self, tmp_path):
        packed = tmp_path / "events.csv.gz"
        packed.write_bytes(gzip.compress(b""))
        refused(run(packed, "--state-key", "execution", "--json"), "has no header row")

    def test_the_file_has_a_header_and_no_events(self, events):
        events.write_text("ts,key,value\n")
        refused(run(events, "--state-key", "execution", "--json"), "a header row and no events")

    def test_a_column_is_missing(self, events):
        rewritten(events, {"time": "ts", "key": None, "reading": "value"})
        refused(
            run(events, "--state-key", "execution", "--json"),
            "no column 'ts' and no column 'value'", "columns found: 'time', 'key', 'reading'", "--ts-column",
        )  # fmt: skip

    def test_a_named_file_date_column_is_missing(self, events):
        refused(run(events, "--state-key", "execution", "--file-date-column", "day"), "no column 'day'")

    def test_a_column_stands_twice(self, events):
        events.write_text("ts,key,value,value\n2026-05-04T06:00Z,execution,ACTIVE,READY\n")
        refused(run(events, "--state-key", "execution", "--json"), "'value' more than once")

    def test_a_key_never_occurs(self, events):
        found = "keys found, with their rows: 'execution' (6), 'parts' (3)"
        refused(run(events, "--state-key", "mode", "--json"), "'mode' never occurs", "events.csv", found)
        options = ("--state-key", "execution", "--counter-key", "count", "--json")
        refused(run(events, *options), "'count' never occurs", found)

    def test_many_keys_are_not_all_listed(self, events):
        rows = "".join(f"2026-05-04T06:00Z,tag{number:03},1\n" for number in range(200))
        events.write_text(f"ts,key,value\n{rows}")
        sentence = refused(run(events, "--state-key", "mode", "--json"), "'tag029' (1), and 170 more")
        assert "tag030" not in sentence

    @pytest.mark.parametrize("cut", [3, 12, 60, -9, -1])
    def test_a_packed_file_is_cut_short(self, tmp_path, cut):
        packed = tmp_path / "events.csv.gz"
        packed.write_bytes(gzip.compress(EVENTS.encode())[:cut])
        refused(run(packed, "--state-key", "execution", "--json"), "events.csv.gz cannot be unpacked")

    def test_a_packed_file_is_damaged(self, tmp_path):
        data = bytearray(gzip.compress(EVENTS.encode() * 50))
        data[len(data) // 2] ^= 0xFF
        packed = tmp_path / "events.csv.gz"
        packed.write_bytes(bytes(data))
        refused(run(packed, "--state-key", "execution", "--json"), "events.csv.gz")

    def test_a_gz_name_holds_no_gzip(self, tmp_path):
        packed = tmp_path / "events.csv.gz"
        packed.write_text(EVENTS)
        refused(run(packed, "--state-key", "execution", "--json"), "holds no gzip data")

    @pytest.mark.parametrize(
        "data",
        [
            b"PK\x03\x04" + bytes(range(256)) * 8,
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
            EVENTS.encode("utf-16"),
            b"\x00" * 5000,
            b"{" + b'"ts": 1, ' * 20_000,
        ],
    )
    def test_the_file_is_not_a_csv(self, events, data):
        events.write_bytes(data)
        refused(run(events, "--state-key", "execution", "--json"), "events.csv", "is not")

    def test_a_value_is_not_utf_8(self, events):
        events.write_bytes(EVENTS.encode() + "2026-05-04T08:00Z,note,20 °C\n".encode("latin-1"))
        refused(run(events, "--state-key", "execution", "--json"), "is not UTF-8 text")

    def test_a_quote_that_is_never_closed_would_swallow_the_rows_after_it(self, events):
        events.write_text(EVENTS.replace("execution,READY", 'execution,"READY', 1))
        refused(run(events, "--state-key", "execution", "--json"), "opens a quote in line 4", "not closed")

    @pytest.mark.parametrize("date", ["yesterday", "2010-13-01", "01.01.2010", ""])
    def test_not_before_is_no_date(self, events, date):
        refused(run(events, "--state-key", "execution", "--not-before", date, "--json"), "--not-before")

    @pytest.mark.parametrize("moment", ["soon", "2026-05-04"])
    def test_received_is_no_instant(self, events, moment):
        refused(run(events, "--state-key", "execution", "--received", moment, "--json"), "--received")

    @pytest.mark.parametrize("zone", ["Berlin", "../etc/passwd", "", "Europe"])
    def test_the_zone_is_unknown(self, events, zone):
        refused(run(events, "--state-key", "execution", "--zone", zone, "--json"), "--zone", "Europe/Berlin")
