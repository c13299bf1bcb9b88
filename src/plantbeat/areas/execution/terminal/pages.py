"""The terminal's pages: for an enrolled tablet, whose taps are queued, and for somebody signed in."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.areas.execution.live import STATE_WORDS, drawn, line_frame
from plantbeat.areas.execution.records.line_terminal import CountingBy
from plantbeat.areas.execution.stop_pages import stop_row
from plantbeat.areas.execution.terminal.questions import TerminalNow, terminal_now, waits
from plantbeat.facts.questions import assets
from plantbeat.facts.taps.questions import problem_of
from plantbeat.facts.taps.receiving import OLDEST_US, do_tap
from plantbeat.facts.taps.undoing import WITHIN_US
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock, devices
from plantbeat.kernel.access import FLOOR, Actor
from plantbeat.kernel.accounts import Device, DeviceKind, Site
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.surfaces.pages.view import actor_of, board, signed_in, site_of

NUMBERS = ("good", "reads", "quantity", "stop_us", "seq")
"""Fields of a tap that are whole numbers."""

STANDS_NOW = "now"
"""Chosen in place of a stop by somebody who sees one that a tablet without a connection does not know of."""

_PLANTS_OWN = ("csrfmiddlewaretoken", "kind", "once", "label")


def tablet_behind(request: HttpRequest) -> Device | None:
    """The enrolled tablet a request comes from, whoever is signed in on it; None for any other screen."""
    device = devices.device_of(request.COOKIES.get(devices.COOKIE, ""))
    return device if device is not None and device.kind == DeviceKind.tablet else None


@require_GET
@board
def terminals(request: HttpRequest) -> HttpResponse:
    """The lines whose terminal can be opened; a tablet of one line goes there."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    tablet = tablet_behind(request)
    if tablet is not None and tablet.place and "choose" not in request.GET:
        return redirect("terminal", code=tablet.place)
    rows = assets(by).filter(site=site, level="line", valid_to_us=None).order_by("code")
    frame = {"page_title": _("Terminals"), "lines": rows, "tablet": tablet}
    return render(request, "execution/terminal/lines.html", frame)


@require_GET
@board
@rules_read_once()
def terminal(request: HttpRequest, code: str) -> HttpResponse:
    """The terminal of a line; with `?part=now` what of it changes, as a tablet asks for again and again."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    with translation.override(_language(request)):
        frame = _frame(request, site, code, by)
        part = request.GET.get("part") == "now"
        name = "execution/terminal/_now.html" if part else "execution/terminal/terminal.html"
        answer = render(request, name, frame)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@signed_in
def tapped(request: HttpRequest, code: str) -> HttpResponse:
    """A tap of somebody signed in at a screen of their own: done at once, and once."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    once = request.POST.get("once", "")
    if not 8 <= len(once) <= 40 or not once.isascii():
        raise Refused(Problem(_("this page is too old; load it again"), "once"))
    data = {name: _value(name, value) for name, value in request.POST.items() if name not in _PLANTS_OWN}
    result = do_tap(request.POST.get("kind", ""), data, site, by, once).results[0]
    if result.outcome == "refused":
        raise Refused([problem_of(one) for one in result.problems])
    if result.outcome == "done":
        messages.success(request, _("Recorded."))
    return redirect(f"{reverse('terminal', kwargs={'code': code})}?tapped={once}")


def _value(name: str, value: Any) -> Any:
    text = str(value)
    if name == "reset":
        return text == "1"
    return int(text) if name in NUMBERS and text.isascii() and text.isdigit() and len(text) < 19 else text


def _language(request: HttpRequest) -> str:
    """The language asked for by the badge, else the one the page would have anyway."""
    asked = request.GET.get("lang", "")
    offered = {code for code, _name in settings.LANGUAGES}
    return asked if asked in offered else translation.get_language() or settings.LANGUAGE_CODE


def _frame(request: HttpRequest, site: Site, code: str, by: Actor) -> dict[str, Any]:
    try:
        now = terminal_now(site, code, by)
        live = line_frame(code, by)
    except Refused:
        raise Http404 from None
    tablet = tablet_behind(request)
    tapped = request.GET.get("tapped", "")
    return {
        "page_title": f"{now.line.code} {now.line.name}",
        "live_topic": f"line/{code}",
        "site": site,
        "now": now,
        "code": code,
        "state": live[f"{code}.state"],
        "state_key": f"{code}.state",
        "good": live[f"{code}.good"],
        "good_key": f"{code}.good",
        "scrap": live[f"{code}.scrap"],
        "scrap_key": f"{code}.scrap",
        "by_counter": now.terminal.counting is CountingBy.counter,
        "stops": [_stop_row(now, index) for index in range(len(now.stops))],
        "stands_now": STANDS_NOW,
        "reviewed": _reviewed(now),
        "tablet": tablet,
        "languages": " ".join(language for language, _name in settings.LANGUAGES),
        "numbers": " ".join(NUMBERS),
        "undo_ms": WITHIN_US // 1000,
        "oldest_us": OLDEST_US,
        "may_tap": tablet is not None or by.holds(FLOOR, site.pk),
        "once": secrets.token_urlsafe(18),
        "undo_of": tapped if tapped.isascii() and len(tapped) <= 40 else "",
    }


def _reviewed(now: TerminalNow) -> Any:
    at_us = now.buttons.reviewed_us if now.buttons is not None else None
    return clock.from_us(at_us) if at_us is not None else None


def _stop_row(now: TerminalNow, index: int) -> dict[str, Any]:
    stop = now.stops[index]
    return {
        **stop_row(stop),
        "waits": waits(stop),
        "chosen": index == 0,
        "state_word": str(STATE_WORDS[stop.state]),
        "drawn": drawn(stop.state),
    }
