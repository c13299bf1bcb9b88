"""Moving an operation with a form: for a phone, for the keyboard alone, without scripts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.planning import questions
from plantbeat.areas.planning.board_data import allowed_machines, machines_of_board
from plantbeat.areas.planning.board_pages import STATUS, asked_move, board_address, draft_of
from plantbeat.areas.planning.drafts import is_tunable
from plantbeat.areas.planning.records.results import PlannedOperation
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.tuning import calculator
from plantbeat.areas.planning.wording import consequences_in_words
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.problems import Kind, Refused
from plantbeat.surfaces.pages.view import actor_of, signed_in

SHOWN_PLACES = 60


@require_GET
@signed_in
def move_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose machine and place of an operation, see what it does, then move it."""
    by, draft = actor_of(request), draft_of(request, pk)
    given = request.GET.dict()
    frame: dict[str, Any] = {
        "page_title": _("Move an operation"),
        "crumbs": [{"label": _("Board"), "url": board_address(pk)}],
        "schedule": draft,
        "given": given,
    }
    try:
        if not is_tunable(draft, by):
            raise Refused(_("this version is not a draft for tuning"), Kind.state)
        frame |= _choices(draft, by, given)
        if given.get("show"):
            asked = asked_move(given)
            found = calculator.ask("preview", draft.pk, draft.version, asked)
            frame |= {"found": found, "said": consequences_in_words(found)}
            frame |= {"start": clock.from_us(found["start_us"]), "end": clock.from_us(found["end_us"])}
    except Refused as refused:
        frame["refused"] = "; ".join(str(problem.message) for problem in refused.problems)
        return render(request, "planning/move.html", frame, status=STATUS.get(refused.kind, 422))
    return render(request, "planning/move.html", frame)


def _choices(draft: Schedule, by: Actor, given: dict[str, str]) -> dict[str, Any]:
    one = _operation(draft, given)
    machines = machines_of_board(draft, by)
    allowed = allowed_machines(draft, machines, by).get(f"{one.order.item_id}/{one.step}", [])
    machine = given.get("machine") if given.get("machine") in allowed else one.machine.code
    rows = questions.dispatch_list(draft, machine or "", clock.now_us()).exclude(pk=one.pk)
    places = [
        {
            "value": f"{row.order.number}/{row.step}",
            "order": row.order,
            "step": row.step,
            "start": clock.from_us(row.start_us),
        }
        for row in rows[:SHOWN_PLACES]
    ]
    return {
        "one": one,
        "start_now": clock.from_us(one.start_us),
        "machines": [(code, name) for code, name in ((m.code, m.name) for m in machines) if code in allowed],
        "machine": machine,
        "places": places,
    }


def _operation(draft: Schedule, given: dict[str, str]) -> PlannedOperation:
    step = given.get("step", "")
    rows = questions.planned_operations(draft).filter(order__number=given.get("order", ""))
    found = rows.filter(step=int(step)).first() if step.isdigit() else None
    if found is None:
        values = {"order": given.get("order", ""), "step": step, "version": draft.number}
        raise Refused(_("%(version)s does not hold step %(step)s of %(order)s") % values)
    return found
