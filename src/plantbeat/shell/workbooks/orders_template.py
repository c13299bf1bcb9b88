"""An orders workbook to fill in: titles with units, instructions, drop-downs; or a small plant as an
example.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from plantbeat.shell.workbooks.orders_layout import (
    CALENDARS,
    LAYOUT,
    MACHINES,
    ORDERS,
    ROUTINGS,
    SETUPS,
    SITE,
    Sheet,
)

ROWS = 2_000
GUIDE = "Guide"
_LISTS = {
    (ORDERS, "Item"): f"={ROUTINGS}!$A$2:$A${ROWS}",
    (ROUTINGS, "Work centre"): f"={MACHINES}!$B$2:$B${ROWS}",
    (ROUTINGS, "Interruptible"): '"yes,no"',
    (MACHINES, "Calendar"): f"={CALENDARS}!$A$2:$A${ROWS}",
    (SETUPS, "Work centre"): f"={MACHINES}!$B$2:$B${ROWS}",
    (SITE, "Setting"): '"Time zone,Plan start"',
}
_NUMBERS: dict[tuple[str, str], tuple[Literal["greaterThan", "greaterThanOrEqual"], int]] = {
    (ORDERS, "Quantity"): ("greaterThan", 0),
    (ROUTINGS, "Fixed time"): ("greaterThanOrEqual", 0),
    (ROUTINGS, "Time per piece"): ("greaterThanOrEqual", 0),
    (SETUPS, "Minutes"): ("greaterThanOrEqual", 0),
}
_DATES = {(ORDERS, "Release"), (ORDERS, "Due")}


def write_template(path: Path, rows: Mapping[str, list[list[Any]]] | None = None) -> None:
    """Write an empty orders workbook, or one with the given rows by sheet (values in the order of the
    columns).
    """
    from openpyxl import Workbook

    book = Workbook()
    guide = book.active
    if guide is None:
        raise RuntimeError("a new workbook has no sheet")
    guide.title = GUIDE
    _fill_guide(guide)
    for layout in LAYOUT:
        _add_sheet(book, layout, (rows or {}).get(layout.name, []))
    book.active = 1
    book.save(path)


def _fill_guide(guide: Any) -> None:
    from openpyxl.styles import Font

    guide.append(
        ["Fill in one row per line; do not rename the sheets or the titles. Further columns are ignored."]
    )
    guide.append(["Dates and times are those of the site's time zone (sheet Site)."])
    guide.append([])
    guide.append(["Sheet", "Column", "Needed", "Meaning", "Allowed"])
    for sheet in LAYOUT:
        for column in sheet.columns:
            needed = (
                "yes" if column.needed and sheet.needed else "if the sheet is used" if column.needed else "no"
            )
            guide.append([sheet.name, column.header, needed, column.meaning, column.allowed])
    for cell in guide[4]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDE", (12, 22, 20, 60, 60), strict=True):
        guide.column_dimensions[letter].width = width


def _add_sheet(book: Any, layout: Sheet, rows: list[list[Any]]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(layout.name)
    sheet.append([column.header for column in layout.columns])
    for row in rows:
        sheet.append(row)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(layout.columns, 1):
        letter, title = get_column_letter(place), sheet.cell(1, place)
        title.font = Font(bold=True, color=None if column.needed else "FF666666")
        title.comment = Comment(f"{column.meaning}. Allowed: {column.allowed}.", "Plantbeat")
        sheet.column_dimensions[letter].width = max(14, len(column.header) + 4)
        if rule := _validation(layout.name, column.title):
            rule.error = f"{column.title}: allowed is {column.allowed}"
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{ROWS}")
        if (layout.name, column.title) in _DATES:
            for line in range(2, max(len(rows), 200) + 2):
                sheet.cell(line, place).number_format = "yyyy-mm-dd hh:mm"


def _validation(sheet: str, title: str) -> Any:
    from openpyxl.worksheet.datavalidation import DataValidation

    if formula := _LISTS.get((sheet, title)):
        # A name that is not in the list yet may be added there later: a hint, not a stop.
        return DataValidation(type="list", formula1=formula, allow_blank=True, errorStyle="warning")
    if (sheet, title) in _NUMBERS:
        operator, limit = _NUMBERS[sheet, title]
        return DataValidation(type="decimal", operator=operator, formula1=str(limit), allow_blank=True)
    if (sheet, title) in _DATES:
        return DataValidation(type="date", operator="greaterThan", formula1="32874", allow_blank=True)
    return None


def example_rows() -> dict[str, list[list[Any]]]:
    """A small plant: sawing, milling with set-ups by colour, packing; a holiday, nine orders."""
    start = datetime(2026, 3, 2, 6)  # noqa: DTZ001 - civil time of the site
    colours = ("white", "grey", "black")
    items = {f"panel {colour}": colour for colour in colours}
    routings: list[list[Any]] = []
    for item, colour in items.items():
        routings += [
            [item, 10, "Sawing", 15, 1.2, None, None, None, "yes"],
            [item, 20, "Milling", 10, 2.5, colour, None, None, "yes"],
            [item, 30, "Packing", 0, 0.5, None, None, None, "no"],
        ]
    orders = [
        [
            f"{1001 + i}",
            list(items)[i % 3],
            40 + 20 * (i % 4),
            None,
            start + timedelta(hours=6 + 3 * i),
            1 + i % 3,
        ]
        for i in range(9)
    ]
    minutes = {
        ("white", "grey"): 20,
        ("white", "black"): 30,
        ("grey", "black"): 15,
        ("black", "*"): 60,
        ("*", "*"): 25,
    }
    return {
        ORDERS: orders,
        ROUTINGS: routings,
        MACHINES: [
            ["Saw 1", "Sawing", "two shifts", 1, None],
            ["Mill 1", "Milling", "two shifts", 1, "white"],
            ["Mill 2", "Milling", "two shifts", 0.8, None],
            ["Pack 1", "Packing", "day", 1, None],
        ],
        CALENDARS: [
            ["two shifts", "Mon-Fri", "06:00", "14:00"],
            ["two shifts", "Mon-Fri", "14:00", "22:00"],
            ["day", "Mon-Fri", "07:00", "12:00"],
            ["day", "Mon-Fri", "12:30", "16:00"],
            ["two shifts", "2026-03-06", None, None],
            ["day", "2026-03-06", None, None],
        ],
        SETUPS: [["Milling", before, after, value] for (before, after), value in minutes.items()],
        SITE: [["Time zone", "Europe/Berlin"], ["Plan start", start]],
    }
