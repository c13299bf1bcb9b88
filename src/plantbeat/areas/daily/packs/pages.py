"""Shift packs: what was written, what comes next, and a pack at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from plantbeat.areas.daily.packs.worker import shifts_beginning
from plantbeat.areas.daily.packs.writing import deliver, file_name, pack_pdf, ways_of
from plantbeat.areas.daily.paper_rules import paper_of, paper_rule
from plantbeat.areas.daily.records.paper_rule import PaperRule, PaperSize
from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.execution.sheets.actions import sheet_for
from plantbeat.areas.execution.sheets.questions import sheet_numbered
from plantbeat.facts.views import readings
from plantbeat.kernel import clock
from plantbeat.kernel.access import FLOOR, Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

HOUR_US = 3_600_000_000
STATUS = {Kind.forbidden: 403, Kind.missing: 404}


@require_http_methods(["GET", "POST"])
@signed_in
def packs(request: HttpRequest) -> HttpResponse:
    """The shifts that go on and come next with their packs; a button makes one now."""
    by, site = actor_of(request), site_of(request)
    problems: list[Problem] = []
    status = 200
    if request.method == "POST" and site is not None:
        try:
            sheet = _wanted(request, site, by)
            if request.POST.get("do") == "deliver":
                return _delivered(request, sheet, by)
            return redirect("shift_pack", number=sheet.number)
        except Refused as refused:
            problems, status = refused.problems, STATUS.get(refused.kind, 422)
    context: dict[str, Any] = {"page_title": _("Shift packs"), "problems": problems}
    if site is not None:
        rule = paper_rule(site, by)
        context |= {
            "ways": ways_of(site, by),
            "paper": PaperSize(paper_of(site, by)).label,
            "rule_url": address_of(rule) if rule else address(PaperRule, "new"),
            "may_make": by.holds(FLOOR, site.pk),
            "rows": _rows(site, by),
        }
    return render(request, "daily/packs.html", context, status=status)


def _wanted(request: HttpRequest, site: Site, by: Actor) -> ShiftSheet:
    wanted = request.POST.get("shift", "")
    shift = readings.shift_with_id(site.pk, int(wanted)) if wanted.isdigit() else None
    if shift is None:
        raise Refused(Problem(_("choose a shift"), "shift", wanted))
    return sheet_for(site, request.POST.get("line", ""), shift, by)


def _delivered(request: HttpRequest, sheet: ShiftSheet, by: Actor) -> HttpResponse:
    if not ways_of(sheet.site, by).any:
        raise Refused(Problem(_("neither a folder nor a printer is set up for shift packs"), "do"))
    done = deliver(sheet)
    if done.trouble:
        raise Refused(Problem(done.trouble, "do"))
    messages.success(request, _("%(number)s: %(where)s") % {"number": done.number, "where": done.written_to})
    return redirect("shift_packs")


def _rows(site: Site, by: Actor) -> list[dict[str, Any]]:
    now_us = clock.now_us()
    found = list(shifts_beginning(site, now_us - 12 * HOUR_US, now_us + 24 * HOUR_US))
    since_us = now_us - 12 * HOUR_US
    sheets = {
        (one.line.code, one.start_us): one
        for one in visible(ShiftSheet, by).filter(site=site, start_us__gte=since_us).select_related("line")
    }
    rows = []
    for line, shift in found:
        sheet = sheets.get((line, shift.start_us))
        rows.append(
            {
                "line": line,
                "shift": shift,
                "start": clock.from_us(shift.start_us),
                "end": clock.from_us(shift.end_us),
                "sheet": sheet,
                "written": clock.from_us(sheet.written_us) if sheet and sheet.written_us else None,
                "is_keyed": sheet is not None and sheet.keyed_us is not None,
            }
        )
    return rows


@require_GET
@signed_in
def pack(request: HttpRequest, number: str) -> HttpResponse:
    """A pack as a PDF."""
    by, site = actor_of(request), site_of(request)
    sheet = sheet_numbered(site, number, by) if site is not None else None
    if sheet is None:
        raise Http404
    answer = HttpResponse(pack_pdf(sheet, by, request.GET.get("paper", "")), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{file_name(sheet)}"'
    return answer
