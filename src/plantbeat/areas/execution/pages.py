"""A line as people look at it: what it does, its shift's counts and OEE, where the time went, its stops."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.live import line_frame, site_frame
from plantbeat.areas.execution.shift_page import past_tiles, shift_context
from plantbeat.facts.questions import assets
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

DAY_US = 86_400_000_000
STALE_S = 30


def line_cards(site: Site, by: Actor) -> list[dict[str, Any]]:
    """Every line with its state and OEE now, for the entrance; parts follow the live keys of `site/CODE`."""
    frame = site_frame(site.code, by)
    lines = assets(by).filter(site=site, level="line", valid_to_us=None).order_by("code")
    return [
        {
            "code": line.code,
            "name": line.name,
            "url": reverse("line", kwargs={"code": line.code}),
            "live_key": f"{line.code}.state",
            "order_key": f"{line.code}.order",
            "state": frame[f"{line.code}.state"],
            "order": frame[f"{line.code}.order"],
            "good": frame[f"{line.code}.good"],
            "tile": _card_tile(site, frame, line.code, line.name),
        }
        for line in lines
        if f"{line.code}.state" in frame
    ]


def _measure_names() -> dict[MeasureCode, str]:
    return {
        MeasureCode.oee: _("OEE"),
        MeasureCode.availability: _("Availability"),
        MeasureCode.performance: _("Performance"),
        MeasureCode.quality: _("Quality"),
    }


def _card_tile(site: Site, frame: dict[str, Any], code: str, name: str) -> dict[str, Any]:
    """The line opens from its name, its OEE from the number."""
    tile = _tile(site, frame, code, MeasureCode.oee)
    return {
        **tile,
        "name": name,
        "unit": "% OEE",
        "value_url": tile["url"],
        "url": reverse("line", kwargs={"code": code}),
    }


def _tile(site: Site, frame: dict[str, Any], code: str, measure: MeasureCode) -> dict[str, Any]:
    part, shift = frame[f"{code}.{measure.value}"], frame[f"{code}.shift"]
    return {
        "name": _measure_names()[measure],
        "value": part["text"],
        "unit": "%",
        "status": part["status"],
        "word": part["status_word"],
        "n": part["n"],
        "period": part["period"],
        "at_us": part["at_us"],
        "stale_after": STALE_S,
        "live_key": f"{code}.{measure.value}",
        "url": kpi_address(measure, Scope.line(site.pk, code), period="shift" if shift["text"] else "today"),
    }


@require_GET
@signed_in
@rules_read_once()
def line(request: HttpRequest, code: str) -> HttpResponse:
    """The page of one line, for the shift in view (`?shift=`, else the one now, else the last)."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    try:
        now = questions.line_now(site, code, by)
    except Refused:
        raise Http404 from None
    at_us = clock.now_us()
    shifts = questions.shifts_of_day(site, code, at_us - 3 * DAY_US, at_us, by)
    chosen = _chosen(shifts, request.GET.get("shift", ""))
    frame = line_frame(code, by)
    context: dict[str, Any] = {
        "page_title": f"{now.code} {now.name}",
        "live_topic": f"line/{code}",
        "line": now,
        "state": frame[f"{code}.state"],
        "state_key": f"{code}.state",
        "order": frame[f"{code}.order"],
        "order_key": f"{code}.order",
        "andon": frame[f"{code}.andon"],
        "andon_key": f"{code}.andon",
        "tiles": [_tile(site, frame, code, measure) for measure in _measure_names()],
        "shifts": [_shift_choice(shift, chosen) for shift in reversed(shifts)],
        "wall_url": reverse("wall", kwargs={"code": code}),
    }
    if chosen is not None:
        bridge = questions.loss_bridge(site, code, Period.of_shift(chosen), by)
        context |= shift_context(site, code, chosen, bridge, by)
        if now.shift is None or now.shift.id != chosen.pk:
            context["tiles"] = past_tiles(site, code, chosen, bridge, by)
    return render(request, "execution/line.html", context)


def _chosen(shifts: list[FactShift], wanted: str) -> FactShift | None:
    asked = next((shift for shift in shifts if str(shift.pk) == wanted), None)
    return asked or (shifts[-1] if shifts else None)


def _shift_choice(shift: FactShift, chosen: FactShift | None) -> dict[str, Any]:
    label = f"{shift.owner_day.isoformat()} {shift.shift}"
    return {"id": str(shift.pk), "label": label, "chosen": chosen is not None and shift.pk == chosen.pk}
