"""Reporting a hazard: four taps and a button, on a phone, in less than a minute."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from plantbeat.areas.safety.actions import report_hazard
from plantbeat.areas.safety.records.hazard import Hazard, HazardKind, Potential
from plantbeat.facts.questions import assets
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.permission import writes
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.schema import parsed
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

COMMON = (
    gettext_lazy("Guard open or missing"),
    gettext_lazy("Floor wet or slippery"),
    gettext_lazy("Tripping hazard"),
    gettext_lazy("Escape route blocked"),
    gettext_lazy("Forklift too close to people"),
    gettext_lazy("Sharp edge"),
    gettext_lazy("Leak or fumes"),
    gettext_lazy("No protective equipment worn"),
)
"""What is seen most: a tap instead of typing."""


@require_http_methods(["GET", "POST"])
@signed_in
def report(request: HttpRequest) -> HttpResponse:
    """Report a hazard, with a name or without."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            made = report_hazard(
                site, _said(request, site), by, anonymous=bool(request.POST.get("anonymous"))
            )
        except Refused as refused:
            if refused.kind is Kind.forbidden:
                raise
            problems = refused.problems
        else:
            messages.success(request, _("%(number)s is reported. Thank you.") % {"number": made.number})
            return redirect(address_of(made))
    context = {
        "page_title": _("Report a hazard"),
        "crumbs": [{"label": _("Hazards"), "url": address(Hazard)}],
        "kinds": HazardKind.choices,
        "potentials": Potential.choices,
        "common": COMMON,
        "lines": _lines(site, by),
        "given": request.POST if request.method == "POST" else {"line": request.GET.get("line", "")},
        "problems": problems,
        "may_report": writes(by, site.pk),
    }
    return render(request, "safety/report.html", context, status=422 if problems else 200)


def _said(request: HttpRequest, site: Site) -> dict[str, Any]:
    """Values of the record from what was tapped and typed; words of one's own go before the tapped ones."""
    given = request.POST
    own, tapped = given.get("what", "").strip(), given.get("common", "").strip()
    what = f"{tapped}: {own}" if own and tapped else own or tapped
    raw = {
        "what": what,
        "kind": given.get("kind") or str(HazardKind.condition),
        "potential": given.get("potential") or str(Potential.low),
        "line": given.get("line", ""),
        "place": given.get("place", "").strip(),
    }
    if not what:
        raise Refused(Problem(_("say what is unsafe: tap one or write a few words"), "what"))
    return dict(parsed(Hazard, raw, site.pk))


def _lines(site: Site, by: Actor) -> list[tuple[str, str]]:
    rows = assets(by).filter(site=site, level="line", valid_to_us=None).order_by("code")
    return [(row.code, row.name) for row in rows]
