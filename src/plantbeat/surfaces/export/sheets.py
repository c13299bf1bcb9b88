"""A list as CSV or workbook: exactly the rows and columns shown, with filters and time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.kernel import clock
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import FieldSpec, keyed_fields
from plantbeat.surfaces.export.workbook import number, typed
from plantbeat.surfaces.filter.query import ListQuery, list_query
from plantbeat.surfaces.pages.view import actor_of, record_page, site_of

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
    columns = _import_columns(model, query) if request.GET.get("shape") == "import" else query.columns
    asked_at = timezone.localtime(clock.now())
    name = f"{slugify(str(model._meta.verbose_name_plural))}-{asked_at:%Y%m%d-%H%M}.{kind}"
    response: HttpResponse | StreamingHttpResponse
    if kind == "csv":
        response = StreamingHttpResponse(_csv(query, columns), content_type="text/csv; charset=utf-8")
    else:
        response = HttpResponse(_xlsx(query, columns, site), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _import_columns(model: type[Record], query: ListQuery) -> list[FieldSpec]:
    hidden = set(model.access.private) - {spec.name for spec in query.columns}
    return [spec for name, spec in keyed_fields(model).items() if name not in hidden and name != "site"]


def header(spec: FieldSpec) -> str:
    """Column title with its unit, as an import recognises it."""
    return f"{spec.label} ({spec.unit})" if spec.unit else str(spec.label)


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is kept as text; an import takes the sign off."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(FORMULA_STARTS) and not _number(value)
        else value
    )


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _csv(query: ListQuery, columns: list[FieldSpec]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([header(spec) for spec in columns])
    for record in query.rows.iterator(2000):
        writer.writerow([harmless(spec.plain(record)) for spec in columns])
        if buffer.tell() > 65536:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _xlsx(query: ListQuery, columns: list[FieldSpec], site: Site | None) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(query.model._meta.verbose_name_plural)[:31])
    sheet.freeze_panes = "A2"
    sheet.append(_bold(sheet, [header(spec) for spec in columns], Font(bold=True)))
    for record in query.rows.iterator(2000):
        sheet.append([typed(sheet, _value(spec, record)) for spec in columns])
    about = book.create_sheet(_("About"))
    for row in _about(query, site):
        about.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _bold(sheet: Any, titles: list[str], font: Any) -> list[Any]:
    from openpyxl.cell import WriteOnlyCell

    cells = []
    for title in titles:
        made = WriteOnlyCell(sheet, value=title)
        made.font = font
        cells.append(made)
    return cells


def _value(spec: FieldSpec, record: Record) -> Any:
    value = spec.plain(record)
    return number(value) if spec.numeric and isinstance(value, str) else value


def _about(query: ListQuery, site: Site | None) -> Iterator[list[str]]:
    yield [_("List"), str(query.model._meta.verbose_name_plural)]
    yield [_("Site"), site.name if site else _("all")]
    yield [_("Asked at"), timezone.localtime(clock.now()).isoformat(timespec="seconds")]
    yield [_("Time zone"), site.zone if site else "UTC"]
    for chip in query.chips:
        yield [chip.label, chip.value]
    if text := " ".join(query.params.get("q", [])):
        yield [_("Search"), text]
