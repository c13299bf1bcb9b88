"""The pages of the moments: gemba, sync, people, results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plantbeat.areas.daily.moment_pages.gemba import gemba_context
from plantbeat.areas.daily.moment_pages.people import people_context
from plantbeat.areas.daily.moment_pages.results import results_context
from plantbeat.areas.daily.moment_pages.sync import add_item, sync_context
from plantbeat.areas.daily.questions import priority_now
from plantbeat.areas.daily.records.day_moment import MomentCode
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

Prepare = Callable[[Site, Actor], dict[str, Any]]
Take = Callable[[Site, QueryDict, Actor], None]


def _page(code: MomentCode, prepare: Prepare, take: Take | None = None) -> Callable[..., HttpResponseBase]:
    """The page of a moment from what prepares it; `take` is what a form on it does."""

    @require_http_methods(["GET", "POST"] if take is not None else ["GET"])
    @signed_in
    @rules_read_once()
    def shown(request: HttpRequest) -> HttpResponse:
        site = site_of(request)
        if site is None:
            raise Http404
        by, problems = actor_of(request), list[Problem]()
        if request.method == "POST" and take is not None:
            try:
                take(site, request.POST, by)
            except Refused as refused:
                problems = refused.problems
            else:
                messages.success(request, _("It is on the list of actions."))
                return redirect(request.path)
        context = {
            "page_title": code.label,
            "now": clock.now(),
            "priority": priority_now(site, by),
            "problems": problems,
            "given": request.POST,
            **prepare(site, by),
        }
        status = 422 if problems else 200
        response = render(request, "daily/moment.html", context, status=status)
        response["Cache-Control"] = "private, no-cache"
        return response

    return shown


gemba = _page(MomentCode.gemba, gemba_context)
sync = _page(MomentCode.sync, sync_context, add_item)
people = _page(MomentCode.people, people_context)
results = _page(MomentCode.results, results_context)
