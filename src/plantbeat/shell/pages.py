"""Pages of the installation itself: the front page, the overview and the error pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from plantbeat.areas.daily.incidents.questions import open_rooms
from plantbeat.areas.daily.moments.lead import now_address
from plantbeat.areas.daily.questions import priority_now
from plantbeat.areas.execution.pages import line_cards
from plantbeat.areas.planning import questions as planning
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.facts import questions as facts
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.shell.directory import DIRECTORY
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of
from plantbeat.surfaces.search.everywhere import menu

SHOWN_ORDERS = 12
SOON = timedelta(hours=24)


@signed_in
def now(request: HttpRequest) -> HttpResponse:
    """The front page: opens what is to be looked at now, by role, then by the time of the day."""
    site = site_of(request)
    response = redirect(now_address(site, actor_of(request)) if site is not None else "overview")
    response["Cache-Control"] = "no-store"
    return response


@signed_in
@rules_read_once()
def overview(request: HttpRequest) -> HttpResponse:
    """The plant at a glance: what is due, what is late, what waits to be looked at, and every list."""
    by, site = actor_of(request), site_of(request)
    frame: dict[str, Any] = {"menu": menu(by), "site_known": site is not None}
    if site is not None:
        frame |= {
            "lines": line_cards(site, by),
            "live_topic": f"site/{site.code}",
            "tiles": _tiles(site, by),
            "due_next": _due_next(site, by),
            "priority": priority_now(site, by),
            "directory": DIRECTORY,
            "rooms": open_rooms(site, by),
        }
    return render(request, "overview.html", frame)


def _tiles(site: Site, by: Actor) -> list[dict[str, Any]]:
    at_us = clock.now_us()
    past_due = planning.past_due_orders(site, by).count()
    soon = planning.open_orders(site, by).filter(due__lt=clock.now() + SOON, due__gte=clock.now()).count()
    held_back = facts.quarantined(by).filter(site=site).count()
    tiles = [
        {
            "name": _("Orders past due"),
            "value": str(past_due),
            "status": "act" if past_due else "good",
            "word": _("Act") if past_due else _("None"),
            "url": _open_orders(to=clock.now()),
        },
        {
            "name": _("Due within 24 h"),
            "value": str(soon),
            "word": _("Open"),
            "status": "open",
            "url": _open_orders(clock.now(), clock.now() + SOON),
        },
        _schedule_tile(site, by),
        {
            "name": _("Facts in quarantine"),
            "value": str(held_back),
            "status": "watch" if held_back else "good",
            "word": _("To be looked at") if held_back else _("None"),
            "url": reverse("quarantine"),
        },
    ]
    return [{**tile, "at_us": at_us} for tile in tiles]


def _open_orders(since: datetime | None = None, to: datetime | None = None) -> str:
    """The list of the orders that a tile counts: open ones, due in a time."""
    asked: list[tuple[str, str]] = [("state", str(state)) for state in planning.OPEN_STATES]
    for name, at in (("due_from", since), ("due_to", to)):
        if at is not None:
            asked.append((name, f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"))
    return f"{address(WorkOrder)}?{urlencode([*asked, ('sort', 'due')])}"


def _schedule_tile(site: Site, by: Actor) -> dict[str, Any]:
    in_force = planning.schedule_in_force(site, by)
    tile: dict[str, Any] = {"name": _("Late in the schedule"), "url": reverse("schedule")}
    if in_force is None:
        return {**tile, "reason": _("no schedule is published"), "status": "none", "word": _("Not taken")}
    late = in_force.late_orders
    published = timezone.localtime(clock.from_us(in_force.published_us or 0))
    return {
        **tile,
        "value": str(late),
        "status": "act" if late else "good",
        "word": _("Act") if late else _("None"),
        "n": str(in_force.orders),
        "period": _("%(version)s of %(when)s")
        % {"version": in_force.number, "when": f"{published:%Y-%m-%d %H:%M}"},
    }


def _due_next(site: Site, by: Actor) -> list[dict[str, Any]]:
    rows = planning.open_orders(site, by)[:SHOWN_ORDERS]
    states = WorkOrder.states()
    return [
        {
            "order": order,
            "link": address_of(order),
            "state": states[order.state],
            "quantity": number_format(f"{order.quantity.normalize():f}", force_grouping=True),
            "past": order.due < clock.now(),
        }
        for order in rows
    ]


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 in the product's own words."""
    return render(request, "error.html", {"status": 404}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 in the product's own words."""
    return render(request, "error.html", {"status": 403}, status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """500 with the request id that the log carries too; never a stack trace."""
    return render(request, "error.html", {"status": 500}, status=500)
