"""Files as people send them: what is read, and what is refused in one sentence."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.import_.reading import Fault, read_tables
from workbooks import opened, xlsx


def zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as parts:
        parts.writestr(name, content)
    return stream.getvalue()


@pytest.mark.requirement("X7")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"   \n", "is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "protected by a password"),
        (zipped("hello.txt", b"hello"), "not a workbook"),
        (b"PK\x03\x04" + bytes(100), "not a workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "neither a CSV file nor a workbook"),
        (xlsx({"Items": []}).getvalue(), "holds no table"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_by_name(content, why):
    with pytest.raises(Refused, match=why) as refused:
        read_tables(io.BytesIO(content), "plant.xlsx")
    assert refused.value.problems[0].sheet == "plant.xlsx"


def test_a_workbook_cut_off_in_the_middle_is_refused():
    content = xlsx({"Items": [["Code", "Name"], *([f"I{n}", "x" * 50] for n in range(500))]}).getvalue()
    with pytest.raises(Refused, match="not a workbook"):
        read_tables(io.BytesIO(content[: len(content) // 2]), "plant.xlsx")


def test_title_rows_above_the_header_are_passed_over_even_if_merged():
    title, empty = ["Item master, plant Riverside"], [""]
    book = opened(xlsx({"S": [title, empty, ["Code", "Name", "Unit"], ["A", "First", "pcs"]]}))
    book["S"].merge_cells("A1:C1")
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    (table,) = read_tables(stream, "items.xlsx")
    assert (table.header_row, table.header) == (3, ["Code", "Name", "Unit"])
    assert table.rows == [(4, ["A", "First", "pcs"])]


def test_another_row_can_be_chosen_as_the_header():
    (table,) = read_tables(xlsx({"S": [["Site", "North"], ["Code", "Name"], ["A", "First"]]}), "s.xlsx")
    assert table.header == ["Site", "North"]
    chosen = replace(table, header_row=2)
    assert (chosen.header, chosen.rows) == (["Code", "Name"], [(3, ["A", "First"])])


def test_a_title_that_stands_twice_gets_a_number_and_empty_rows_go():
    (table,) = read_tables(
        xlsx({"S": [["Name", "Name", ""], ["a", "b"], [], [None, ""], ["c", "d", "beyond"]]}), "s.xlsx"
    )
    assert table.header == ["Name", "Name #2"]
    assert table.rows == [(2, ["a", "b"]), (5, ["c", "d"])]


def test_cells_keep_what_they_mean():
    given = [
        7,
        1234.0,
        0.1 + 0.2,
        "007",
        date(2026, 3, 31),
        datetime(2026, 3, 31, 14, 30),  # noqa: DTZ001  (as a spreadsheet keeps it)
        time(6, 0),
        timedelta(hours=26),
        True,
    ]
    (table,) = read_tables(xlsx({"S": [[*"abcdefghi"], given]}), "s.xlsx")
    assert table.rows[0][1] == [
        7, 1234, 0.3, "007", "2026-03-31", "2026-03-31 14:30:00", "06:00:00", "26:00:00.000000", True,
    ]  # fmt: skip


def test_a_formula_counts_with_its_stored_result_and_is_named_without_one():
    plain = xlsx({"S": [["Code", "Cost"], ["A", "=1+1"]]})
    (table,) = read_tables(plain, "s.xlsx")
    fault = table.rows[0][1][1]
    assert isinstance(fault, Fault)
    assert fault.text == "=1+1"
    assert "without a stored result" in fault.reason
    stored = with_result(plain.getvalue(), b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    (table,) = read_tables(io.BytesIO(stored), "s.xlsx")
    assert table.rows[0][1] == ["A", 2]


def with_result(content: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with a changed piece of its first sheet, as a spreadsheet program would store it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name.endswith("sheet1.xml"):
                assert old in part, part
                part = part.replace(old, new)
            target.writestr(name, part)
    return stream.getvalue()


def test_an_error_of_the_spreadsheet_is_no_value():
    (table,) = read_tables(xlsx({"S": [["Code", "Name"], ["A", "#REF!"], ["B", "#N/A"]]}), "s.xlsx")
    assert [type(row[1][1]) for row in table.rows] == [Fault, Fault]


def test_hidden_sheets_are_not_read():
    stream = xlsx({"Items": [["Code", "Name"], ["A", "First"]], "Lists": [["x", "y"], ["1", "2"]]})
    book = opened(stream)
    book["Lists"].sheet_state = "hidden"
    changed = io.BytesIO()
    book.save(changed)
    changed.seek(0)
    assert [table.name for table in read_tables(changed, "plant.xlsx")] == ["Items"]


def test_csv_is_read_whatever_its_separator_and_named_after_the_file():
    for text in ("Code,Name\nA,Füller", "Code;Name\nA;Füller", "\ufeffCode\tName\nA\tFüller"):
        (table,) = read_tables(io.BytesIO(text.encode()), "items.csv")
        assert (table.name, table.rows) == ("items", [(2, ["A", "Füller"])])
    (table,) = read_tables(io.BytesIO("Code;Name\nA;Füller".encode("cp1252")), "items.csv")
    assert table.rows[0][1][1] == "Füller"


def test_the_apostrophe_an_export_puts_before_a_formula_goes_and_ones_own_stays():
    (table,) = read_tables(io.BytesIO(b"Code,Name\nA,'=1+1\nB,''tis\n"), "items.csv")
    assert [row[1][1] for row in table.rows] == ["=1+1", "'tis"]
