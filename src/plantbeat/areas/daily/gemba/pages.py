"""A walk on the phone: the next stop with its question and its check, four buttons for what was found."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plantbeat.areas.daily.gemba import walking
from plantbeat.areas.daily.gemba.checks import checks_to_draft, draft_checks
from plantbeat.areas.daily.persons import people_here, person_of
from plantbeat.areas.daily.records.board_cell import MEETS
from plantbeat.areas.daily.records.gemba_check import GembaCheck
from plantbeat.areas.daily.records.gemba_walk import GembaStop, GembaWalk
from plantbeat.areas.daily.working_days import working_day_ahead
from plantbeat.areas.improvement.questions import actions_of
from plantbeat.facts.taps.receiving import OLDEST_US
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.pages.view import actor_of, found_record, signed_in, site_of

DUE_DAYS = 2
SHOWN_WALKS = 10


@require_http_methods(["GET", "POST"])
@signed_in
@rules_read_once()
def gemba(request: HttpRequest) -> HttpResponse:
    """The route the floor proposes now; starting it saves it as a walk."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        return render(request, "daily/gemba.html", {"page_title": _("Gemba walk")})
    me = person_of(site, by)
    if request.method == "POST":
        try:
            return redirect("gemba_walk", pk=walking.start_walk(site, me, by).pk)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("gemba")
    walks = visible(GembaWalk, by).filter(site=site).select_related("walker").order_by("-day", "-pk")
    context = {
        "page_title": _("Gemba walk"),
        "mine": walking.walk_today(site, me, by),
        "ahead": walking.route_ahead(site, by),
        "may_walk": by.holds(MEETS, site.pk) and me is not None,
        "checks_url": address(GembaCheck),
        "may_draft": by.holds(GembaCheck.access.create, site.pk) and bool(checks_to_draft(site, by)),
        "as_of_us": clock.now_us(),
        "walks": [
            {"walk": one, "state": GembaWalk.states()[one.state], "seen": _counts(one, by)}
            for one in walks[:SHOWN_WALKS]
        ],
    }
    return render(request, "daily/gemba.html", context)


@require_POST
@signed_in
def draft(request: HttpRequest) -> HttpResponse:
    """Write the usual checks down as those of the site."""
    site = site_of(request)
    if site is None:
        raise Http404
    try:
        draft_checks(site, actor_of(request))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("gemba")
    messages.success(request, _("The usual checks are the site's now; change them as it works."))
    return redirect(address(GembaCheck))


def _counts(walk: GembaWalk, by: Actor) -> dict[str, int]:
    states = list(visible(GembaStop, by).filter(walk=walk).values_list("state", flat=True))
    return {
        "stops": len(states),
        "seen": sum(state not in ("to_see", "left_out") for state in states),
        "findings": sum(state in ("fixed", "assigned", "problem") for state in states),
    }


@require_GET
@signed_in
@rules_read_once()
def walk(request: HttpRequest, pk: int) -> HttpResponse:
    """One walk: the stop that is next, then those ahead and those behind."""
    by = actor_of(request)
    found: Any = found_record(GembaWalk, by, pk)
    return render(request, "daily/gemba_walk.html", _frame(found, by))


def _frame(found: GembaWalk, by: Actor) -> dict[str, Any]:
    stops = list(visible(GembaStop, by).filter(walk=found).select_related("line", "walk").order_by("place"))
    before = walking.last_findings(found.site, [one.line_id or 0 for one in stops], found.day, by)
    came = actions_of([f"{GembaStop.type_code()}:{one.pk}" for one in stops], by)
    rows: list[dict[str, Any]] = [
        {
            "stop": one,
            "why": one.why.splitlines(),
            "state": GembaStop.states()[one.state],
            "seen_at": clock.from_us(one.seen_us) if one.seen_us is not None else None,
            "before": before.get(one.line_id or 0, []),
            "actions": [
                {"action": row, "link": address_of(row)}
                for row in came.get(f"{one.type_code()}:{one.pk}", [])
            ],
        }
        for one in stops
    ]
    going = found.state == GembaWalk.State.walking and by.holds(MEETS, found.site_id)
    ahead = [row for row in rows if row["stop"].state == GembaStop.State.to_see]
    return {
        "page_title": _("Gemba walk %(number)s") % {"number": found.number},
        "walk": found,
        "crumbs": [{"label": _("Gemba walk"), "url": reverse("gemba")}],
        "started": clock.from_us(found.started_us) if found.started_us is not None else None,
        "ended": clock.from_us(found.ended_us) if found.ended_us is not None else None,
        "walk_state": GembaWalk.states()[found.state],
        "next": ahead if going else [],
        "ahead": ahead[1:] if going else ahead,
        "behind": [row for row in rows if row["stop"].state != GembaStop.State.to_see],
        "seen": len(rows) - len(ahead),
        "of": len(rows),
        "why_not_end": may(found, "end", by),
        "going": going,
        "owners": people_here(found.site, by).only("number", "name")[:400],
        "usual_due": working_day_ahead(found.site_id, timezone.localdate(clock.now()), DUE_DAYS),
        "me": person_of(found.site, by),
        "person": by.pseudonym,
        "scope": reverse("gemba"),
        "oldest_us": OLDEST_US,
    }


@require_POST
@signed_in
@rules_read_once()
def seen(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """What was found at a stop; what is assigned or to be solved becomes an action in the same breath."""
    if verb not in (*walking.VERDICTS, "leave_out"):
        raise Http404
    by = actor_of(request)
    stop: Any = found_record(GembaStop, by, pk)
    try:
        walking.see_stop(stop, verb, request.POST.dict(), by)
    except Refused as refused:
        given = request.POST.get("finding", "").strip()
        frame = _frame(stop.walk, by) | {"problems": refused.problems, "given": given, "given_for": stop.pk}
        return render(request, "daily/gemba_walk.html", frame, status=422)
    return redirect("gemba_walk", pk=stop.walk_id)


@require_POST
@signed_in
@rules_read_once()
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a walk whose stops were all seen or left out."""
    found = found_record(GembaWalk, actor_of(request), pk)
    try:
        act(found, "end", actor_of(request))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The walk is done; its findings are on the list of actions."))
    return redirect("gemba_walk", pk=pk)
