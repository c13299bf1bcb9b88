"""The quarantine: what was not believed and why, what a release would do, releasing and discarding."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plantbeat.areas.execution.kpis.evidence import KIND_WORDS
from plantbeat.facts.kinds import KINDS
from plantbeat.facts.models import Quarantine
from plantbeat.facts.quarantine import Fault
from plantbeat.facts.questions import assets, quarantined, quarantined_by_fault
from plantbeat.facts.release import Consequences, consequences
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may
from plantbeat.kernel.problems import Problem, Refused, Text
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.pages.detail import history
from plantbeat.surfaces.pages.view import actor_of, found_record, signed_in, site_of

PAGE = 50
SHOWN_REFUSALS = 5
UNPROCESSABLE = 422
FIELDS = ("asset", "t", "kind", "body")

WHAT_TO_DO: dict[Fault, Text] = {
    Fault.malformed: gettext_lazy(
        "It could not be read as a fact. Put the sender right; what was meant can be written below and"
        " released."
    ),
    Fault.unknown_kind: gettext_lazy(
        "Nothing of this kind is known. Choose the kind that was meant, or discard it."
    ),
    Fault.bad_body: gettext_lazy("The content does not fit its kind. Put it right below, or discard it."),
    Fault.bad_time: gettext_lazy("The time could not be read. Give the time it happened, or discard it."),
    Fault.impossible_clock: gettext_lazy(
        "The clock of the source was wrong. Give the time it happened if you know it, else discard it."
    ),
    Fault.unknown_asset: gettext_lazy(
        "No asset with this code was in use at that time. Add it and release the fact as it is, or choose"
        " another."
    ),
    Fault.conflict: gettext_lazy(
        "The source used this number before, for other content. One of the two is wrong: take the stored fact"
        " back and record the right one, or discard this."
    ),
}


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """What waits, counted by reason; with `?state=` what was released or discarded; `?fault=` one reason."""
    by, site = actor_of(request), site_of(request)
    states = Quarantine.states()
    state = request.GET.get("state", "open")
    state = state if state in states else "open"
    fault = request.GET.get("fault", "")
    context: dict[str, Any] = {"page_title": _("Quarantine"), "states": list(states.values()), "state": state}
    if site is not None:
        rows = quarantined(by, state).filter(site=site)
        if fault in set(Fault):
            rows = rows.filter(fault=fault)
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context |= {
            "counts": _counts(by, site),
            "fault": fault,
            "fault_word": Fault(fault).label if fault in set(Fault) else "",
            "page": page,
            "rows": [_row(row) for row in page.object_list],
            "base_query": f"state={state}&fault={fault}&",
            "may_act": state == "open" and any(not may(row, "discard", by) for row in page.object_list[:1]),
            "asked_us": clock.now_us(),
        }
    return render(request, "execution/quarantine.html", context)


def _counts(by: Actor, site: Site) -> list[dict[str, Any]]:
    return [
        {
            "fault": one.fault.value,
            "word": one.fault.label,
            "n": one.n,
            "first": clock.from_us(one.first_us),
            "last": clock.from_us(one.last_us),
            "todo": WHAT_TO_DO[one.fault],
        }
        for one in quarantined_by_fault(by, site.pk)
    ]


def _row(held: Quarantine) -> dict[str, Any]:
    return {
        "held": held,
        "url": reverse("quarantined", kwargs={"pk": held.pk}),
        "fault": Fault(held.fault).label,
        "kind": KIND_WORDS.get(held.kind, held.kind),
        "said_at": _local(held.t),
        "received": clock.from_us(held.received_us),
    }


def _local(sent: str) -> str:
    """The time a source gave, as local time where it is microseconds; else as it was sent."""
    if not sent.lstrip("-").isdigit():
        return sent
    try:
        return f"{timezone.localtime(clock.from_us(int(sent))):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError):
        return sent


def _with_offset(sent: str) -> str:
    """The time a source gave in µs as people write one; exactly the same instant."""
    if not sent.lstrip("-").isdigit():
        return sent
    try:
        return timezone.localtime(clock.from_us(int(sent))).isoformat()
    except (OverflowError, ValueError):
        return sent


@require_http_methods(["GET", "POST"])
@signed_in
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One quarantined fact; by POST `do=look` shows what a release would do, else it is done."""
    by = actor_of(request)
    held = found_record(Quarantine, by, pk)
    if not isinstance(held, Quarantine):
        raise Http404
    given = {name: request.POST.get(name, getattr(held, name)).strip() for name in FIELDS}
    given["t"] = given["t"] if "t" in request.POST else _with_offset(given["t"])
    shown: dict[str, Any] = {"fields": given, "kind_known": given["kind"] in KINDS}
    status = 200
    if request.method == "POST":
        try:
            done = _done(request, held, by, given)
        except Refused as refused:
            shown |= {"problems": refused.problems, "wrong": {p.field for p in refused.problems if p.field}}
            status = UNPROCESSABLE
        else:
            if done is None:
                return redirect("quarantine")
            shown |= {"consequences": done, "consequences_at": clock.from_us(done.at_us)}
    return render(request, "execution/quarantined.html", _frame(held, by) | shown, status=status)


def _done(request: HttpRequest, held: Quarantine, by: Actor, given: dict[str, str]) -> Consequences | None:
    verb, version = request.POST.get("do"), request.POST.get("version", "")
    known = int(version) if version.isdigit() else None
    if verb == "look":
        return consequences(held.pk, by, given)
    if verb == "release":
        act(held, "release", by, given, version=known)
        messages.success(request, _("%(number)s is released.") % {"number": held.number})
    elif verb == "discard":
        act(held, "discard", by, version=known, reason=request.POST.get("reason", ""))
        messages.success(request, _("%(number)s is discarded.") % {"number": held.number})
    else:
        raise Refused(Problem(_("there is no such action"), "do", verb, "look, release, discard"))
    return None


def _frame(held: Quarantine, by: Actor) -> dict[str, Any]:
    codes = assets(by).filter(site=held.site_id, valid_to_us=None).values_list("code", "name")
    return {
        "page_title": f"{held.number}: {Fault(held.fault).label}",
        "crumbs": [{"label": _("Quarantine"), "url": reverse("quarantine")}],
        "held": held,
        "state": held.states()[held.state],
        "todo": WHAT_TO_DO[Fault(held.fault)],
        "raw": _pretty(held.raw),
        "said_at": _local(held.t),
        "received": clock.from_us(held.received_us),
        "source_url": address_of(held.source),
        "record_url": address_of(held),
        "why_not_release": may(held, "release", by),
        "why_not_discard": may(held, "discard", by),
        "codes": list(codes.order_by("code")),
        "kinds": [(code, KIND_WORDS[code]) for code, kind in KINDS.items() if kind.sent],
        "history": history(held, by)[:20],
    }


def _pretty(raw: str) -> str:
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        return raw


@require_POST
@signed_in
def many(request: HttpRequest) -> HttpResponse:
    """Release the chosen facts as they stand, or discard them with one reason; each is judged on its own."""
    by, verb = actor_of(request), request.POST.get("do", "")
    chosen = [int(pk) for pk in request.POST.getlist("chosen") if pk.isdigit()][:PAGE]
    reason = request.POST.get("reason", "")
    if not chosen or verb not in ("release", "discard"):
        messages.error(request, _("Choose at least one row."))
        return redirect("quarantine")
    refusals, done = [], 0
    for pk in chosen:
        held = found_record(Quarantine, by, pk)
        try:
            act(held, verb, by, reason=reason if verb == "discard" else "")
            done += 1
        except Refused as refused:
            refusals.append(f"{held}: {refused}")
    if done:
        said = ngettext("%(n)s fact released.", "%(n)s facts released.", done)
        if verb == "discard":
            said = ngettext("%(n)s fact discarded.", "%(n)s facts discarded.", done)
        messages.success(request, said % {"n": done})
    for text in refusals[:SHOWN_REFUSALS]:
        messages.error(request, text)
    if len(refusals) > SHOWN_REFUSALS:
        messages.error(
            request, _("… and %(n)s more stay as they are.") % {"n": len(refusals) - SHOWN_REFUSALS}
        )
    return redirect("quarantine")
