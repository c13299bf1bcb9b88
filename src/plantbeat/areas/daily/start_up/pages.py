"""06:30: what was, what limits today, attendance, and the one decision: who gets help first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.areas.daily.handoffs.questions import HandoffWaiting, handoffs_waiting
from plantbeat.areas.daily.questions import priority_of
from plantbeat.areas.daily.records.day_moment import MomentCode
from plantbeat.areas.daily.records.handoff import SIGNERS
from plantbeat.areas.daily.records.priority import ConstraintKind, Priority
from plantbeat.areas.daily.start_up.actions import decide
from plantbeat.areas.daily.start_up.cells import cells, crews_of
from plantbeat.areas.daily.start_up.constraints import Constraint, Constraints, constraints_of
from plantbeat.areas.daily.start_up.last_shift import last_shift_context
from plantbeat.areas.execution.review.site_shifts import ShiftsAround, SiteShift, shifts_around
from plantbeat.areas.people.attendance.pages import crew_row, may_take
from plantbeat.areas.people.questions import on_duty_in
from plantbeat.areas.safety import questions as safety
from plantbeat.areas.safety.actions import hold_huddle
from plantbeat.areas.safety.records.hazard import SAFETY
from plantbeat.engine.outlook import LEAST_SHIFTS
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import LEADERS, Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

SHOWN_CONSTRAINTS = 10
OWNER_ROLES = (Role.line_lead, Role.supervisor, Role.maintenance, Role.quality, Role.manager)


@require_GET
@signed_in
@rules_read_once()
def start_up(request: HttpRequest) -> HttpResponse:
    """The start-up of the shift going on, or of the next one before it begins."""
    response = render(request, "daily/start_up.html", _context(request))
    response["Cache-Control"] = "private, no-cache"
    return response


def _context(request: HttpRequest) -> dict[str, Any]:
    by, site = actor_of(request), _site(request)
    around = shifts_around(site, clock.now_us(), by)
    shift = around.at_hand
    context: dict[str, Any] = {
        "page_title": MomentCode.start_up.label,
        "now": clock.now(),
        "live_topic": f"site/{site.code}",
    }
    if shift is None:
        return context
    crews = crews_of(site, shift, by)
    limits = constraints_of(site, shift, crews, by)
    decided = priority_of(site, shift.day, shift.name, by)
    return context | {
        "shift": shift,
        "begins": clock.from_us(shift.start_us),
        "ends": clock.from_us(shift.end_us),
        "begun": around.now is not None,
        "cells": cells(site, around.last, crews, by),
        "crews": [crew_row(crew) for crew in crews],
        "untaken": [crew for crew in crews if not crew.taken],
        "may_take": may_take(site, by),
        "limits": limits.rows[:SHOWN_CONSTRAINTS],
        "more_limits": max(0, len(limits.rows) - SHOWN_CONSTRAINTS),
        "outlooks": _outlooks(limits),
        "least_shifts": LEAST_SHIFTS,
        "decided": decided,
        "nothing": decided is not None and decided.kind == ConstraintKind.none,
        "owners": on_duty_in(site, OWNER_ROLES, max(clock.now_us(), shift.start_us), by),
        "may_decide": by.user_id is not None and by.holds(LEADERS, site.pk),
        "may_sign": by.user_id is not None and by.holds(SIGNERS, site.pk),
        "sign_in_verb": "sign_in",
        "handoffs": _handoffs(site, shift, by),
        "huddle": _huddle(site, shift, around, by),
        "may_huddle": by.user_id is not None and by.holds(SAFETY | {Role.line_lead}, site.pk),
        "present": sum(crew.present or 0 for crew in crews),
        "last": around.last,
    }


def _handoffs(site: Site, shift: SiteShift, by: Actor) -> list[HandoffWaiting]:
    """Handoffs whose shift is over and that wait for whoever takes over."""
    return [one for one in handoffs_waiting(site, by) if one.boundary_us <= clock.now_us() and one.next_shift]


def _outlooks(limits: Constraints) -> dict[str, Any]:
    """How the chances were found, for the sentence under the list."""
    counted = [one.outlook.n for one in limits.outlooks if one.outlook is not None]
    return {
        "n_least": min(counted, default=0),
        "n_most": max(counted, default=0),
        "without_plan": [one.line for one in limits.outlooks if one.plan is None],
        "too_few": [one.line for one in limits.outlooks if one.plan and one.percent is None],
    }


def _huddle(site: Site, shift: SiteShift, around: ShiftsAround, by: Actor) -> dict[str, Any]:
    """The topic of the day from the last shift's events, and whether the huddle was held."""
    now_us = clock.now_us()
    begin_us, end_us = (around.last.start_us, around.last.end_us) if around.last else (now_us, now_us)
    return {
        "topic": safety.huddle_topic(site, begin_us, max(end_us, now_us), by),
        "held": safety.huddle_held(site, shift.day, shift.name, by),
    }


@require_GET
@signed_in
@rules_read_once()
def last_shift(request: HttpRequest) -> HttpResponse:
    """What the last shift came to: a part of the start-up that arrives after it, or a page of its own."""
    by, site = actor_of(request), _site(request)
    last = shifts_around(site, clock.now_us(), by).last
    context = {"page_title": _("Last shift"), **last_shift_context(site, last, by)}
    is_part = request.headers.get("HX-Request") == "true"
    response = render(request, "daily/_last_shift.html" if is_part else "daily/last_shift.html", context)
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "HX-Request, Cookie"
    return response


@require_POST
@signed_in
@rules_read_once()
def decision(request: HttpRequest) -> HttpResponse:
    """Write down who gets help first, or that nothing needs it."""
    by, site = actor_of(request), _site(request)
    shift = _at_hand(site, by)
    try:
        chosen = _chosen(request, site, shift, by)
        given = request.POST.get("owner", "")
        owner = int(given) if given.isdecimal() else _lead(site, shift, chosen, by)
        note = request.POST.get("note", "").strip()[:500]
        made = decide(site, shift.day, shift.name, chosen, owner, note, by)
    except Refused as refused:
        frame = {**_context(request), "problems": refused.problems, "given": request.POST}
        return render(request, "daily/start_up.html", frame, status=422)
    messages.success(request, _said(made))
    return redirect("start_up")


def _lead(site: Site, shift: SiteShift, chosen: Constraint | None, by: Actor) -> int | None:
    """Who leads the line of a constraint in a shift; None where it concerns none, or nobody is known."""
    at_us = max(clock.now_us(), shift.start_us)
    leads = on_duty_in(site, (Role.line_lead,), at_us, by) if chosen is not None and chosen.line else []
    return next((one.person_id for one in leads if chosen is not None and one.line == chosen.line), None)


def _said(made: Priority) -> str:
    if made.owner is None:
        return _("Decided: nothing needs help first.")
    return _("Help first: %(what)s. %(owner)s sees to it.") % {"what": made.what, "owner": made.owner.name}


def _chosen(request: HttpRequest, site: Site, shift: SiteShift, by: Actor) -> Constraint | None:
    """The constraint that was chosen from the list as it is now; None for "nothing"."""
    if "nothing" in request.POST:
        return None
    key = request.POST.get("constraint", "")
    found = constraints_of(site, shift, crews_of(site, shift, by), by).named(key) if key else None
    if found is None:
        message = _("is not on the list any more") if key else _("choose what gets help first")
        raise Refused(Problem(message, "constraint", key))
    return found


@require_POST
@signed_in
def huddle(request: HttpRequest) -> HttpResponse:
    """The safety huddle of the shift was held."""
    by, site = actor_of(request), _site(request)
    shift = _at_hand(site, by)
    given = request.POST.get("attended", "").strip()
    if given and (not given.isdecimal() or len(given) > 4):
        raise Refused(Problem(_("is no number of people"), "attended", given, _("0 to 9,999, or empty")))
    topic, attended = request.POST.get("topic", "").strip(), int(given) if given else None
    hold_huddle(site, shift.day, shift.name, topic, attended, by)
    messages.success(request, _("The huddle is noted."))
    return redirect("start_up")


def _at_hand(site: Site, by: Actor) -> SiteShift:
    shift = shifts_around(site, clock.now_us(), by).at_hand
    if shift is None:
        raise Refused(_("No shift is planned in the next three weeks."))
    return shift


def _site(request: HttpRequest) -> Site:
    site = site_of(request)
    if site is None:
        raise Http404
    return site
