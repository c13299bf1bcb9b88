"""A line as people look at it: what it does, its shift's counts and OEE, where the time went, its stops."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.answers import LossBridge, StripSpan
from plantbeat.areas.execution.live import STATE_WORDS, drawn, line_frame, site_frame
from plantbeat.areas.execution.stop_pages import shown
from plantbeat.facts.questions import assets
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.pages.view import actor_of, board, signed_in, site_of

DAY_US = 86_400_000_000
MINUTE_US = 60_000_000
STALE_S = 30
SHOWN_STOPS = 60
WALL_DISTANCES = {"3", "6", "10"}


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
            "state": frame[f"{line.code}.state"],
            "order": frame[f"{line.code}.order"],
            "good": frame[f"{line.code}.good"],
            "tile": {**_tile(frame, line.code, MeasureCode.oee), "name": line.name},
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


def _tile(frame: dict[str, Any], code: str, measure: MeasureCode) -> dict[str, Any]:
    part, shift = frame[f"{code}.{measure.value}"], frame[f"{code}.shift"]
    return {
        "name": _measure_names()[measure],
        "value": part["text"],
        "unit": "%",
        "status": part["status"],
        "word": part["status_word"],
        "n": part["n"],
        "period": _("this shift: %(name)s") % {"name": shift["text"]} if shift["text"] else _("no shift now"),
        "at_us": part["at_us"],
        "stale_after": STALE_S,
        "live_key": f"{code}.{measure.value}",
        "url": reverse("line", kwargs={"code": code}),
    }


@require_GET
@signed_in
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
        "tiles": [_tile(frame, code, measure) for measure in _measure_names()],
        "shifts": [_shift_choice(shift, chosen) for shift in reversed(shifts)],
        "wall_url": reverse("wall", kwargs={"code": code}),
    }
    if chosen is not None:
        context |= _of_shift(site, code, chosen, by)
    return render(request, "execution/line.html", context)


def _chosen(shifts: list[FactShift], wanted: str) -> FactShift | None:
    asked = next((shift for shift in shifts if str(shift.pk) == wanted), None)
    return asked or (shifts[-1] if shifts else None)


def _shift_choice(shift: FactShift, chosen: FactShift | None) -> dict[str, Any]:
    label = f"{shift.owner_day.isoformat()} {shift.shift}"
    return {"id": str(shift.pk), "label": label, "chosen": chosen is not None and shift.pk == chosen.pk}


def _of_shift(site: Site, code: str, shift: FactShift, by: Actor) -> dict[str, Any]:
    period, until_us = Period.of_shift(shift), min(shift.end_us, clock.now_us())
    found = questions.stops(site, code, period, by)
    return {
        "period": period.label,
        "strip": _strip(site, code, shift.start_us, shift.end_us, until_us, by),
        "counts": questions.counts(site, code, period, by),
        "bridge": _bridge(questions.loss_bridge(site, code, period, by)),
        "hours": [
            {
                "start": clock.from_us(row.start_us),
                "end": clock.from_us(row.end_us),
                "row": row,
            }
            for row in questions.hourly(site, code, shift.pk, by)
        ],
        "stops": [shown(stop) for stop in reversed(found[-SHOWN_STOPS:])],
        "stops_in_all": len(found),
        "stopped_min": sum(stop.duration_us for stop in found) // MINUTE_US,
    }


def _strip(site: Site, code: str, start_us: int, end_us: int, until_us: int, by: Actor) -> dict[str, Any]:
    machines = (
        assets(by).filter(site=site, line=code, valid_to_us=None).exclude(level="line").order_by("code")
    )
    lanes = [(code, _("Line"))] + [(machine.code, machine.name) for machine in machines]
    return {
        "from_us": start_us,
        "to_us": end_us,
        "lanes": [
            {
                "id": lane,
                "name": f"{lane} {name}",
                "key": f"{lane}.state" if lane == code else None,
                "spans": _spans(questions.machine_timeline(site, lane, start_us, until_us, by).spans),
            }
            for lane, name in lanes
        ],
    }


def _spans(spans: Iterable[StripSpan]) -> list[dict[str, Any]]:
    return [
        {
            "state": drawn(span.state),
            "from_us": span.start_us,
            "to_us": None if span.open else span.end_us,
            "reason": (span.reason.name or span.reason.code) if span.reason else str(STATE_WORDS[span.state]),
        }
        for span in spans
    ]


def _bridge(bridge: LossBridge) -> dict[str, Any]:
    losses, whole = bridge.losses, bridge.losses.pbt_us
    parts = [
        (_("Breakdowns"), losses.breakdowns_us),
        (_("Set-up and adjustment"), losses.setup_us),
        (_("Minor stops"), losses.minor_stops_us),
        (_("Starved"), losses.starved_us),
        (_("Blocked"), losses.blocked_us),
        (_("Reduced speed"), losses.reduced_speed_us),
        (_("Scrap"), losses.scrap_us),
        (_("Rework"), losses.rework_us),
        (_("Start-up"), losses.start_up_us),
        (_("No data"), losses.no_data_us),
        (_("Not yet explained"), losses.not_yet_explained_us),
        (_("Ideal time of good pieces"), losses.ideal_good_us),
    ]
    rows = [
        {"name": name, "minutes": us / MINUTE_US, "percent": 100 * us / whole}
        for name, us in parts
        if us and whole
    ]
    return {"rows": rows, "whole_min": whole / MINUTE_US, "reasons": _reasons(bridge)}


def _reasons(bridge: LossBridge) -> list[dict[str, Any]]:
    return [
        {
            "name": (one.reason.name or one.reason.code) if one.reason else _("no reason given"),
            "state": drawn(one.state),
            "word": str(STATE_WORDS[one.state]),
            "minutes": one.us / MINUTE_US,
            "stops": one.stops,
        }
        for one in bridge.reasons[:12]
    ]


@require_GET
@board
def wall(request: HttpRequest, code: str) -> HttpResponse:
    """The wall board of a line: at most five tiles, live, read only."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    try:
        now = questions.line_now(site, code, by)
        frame = line_frame(code, by)
    except Refused:
        raise Http404 from None
    distance = request.GET.get("distance", "3")
    context = {
        "page_title": f"{now.code} {now.name}",
        "live_topic": f"line/{code}",
        "site": site,
        "distance": distance if distance in WALL_DISTANCES else "3",
        "theme": "dark",
        "tiles": [_tile(frame, code, measure) for measure in (MeasureCode.oee, MeasureCode.availability)]
        + [_count_tile(frame, code, "good", _("Good pieces")), _count_tile(frame, code, "scrap", _("Scrap"))],
        "state": frame[f"{code}.state"],
        "state_key": f"{code}.state",
        "wall_detail": now.order or "",
    }
    return render(request, "execution/wall.html", context)


def _count_tile(frame: dict[str, Any], code: str, part: str, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": frame[f"{code}.{part}"]["text"],
        "unit": _("pcs"),
        "status": "none",
        "word": _("this shift"),
        "at_us": frame[f"{code}.{part}"]["at_us"],
        "stale_after": STALE_S,
        "live_key": f"{code}.{part}",
    }
