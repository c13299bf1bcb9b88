"""My routines today, marked by one tap; and how roles keep theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.areas.daily.records.routine import Routine, RoutineMark
from plantbeat.areas.daily.routines.questions import adherence, own_marks
from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.kpis.wording import shown
from plantbeat.engine.kpi.ratio import Unit
from plantbeat.engine.kpi.routines import Mark, routine_adherence
from plantbeat.facts.views.groups import LEAST
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.rules_at_hand import rules_of, rules_read_once
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may, may_create
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.pages.view import actor_of, found_record, signed_in, site_of

DAYS = 28
REASONS = 4
"""Usual reasons that are offered for one tap."""


@require_GET
@signed_in
@rules_read_once()
def mine(request: HttpRequest) -> HttpResponse:
    """What I do today, what is left over, and how I keep it (seen by me alone)."""
    by, site = actor_of(request), site_of(request)
    context: dict[str, Any] = {"page_title": _("My routines")}
    if site is not None:
        today = rules_of(site.pk).day_at(clock.now_us())
        marks = own_marks(site, today, by, DAYS)
        due = [one for one in marks if one.day == today]
        left = [one for one in marks if one.day < today and one.state == RoutineMark.State.due]
        ratio = routine_adherence([Mark(one.person_id, one.day, one.state) for one in marks], today)
        context |= {
            "today": today,
            "due": [_row(one, by) for one in due],
            "left": [_row(one, by) for one in left[:20]],
            "minutes": sum(one.routine.minutes for one in due if one.state == RoutineMark.State.due),
            "done": sum(one.state == RoutineMark.State.done for one in due),
            "ratio": ratio,
            "percent": shown(ratio.value, str(Unit.percent)),
            "days": DAYS,
            "reasons": (_("A stop came first"), _("Absent"), _("Meeting took longer"), _("Not needed today"))[
                :REASONS
            ],
            "set_up_url": address(Routine) if may_create(Routine, by) else "",
        }
    return render(request, "daily/routines.html", context)


def _row(mark: RoutineMark, by: Any) -> dict[str, Any]:
    return {
        "mark": mark,
        "routine": mark.routine,
        "state": RoutineMark.states()[mark.state],
        "open": mark.state == RoutineMark.State.due,
        "may": not may(mark, "do", by) if mark.state == RoutineMark.State.due else False,
    }


@require_POST
@signed_in
@rules_read_once()
def mark(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Mark one of my routines, or take the mark back."""
    if verb not in ("do", "leave", "undo"):
        raise Http404
    by = actor_of(request)
    found = found_record(RoutineMark, by, pk)
    reason = request.POST.get("reason", "").strip() or request.POST.get("said", "").strip()
    try:
        act(found, verb, by, {"reason": reason} if verb == "leave" else None)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("routines")


@require_GET
@signed_in
@rules_read_once()
def kept(request: HttpRequest) -> HttpResponse:
    """How each role keeps each of its routines; groups below five people are withheld."""
    by, site = actor_of(request), site_of(request)
    context: dict[str, Any] = {"page_title": _("Routines kept"), "least": LEAST, "days": DAYS}
    if site is not None:
        today = rules_of(site.pk).day_at(clock.now_us())
        rows = adherence(site, today - timedelta(days=DAYS - 1), today, today, by)
        context |= {
            "rows": [
                {
                    "routine": one.routine,
                    "link": address_of(one.routine),
                    "role": one.routine.get_role_display(),
                    "cadence": one.routine.get_cadence_display(),
                    "withheld": one.ratio is None,
                    "people": one.people if one.ratio is not None else None,
                    "ratio": one.ratio,
                    "percent": shown(one.ratio.value, "%") if one.ratio is not None else "–",
                    "bar": round(one.ratio.value or 0) if one.ratio is not None else 0,
                }
                for one in rows
            ],
            "kpi_url": kpi_address(MeasureCode.routine_adherence, Scope.site(site.pk), period="28d"),
            "new_url": address(Routine, "new") if may_create(Routine, by) else "",
        }
    return render(request, "daily/routines_kept.html", context)
