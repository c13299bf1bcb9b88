"""The page of one call: its timers, its buttons, and the timeline that proves what happened."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.areas.execution.andon import actions, questions
from plantbeat.areas.execution.andon.cards import card_of
from plantbeat.areas.execution.andon.planning_rungs import round_us
from plantbeat.areas.execution.andon.questions import CallNow
from plantbeat.areas.execution.andon.timeline import rungs_ahead, timeline
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.stop_pages import stop_row
from plantbeat.areas.execution.stops.of_calls import stop_of_call
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.permission import writes
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.pages.view import actor_of, board, site_of

STEPS = {
    "acknowledge": actions.acknowledge,
    "arrive": actions.arrive,
    "contain": actions.contain,
    "resolve": actions.resolve,
    "confirm": actions.confirm,
    "reopen": actions.reopen,
}


@require_GET
@board
@rules_read_once()
def call(request: HttpRequest, number: str) -> HttpResponse:
    """A call for help with everything that happened to it."""
    record = _record(request, number)
    return render(request, "execution/andon_call.html", _shown(record, actor_of(request)))


@require_POST
@board
def step(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """One step of a call, from its card on any page."""
    record, by = _record(request, number), actor_of(request)
    if verb not in STEPS:
        raise Http404
    try:
        STEPS[verb](record, by, note=request.POST.get("note", ""))
    except Refused as refused:
        context = {**_shown(record, by), "problems": refused.problems}
        return render(request, "execution/andon_call.html", context, status=422)
    messages.success(request, _("%(number)s: noted.") % {"number": number})
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        return redirect(back)
    return redirect("andon_call", number=number)


def _record(request: HttpRequest, number: str) -> AndonCall:
    site = site_of(request)
    record = questions.call_numbered(site, number, actor_of(request)) if site is not None else None
    if record is None:
        raise Http404
    return record


def _shown(record: AndonCall, by: Actor) -> dict[str, Any]:
    site, card = record.site, card_of(record.site, record, by)
    one = card["call"]
    return {
        "page_title": f"{one.number} {one.category_name}",
        "crumbs": [{"label": _("Calls for help"), "url": reverse("andon")}],
        "live_topic": f"andon/{site.code}",
        "card": card,
        "call": one,
        "times": _times(record),
        "entries": timeline(record, by),
        "ahead": rungs_ahead(one.reference, by),
        "may_open_room": by.device_id is None and writes(by, site.pk) and not record.is_test,
        "stop": _stop(site, one, by),
        "line_url": reverse("line", args=[one.line]) if one.line else "",
        "record_limits": {"respond_us": record.respond_us, "resolve_us": record.resolve_us},
    }


def _stop(site: Site, call: CallNow, by: Actor) -> dict[str, Any] | None:
    """The stop the call is about, with the way to its page."""
    found = stop_of_call(site, call, by)
    if found is None:
        return None
    url = reverse("stop", kwargs={"code": found.place, "at_us": found.stop.start_us})
    return {"one": found, "row": stop_row(found.stop), "url": url}


def _times(record: AndonCall) -> list[dict[str, Any]]:
    """The response times of the round, named by where they end."""
    begun_us = round_us(record)
    ends = (
        (_("Call to taken"), record.acknowledged_us, record.respond_us),
        (_("Call to arrival"), record.arrived_us, None),
        (_("Call to resolved"), record.resolved_us, record.resolve_us),
    )
    return [
        {
            "name": name,
            "us": None if end_us is None else end_us - begun_us,
            "limit_us": limit_us,
            "late": end_us is not None and limit_us is not None and end_us - begun_us > limit_us,
        }
        for name, end_us, limit_us in ends
    ]
