"""The pages of the moments: gemba, sync, people, results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from plantbeat.areas.daily.moment_pages.gemba import gemba_context
from plantbeat.areas.daily.moment_pages.people import people_context
from plantbeat.areas.daily.moment_pages.results import results_context
from plantbeat.areas.daily.moment_pages.sync import sync_context
from plantbeat.areas.daily.questions import priority_now
from plantbeat.areas.daily.records.day_moment import MomentCode
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

Prepare = Callable[[Site, Actor], dict[str, Any]]


def _page(code: MomentCode, prepare: Prepare) -> Callable[..., HttpResponseBase]:
    """The page of a moment from what prepares it."""

    @require_GET
    @signed_in
    @rules_read_once()
    def shown(request: HttpRequest) -> HttpResponse:
        site = site_of(request)
        if site is None:
            raise Http404
        by = actor_of(request)
        context = {
            "page_title": code.label,
            "now": clock.now(),
            "priority": priority_now(site, by),
            **prepare(site, by),
        }
        response = render(request, "daily/moment.html", context)
        response["Cache-Control"] = "private, no-cache"
        return response

    return shown


gemba = _page(MomentCode.gemba, gemba_context)
sync = _page(MomentCode.sync, sync_context)
people = _page(MomentCode.people, people_context)
results = _page(MomentCode.results, results_context)
