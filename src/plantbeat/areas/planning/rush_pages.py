"""A rush order: up to three ways to put it in, and who becomes late, before anything is accepted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plantbeat.areas.planning import questions
from plantbeat.areas.planning.board_pages import STATUS, board_address, draft_of
from plantbeat.areas.planning.drafts import is_tunable
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.tuning import actions, calculator
from plantbeat.areas.planning.wording import consequences_in_words
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.schema import parsed
from plantbeat.surfaces.pages.view import actor_of, signed_in, version_of

FIELDS = ("item", "quantity", "due", "weight", "customer")
REQUIRED = ("item", "quantity", "due")


@require_http_methods(["GET", "POST"])
@signed_in
def rush(request: HttpRequest, pk: int) -> HttpResponse:
    """The form and, with `?show=1`, the ways to insert the order; a POST accepts one of them."""
    by, draft = actor_of(request), draft_of(request, pk)
    given = (request.POST if request.method == "POST" else request.GET).dict()
    frame: dict[str, Any] = {
        "page_title": _("Rush order"),
        "crumbs": [{"label": _("Board"), "url": board_address(pk)}],
        "schedule": draft,
        "given": given,
        "waiting": _not_in(draft, by),
    }
    try:
        if not is_tunable(draft, by):
            raise Refused(_("this version is not a draft for tuning"), Kind.state)
        if request.method == "POST":
            return _accepted(request, draft, given, by)
        if given.get("show"):
            order, asked = _asked(draft, given, by)
            found = calculator.ask("rush", draft.pk, draft.version, asked)
            frame |= {"options": [_option(one) for one in found["options"]], "order": order}
    except Refused as refused:
        frame["problems"] = refused.problems
        frame["faulty"] = {problem.field for problem in refused.problems}
        return render(request, "planning/rush.html", frame, status=STATUS.get(refused.kind, 422))
    return render(request, "planning/rush.html", frame)


def _accepted(request: HttpRequest, draft: Schedule, given: dict[str, Any], by: Actor) -> HttpResponse:
    order, _plain = _asked(draft, given, by)
    data = {} if order is not None else _new(draft, given)
    kind, version = str(given.get("kind", "")), version_of(request) or draft.version
    draft, order = actions.insert_rush(draft, version, data, kind, by, order)
    messages.success(request, _("%(order)s is in the draft.") % {"order": order.number})
    return redirect(board_address(draft.pk))


def _not_in(draft: Schedule, by: Actor) -> list[WorkOrder]:
    """Open orders that the draft does not hold: those that came after it was made."""
    if draft.site_id is None:
        return []
    rows = questions.open_orders(draft.site, by).exclude(state=str(WorkOrder.State.held))
    return list(rows.exclude(pk__in=draft.planned_orders.values("order"))[:50])


def _asked(draft: Schedule, given: dict[str, Any], by: Actor) -> tuple[WorkOrder | None, dict[str, Any]]:
    """The order as the calculator takes it: one that is known, or the fields of a new one."""
    if number := str(given.get("order", "")).strip():
        order = next((one for one in _not_in(draft, by) if one.number == number), None)
        if order is None:
            message = _("%(order)s is not an open order outside this version") % {"order": number}
            raise Refused(Problem(message, "order", number))
        return order, {"id": order.pk}
    data = _new(draft, given)
    plain = {"item": data["item"].pk, "quantity": str(data["quantity"]), "due": data["due"].isoformat()}
    return None, plain | {"weight": data["weight"]}


def _new(draft: Schedule, given: dict[str, Any]) -> dict[str, Any]:
    missing = [Problem(_("is required"), name) for name in REQUIRED if not str(given.get(name, "")).strip()]
    if missing:
        raise Refused(missing)
    values = parsed(WorkOrder, {name: given.get(name, "") for name in FIELDS}, draft.site_id, FIELDS)
    if values["quantity"] <= 0:
        raise Refused(Problem(_("must be more than zero"), "quantity", values["quantity"]))
    if values["due"] <= clock.now():
        raise Refused(Problem(_("lies in the past"), "due", given.get("due")))
    return values


def _option(one: dict[str, Any]) -> dict[str, Any]:
    names = {
        "soonest": (_("As soon as possible"), _("done as early as the frozen part allows")),
        "least_harm": (_("Least harm"), _("the fewest minutes late over all orders, by their weight")),
        "no_harm": (_("Without harm"), _("nobody else becomes later than now")),
    }
    name, meaning = names[one["kind"]]
    steps = [
        (step, machine, clock.from_us(at), clock.from_us(end)) for step, machine, at, end in one["steps"]
    ]
    return one | {
        "name": name,
        "meaning": meaning,
        "finish": clock.from_us(one["finish_us"]),
        "said": consequences_in_words(one),
        "steps": steps,
    }
