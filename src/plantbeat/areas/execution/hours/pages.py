"""The hour board of a line and shift, and the hours of all lines on one page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.hours.actions import explain_hour
from plantbeat.areas.execution.hours.answers import HourBoard
from plantbeat.areas.execution.hours.board_rows import board_context, line_strip
from plantbeat.areas.execution.hours.questions import hour_board, hour_boards
from plantbeat.areas.execution.hours.takt import paces
from plantbeat.areas.execution.hours.wording import pace_words
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.stop_pages import reason_groups
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.permission import writes
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

DAY_US = 86_400_000_000
LOOK_BACK_US = 3 * DAY_US
LOOK_AHEAD_US = DAY_US


@require_http_methods(["GET", "POST"])
@signed_in
@rules_read_once()
def line_hours(request: HttpRequest, code: str) -> HttpResponse:
    """The hour board of a line (`?shift=`, else the shift now, else the last); a tap explains an hour."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    shifts = shifts_of_line(site, code, by)
    chosen = chosen_shift(shifts, request.GET.get("shift", ""))
    problems: list[Problem] = []
    if request.method == "POST" and chosen is not None:
        try:
            return _explained(request, site, code, chosen, by)
        except Refused as refused:
            problems = refused.problems
    context: dict[str, Any] = {
        "page_title": _("Hour by hour: %(line)s") % {"line": code},
        "crumbs": [{"label": code, "url": reverse("line", kwargs={"code": code})}],
        "code": code,
        "shifts": [_choice(shift, chosen) for shift in reversed(shifts)],
        "problems": problems,
        "live_topic": f"line/{code}",
    }
    if chosen is not None:
        board = hour_board(site, code, chosen.pk, by)
        context |= board_context(site, board, chosen)
        context |= {
            "pace": pace_words(paces(site, chosen, by).get(code), site, code, chosen.pk),
            "may_explain": writes(by, site.pk),
            "groups": reason_groups(site, by) if _wants_reason(board) else [],
        }
    return render(request, "execution/hours.html", context, status=422 if problems else 200)


def _wants_reason(board: HourBoard) -> bool:
    return any(one.needs_reason for row in board.rows for one in row.reasons)


def _explained(request: HttpRequest, site: Site, code: str, shift: FactShift, by: Actor) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("start_us", "end_us", "reason")}
    try:
        start_us, end_us = int(given["start_us"]), int(given["end_us"])
    except ValueError:
        raise Refused(Problem(_("names no hour of this board"), "start_us", given["start_us"])) from None
    stops = explain_hour(site, code, shift.pk, start_us, end_us, given["reason"], by)
    said = ngettext("%(n)s stop has its reason.", "%(n)s stops have their reason.", len(stops))
    messages.success(request, said % {"n": len(stops)})
    return redirect(f"{reverse('line_hours', kwargs={'code': code})}?shift={shift.pk}#hour-{start_us}")


def shifts_of_line(site: Site, code: str, by: Actor) -> list[FactShift]:
    """Shifts of a line of the last days and the next one; 404 for a line that is none."""
    at_us = clock.now_us()
    try:
        return questions.shifts_of_day(site, code, at_us - LOOK_BACK_US, at_us + LOOK_AHEAD_US, by)
    except Refused:
        raise Http404 from None


def chosen_shift(shifts: list[FactShift], wanted: str) -> FactShift | None:
    """The shift that is wanted by its id, else the last that has begun, else the next."""
    asked = next((shift for shift in shifts if str(shift.pk) == wanted), None)
    begun = [shift for shift in shifts if shift.start_us <= clock.now_us()]
    return asked or (begun[-1] if begun else next(iter(shifts), None))


def _choice(shift: FactShift, chosen: FactShift | None) -> dict[str, Any]:
    label = f"{shift.owner_day.isoformat()} {shift.shift}"
    return {"id": str(shift.pk), "label": label, "chosen": chosen is not None and shift.pk == chosen.pk}


@require_GET
@signed_in
@rules_read_once()
def site_hours(request: HttpRequest) -> HttpResponse:
    """The hours of every line that works now (or works the shift of `?shift=`), a row for each."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    floor = Floor(site, by)
    now_us = floor.now_us
    known = readings.shifts_between(site.pk, now_us - LOOK_BACK_US, now_us + 1)
    worked = [
        shift for shift in known if any(floor.shifts_of(line, [shift], floor.today) for line in floor.lines())
    ]
    asked = next((shift for shift in worked if str(shift.pk) == request.GET.get("shift", "")), None)
    running = [shift for shift in worked if shift.start_us <= now_us < shift.end_us]
    shown = [asked] if asked is not None else running or worked[-1:]
    context = {
        "page_title": _("Hours of all lines"),
        "choices": [_choice(shift, asked) for shift in reversed(worked)],
        "asked": asked is not None,
        "groups": [_group(site, shift, by) for shift in shown],
        "live_topic": f"site/{site.code}",
    }
    return render(request, "execution/site_hours.html", context)


def _group(site: Site, shift: FactShift, by: Actor) -> dict[str, Any]:
    boards = hour_boards(site, shift.pk, by)
    pace = paces(site, shift, by)
    rows = [row for board in boards[:1] for row in board.rows]
    begins, ends = (
        time_format(timezone.localtime(clock.from_us(at)), "H:i") for at in (shift.start_us, shift.end_us)
    )
    return {
        "label": f"{shift.owner_day.isoformat()} {shift.shift}, {begins}–{ends}",
        "of_lines": ", ".join(board.line for board in boards),
        "as_of_us": max((board.as_of_us for board in boards if board.as_of_us), default=None),
        "hours": [{"start": clock.from_us(row.start_us), "phase": row.phase.value} for row in rows],
        "lines": [
            line_strip(site, board, pace_words(pace.get(board.line), site, board.line, shift.pk))
            for board in boards
        ],
    }
