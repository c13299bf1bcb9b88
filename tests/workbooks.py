"""Workbooks made and opened on the spot."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Sheets = Mapping[str, Sequence[Sequence[Any]]]


def xlsx(sheets: Sheets) -> io.BytesIO:
    """A workbook with these rows on these sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    stream.name = "plant.xlsx"
    return stream


def opened(source: bytes | Path | str | io.BytesIO) -> Any:
    """A workbook as it was written."""
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(source) if isinstance(source, bytes) else source)


def cells(content: bytes) -> dict[str, list[tuple]]:
    """Every cell of a workbook, by sheet."""
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in opened(content).worksheets}
