"""Tables out of CSV files and workbooks, as text and numbers, with the row numbers people see."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from plantbeat.kernel.problems import Problem, Refused

MOST_BYTES = 50 * 1024 * 1024
MOST_UNPACKED = 20 * MOST_BYTES
HEADER_SEARCH = 20
OLE_FILE = b"\xd0\xcf\x11\xe0"
ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"}

# What zipfile, the XML parser and openpyxl raise on damaged, encrypted or foreign content.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, SyntaxError, RuntimeError,
    KeyError, ValueError, IndexError, TypeError, AttributeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What stands in a cell that has no value: an error, or a formula whose result was not stored."""

    text: str
    reason: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Table:
    """One sheet: its rows that are not empty, each with its number in the file, and the header's."""

    name: str
    lines: list[tuple[int, list[Any]]]
    header_row: int

    @cached_property
    def header(self) -> list[str]:
        """Titles of the columns; one that stands twice gets a number, an empty one stays empty."""
        cells = next((row for number, row in self.lines if number == self.header_row), [])
        titles: list[str] = []
        for cell in cells:
            title, n = " ".join(str(cell).split()), 1
            while title and title in titles:
                title, n = f"{' '.join(str(cell).split())} #{n + 1}", n + 1
            titles.append(title)
        while titles and not titles[-1]:
            titles.pop()
        return titles

    @cached_property
    def rows(self) -> list[tuple[int, list[Any]]]:
        """The rows below the header, as wide as it."""
        width = len(self.header)
        return [
            (number, row if len(row) == width else (row + [""] * width)[:width])
            for number, row in self.lines
            if number > self.header_row and any(value != "" for value in row[:width])
        ]


def read_tables(file: BinaryIO, file_name: str) -> list[Table]:
    """Every visible sheet of a CSV, TSV or XLSX file that holds something.

    Raises `Refused` naming a file that cannot be read.
    """
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(Problem(_("is larger than %(n)s MB") % {"n": MOST_BYTES >> 20}, sheet=file_name))
    if not content.strip():
        raise Refused(Problem(_("is empty"), sheet=file_name))
    if content[:4] == OLE_FILE:
        old = _(
            "is protected by a password, or in the format of Excel 97; save it as .xlsx without a password"
        )
        raise Refused(Problem(old, sheet=file_name))
    tables = list(_workbook(content, file_name)) if content[:2] == b"PK" else [_text(content, file_name)]
    filled = [table for table in tables if table.header]
    if not filled:
        raise Refused(Problem(_("holds no table with a header row"), sheet=file_name))
    return filled


def _workbook(content: bytes, file_name: str) -> Iterator[Table]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise Refused(Problem(_("unpacks to more than a plant's data"), sheet=file_name))
            formulas = {part for part in parts.namelist() if _has_formulas(parts, part)}
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        written = load_workbook(io.BytesIO(content), read_only=True) if formulas else None
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()
            rows: Iterable[Sequence[Any]] = sheet.iter_rows(values_only=True)
            path = sheet._worksheet_path  # type: ignore[attr-defined]
            if written is not None and path in formulas:
                written[sheet.title].reset_dimensions()
                rows = map(_without_result, rows, written[sheet.title].iter_rows(values_only=True))
            yield table_of(sheet.title, rows)
    except _UNREADABLE as error:
        raise Refused(Problem(_("is not a workbook that can be read (.xlsx)"), sheet=file_name)) from error


def _has_formulas(parts: zipfile.ZipFile, part: str) -> bool:
    return part.startswith("xl/worksheets/") and re.search(rb"<f[ >/]", parts.read(part)) is not None


def _without_result(values: Sequence[Any], formulas: Sequence[Any]) -> list[Any]:
    reason = _("is a formula without a stored result; open and save the file in Excel, or type the value")
    return [
        Fault(formula, reason)
        if value is None and isinstance(formula, str) and formula.startswith("=")
        else value
        for value, formula in zip(values, formulas, strict=False)
    ]


def _text(content: bytes, file_name: str) -> Table:
    if b"\x00" in content[:4096]:
        raise Refused(Problem(_("is neither a CSV file nor a workbook (.xlsx)"), sheet=file_name))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    sample = "\n".join(text.splitlines()[:10])
    delimiter = max(",;\t|", key=sample.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    # Exports put an apostrophe before what a spreadsheet would calculate.
    return table_of(Path(file_name).stem, ([cell.removeprefix("'") for cell in row] for row in rows))


def table_of(name: str, rows: Iterable[Sequence[Any]]) -> Table:
    """The table of a sheet: the first row with at least two words (or the only row) is its header."""
    lines = [(place, [_plain(value) for value in row]) for place, row in enumerate(rows, 1)]
    lines = [(place, row) for place, row in lines if any(value != "" for value in row)]
    headers = [number for number, row in lines[:HEADER_SEARCH] if _looks_like_header(row)]
    return Table(name, lines, next(iter(headers or [number for number, _row in lines]), 0))


def _looks_like_header(row: Sequence[Any]) -> bool:
    filled = [value for value in row if value != ""]
    return len(filled) > 1 and all(isinstance(value, str) and not is_number(value) for value in filled)


def is_number(text: str) -> bool:
    """True if a spreadsheet takes the text for a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _plain(value: Any) -> Any:
    """Cell values as the one schema reads them: 15 digits as Excel shows them, dates and times in ISO."""
    if value is None:
        return ""
    if isinstance(value, float):
        return int(value) if value.is_integer() else float(f"{value:.15g}")
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(value.total_seconds(), 60)
        return f"{int(minutes // 60)}:{int(minutes % 60):02}:{seconds:09.6f}"
    if isinstance(value, str) and value.strip() in ERRORS:
        return Fault(value, _("is an error of the spreadsheet; correct its formula or type the value"))
    return value
