"""One stop and the buttons of its possible reasons: opened from the list of stops, done with one tap."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.actions import explain_stop
from plantbeat.areas.execution.answers import Stop
from plantbeat.areas.execution.live import STATE_WORDS, drawn
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.kernel import clock
from plantbeat.kernel.permission import writes
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

SHOWN_FACTS = 4


@require_http_methods(["GET", "POST"])
@signed_in
def stop(request: HttpRequest, code: str, at_us: int) -> HttpResponse:
    """A stop of a line or machine that goes on at an instant; a tap gives it a reason."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    try:
        found = questions.stop_at(site, code, at_us, by)
    except Refused:
        raise Http404 from None
    if found is None:
        raise Http404
    problems: list[Any] = []
    if request.method == "POST":
        try:
            explain_stop(site, code, found, request.POST.get("reason", ""), by)
        except Refused as refused:
            problems = refused.problems
        else:
            messages.success(request, _("The stop has its reason."))
            return redirect("line", code=code)
    context = {
        "page_title": _("Reason of a stop: %(code)s") % {"code": code},
        "code": code,
        "stop": stop_row(found),
        "groups": _groups(questions.reasons_offered(site, by)),
        "given": found.reason.code if found.reason else "",
        "may_explain": writes(by, site.pk),
        "problems": problems,
    }
    return render(request, "execution/stop.html", context, status=422 if problems else 200)


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
        "facts": ", ".join(str(lsn) for lsn in stop.facts[:SHOWN_FACTS]),
    }


def _groups(reasons: list[DowntimeReason]) -> list[tuple[str, list[DowntimeReason]]]:
    """Reasons under the name of the branch they belong to; those at the root come first."""
    named = ((row.parent.name if row.parent else "", row) for row in reasons)
    return [(name, [row for _name, row in rows]) for name, rows in groupby(named, key=lambda one: one[0])]
