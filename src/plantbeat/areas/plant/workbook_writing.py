"""How the plant workbook looks: instructions, explained titles, drop-downs, colours of what is assumed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.surfaces.export.workbook import Sheet, add_page, new_book, saved, typed
from plantbeat.surfaces.import_.columns import Column

LIST_ROWS = 2_000
NEEDED, OPTIONAL, ASSUMED = "D6E4F0", "EEF1F4", "FFE7A8"
"""Colours of a title that is needed, of one that is not, and of a value that was assumed."""

_WIDTHS = {"boolean": 10, "integer": 12, "date": 12, "time": 10, "datetime": 19, "long_text": 40}


def workbook(sheets: Sequence[Sheet], instructions: Iterable[Sequence[str]]) -> bytes:
    """Write sheets, the instructions first."""
    book = new_book()
    add_page(book, _("Instructions"), instructions, widths=(32, 110))
    for sheet in sheets:
        _add(book, sheet, sheets)
    return saved(book)


def _add(book: Any, sheet: Sheet, sheets: Sequence[Sheet]) -> None:
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(sheet.layout.title)
    page.freeze_panes = "A2"
    for place, column in enumerate(sheet.columns, 1):
        dimension = page.column_dimensions[get_column_letter(place)]
        dimension.width = max(_WIDTHS.get(column.spec.kind, 18), len(column.title) + 2)
        if column.spec.kind in ("text", "link", "number"):
            dimension.number_format = "@"
    page.append([_head(page, column) for column in sheet.columns])
    last = LIST_ROWS
    for at, (row, assumed) in enumerate(sheet.rows, 2):
        cells = zip(row, sheet.columns, strict=True)
        page.append(
            [typed(page, value, fill=ASSUMED if column.name in assumed else "") for value, column in cells]
        )
        last = max(last, at + 500)
    for place, column in enumerate(sheet.columns, 1):
        if source := _list_of(column, sheets, last):
            letter = get_column_letter(place)
            page.data_validations.append(_choice(source, f"{letter}2:{letter}{last}", column))


def _list_of(column: Column, sheets: Sequence[Sheet], last: int) -> str:
    """What a drop-down offers: the choices, or the key column of the sheet a link points at."""
    from openpyxl.utils import get_column_letter, quote_sheetname

    if column.spec.kind in ("choice", "boolean"):
        words = ",".join(value for value, _label in column.spec.choices()) or "yes,no"
        return f'"{words}"' if len(words) <= 255 else ""
    target = column.spec.model_field.related_model if column.spec.kind == "link" else None
    for sheet in sheets if target is not None and len(target.own_key()) == 1 else ():
        if sheet.layout.model is target and not sheet.layout.line:
            place = [one.name for one in sheet.columns].index(target.own_key()[0]) + 1
            letter = get_column_letter(place)
            return f"{quote_sheetname(sheet.layout.title)}!${letter}$2:${letter}${last}"
    return ""


def _choice(source: str, cells: str, column: Column) -> Any:
    from openpyxl.worksheet.datavalidation import DataValidation

    made = DataValidation(type="list", formula1=source, allow_blank=True, sqref=cells)
    made.errorStyle = "stop" if column.spec.kind in ("choice", "boolean") else "warning"
    made.errorTitle, made.error = column.title[:32], column.spec.allowed()[:225]
    return made


def _head(page: Any, column: Column) -> Any:
    from openpyxl.comments import Comment

    made = typed(page, column.title, bold=True, fill=NEEDED if column.spec.required else OPTIONAL)
    made.comment = Comment(explained(column), "Plantbeat", height=110, width=320)
    return made


def explained(column: Column) -> str:
    """What a column takes, whether it is needed, and what an empty cell means."""
    spec = column.spec
    words = [spec.allowed(), str(spec.help)]
    default = spec.model_field.get_default() if spec.model_field.has_default() else None
    if spec.required:
        words.append(_("needed"))
    elif default not in ("", None) and spec.kind != "boolean":
        words.append(_("empty means %(default)s") % {"default": default})
    return "; ".join(word for word in words if word)
