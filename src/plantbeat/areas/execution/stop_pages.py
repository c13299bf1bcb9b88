"""One stop: everything that belongs to it, the buttons of its possible reasons, and its drafted action."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.actions import explain_stop
from plantbeat.areas.execution.answers import Stop
from plantbeat.areas.execution.live import STATE_WORDS, drawn
from plantbeat.areas.execution.records.stop import Stop as StopRecord
from plantbeat.areas.execution.stops.answers import CallOfStop, HourOfStop, StopStory
from plantbeat.areas.execution.stops.drafts import action_draft, take_action
from plantbeat.areas.execution.stops.links import action_type
from plantbeat.areas.execution.stops.questions import stop_story
from plantbeat.areas.execution.terminal.settings import ReasonPlace, machine_that_stops, reason_places
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.permission import writes
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

SHOWN_FACTS = 4


@require_http_methods(["GET", "POST"])
@signed_in
@rules_read_once()
def stop(request: HttpRequest, code: str, at_us: int) -> HttpResponse:
    """The story of the stop at an instant; a tap gives its reason, or takes its drafted action."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    try:
        story = stop_story(site, code, at_us, by)
    except Refused:
        raise Http404 from None
    if story.stop is None and not story.number:
        raise Http404
    problems: list[Any] = []
    if request.method == "POST" and story.stop is not None:
        try:
            return _done(request, site, code, story, by)
        except Refused as refused:
            problems = refused.problems
    context = _context(request, site, code, story, by) | {"problems": problems}
    return render(request, "execution/stop.html", context, status=422 if problems else 200)


def _done(request: HttpRequest, site: Site, code: str, story: StopStory, by: Actor) -> HttpResponse:
    """What a tap on the page does."""
    if "take" in request.POST:
        given = {name: request.POST.get(name, "") for name in ("title", "owner", "due")}
        made = take_action(site, story, given, by)
        messages.success(request, _("%(number)s is on the list of actions.") % {"number": made.key_text()})
        return redirect("stop", code=code, at_us=story.at_us)
    if story.stop is not None:
        explain_stop(site, code, story.stop, request.POST.get("reason", ""), by)
    messages.success(request, _("The stop has its reason."))
    back = request.GET.get("back", "")
    if back.isdecimal():
        return redirect(f"{reverse('line_hours', kwargs={'code': code})}?shift={back}")
    return redirect("line", code=code)


def _context(request: HttpRequest, site: Site, code: str, story: StopStory, by: Actor) -> dict[str, Any]:
    found, may_write = story.stop, writes(by, site.pk)
    line = story.line or code
    return {
        "page_title": _("Stop of %(code)s") % {"code": story.place},
        "crumbs": [{"label": line, "url": reverse("line", kwargs={"code": line})}],
        "code": code,
        "line_code": line,
        "story": story,
        "record_url": _record_url(story),
        "stop": stop_row(found) if found is not None else None,
        "parts": [stop_row(part) for part in story.parts] if len(story.parts) > 1 else [],
        "hours": [_hour(one, line) for one in story.hours],
        "scrap": [{"at": clock.from_us(one.at_us), "one": one} for one in story.scrap],
        "calls": [_call(one) for one in story.calls],
        "call_url": _call_for_help(story) if may_write else "",
        "actions": [
            {"one": one, "url": address(action_type(), "record", pk=one.pk)} for one in story.actions
        ],
        "draft": action_draft(site, story, by) if may_write and found is not None else None,
        "groups": reason_groups(site, by),
        "places": _fixed_places(site, line, story, by),
        "given": found.reason.code if found is not None and found.reason else "",
        "may_explain": may_write,
    }


def _fixed_places(site: Site, line: str, story: StopStory, by: Actor) -> list[ReasonPlace]:
    """The buttons of the place that stood where somebody fixed them; empty where nobody did."""
    machine = story.place if story.place != line else machine_that_stops(site, line, story.at_us, by)
    places, record = reason_places(site, line, by, machine)
    return places if record is not None else []


def _call(one: CallOfStop) -> dict[str, Any]:
    url = reverse("andon_call", args=[one.number])
    return {"at": clock.from_us(one.raised_us), "one": one, "url": url}


def _call_for_help(story: StopStory) -> str:
    """Where help is called for while the stop goes on and nobody has, with its machine named; else empty."""
    if story.stop is None or not story.stop.open or any(one.is_open for one in story.calls):
        return ""
    machine = f"?asset={story.place}" if story.place != story.line else ""
    return reverse("andon_raise", kwargs={"code": story.line or story.place}) + machine


def _record_url(story: StopStory) -> str:
    _code, _colon, pk = story.reference.partition(":")
    return address(StopRecord, "record", pk=int(pk)) if pk else ""


def _hour(one: HourOfStop, line: str) -> dict[str, Any]:
    url = f"{reverse('line_hours', kwargs={'code': line})}?shift={one.shift_id}#hour-{one.start_us}"
    return {"start": clock.from_us(one.start_us), "end": clock.from_us(one.end_us), "one": one, "url": url}


def reason_groups(site: Site, by: Actor) -> list[tuple[str, list[DowntimeReason]]]:
    """The reasons a stop may be given, as buttons: under the name of the branch they belong to."""
    return _groups(questions.reasons_offered(site, by))


def stop_row(stop: Stop) -> dict[str, Any]:
    """A stop as lists and its own page show it; its time is without the breaks that cut it."""
    return {
        "start": clock.from_us(stop.start_us),
        "start_us": stop.start_us,
        "us": stop.duration_us,
        "state": drawn(stop.state),
        "word": str(STATE_WORDS[stop.state]),
        "reason": (stop.reason.name or stop.reason.code) if stop.reason else "",
        "order": stop.order or "",
        "open": stop.open,
        "facts": stop.facts[:SHOWN_FACTS],
    }


def _groups(reasons: list[DowntimeReason]) -> list[tuple[str, list[DowntimeReason]]]:
    """Reasons under the name of the branch they belong to; those at the root come first."""
    named = ((row.parent.name if row.parent else "", row) for row in reasons)
    return [(name, [row for _name, row in rows]) for name, rows in groupby(named, key=lambda one: one[0])]
