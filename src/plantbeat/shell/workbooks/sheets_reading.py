"""Sheets out of an .xlsx file: rows with the numbers people see, found by their column titles."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from plantbeat.shell.workbooks.cells import SheetRow, shown
from plantbeat.shell.workbooks.orders_layout import Sheet

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 200_000
EMPTY_ROWS_AT_THE_END = 1_000


class WorkbookRefusedError(ValueError):
    """The workbook as a whole cannot be used; the message says why and what is needed."""


def read_sheets(file: str | Path | IO[bytes], layout: Iterable[Sheet]) -> dict[str, list[SheetRow]]:
    """Rows of every sheet of a layout that the file has, by sheet name.

    Raises WorkbookRefusedError naming the file, sheet or column when the file is not a workbook, or a needed
    sheet, a needed column or every row of a needed sheet is missing.
    """
    name = (
        Path(getattr(file, "name", "") or "workbook").name if hasattr(file, "read") else Path(str(file)).name
    )
    book = _opened(file, name)
    try:
        by_name = {sheet.title.strip().casefold(): sheet for sheet in book.worksheets}
        missing = [sheet.name for sheet in layout if sheet.needed and sheet.name.casefold() not in by_name]
        if missing:
            there = ", ".join(book.sheetnames)
            raise WorkbookRefusedError(f"{name}: sheet {missing[0]} is missing; the sheets there are {there}")
        return {
            sheet.name: _rows(by_name[sheet.name.casefold()], sheet, name)
            for sheet in layout
            if sheet.name.casefold() in by_name
        }
    except (KeyError, ValueError, TypeError, SyntaxError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        if isinstance(error, WorkbookRefusedError):
            raise
        raise WorkbookRefusedError(f"{name}: the workbook is damaged and cannot be read") from error
    finally:
        book.close()


def _opened(file: str | Path | IO[bytes], name: str) -> Any:
    import warnings

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    if isinstance(file, str | Path):
        _check_file(Path(file), name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise WorkbookRefusedError(
            f"{name}: this is not a workbook that can be read; allowed: .xlsx"
        ) from error


def _check_file(path: Path, name: str) -> None:
    if path.is_dir():
        raise WorkbookRefusedError(f"{name}: this is a folder; allowed: an .xlsx file")
    if not path.exists():
        raise WorkbookRefusedError(f"{path}: there is no such file")
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise WorkbookRefusedError(f"{name}: the file cannot be opened ({error.strerror})") from error
    if size > MOST_BYTES:
        raise WorkbookRefusedError(f"{name}: the file is larger than {MOST_BYTES >> 20} MB")


def _plain_title(value: Any) -> str:
    return re.sub(r"\s*[(\[].*", "", shown(value)).casefold()


def _filled(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    empty = 0
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if all(value is None or value == "" for value in row):
            empty += 1
            if empty > EMPTY_ROWS_AT_THE_END:
                return
            continue
        empty = 0
        yield number, row


def _rows(sheet: Any, layout: Sheet, name: str) -> list[SheetRow]:
    filled = _filled(sheet)
    _number, header = next(filled, (0, ()))
    places = {_plain_title(value): place for place, value in reversed(list(enumerate(header)))}
    for column in layout.columns:
        if column.title.casefold() not in places and column.needed:
            there = ", ".join(shown(value) for value in header if shown(value)) or "none"
            text = f"{name}: sheet {layout.name}: column {column.title} is missing"
            raise WorkbookRefusedError(f"{text}; the columns there are {there}")
    wanted = {
        column.title: places[column.title.casefold()]
        for column in layout.columns
        if column.title.casefold() in places
    }
    rows = []
    for number, row in filled:
        cells = {title: row[place] if place < len(row) else None for title, place in wanted.items()}
        if any(shown(value) for value in cells.values()):
            rows.append(SheetRow(number, cells))
        if len(rows) > MOST_ROWS:
            raise WorkbookRefusedError(f"{name}: sheet {layout.name} has more than {MOST_ROWS} rows")
    if layout.needed and not rows:
        raise WorkbookRefusedError(f"{name}: sheet {layout.name} has no rows below its titles")
    return rows
