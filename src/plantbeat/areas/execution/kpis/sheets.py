"""A measure's page as a file: exactly what is shown, times in minutes, with what was asked and when."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.kpis.answering import Judged, KpiAnswer, answer
from plantbeat.areas.execution.kpis.asking import KpiQuestion, read_question, scope_text
from plantbeat.areas.execution.kpis.evidence import Evidence, evidence
from plantbeat.areas.execution.kpis.naming import CUT_WORDS, PartNames
from plantbeat.areas.execution.kpis.wording import plain, status_word, unit_of
from plantbeat.facts.views.measure_parts import Counted, Element
from plantbeat.kernel import clock
from plantbeat.surfaces.export.workbook import XLSX, harmless, typed
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

Row = list[Any]


@require_GET
@signed_in
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The value and its parts as `csv`; as `xlsx` with the course, and the facts and records if shown."""
    by, site = actor_of(request), site_of(request)
    if kind not in ("csv", "xlsx") or site is None:
        raise Http404
    asked = read_question(request.GET, site, by)
    found = answer(asked, course=kind == "xlsx")
    under = evidence(asked) if asked.facts else None
    at = timezone.localtime(clock.now())
    if kind == "csv":
        rows = _facts(under) if under is not None else _values(found)
        response = HttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    else:
        response = HttpResponse(_xlsx(found, under), content_type=XLSX)
    name = f"{asked.measure.code}-{scope_text(asked.scope).replace(':', '-')}-{at:%Y%m%d-%H%M}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _header(element: Element) -> str:
    unit = unit_of(element)
    return f"{element.name} ({unit})" if unit else str(element.name)


def _values(found: KpiAnswer) -> Iterator[Row]:
    asked = found.question
    cut = CUT_WORDS[asked.cut] if asked.cut is not None else _("Part")
    yield _head(asked, str(cut))
    yield _line(asked, found.whole, _("Whole"))
    for row in found.parts.rows if found.parts is not None else ():
        yield _line(asked, row, row.label)


def _course(found: KpiAnswer) -> Iterator[Row]:
    if found.course is not None:
        yield _head(found.question, str(CUT_WORDS[found.course.cut]))
        for point in found.course.points:
            yield _line(found.question, point, point.label)


def _head(asked: KpiQuestion, first: str) -> Row:
    over, under = asked.measure.divides
    below = [_header(under)] if under.counted is not Counted.one else []
    value = f"{asked.measure.name} ({asked.measure.unit})"
    more = [_("n"), _("coverage (%)"), _("target"), _("status"), _("remarks")]
    return [first, value, _header(over), *below, *more]


def _line(asked: KpiQuestion, one: Judged, label: str) -> Row:
    over, under = asked.measure.divides
    figure = one.figure
    below = [plain(figure.denominator, under)] if under.counted is not Counted.one else []
    coverage = figure.coverage.value if figure.coverage is not None else None
    word = status_word(figure, one.status.value, has_target=one.target is not None)
    remarks = "; ".join(str(remark) for remark in figure.remarks)
    return [
        label, figure.value, plain(figure.numerator, over), *below, figure.n, coverage,
        float(one.target.value) if one.target is not None else None, word, remarks,
    ]  # fmt: skip


def _facts(under: Evidence) -> Iterator[Row]:
    yield [
        _("fact"), _("time"), _("asset"), _("kind"), _("content"), _("source"), _("number of the source"),
        _("taken back by"), _("reason"),
    ]  # fmt: skip
    for one in under.facts:
        back, why = one.taken_back or (None, one.note)
        said = "; ".join(f"{name}: {value}" for name, value in one.said)
        yield [
            one.lsn, timezone.localtime(one.at).isoformat(), one.asset, one.kind, said, one.source, one.seq,
            back, why,
        ]  # fmt: skip


def _records(under: Evidence) -> Iterator[Row]:
    yield [_("record"), _("state"), _("time"), _("step"), _("reason")]
    for one in under.records:
        for step in one.steps:
            at = timezone.localtime(step.at).isoformat(timespec="seconds")
            yield [one.name, str(one.state.label) if one.state else "", at, step.label, step.reason]


def _about(found: KpiAnswer) -> Iterator[Row]:
    asked = found.question
    over, under = asked.measure.divides
    yield [_("Measure"), asked.measure.name]
    yield [_("Formula"), f"{over.name} / {under.name}" if under.name else str(over.name)]
    yield [_("Source"), asked.measure.source]
    yield [_("Site"), asked.site.name]
    yield [_("Place"), scope_text(asked.scope)]
    yield [_("Period"), asked.period.label]
    names = PartNames(asked)
    for cut, key in asked.where.items():
        yield [str(CUT_WORDS[cut]), names.one(cut, key)]
    yield [_("Asked at"), timezone.localtime(clock.now()).isoformat(timespec="seconds")]
    yield [_("Time zone"), asked.site.zone]
    if found.as_of_us is not None:
        as_of = timezone.localtime(clock.from_us(found.as_of_us))
        yield [_("Computed up to"), as_of.isoformat(timespec="seconds")]


def _csv(rows: Iterator[Row]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    for row in rows:
        writer.writerow(["" if value is None else harmless(value) for value in row])
    return stream.getvalue()


def _xlsx(found: KpiAnswer, under: Evidence | None) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheets = [(_("Values"), _values(found)), (_("Over time"), _course(found))]
    if under is not None:
        sheets += [(_("Facts"), _facts(under)), (_("Records"), _records(under))]
    for title, rows in [*sheets, (_("About"), _about(found))]:
        sheet = book.create_sheet(title[:31])
        for at, row in enumerate(rows):
            sheet.append([typed(sheet, value, bold=at == 0 and title != _("About")) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
