"""Sheets as an import takes them back: explained titles, drop-downs, and cells that lose nothing.

What a spreadsheet keeps exactly is a number, a date or a time; what it would change (more than 15 digits, an
hour that comes twice when clocks go back, a code with leading zeros) is text that reads back the same.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor, hidden_fields, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.questions import lines_of
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import FieldSpec, keyed_fields
from plantbeat.surfaces.filter.query import joins
from plantbeat.surfaces.import_.assuming import assumed_fields, line_label, plain_value
from plantbeat.surfaces.import_.columns import MOST_TITLE, REASON, Column, Layout, own_key
from plantbeat.surfaces.import_.plans import BAD, Plan

LIST_ROWS = 2_000
EXCEL_DIGITS = 15
FIRST_DAY = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was; days before are written as text."""

_WIDTHS = {"boolean": 10, "integer": 12, "date": 12, "time": 10, "datetime": 19, "long_text": 40}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


@dataclass(slots=True)
class Sheet:
    """One sheet to write: its columns, and its rows with the names of the columns that are only assumed."""

    layout: Layout
    columns: list[Column]
    rows: Iterable[tuple[Sequence[Any], Collection[str]]] = ()


def empty_sheet(layout: Layout, by: Actor, site_id: int | None = None) -> Sheet:
    """The sheet of a layout, without the fields the actor may not read."""
    hidden = frozenset() if layout.line else hidden_fields(layout.model, by, site_id)
    return Sheet(layout, [column for column in layout.columns.values() if column.name not in hidden])


def filled_sheet(layout: Layout, by: Actor, site: Site) -> Sheet:
    """The sheet of a layout with the rows of a site."""
    sheet = empty_sheet(layout, by, site.pk)
    sheet.rows = _filled(sheet, rows_of(layout, by, site), by, site)
    return sheet


def _filled(
    sheet: Sheet, rows: Iterable[Record | Line], by: Actor, site: Site
) -> Iterator[tuple[list[Any], Collection[str]]]:
    zone, assumed = ZoneInfo(site.zone), assumed_fields(sheet.layout.model, site, by)
    for row in rows:
        marks: Collection[str] = ()
        if assumed:
            owner = getattr(row, type(row).parent_field().attname) if isinstance(row, Line) else row.pk
            label = line_label(sheet.layout.line, row) if isinstance(row, Line) else ""
            known = assumed.get(owner, {}).items()
            marks = {n for (line, n), value in known if line == label and plain_value(row, n) == value}
        yield [_cell_of(row, column, zone) for column in sheet.columns], marks


def rows_of(layout: Layout, by: Actor, site: Site) -> Iterator[Record | Line]:
    """The records of a site, or their lines, in the order of their keys, links loaded."""
    model = layout.model
    names = [name for name, spec in keyed_fields(model).items() if spec.kind == "link"]
    if not layout.line:
        rows: Any = visible(model, by).filter(**{str(model.scope): site}).select_related(*joins(model, names))
        return iter(rows.order_by(*_key_paths(model)).iterator(2000))
    line_type = layout.line_type
    parent = line_type.parent_field().name
    loaded = [parent, *(f"{parent}__{one}" for one in joins(model, own_key(model)))]
    loaded += [name for name, spec in keyed_fields(line_type).items() if spec.kind == "link"]
    order = [*(f"{parent}__{path}" for path in _key_paths(model)), *_key_paths(line_type)]
    lines = lines_of(line_type, by).filter(**{f"{parent}__{model.scope}": site})
    return iter(lines.select_related(*loaded).order_by(*order).iterator(2000))


def _key_paths(model: type[Record] | type[Line]) -> list[str]:
    """Field paths that order rows as their keys read."""
    paths: list[str] = []
    for name in model.line_key() if issubclass(model, Line) else own_key(model):
        target: Any = model._meta.get_field(name).related_model
        paths += [f"{name}__{path}" for path in _key_paths(target)] if target else [name]
    return paths


def _cell_of(row: Record | Line, column: Column, zone: Any) -> Any:
    source = getattr(row, type(row).parent_field().name) if column.owner else row  # type: ignore[union-attr]
    return cell(column.spec, source, zone)


def cell(spec: FieldSpec, record: Record | Line, zone: Any) -> Any:
    """Value of a field as a cell that an import reads back exactly; times in the zone."""
    value = getattr(record, spec.name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return _moment(value, zone)
    if isinstance(value, time) and not value.microsecond:
        return value
    if isinstance(value, date) and value >= FIRST_DAY:
        return value
    plain = spec.plain(record)
    if spec.numeric and isinstance(plain, str):
        return number(plain)
    return None if plain == "" else plain


def _moment(value: datetime, zone: Any) -> datetime | str:
    local = value.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    exact = not local.microsecond and not twice and local.date() >= FIRST_DAY
    return local.replace(tzinfo=None, fold=0) if exact else local.isoformat()


def number(text: str) -> int | float | str:
    """A decimal as a number if a spreadsheet keeps it exactly, else as text."""
    try:
        exact = Decimal(text)
    except ArithmeticError:
        return text
    if len(exact.normalize().as_tuple().digits) > EXCEL_DIGITS or abs(exact) >= 10**EXCEL_DIGITS:
        return text
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def workbook(sheets: Sequence[Sheet], instructions: Iterable[Sequence[str]] = ()) -> bytes:
    """Write sheets, the instructions first."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    if told := list(instructions):
        page = book.create_sheet(_("Instructions"))
        page.column_dimensions["A"].width, page.column_dimensions["B"].width = 32, 110
        for place, row in enumerate(told):
            page.append([typed(page, value, bold=place == 0) for value in row])
    for sheet in sheets:
        _write(book, sheet, sheets)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(book: Any, sheet: Sheet, sheets: Sequence[Sheet]) -> None:
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(sheet.layout.title)
    page.freeze_panes = "A2"
    for place, column in enumerate(sheet.columns, 1):
        dimension = page.column_dimensions[get_column_letter(place)]
        dimension.width = max(_WIDTHS.get(column.spec.kind, 18), len(column.title) + 2)
        if column.spec.kind in ("text", "link", "number"):
            dimension.number_format = "@"
    page.append([_head(page, sheet.layout, column) for column in sheet.columns])
    last = LIST_ROWS
    for at, (row, assumed) in enumerate(sheet.rows, 2):
        cells = zip(row, sheet.columns, strict=True)
        page.append([typed(page, value, marked=column.name in assumed) for value, column in cells])
        last = max(last, at + 500)
    for place, column in enumerate(sheet.columns, 1):
        if source := _list_of(column, sheets, last):
            letter = get_column_letter(place)
            page.data_validations.append(_choice(source, f"{letter}2:{letter}{last}", column))


def _list_of(column: Column, sheets: Sequence[Sheet], last: int) -> str:
    """What a drop-down offers: the choices, or the key column of the sheet a link points at."""
    from openpyxl.utils import get_column_letter, quote_sheetname

    if column.spec.kind in ("choice", "boolean"):
        words = (
            "yes,no"
            if column.spec.kind == "boolean"
            else ",".join(v for v, _l in column.spec.model_field.flatchoices)
        )
        return f'"{words}"' if len(words) <= 255 else ""
    target = column.spec.model_field.related_model if column.spec.kind == "link" else None
    for sheet in sheets if target is not None and len(own_key(target)) == 1 else ():
        if sheet.layout.model is target and not sheet.layout.line:
            place = [one.name for one in sheet.columns].index(own_key(target)[0]) + 1
            letter = get_column_letter(place)
            return f"{quote_sheetname(sheet.layout.title)}!${letter}$2:${letter}${last}"
    return ""


def _choice(source: str, cells: str, column: Column) -> Any:
    from openpyxl.worksheet.datavalidation import DataValidation

    strict = column.spec.kind in ("choice", "boolean")
    made = DataValidation(
        type="list",
        formula1=source,
        allow_blank=True,
        errorStyle="stop" if strict else "warning",
        errorTitle=column.title[:32],
        error=column.allowed()[:225],
    )
    made.add(cells)
    return made


def _head(page: Any, layout: Layout, column: Column) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill

    made = WriteOnlyCell(page, value=column.title)
    made.font = Font(bold=True)
    needed = column.spec.required and column.spec.kind != "number"
    made.fill = PatternFill("solid", fgColor="D6E4F0" if needed else "EEF1F4")
    made.comment = Comment(explained(column), "Plantbeat", height=110, width=320)
    return made


def explained(column: Column) -> str:
    """What a column takes, whether it is needed, and what an empty cell means."""
    model_field = column.spec.model_field
    words = [column.allowed(), str(column.spec.help)]
    if column.spec.required and column.spec.kind != "number":
        words.append(_("needed"))
    elif (
        model_field.has_default()
        and column.spec.kind != "boolean"
        and model_field.get_default() not in ("", None)
    ):
        words.append(_("empty means %(default)s") % {"default": model_field.get_default()})
    return "; ".join(word for word in words if word)


def typed(page: Any, value: Any, *, marked: bool = False, bold: bool = False) -> Any:
    """A cell value; text stays text whatever it looks like."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font, PatternFill

    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
        looks_else = value.startswith(("=", "#")) or value[:1].isdigit()
    else:
        looks_else = False
    if not (looks_else or marked or bold):
        return value
    made = WriteOnlyCell(page, value=value)
    if looks_else:
        made.data_type, made.number_format, made.quotePrefix = "s", "@", value.startswith("=")
    if marked:
        made.fill = PatternFill("solid", fgColor="FFE7A8")
    if bold:
        made.font = Font(bold=True)
    return made


def refused_rows(plan: Plan) -> bytes:
    """The refused rows of a plan, sheet by sheet as they came, with the reason, ready for correction."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for part in plan.parts:
        rows = [row for row in part.rows if row.fate == BAD]
        if not rows:
            continue
        page = book.create_sheet(_FORBIDDEN.sub(" ", part.table.name)[:MOST_TITLE])
        page.freeze_panes = "A2"
        page.append([typed(page, title, bold=True) for title in (*part.table.header, str(REASON))])
        for row in rows:
            why = "; ".join(str(problem) for problem in row.problems or part.faults)
            page.append([typed(page, _raw(value)) for value in (*row.cells, why)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _raw(value: Any) -> Any:
    """A cell of the file as it was; an error or formula without result as its text."""
    return value if isinstance(value, str | int | float | bool) else str(value)
