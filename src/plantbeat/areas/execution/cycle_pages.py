"""The page of real cycle times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.cycles import CycleOf, cycle_times_of_line
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel.permission import may_create
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

SECOND_US = 1_000_000
OFFERED_DAYS = (1, 7, 28, 90)
USUAL_DAYS = 7
GROUPED_FROM = 10_000
STRIP, MARGIN = 160, 6
"""Width of a drawn distribution, and what stays free at its ends; its scale is that of the row's times."""


@require_GET
@signed_in
@rules_read_once()
def cycles(request: HttpRequest, code: str) -> HttpResponse:
    """Real against ideal and standard cycle of each machine and item of a line, over the last days."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in OFFERED_DAYS else USUAL_DAYS
    try:
        today = Floor(site, by).today
        period = Period.of_days(today - timedelta(days=days - 1), today)
        found = cycle_times_of_line(site, code, period, by)
    except Refused:
        raise Http404 from None
    may_set = may_create(IdealCycle, by)
    context = {
        "page_title": _("Cycle times: %(line)s") % {"line": code},
        "crumbs": [{"label": code, "url": reverse("line", kwargs={"code": code})}],
        "days": days,
        "offered_days": [
            (number, ngettext("%(n)s day", "%(n)s days", number) % {"n": number}) for number in OFFERED_DAYS
        ],
        "first": period.first,
        "last": period.last,
        "rows": [_row(one, today.isoformat() if may_set else "") for one in found],
    }
    return render(request, "execution/cycles.html", context)


def _row(one: CycleOf, from_day: str) -> dict[str, Any]:
    real = one.real
    mean_us = real.mean.numerator / real.mean.denominator
    row: dict[str, Any] = {
        "machine": one.machine,
        "machine_name": one.machine_name,
        "item": one.item,
        "pieces": number_format(real.pieces, force_grouping=real.pieces >= GROUPED_FROM),
        "hours": real.hours,
        "mean_s": mean_us / SECOND_US,
        "p10_s": real.p10_us / SECOND_US,
        "p50_s": real.p50_us / SECOND_US,
        "p90_s": real.p90_us / SECOND_US,
        "ideal_s": None if one.ideal_us is None else one.ideal_us / SECOND_US,
        "standard_s": None if one.standard_us is None else one.standard_us / SECOND_US,
        "of_standard": None if not one.standard_us else 100 * mean_us / one.standard_us,
        "strip": _strip(one),
    }
    if from_day:
        given = {
            "item": one.item,
            "machine": one.machine,
            "valid_from": from_day,
            "cycle": f"{real.p10_us / SECOND_US:.3f}",
        }
        row["set_url"] = f"{address(IdealCycle, 'new')}?{urlencode(given)}"
    return row


def _strip(one: CycleOf) -> dict[str, Any]:
    """Places of the times on a line from the shortest to the longest of them."""
    real = one.real
    times = [us for us in (real.p10_us, real.p90_us, one.ideal_us, one.standard_us) if us is not None]
    shortest, longest = min(times), max(times)

    def place(us: int) -> float:
        share = (us - shortest) / (longest - shortest) if longest > shortest else 0.5
        return round(MARGIN + (STRIP - 2 * MARGIN) * share, 1)

    return {
        "width": STRIP,
        "from": place(real.p10_us),
        "to": place(real.p90_us),
        "middle": place(real.p50_us),
        "ideal": None if one.ideal_us is None else place(one.ideal_us),
        "standard": None if one.standard_us is None else place(one.standard_us),
    }
