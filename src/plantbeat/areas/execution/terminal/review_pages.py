"""For those who lead: the weekly review of the reasons' buttons, and the taps the plant refused."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.records.machine_buttons import MachineButtons
from plantbeat.areas.execution.records.reason_buttons import PLACES, REVIEWERS, ReasonButtons
from plantbeat.areas.execution.terminal.questions import ButtonReview, button_review
from plantbeat.areas.execution.terminal.settings import machine_that_stops
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.facts.taps.questions import problem_of, refused_taps
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.kernel.writing import writing
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

SHOWN = 200


@require_http_methods(["GET", "POST"])
@signed_in
def buttons(request: HttpRequest, code: str) -> HttpResponse:
    """How often each button's reason was given, what would fit better, and what the reviewer decides.

    `?machine=` reviews the buttons of one machine of the line.
    """
    by, site, named = actor_of(request), site_of(request), request.GET.get("machine", "")
    if site is None:
        raise Http404
    machine = visible(Machine, by).filter(site=site, line__code=code, code=named).first() if named else None
    if named and machine is None:
        raise Http404
    try:
        with rules_read_once():
            review = button_review(site, code, by, named)
    except Refused:
        raise Http404 from None
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            said = _done(request, site, code, machine, review, by)
        except Refused as refused:
            problems = refused.problems
        else:
            messages.success(request, said)
            return redirect(request.get_full_path())
    frame = _frame(site, code, machine, review, by) | {"problems": problems}
    return render(request, "execution/terminal/buttons.html", frame, status=422 if problems else 200)


def _done(
    request: HttpRequest, site: Site, code: str, machine: Machine | None, review: ButtonReview, by: Actor
) -> str:
    """What a post of the review asks for, and the sentence that says it is done."""
    if "drop" in request.POST:
        if machine is None or review.record is None or review.shared:
            raise Refused(Problem(_("only a machine's own buttons can be given up"), "machine"))
        act(review.record, "remove", by)
        return _("The machine has the buttons of its line again.")
    _decide(site, code, machine, review, _wanted(request, review), by)
    return _("The buttons are saved and noted as reviewed.")


def _frame(site: Site, code: str, machine: Machine | None, review: ButtonReview, by: Actor) -> dict[str, Any]:
    machines = visible(Machine, by).filter(site=site, line__code=code).order_by("position", "code")
    own = set(visible(MachineButtons, by).filter(machine__in=machines).values_list("machine", flat=True))
    stops_line = machine_that_stops(site, code, clock.now_us(), by)
    return {
        "page_title": _("Buttons of stop reasons: %(code)s") % {"code": machine.code if machine else code},
        "code": code,
        "machine": machine,
        "machines": [{"machine": one, "own": one.pk in own} for one in machines],
        "stops_line": stops_line,
        "covered": any(one.code == stops_line and one.pk in own for one in machines),
        "review": review,
        "reviewed": _reviewed(review),
        "may": by.holds(REVIEWERS, site.pk),
        "any_proposal": any(one.proposed for one in review.places),
    }


def _reviewed(review: ButtonReview) -> Any:
    at_us = review.record.reviewed_us if review.record is not None else None
    return clock.from_us(at_us) if at_us is not None else None


def _wanted(request: HttpRequest, review: ButtonReview) -> dict[int, str]:
    """Reason codes by place: as the form says, or the proposals in their places."""
    if request.POST.get("take") == "proposals":
        chosen = {one.place: one.proposed or one.reason for one in review.places}
        return {place: reason.code for place, reason in chosen.items() if reason is not None}
    given = {place: request.POST.get(f"place-{place}", "") for place in range(1, PLACES + 1)}
    return {place: reason for place, reason in given.items() if reason}


def _decide(
    site: Site, code: str, machine: Machine | None, review: ButtonReview, wanted: dict[int, str], by: Actor
) -> None:
    if not by.holds(REVIEWERS, site.pk):
        raise Refused(Problem(_("your role does not allow to review buttons here")), Kind.forbidden)
    offered = {one.code: one for one in questions.reasons_offered(site, by)}
    problems = [
        Problem(_("there is no such downtime reason"), f"place-{place}", reason, ", ".join(sorted(offered)))
        for place, reason in wanted.items()
        if reason not in offered
    ]
    twice = {reason for reason in wanted.values() if list(wanted.values()).count(reason) > 1}
    problems += [
        Problem(_("has two buttons"), f"place-{place}", reason, _("each reason in one place"))
        for place, reason in wanted.items()
        if reason in twice
    ]
    if problems:
        raise Refused(problems)
    rows = [{"place": place, "reason": offered[reason]} for place, reason in sorted(wanted.items())]
    with writing():
        saved: Record
        if machine is not None and review.shared:
            saved = act(MachineButtons, "create", by, {"site": site, "machine": machine, "places": rows})
        elif review.record is None:
            line = visible(Line, by).get(site=site, code=code)
            saved = act(ReasonButtons, "create", by, {"site": site, "line": line, "places": rows})
        else:
            saved = act(review.record, "edit", by, {"places": rows})
        act(saved, "review", by)


@require_GET
@signed_in
def refused(request: HttpRequest) -> HttpResponse:
    """Taps that were not done, with why; who tapped is told on the tablet, not here."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        raise Http404
    rows = [
        {
            "at": clock.from_us(one.tapped_us),
            "arrived": clock.from_us(one.arrived_us),
            "tablet": one.session.device.name if one.session.device is not None else _("signed-in page"),
            "seq": one.seq,
            "kind": one.kind,
            "data": ", ".join(f"{name} {value}" for name, value in one.data.items()),
            "why": "; ".join(str(problem_of(problem)) for problem in one.problems),
            "word": one.get_outcome_display(),
        }
        for one in refused_taps(site, by)[:SHOWN]
    ]
    frame = {
        "page_title": _("Refused taps"),
        "rows": rows,
        "most": SHOWN,
        "reasons_url": address(ReasonButtons),
    }
    return render(request, "execution/terminal/refused.html", frame)
