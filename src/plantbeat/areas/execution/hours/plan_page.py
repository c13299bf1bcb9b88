"""The page that says how the plan of each hour of a line is made."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.hours.pages import chosen_shift, shifts_of_line
from plantbeat.areas.execution.hours.plan_rows import plan_context
from plantbeat.areas.execution.hours.questions import plan_of_hours
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of


@require_GET
@signed_in
@rules_read_once()
def line_hours_plan(request: HttpRequest, code: str) -> HttpResponse:
    """How the plan of each hour of a line is made (`?shift=`, else the shift now, else the last)."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    chosen = chosen_shift(shifts_of_line(site, code, by), request.GET.get("shift", ""))
    hours_url = reverse("line_hours", kwargs={"code": code})
    context: dict[str, Any] = {
        "page_title": _("How the plan of each hour is made: %(line)s") % {"line": code},
        "crumbs": [
            {"label": code, "url": reverse("line", kwargs={"code": code})},
            {"label": _("Hour by hour"), "url": hours_url},
        ],
        "hours_url": hours_url,
    }
    if chosen is not None:
        context |= plan_context(plan_of_hours(site, code, chosen.pk, by))
        context |= {
            "period": f"{chosen.owner_day.isoformat()} {chosen.shift}",
            "hours_url": f"{hours_url}?shift={chosen.pk}",
        }
    return render(request, "execution/hours_plan.html", context)
