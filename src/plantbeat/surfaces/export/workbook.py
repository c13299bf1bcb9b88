"""Lists as CSV or workbook as they are shown, and sheets as an import takes them back.

What a spreadsheet keeps exactly is a number, a date or a time; what it would change (more than 15 digits, an
hour that comes twice when clocks go back, a code with leading zeros) is text that reads back the same.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, hidden_fields, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.questions import lines_of
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import FieldSpec, keyed_fields
from plantbeat.surfaces.filter.query import ListQuery, joins, list_query
from plantbeat.surfaces.import_.columns import (
    BAD,
    MOST_TITLE,
    REASON,
    Column,
    Layout,
    Plan,
    assumed_fields,
    layouts,
    line_label,
    plain_value,
)
from plantbeat.surfaces.import_.reading import Fault, is_number
from plantbeat.surfaces.pages.view import actor_of, record_page, site_of

EXCEL_DIGITS = 15
FIRST_DAY = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was; days before are written as text."""

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
        owner, label = row, ""
        if isinstance(row, Line):
            owner, label = getattr(row, type(row).parent_field().name), line_label(sheet.layout.line, row)
        known = assumed.get(owner.pk, {}).items()
        marks = {n for (line, n), value in known if line == label and plain_value(row, n) == value}
        sources = [(column.spec, owner if column.owner else row) for column in sheet.columns]
        yield [cell(spec, source, zone) for spec, source in sources], marks


def rows_of(layout: Layout, by: Actor, site: Site) -> Iterator[Record | Line]:
    """The records of a site, or their lines, in the order of their keys, links loaded."""
    model = layout.model
    if not layout.line:
        loaded, order = joins(model, keyed_fields(model)), _key_paths(model)
        rows: Any = visible(model, by).filter(**{str(model.scope): site})
    else:
        line_type = layout.line_type
        parent = line_type.parent_field().name
        loaded = [parent, *(f"{parent}__{one}" for one in joins(model, model.own_key()))]
        loaded += joins(line_type, keyed_fields(line_type))
        order = [*(f"{parent}__{path}" for path in _key_paths(model)), *_key_paths(line_type)]
        rows = lines_of(line_type, by).filter(**{f"{parent}__{model.scope}": site})
    return iter(rows.select_related(*loaded).order_by(*order).iterator(2000))


def _key_paths(model: type[Record] | type[Line]) -> list[str]:
    """Field paths that order rows as their keys read."""
    paths: list[str] = []
    for name in model.line_key() if issubclass(model, Line) else model.own_key():
        target: Any = model._meta.get_field(name).related_model
        paths += [f"{name}__{path}" for path in _key_paths(target)] if target else [name]
    return paths


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


def new_book() -> Any:
    """A workbook that is written row by row."""
    from openpyxl import Workbook

    return Workbook(write_only=True)


def add_page(book: Any, title: str, rows: Iterable[Sequence[Any]], widths: Sequence[int] = ()) -> None:
    """Add a sheet of plain rows, the first of them bold and always in sight."""
    page = book.create_sheet(_FORBIDDEN.sub(" ", title)[:MOST_TITLE])
    page.freeze_panes = "A2"
    for letter, width in zip("AB", widths, strict=False):
        page.column_dimensions[letter].width = width
    for place, row in enumerate(rows):
        page.append([typed(page, value, bold=place == 0) for value in row])


def saved(book: Any) -> bytes:
    """The file of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def typed(page: Any, value: Any, *, fill: str = "", bold: bool = False) -> Any:
    """A cell value; text stays text whatever it looks like."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font, PatternFill

    looks_else = False
    if isinstance(value, str | Fault):
        value = ILLEGAL_CHARACTERS_RE.sub("", str(value))
        looks_else = value.startswith(("=", "#")) or value[:1].isdigit()
    if not (looks_else or fill or bold):
        return value
    made = WriteOnlyCell(page, value=value)
    if looks_else:
        made.data_type, made.number_format, made.quotePrefix = "s", "@", value.startswith("=")
    if fill:
        made.fill = PatternFill("solid", fgColor=fill)
    if bold:
        made.font = Font(bold=True)
    return made


def refused_rows(plan: Plan) -> bytes:
    """The refused rows of a plan, sheet by sheet as they came, with the reason, ready for correction."""
    book = new_book()
    for part in plan.parts:
        if rows := [row for row in part.rows if row.fate == BAD]:
            whys = ["; ".join(str(problem) for problem in row.problems or part.faults) for row in rows]
            cells = [[*row.cells, why] for row, why in zip(rows, whys, strict=True)]
            add_page(book, part.table.name, [[*part.table.header, str(REASON)], *cells])
    return saved(book)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 100_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")


@require_GET
@record_page
def export(request: HttpRequest, model: type[Record], kind: str) -> HttpResponse | StreamingHttpResponse:
    """Download the list as `csv` or `xlsx`; with `shape=import` in the form an import takes back."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    by, site = actor_of(request), site_of(request)
    query = list_query(model, by, request.GET, site)
    if (count := query.rows.count()) > MOST_ROWS:
        allowed = _("at most %(n)s rows; narrow the filters") % {"n": MOST_ROWS}
        raise Refused(Problem(_("too many rows for one file"), "rows", count, allowed))
    columns = query.columns
    if request.GET.get("shape") == "import":
        columns = [column.spec for column in empty_sheet(layouts(model)[0], by).columns]
    asked_at = timezone.localtime(clock.now())
    name = f"{slugify(str(model._meta.verbose_name_plural))}-{asked_at:%Y%m%d-%H%M}.{kind}"
    if kind == "xlsx":
        return workbook_answer(_xlsx(query, columns, site), name)
    given = {"Content-Disposition": f'attachment; filename="{name}"'}
    rows = _csv(query, columns)
    return StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8", headers=given)


def workbook_answer(content: bytes, name: str) -> HttpResponse:
    """A workbook to download."""
    given = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=XLSX, headers=given)


def header(spec: FieldSpec) -> str:
    """Column title with its unit, as an import recognises it."""
    return f"{spec.label} ({spec.unit})" if spec.unit else str(spec.label)


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is kept as text; an import takes the sign off."""
    runs = isinstance(value, str) and value.startswith(FORMULA_STARTS) and not is_number(value)
    return f"'{value}" if runs else value


def _csv(query: ListQuery, columns: list[FieldSpec]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([header(spec) for spec in columns])
    for record in query.rows.iterator(2000):
        writer.writerow([harmless(spec.plain(record)) for spec in columns])
        if buffer.tell() > 65536:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _xlsx(query: ListQuery, columns: list[FieldSpec], site: Site | None) -> bytes:
    book, zone = new_book(), ZoneInfo(site.zone if site else "UTC")
    rows = ([cell(spec, record, zone) for spec in columns] for record in query.rows.iterator(2000))
    plural = str(query.model._meta.verbose_name_plural)
    add_page(book, plural, chain([[header(spec) for spec in columns]], rows))
    add_page(book, _("About"), _about(query, site))
    return saved(book)


def _about(query: ListQuery, site: Site | None) -> Iterator[list[str]]:
    yield [_("List"), str(query.model._meta.verbose_name_plural)]
    yield [_("Site"), site.name if site else _("all")]
    yield [_("Asked at"), timezone.localtime(clock.now()).isoformat(timespec="seconds")]
    yield [_("Time zone"), site.zone if site else "UTC"]
    for chip in query.chips:
        yield [chip.label, chip.value]
    if text := " ".join(query.params.get("q", [])):
        yield [_("Search"), text]
