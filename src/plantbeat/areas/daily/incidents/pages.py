"""The pages of incident rooms: the list, the room with its live timeline, what people do in it, its paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.areas.daily.incidents import actions
from plantbeat.areas.daily.incidents.live import in_room, key_of
from plantbeat.areas.daily.incidents.printing import incident_pdf
from plantbeat.areas.daily.incidents.questions import rooms
from plantbeat.areas.daily.incidents.sources import source_of
from plantbeat.areas.daily.persons import people_here, person_of
from plantbeat.areas.daily.records.incident import IncidentRoom
from plantbeat.areas.daily.tiers.forms import day_given, person_given
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may, writes
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.pages.view import actor_of, found_record, signed_in, site_of, version_of

A_PAGE = 25
SHOWN_ENTRIES = 20
MOST_OWNERS = 400


@require_GET
@signed_in
def incidents(request: HttpRequest) -> HttpResponse:
    """Every room, the open ones first."""
    return _listed(request)


def _listed(request: HttpRequest, problems: list[Problem] | None = None) -> HttpResponse:
    by, site = actor_of(request), _site(request)
    page = Paginator(rooms(site, by).order_by("-state", "-opened_us", "-pk"), A_PAGE)
    shown = page.get_page(request.GET.get("page"))
    context = {
        "page_title": _("Incident rooms"),
        "rooms": [{"room": row, "state": IncidentRoom.states()[row.state]} for row in shown],
        "shown": shown,
        "open": rooms(site, by).filter(state="open").count(),
        "may_open": writes(by, site.pk),
        "given": request.POST.get("title", ""),
        "problems": problems or [],
        "as_of_us": clock.now_us(),
    }
    return render(request, "daily/incidents.html", context, status=422 if problems else 200)


@require_POST
@signed_in
@rules_read_once()
def opened(request: HttpRequest) -> HttpResponse:
    """One tap: the room of what is named, new or the one there is; a title alone opens one of its own."""
    by, site, given = actor_of(request), _site(request), request.POST
    at = given.get("at_us", "")
    try:
        if given.get("source"):
            room = actions.open_room(site, given["source"], by)
        elif given.get("place"):
            room = actions.open_room_on_stop(site, given["place"], int(at) if at.isdecimal() else 0, by)
        else:
            room = actions.open_room_titled(site, given.get("title", ""), by)
    except Refused as refused:
        return _listed(request, refused.problems)
    return redirect("incident", pk=room.pk)


@require_GET
@signed_in
@rules_read_once()
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One room."""
    return render(request, "daily/incident.html", _frame(request, _room(request, pk)))


@require_GET
@signed_in
@rules_read_once()
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """Timeline, people and decisions alone, asked for when the room has changed; 204 where nothing is new."""
    context = _live(request, _room(request, pk))
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "daily/_incident_live.html", context)


def _live(request: HttpRequest, room: IncidentRoom) -> dict[str, Any]:
    found = in_room(room, actor_of(request))
    entries, everything = found.entries[::-1], bool(request.GET.get("all"))
    return {
        "room": room,
        "is_open": room.state == IncidentRoom.State.open,
        "live_topic": f"incident/{key_of(room)}",
        "entries": entries if everything else entries[:SHOWN_ENTRIES],
        "left_out": 0 if everything else max(0, len(entries) - SHOWN_ENTRIES),
        "everything": everything,
        "members": found.members,
        "decisions": [
            {"action": one, "url": address_of(one), "state": type(one).states()[one.state]}
            for _decision, one in found.decisions
        ],
        "seen": found.signature,
    }


def _frame(request: HttpRequest, room: IncidentRoom) -> dict[str, Any]:
    by = actor_of(request)
    me, open_ = person_of(room.site, by), room.state == IncidentRoom.State.open
    found = _live(request, room)
    return found | {
        "page_title": f"{room.number} {room.title}",
        "crumbs": [{"label": _("Incident rooms"), "url": reverse("incidents")}],
        "room_state": IncidentRoom.states()[room.state],
        "source": source_of(room.site, room.source, by),
        "record_url": address_of(room),
        "me": me,
        "am_in": me is not None and any(one.person_id == me.pk for one in found["members"]),
        "may_speak": open_ and writes(by, room.site_id),
        "may_close": not may(room, "close", by),
        "may_lead": open_ and not may(room, "edit", by),
        "may_reopen": not may(room, "reopen", by),
        "owners": people_here(room.site, by).only("number", "name")[:MOST_OWNERS],
        "usual_due": timezone.localdate(clock.now()) + timedelta(days=1),
        "given": request.POST,
        "as_of_us": clock.now_us(),
    }


@require_POST
@signed_in
@rules_read_once()
def done(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """What somebody does in a room: say, decide, come, leave, lead, close, reopen."""
    room, by = _room(request, pk), actor_of(request)
    try:
        _do(request, room, verb, by)
    except Refused as refused:
        frame = _frame(request, _room(request, pk)) | {"problems": refused.problems}
        return render(request, "daily/incident.html", frame, status=422)
    return redirect("incident", pk=pk)


def _do(request: HttpRequest, room: IncidentRoom, verb: str, by: Actor) -> None:
    given, site = request.POST, room.site
    match verb:
        case "say":
            actions.say(room, given.get("text", ""), by)
        case "decide":
            owner = person_given(site, given.get("owner", ""), by)
            actions.decide(room, given.get("what", ""), owner, day_given(given.get("due", "")), by)
            messages.success(request, _("Decided, and on the list of actions."))
        case "come":
            actions.come(room, person_of(site, by), by)
        case "bring":
            actions.come(room, person_given(site, given.get("person", ""), by), by)
        case "leave":
            actions.leave(room, person_of(site, by), by)
        case "lead":
            actions.hand_on(room, person_given(site, given.get("person", ""), by), by)
        case "close":
            act(room, "close", by, {"summary": given.get("summary", "")}, version=version_of(request))
            messages.success(request, _("%(number)s is closed.") % {"number": room.number})
        case "reopen":
            act(room, "reopen", by, reason=given.get("reason", ""))
        case _:
            raise Http404


@require_GET
@signed_in
@rules_read_once()
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A room as a PDF, on the site's paper or the one asked for."""
    room = _room(request, pk)
    made = incident_pdf(room, actor_of(request), request.GET.get("paper", ""))
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{room.number}.pdf"'
    return answer


def _room(request: HttpRequest, pk: int) -> IncidentRoom:
    return cast("IncidentRoom", found_record(IncidentRoom, actor_of(request), pk))


def _site(request: HttpRequest) -> Site:
    site = site_of(request)
    if site is None:
        raise Http404
    return site
