"""The schedule: the newest version and the one in force, as bars, dispatch lists and late orders."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.areas.planning import questions
from plantbeat.areas.planning.actions import ask_for_schedule
from plantbeat.areas.planning.board_data import board_data
from plantbeat.areas.planning.drafts import ways_to_tune
from plantbeat.areas.planning.records.results import PlannedOperation
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.wording import causes_in_words
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.permission import may, may_create
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.pages.view import actor_of, found_record, signed_in, site_of

SEARCH_TIMES_S = (5, 10, 30, 60)
SHOWN_BARS = 5000


@require_GET
@signed_in
def schedule(request: HttpRequest) -> HttpResponse:
    """The newest version of the site's schedule, or the one asked for with `?version=`."""
    by, site = actor_of(request), site_of(request)
    wanted = request.GET.get("version", "")
    chosen: Schedule | None = None
    if wanted.isdigit():
        chosen = found_record(Schedule, by, int(wanted))  # type: ignore[assignment]
    elif site is not None:
        chosen = questions.latest_schedule(site, by)
    in_force = questions.schedule_in_force(site, by) if site is not None else None
    frame: dict[str, Any] = {
        "page_title": _("Schedule"),
        "schedule": chosen,
        "in_force": in_force,
        "may_solve": may_create(Schedule, by),
        "times": SEARCH_TIMES_S,
    }
    if chosen is not None and chosen.solved_us is not None:
        frame |= _solved(chosen, by, request.GET.get("machine", ""))
    return render(request, "planning/schedule.html", frame)


def _solved(chosen: Schedule, by: Actor, machine_code: str) -> dict[str, Any]:
    planned = list(questions.planned_operations(chosen)[:SHOWN_BARS])
    machines = sorted({one.machine.code: one.machine.name for one in planned}.items())
    shown = machine_code if machine_code in dict(machines) else machines[0][0] if machines else ""
    return {
        **ways_to_tune(chosen, by),
        "board": board_data(chosen, by, tunable=False),
        "machines": machines,
        "machine": shown,
        "dispatch": [dispatched(one) for one in planned if one.machine.code == shown],
        "late": [late_order(row) for row in questions.late_orders(chosen)],
        "not_scheduled": [
            {"order": row.order, "link": address_of(row.order), "reason": row.reason}
            for row in questions.not_scheduled(chosen)
        ],
        "state": chosen.states()[chosen.state],
        "may_publish": not may(chosen, "publish", by),
        "solved_at": clock.from_us(chosen.solved_us or 0),
    }


def dispatched(one: PlannedOperation) -> dict[str, Any]:
    """A row of the dispatch list."""
    return {
        "order": one.order,
        "link": address_of(one.order),
        "item": one.order.item,
        "step": one.step,
        "quantity": number_format(f"{one.quantity.normalize():f}", force_grouping=True),
        "setup_min": one.setup_min,
        "start": clock.from_us(one.start_us),
        "end": clock.from_us(one.end_us),
        "family": one.family,
    }


def late_order(row: Any) -> dict[str, Any]:
    """A late order with its way in words."""
    return {
        "order": row.order,
        "link": address_of(row.order),
        "due": clock.from_us(row.due_us),
        "finish": clock.from_us(row.finish_us),
        "late_min": row.late_min,
        "causes": causes_in_words(row.causes),
    }


@require_POST
@signed_in
def solve(request: HttpRequest) -> HttpResponse:
    """Ask for a new version; the worker solves it and this page shows it when it is there."""
    by, site = actor_of(request), site_of(request)
    given = request.POST.get("seconds", "")
    seconds = int(given) if given.isdigit() else 10
    if site is None:
        messages.error(request, _("Choose a site first."))
        return redirect("schedule")
    try:
        ask_for_schedule(site, by, seconds)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("schedule")
