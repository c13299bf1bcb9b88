"""The andon board of a site, and the two taps that call for help at a line."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plantbeat.areas.execution.andon import actions, questions
from plantbeat.areas.execution.andon.cards import cards
from plantbeat.areas.execution.andon.ladder import Rung, categories, handoff_ladder_of, ladder_of, rule_of
from plantbeat.areas.execution.andon.proving import last_proof
from plantbeat.areas.execution.andon.subjects import unseen
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.records.andon_category import AndonCategory
from plantbeat.areas.execution.records.andon_rule import AndonRule
from plantbeat.areas.execution.records.escalation_rung import EscalationRung
from plantbeat.areas.execution.records.notice import Channel
from plantbeat.facts.questions import assets
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import LEADERS, Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.permission import writes
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.pages.view import actor_of, board, signed_in, site_of

DAY_US = 86_400_000_000
SHOWN_ENDED = 8


@require_GET
@board
@rules_read_once()
def andon_board(request: HttpRequest) -> HttpResponse:
    """Open calls with timers and buttons, what the test call has shown, and the calls of the last day."""
    by, site = actor_of(request), _site(request)
    at_us = clock.now_us()
    ended = [
        call
        for call in questions.calls_between(site, at_us - DAY_US, at_us, by)
        if call.confirmed_us is not None and not call.is_test
    ]
    kinds = categories(site)
    context = {
        "page_title": _("Calls for help"),
        "live_topic": f"andon/{site.code}",
        "proof": last_proof(site, by),
        "test_after": getattr(rule_of(site), "test_after", None),
        "ladders": _ladders(site),
        "handoff_rungs": [_words(rung) for rung in handoff_ladder_of(site, "")[0]],
        "default_kinds": any(kind.is_default for kind in kinds),
        "lines": assets(by).filter(site=site, level=AssetLevel.line, valid_to_us=None),
        "ended": list(reversed(ended))[:SHOWN_ENDED],
        "all_url": address(AndonCall),
        "may_raise": writes(by, site.pk),
        "may_test": by.holds(LEADERS, site.pk),
        "rungs_url": address(EscalationRung),
        "kinds_url": address(AndonCategory),
        "rules_url": address(AndonRule),
        **_open(site, by),
    }
    return render(request, "execution/andon.html", context)


def _open(site: Site, by: Actor) -> dict[str, Any]:
    now_us = clock.now_us()
    return {
        "cards": cards(site, questions.open_calls(site, by), by),
        "unsigned": unseen(site, now_us, by),
        "now": now_us,
    }


@require_GET
@board
@rules_read_once()
def calls(request: HttpRequest) -> HttpResponse:
    """The open calls alone, asked for again whenever one of them changes."""
    return render(request, "execution/_andon_calls.html", _open(_site(request), actor_of(request)))


def _ladders(site: Site) -> list[dict[str, Any]]:
    """The ladder of each kind of call, as it holds for a line without one of its own."""
    found = []
    for kind in categories(site):
        rungs, is_default = ladder_of(site, kind.code)
        found.append({"kind": kind, "rungs": [_words(rung) for rung in rungs], "is_default": is_default})
    return found


def _words(rung: Rung) -> dict[str, Any]:
    return {
        "rung": rung.rung,
        "role": str(Role(rung.role).label),
        "delay_us": rung.delay_us,
        "channels": ", ".join(str(Channel(one).label) for one in rung.channels),
    }


@require_http_methods(["GET", "POST"])
@board
def raise_here(request: HttpRequest, code: str) -> HttpResponse:
    """Call for help at a line: one button per kind of help; a machine and a note are not needed."""
    by, site = actor_of(request), _site(request)
    line = assets(by).filter(site=site, code=code, level__in=(AssetLevel.line, AssetLevel.cell)).first()
    if line is None:
        raise Http404
    machines = assets(by).filter(site=site, line=code, level=AssetLevel.machine, valid_to_us=None)
    problems: list[Any] = []
    if request.method == "POST":
        given = request.POST
        try:
            made = actions.raise_call(
                site, given.get("asset") or code, given.get("category", ""), by, note=given.get("note", "")
            )
        except Refused as refused:
            problems = refused.problems
        else:
            messages.success(request, _("%(number)s: help is called.") % {"number": made.number})
            return redirect("andon_call", number=made.number)
    mine = frozenset({code})
    context = {
        "page_title": _("Call for help: %(line)s") % {"line": f"{line.code} {line.name}"},
        "code": code,
        "kinds": categories(site),
        "machines": [] if line.level != AssetLevel.line else list(machines),
        "chosen": request.POST.get("asset", request.GET.get("asset", "")),
        "note": request.POST.get("note", ""),
        "cards": cards(site, questions.open_calls(site, by, lines=mine), by),
        "may_raise": writes(by, site.pk),
        "problems": problems,
        "back": reverse("line", args=[code]),
    }
    return render(request, "execution/andon_raise.html", context, status=422 if problems else 200)


@require_POST
@signed_in
def test_now(request: HttpRequest) -> HttpResponse:
    """A test call now, by somebody who leads: it proves the way as the one of each shift does."""
    by, site = actor_of(request), _site(request)
    line = assets(by).filter(site=site, level=AssetLevel.line, valid_to_us=None).order_by("code").first()
    if not by.holds(LEADERS, site.pk) or line is None:
        raise Http404
    actions.raise_call(site, line.code, categories(site)[0].code, by, is_test=True)
    messages.success(request, _("A test call is on its way; its result stands here in a moment."))
    return redirect("andon")


def _site(request: HttpRequest) -> Site:
    site = site_of(request)
    if site is None:
        raise Http404
    return site
