"""The page of load against capacity."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from plantbeat.areas.planning.capacity import MOST_WEEKS, CapacityTable, load_and_capacity
from plantbeat.engine.mrp import CentreLoad
from plantbeat.kernel import clock
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

HOUR_US = 3_600_000_000
USUAL_WEEKS = 6
OFFERED_WEEKS = (1, 2, 4, 6, 8, 13, 26)
FULL, NEARLY_FULL = 100.0, 85.0
"""Percent from which a work centre is over its capacity, or has no room for the unforeseen."""


@require_GET
@signed_in
def capacity(request: HttpRequest) -> HttpResponse:
    """Load and available machine hours per work centre and week; `?centre=&week=` opens a cell."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    asked = request.GET.get("weeks", "")
    weeks = min(MOST_WEEKS, max(1, int(asked))) if asked.isdecimal() else USUAL_WEEKS
    frame: dict[str, Any] = {
        "page_title": _("Load and capacity"),
        "weeks_shown": weeks,
        "offered_weeks": [
            (number, ngettext("%(n)s week", "%(n)s weeks", number) % {"n": number})
            for number in sorted({*OFFERED_WEEKS, weeks})
        ],
    }
    try:
        table = load_and_capacity(site, weeks, by)
    except ValueError as error:
        return render(request, "planning/capacity.html", frame | {"fault": str(error)})
    frame |= {
        "as_of": clock.from_us(table.as_of_us),
        "columns": [_week(table, place) for place in range(weeks)],
        "rows": [_row(table, centre) for centre in table.loads],
        "beyond_h": sum(need.load_us for need in table.beyond) / HOUR_US,
        "left_out": [
            {"order": order, "link": address_of(order), "why": why} for order, why in table.left_out
        ],
        "opened": _opened(table, request.GET.get("centre", ""), request.GET.get("week", "")),
    }
    return render(request, "planning/capacity.html", frame)


def _week(table: CapacityTable, place: int) -> dict[str, Any]:
    year, week, _day = table.weeks[place].isocalendar()
    return {"first": table.weeks[place], "name": f"{year}-W{week:02d}"}


def _row(table: CapacityTable, centre: str) -> dict[str, Any]:
    cells = [_cell(table, centre, place) for place in range(len(table.weeks))]
    return {"code": centre, "name": table.centres.get(centre, ""), "cells": cells}


def _cell(table: CapacityTable, centre: str, place: int) -> dict[str, Any]:
    load = table.loads[centre][place]
    percent = load.utilisation.value
    return {
        "week": table.weeks[place],
        "load_h": load.load_us / HOUR_US,
        "available_h": load.available_us / HOUR_US,
        "percent": percent,
        "status": _status(load, percent),
        "word": _word(load, percent),
    }


def _status(load: CentreLoad, percent: float | None) -> str:
    if load.short_us:
        return "act"
    return "watch" if percent is not None and percent >= NEARLY_FULL else "none"


def _word(load: CentreLoad, percent: float | None) -> str:
    if load.short_us:
        return _("%(hours)s h short") % {"hours": f"{load.short_us / HOUR_US:.1f}"}
    if not load.available_us:
        return _("closed")
    return _("nearly full") if percent is not None and percent >= NEARLY_FULL else ""


def _opened(table: CapacityTable, centre: str, week: str) -> dict[str, Any] | None:
    """The orders behind one cell, the largest first."""
    places = {day.isoformat(): place for place, day in enumerate(table.weeks)}
    if centre not in table.loads or week not in places:
        return None
    load = table.loads[centre][places[week]]
    orders = [
        {"order": table.orders[number], "link": address_of(table.orders[number]), "hours": us / HOUR_US}
        for number, us in sorted(load.orders.items(), key=lambda one: (-one[1], one[0]))
    ]
    return {
        "centre": centre,
        "centre_name": table.centres.get(centre, ""),
        **_week(table, places[week]),
        "orders": orders,
        "load_h": load.load_us / HOUR_US,
        "overdue_h": load.overdue_us / HOUR_US,
        "available_h": load.available_us / HOUR_US,
    }
