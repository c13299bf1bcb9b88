"""The week and the month: a page, a sheet for executives, a slide for the wall; the same figures on all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.daily.paper_rules import paper_of
from plantbeat.areas.daily.reports.questions import SPAN_WORDS, Report, Span, report
from plantbeat.areas.daily.reports.wording import report_words
from plantbeat.areas.execution.records.wall_board import BoardKind, WallBoard
from plantbeat.areas.execution.walls.pages import wall_page
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.paper import PAPERS, pdf
from plantbeat.surfaces.pages.view import actor_of, board, signed_in, site_of


def _asked(request: HttpRequest) -> Report:
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    text = request.GET.get("span", Span.week)
    if text not in set(Span):
        raise Refused(Problem(_("is neither a week nor a month"), "span", text, ", ".join(Span)))
    last, given = None, request.GET.get("day", "")
    if given:
        try:
            last = date.fromisoformat(given)
        except ValueError:
            raise Refused(Problem(_("is no date"), "day", given, _("a day as 2026-03-31"))) from None
    return report(site, Span(text), by, last)


@require_GET
@signed_in
@rules_read_once()
def reports(request: HttpRequest) -> HttpResponse:
    """The bowler: measures by week or month against target, what was followed through, the biggest losses."""
    found = _asked(request)
    query = f"span={found.span}&day={found.period.last.isoformat()}"
    before = found.period.first - timedelta(days=1)
    said = report_words(found)
    context: dict[str, Any] = said | {
        "page_title": _("Report: %(period)s") % {"period": found.period.label},
        "is_usual": found.is_usual,
        "columns": list(zip(said["labels"], said["spans_of_days"], strict=True)),
        "spans": [
            {"name": name, "chosen": span is found.span, "url": f"?span={span}"}
            for span, name in SPAN_WORDS.items()
        ],
        "before_url": f"?span={found.span}&day={before.isoformat()}",
        "query": query,
        "as_of_us": found.as_of_us,
    }
    return render(request, "daily/report.html", context)


@require_GET
@signed_in
@rules_read_once()
def sheet(request: HttpRequest) -> HttpResponse:
    """The same as one page of paper."""
    found, paper = _asked(request), request.GET.get("paper", "")
    if paper and paper not in PAPERS:
        raise Refused(Problem(_("there is no such paper"), "paper", paper, ", ".join(PAPERS)))
    language = (get_language() or "en").split("-")[0]
    data = executive_sheet(found)
    made = pdf("executive", data, paper=paper or paper_of(found.site, actor_of(request)), language=language)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.site.code} {found.period.label}.pdf"'
    return answer


def executive_sheet(found: Report) -> dict[str, Any]:
    """What the sheet for executives takes: the words of the report and those of its form."""
    said = report_words(found)
    zone = ZoneInfo(found.site.zone)
    at = f"{clock.from_us(found.as_of_us).astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
    words = {
        "page": _("Page"), "measure": _("Measure"), "target": _("Target"),
        "status": _("Status"), "losses": _("Biggest losses"), "loss": _("Unplanned stops"), "time": _("Time"),
        "often": _("How often"), "share": _("Share of their time"),
        "followed": _("Followed through"), "none": _("None in this period."), "unsafe": _("Unsafe"),
    }  # fmt: skip
    return said | {"words": words, "foot": _("%(site)s, as of %(at)s") % {"site": found.site.name, "at": at}}


@require_GET
@board
@rules_read_once()
def slide(request: HttpRequest) -> HttpResponse:
    """The same on a wall: at most five measures, no names; live, so that a late fact changes it too."""
    found = _asked(request)
    kind = BoardKind.month if found.span is Span.month else BoardKind.week
    shown = WallBoard(site=found.site, code=found.span, name=found.site.name, kind=kind)
    return wall_page(request, shown, day=request.GET.get("day", ""))
