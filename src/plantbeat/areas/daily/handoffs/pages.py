"""17:00: what waits to be signed, one handoff to read, edit and sign, and the search over those of a year."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from plantbeat.areas.daily.handoffs import questions
from plantbeat.areas.daily.handoffs.actions import opened_to_sign, refreshed
from plantbeat.areas.daily.handoffs.editing import Edit, edit_handoff, sign_out
from plantbeat.areas.daily.handoffs.laddering import reference_of
from plantbeat.areas.daily.handoffs.printing import handoff_pdf
from plantbeat.areas.daily.handoffs.reading import read_handoff
from plantbeat.areas.daily.records.contingency_plan import PLANNERS, ContingencyPlan
from plantbeat.areas.daily.records.handoff import SIGNERS, Handoff
from plantbeat.areas.daily.records.paper_rule import PaperSize
from plantbeat.areas.execution.andon.timeline import rungs_ahead, rungs_told
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

ADDED_AT_ONCE = 3
LATEST = 12
STATUS = {Kind.forbidden: 403, Kind.conflict: 409}


@require_GET
@signed_in
def handoffs(request: HttpRequest) -> HttpResponse:
    """What waits, the latest, and what a search over the last year finds."""
    by, site = actor_of(request), site_of(request)
    text = request.GET.get("q", "").strip()
    context: dict[str, Any] = {
        "page_title": _("Handoff"), "text": text,
        "list_url": address(Handoff), "plans_url": address(ContingencyPlan),
        "new_plan_url": address(ContingencyPlan, "new"),
        "may_plan": site is not None and by.holds(PLANNERS, site.pk),
    }  # fmt: skip
    if site is not None:
        found = questions.handoffs_saying(site, text, by)
        shown = found if text else found[:LATEST]
        names = questions.signers(shown, by)
        context |= {
            "waiting": [_card(one) for one in questions.handoffs_waiting(site, by)],
            "rows": [_row(one, names) for one in shown],
            "more": len(found) == questions.MOST_FOUND and bool(text),
        }
    return render(request, "daily/handoffs.html", context)


def _card(one: questions.HandoffWaiting) -> dict[str, Any]:
    if one.overdue:
        status, word = "act", _("Overdue")
    elif one.sign == "out":
        status, word = "open", _("To be signed out")
    else:
        status, word = "waiting", _("To be signed in")
    return {
        "one": one, "status": status, "word": word, "at": clock.from_us(one.boundary_us),
        "due": clock.from_us(one.due_us) if one.due_us else None,
        "do": _("Read and sign out") if one.sign == "out" else _("Read and sign in"),
    }  # fmt: skip


def _row(one: Handoff, names: dict[str, str]) -> dict[str, Any]:
    return {
        "handoff": one, "at": clock.from_us(one.boundary_us), "state": Handoff.states()[one.state],
        "out_by": names.get(one.signed_out_by, ""), "in_by": names.get(one.signed_in_by, ""),
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@signed_in
def handoff(request: HttpRequest, number: str) -> HttpResponse:
    """One handoff: read, edited, signed out, signed in."""
    found, by = _found(request, number)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            done = _do(found, request.POST, by)
        except Refused as error:
            refused = error
            found, by = _found(request, number)
        else:
            messages.success(request, done)
            if "to_start_up" in request.POST:
                return redirect("start_up")
            return redirect("handoff", number=number)
    else:
        found = opened_to_sign(found, by)
    context = _frame(found, by) | {"problems": refused.problems if refused else []}
    if refused:
        context["typed"] = _typed(request.POST)
    status = STATUS.get(refused.kind, 422) if refused else 200
    return render(request, "daily/handoff.html", context, status=status)


def _found(request: HttpRequest, number: str) -> tuple[Handoff, Actor]:
    by, site = actor_of(request), site_of(request)
    found = questions.handoff_numbered(site, number, by) if site is not None else None
    if found is None:
        raise Http404
    return found, by


def _do(found: Handoff, given: QueryDict, by: Actor) -> str:
    """What the pressed button asks for; says what was done. Raises `Refused`."""
    verb, secret = given.get("do", ""), given.get("secret", "")
    asked = {"questions": given.get("questions", "").strip()}
    if verb == "refresh":
        if not by.holds(SIGNERS, found.site_id):
            raise Refused(Problem(_("your role does not allow to refresh a draft")), Kind.forbidden)
        refreshed(found)
        return _("The draft is as new as the facts are.")
    if verb == "save":
        edit_handoff(found, _edit(found, given), by)
        return _("Your changes are saved.")
    if verb == "sign_out":
        sign_out(found, _edit(found, given), by, secret)
        return _("Signed out. Whoever takes over signs it in.")
    if verb == "sign_in":
        act(found, "sign_in", by, asked, secret=secret)
        return _("Signed in. The shift is yours.")
    if verb == "take_over":
        act(found, "take_over", by, asked, secret=secret, reason=given.get("reason", ""))
        return _("Signed in without a sign-out. The shift is yours.")
    if verb == "archive":
        act(found, "archive", by, {"answers": given.get("answers", "").strip()})
        return _("Archived.")
    allowed = "save, refresh, sign_out, sign_in, take_over, archive"
    raise Refused(Problem(_("there is no such action"), "do", verb, allowed))


def _edit(found: Handoff, given: QueryDict) -> Edit:
    """The edit a posted form says; a sentence the form does not show stays as it is."""
    codes = frozenset(given.getlist("seen"))
    added = [(given.get(f"added-{n}", ""), f"added-{n}-unsafe" in given) for n in range(1, ADDED_AT_ONCE + 1)]
    return Edit(
        note=given.get("note", found.note),
        words={code: given.get(f"words:{code}", "") for code in codes if f"words:{code}" in given},
        left_out=frozenset(given.getlist("left_out")),
        added=added,
        seen=codes,
    )


def _typed(given: QueryDict) -> dict[str, Any]:
    """What somebody had written into a form that was refused; never the password."""
    return {
        "note": given.get("note"), "questions": given.get("questions", ""),
        "reason": given.get("reason", ""), "answers": given.get("answers", ""),
        "words": {key[6:]: value for key, value in given.items() if key.startswith("words:")},
        "left_out": given.getlist("left_out"),
        "added": [
            (given.get(f"added-{n}", ""), f"added-{n}-unsafe" in given) for n in range(1, ADDED_AT_ONCE + 1)
        ],
    }  # fmt: skip


def _frame(found: Handoff, by: Actor) -> dict[str, Any]:
    read = read_handoff(found, by)
    return {
        "page_title": f"{_('Handoff')} {found.where}",
        "crumbs": [{"label": _("Handoff"), "url": "/handoff/"}],
        "handoff": found,
        "read": read,
        "history_url": address_of(found),
        "papers": PaperSize.choices,
        "told": _told(found, by),
        "ahead": rungs_ahead(reference_of(found), by),
        "typed": {"note": found.note, "added": [("", False)] * ADDED_AT_ONCE},
    }


def _told(found: Handoff, by: Actor) -> list[dict[str, Any]]:
    """Who was told that nobody signed: each person once a rung, with every channel that was tried."""
    people: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in rungs_told(reference_of(found), by):
        at = clock.from_us(one.at_us)
        key = (one.what, one.who, f"{at:%m-%d %H:%M}")
        person = people.setdefault(key, {"what": one.what, "who": one.who, "at": at, "ways": []})
        person["ways"].append(one)
    return list(people.values())


@require_GET
@signed_in
def handoff_paper(request: HttpRequest, number: str) -> HttpResponse:
    """A handoff as a PDF, on the site's paper or the one asked for."""
    found, by = _found(request, number)
    made = handoff_pdf(found, by, request.GET.get("paper", ""))
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    return answer
