"""The page of the one list of actions: look, and close with what shows that it was done."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.areas.improvement.action_list import WHOSE_WORDS, ActionList, Whose, action_list
from plantbeat.areas.improvement.records.improvement_action import SOURCES, ImprovementAction
from plantbeat.kernel import clock, registry
from plantbeat.kernel.access import Actor
from plantbeat.kernel.act import act
from plantbeat.kernel.fields import ReferenceField
from plantbeat.kernel.permission import may, may_create
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.pages.view import actor_of, found_record, signed_in, site_of, version_of

MOST_ROWS = 200


@require_GET
@signed_in
def actions(request: HttpRequest) -> HttpResponse:
    """Open actions: mine, my team's or everybody's, by where they came from; overdue first."""
    by, site = actor_of(request), site_of(request)
    context: dict[str, Any] = {"page_title": _("Actions")}
    if site is not None:
        today, asked = timezone.localdate(clock.now()), request.GET
        found = action_list(site, by, today, asked.get("whose", ""), asked.get("source", ""))
        context |= _listed(found, by) | {
            "as_of_us": clock.now_us(),
            "new_url": address(ImprovementAction, "new") if may_create(ImprovementAction, by) else "",
            "all_url": address(ImprovementAction),
        }
    return render(request, "improvement/actions.html", context)


def _listed(found: ActionList, by: Actor) -> dict[str, Any]:
    today = timezone.localdate(clock.now())
    names, left = _source_names(found), MOST_ROWS
    groups = []
    for group in found.groups:
        rows = [_row(row, by, today, names) for row in group.rows[:left]]
        left -= len(rows)
        groups.append({"code": group.code, "name": group.name, "count": len(group.rows), "rows": rows})
    return {
        "found": found,
        "groups": [group for group in groups if group["rows"]],
        "tabs": [
            {
                "name": WHOSE_WORDS[one],
                "count": found.counts[one],
                "chosen": one is found.whose,
                "url": f"?{urlencode({'whose': one.value})}",
            }
            for one in Whose
        ],
        "sources": [
            {
                "name": name,
                "count": count,
                "chosen": code == found.source,
                "url": f"?{urlencode({'whose': found.whose.value, 'source': code})}",
            }
            for code, name, count in found.sources
        ],
        "every_source": f"?{urlencode({'whose': found.whose.value})}",
        "not_shown": sum(len(group.rows) for group in found.groups) - (MOST_ROWS - left),
    }


def _source_names(found: ActionList) -> dict[str, tuple[str, str]]:
    """Name and address of what the actions came from, by reference; one query for each type."""
    field = ReferenceField(SOURCES)
    wanted = {row.source for group in found.groups for row in group.rows if row.source}
    named = {}
    for reference in sorted(wanted)[:MOST_ROWS]:
        record = field.record_of(reference)
        if record is not None:
            code = registry.record(record.type_code())
            named[reference] = (f"{code._meta.verbose_name} {record}", address_of(record))
    return named


def _row(row: ImprovementAction, by: Actor, today: date, names: dict[str, tuple[str, str]]) -> dict[str, Any]:
    name, url = names.get(row.source, ("", ""))
    return {
        "action": row,
        "link": address_of(row),
        "state": ImprovementAction.states()[row.state],
        "days_late": max(0, (today - row.due).days),
        "source": name,
        "source_url": url,
        "may_close": not may(row, "close", by),
        "close_url": reverse("action_close", kwargs={"pk": row.pk}),
    }


@require_POST
@signed_in
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an action with its evidence and go back to the list as it was."""
    by = actor_of(request)
    found = found_record(ImprovementAction, by, pk)
    back = request.POST.get("back", "")
    target = f"{reverse('actions')}{back if back.startswith('?') else ''}"
    evidence = request.POST.get("evidence", "").strip() or request.POST.get("said", "").strip()
    try:
        act(found, "close", by, {"evidence": evidence}, version=version_of(request))
    except Refused as refused:
        messages.error(request, f"{found}: {refused}")
    else:
        messages.success(request, _("%(name)s is closed.") % {"name": found})
    return redirect(target)
