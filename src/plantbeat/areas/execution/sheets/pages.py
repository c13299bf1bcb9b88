"""Key in from paper: the number of the sheet, then a whole shift in one grid, looked over, then written."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plantbeat.areas.execution import questions as execution
from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.execution.sheets import questions
from plantbeat.areas.execution.sheets.actions import sheet_for
from plantbeat.areas.execution.sheets.answers import KeyedSheet
from plantbeat.areas.execution.sheets.keying import key_in, keyed_facts, lines_in_words
from plantbeat.areas.execution.sheets.reading_form import STOP_ROWS, read_sheet
from plantbeat.areas.planning.questions import open_orders
from plantbeat.facts.questions import assets
from plantbeat.facts.views import readings
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel import clock
from plantbeat.kernel.access import FLOOR, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.questions import names_of
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

DAY_US = 86_400_000_000
SHIFTS_BACK_US = 4 * DAY_US
ORDERS_OFFERED = 200
STATUS = {Kind.forbidden: 403, Kind.state: 409, Kind.missing: 404}


@require_http_methods(["GET", "POST"])
@signed_in
def choose(request: HttpRequest) -> HttpResponse:
    """Ask for the number on the paper; without one, for line and shift."""
    by, site = actor_of(request), site_of(request)
    problems: list[Problem] = []
    status = 200
    if request.method == "POST" and site is not None:
        try:
            found = _chosen(request, site, by)
        except Refused as refused:
            problems, status = refused.problems, STATUS.get(refused.kind, 422)
        else:
            return redirect("key_in_sheet", number=found.number)
    context: dict[str, Any] = {
        "page_title": _("Key in from paper"), "problems": problems, "number": request.POST.get("number", ""),
    }  # fmt: skip
    if site is not None:
        lines = assets(by).filter(site=site, level="line", valid_to_us=None).order_by("code")
        context |= {
            "may_key": by.holds(FLOOR, site.pk),
            "sheets": [_row(one) for one in questions.sheets_on_paper(site, clock.now_us(), by)],
            "lines": [(line.code, f"{line.code} {line.name}") for line in lines],
            "shifts": _shifts(site, [(line.pk, line.code) for line in lines]),
            "given": {"line": request.POST.get("line", ""), "shift": request.POST.get("shift", "")},
        }
    return render(request, "execution/key_in.html", context, status=status)


def _chosen(request: HttpRequest, site: Site, by: Actor) -> ShiftSheet:
    number = request.POST.get("number", "").strip()
    if number or "line" not in request.POST:
        found = questions.sheet_numbered(site, number, by)
        if found is None:
            allowed = _("the number at the foot of the sheet, as in SH-000012")
            raise Refused(Problem(_("there is no sheet with this number"), "number", number, allowed))
        return found
    wanted = request.POST.get("shift", "")
    shift = readings.shift_with_id(site.pk, int(wanted)) if wanted.isdigit() else None
    if shift is None:
        raise Refused(Problem(_("choose a shift"), "shift", wanted))
    if shift.start_us > clock.now_us():
        raise Refused(Problem(_("this shift has not begun yet"), "shift", shift.shift))
    return sheet_for(site, request.POST.get("line", ""), shift, by)


def _row(one: ShiftSheet) -> dict[str, Any]:
    return {"sheet": one, "start": clock.from_us(one.start_us), "end": clock.from_us(one.end_us)}


def _shifts(site: Site, lines: list[tuple[int, str]]) -> list[tuple[str, str]]:
    """Shifts of the last days that a line works, the latest first, each with its lines."""
    now_us, rules = clock.now_us(), SiteRules(site.pk)
    found = readings.shifts_between(site.pk, now_us - SHIFTS_BACK_US, now_us)
    named = []
    for one in reversed(found):
        pattern_of = {code: rules.reading(pk, one.owner_day).pattern for pk, code in lines}
        of = [code for pk, code in lines if worked_by([one], pattern_of[code], pk)]
        if of:
            named.append(
                (str(one.pk), f"{one.owner_day.isoformat()} {one.shift} {one.crew}: {', '.join(of)}")
            )
    return named


@require_http_methods(["GET", "POST"])
@signed_in
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The grid of one sheet: keyed, looked over, written; or what was written."""
    by, site = actor_of(request), site_of(request)
    found = questions.sheet_numbered(site, number, by) if site is not None else None
    if site is None or found is None:
        raise Http404
    problems: list[Problem] = []
    keyed: KeyedSheet | None = None
    status = 200
    if request.method == "POST":
        try:
            keyed = read_sheet(found, questions.hours_of(found, by), request.POST.dict())
            if request.POST.get("do") == "write":
                key_in(found, keyed, by)
                messages.success(request, _("%(number)s is keyed in.") % {"number": found.number})
                return redirect("line", code=found.line.code)
            keyed_facts(found, keyed, by)
        except Refused as refused:
            problems, status, keyed = refused.problems, STATUS.get(refused.kind, 422), None
    context = _frame(found, request.POST.dict(), by) | {"problems": problems, "loose": problems}
    if keyed is not None:
        context["preview"] = {"keyed": keyed, "lines": lines_in_words(found, keyed.hours)}
    return render(request, "execution/key_in_sheet.html", context, status=status)


def _frame(found: ShiftSheet, given: dict[str, str], by: Actor) -> dict[str, Any]:
    site = found.site
    hours = questions.hours_of(found, by)
    told = _told(found, by)
    names = ("order", "good", "scrap", "defect")
    first = next((row for row, (start_us, _end) in enumerate(hours, 1) if start_us not in told), 0)
    if not given and (planned := questions.planned_order(found, by)):
        given = {f"order-{first}": planned}
    return {
        "page_title": _("Key in %(number)s") % {"number": found.number},
        "crumbs": [{"label": _("Key in from paper"), "url": "/key-in/"}],
        "sheet": found,
        "state": ShiftSheet.states()[found.state],
        "start": clock.from_us(found.start_us),
        "end": clock.from_us(found.end_us),
        "is_keyed": found.state == str(ShiftSheet.State.keyed_in),
        "keyed_at": clock.from_us(found.keyed_us) if found.keyed_us else None,
        "keyed_by": names_of([found.keyed_by]).get(found.keyed_by, "") if found.keyed_by else "",
        "may_key": by.holds(FLOOR, site.pk),
        "all_told": not first,
        "rows": [
            {
                "n": row,
                "start": clock.from_us(start_us),
                "end": clock.from_us(end_us),
                "cells": {name: given.get(f"{name}-{row}", "") for name in names},
                "told": told.get(start_us),
                "is_first": row == first,
            }
            for row, (start_us, end_us) in enumerate(hours, 1)
        ],
        "stops": [
            {"n": row, **{name: given.get(f"stop_{name}-{row}", "") for name in ("from", "to", "reason")}}
            for row in range(1, STOP_ROWS + 1)
        ],
        "reasons": [(one.code, one.name) for one in execution.reasons_offered(site, by)],
        "orders": list(open_orders(site, by).values_list("number", "item__code")[:ORDERS_OFFERED]),
        "record_url": address_of(found),
        "line_url": f"/lines/{found.line.code}/",
    }


def _told(found: ShiftSheet, by: Actor) -> dict[int, str]:
    """What each hour has already, in words; hours with nothing are missing."""
    shift = questions.shift_of_sheet(found)
    if shift is None:
        return {}
    return {
        row.start_us: _("%(good)s good, %(scrap)s scrap") % {"good": row.good, "scrap": row.scrap}
        for row in execution.hourly(found.site, found.line.code, shift.pk, by)
        if row.elements.produced or row.elements.setup_pieces
    }
