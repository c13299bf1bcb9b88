"""The page that compares two versions of the schedule."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.planning.board_pages import board_address, draft_of
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.version_diff import version_before, version_diff
from plantbeat.engine.versions import RunChange
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

SHOWN = 100
OFFERED = 40


@require_GET
@signed_in
def diff(request: HttpRequest) -> HttpResponse:
    """What version `?to=` does otherwise than `?from=`; without them the newest and what it came from."""
    by, site = actor_of(request), site_of(request)
    rows = visible(Schedule, by).filter(solved_us__isnull=False)
    rows = rows.filter(site=site) if site is not None else rows
    offered = list(rows.order_by("-pk")[:OFFERED])
    after = _chosen(request, "to") or (offered[0] if offered else None)
    before = _chosen(request, "from") or (version_before(after, by) if after else None)
    frame: dict[str, Any] = {
        "page_title": _("What is different"),
        "crumbs": [{"label": _("Board"), "url": board_address(after.pk)}] if after else [],
        "versions": offered,
        "before": before,
        "after": after,
    }
    if before is not None and after is not None:
        frame |= _compared(before, after, by)
    return render(request, "planning/diff.html", frame)


def _chosen(request: HttpRequest, name: str) -> Schedule | None:
    given = request.GET.get(name, "")
    return draft_of(request, int(given)) if given.isdigit() else None


def _compared(before: Schedule, after: Schedule, by: Actor) -> dict[str, Any]:
    found = version_diff(before, after)
    return {
        "found": found,
        "same": not (found.moved or found.machine_changed or found.added or found.dropped),
        "machine_changed": [_run(one) for one in found.machine_changed[:SHOWN]],
        "moved": [_run(one) for one in found.moved[:SHOWN]],
        "more_moved": max(0, len(found.moved) - SHOWN),
        "groups": [
            (_("Newly late"), "act", found.newly_late),
            (_("Later than before"), "act", found.later),
            (_("Less late"), "watch", found.sooner),
            (_("On time again"), "good", found.newly_on_time),
        ],
    }


def _run(one: RunChange) -> dict[str, Any]:
    return {
        "order": one.now.order,
        "step": one.now.step,
        "machine": one.now.machine,
        "was_machine": one.before.machine,
        "start": clock.from_us(one.now.start),
        "was_start": clock.from_us(one.before.start),
        "shift_min": one.shift // 60_000_000,
    }
