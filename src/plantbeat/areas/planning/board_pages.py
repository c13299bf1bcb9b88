"""The board: the schedule as bars that can be moved, with the consequences before the drop."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.areas.planning import questions
from plantbeat.areas.planning.actions import ask_for_schedule
from plantbeat.areas.planning.board_data import bar, board_data, machines_of_board
from plantbeat.areas.planning.drafts import is_tunable, ways_to_tune
from plantbeat.areas.planning.pages import dispatched, late_order
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.schedule_change import ScheduleChange
from plantbeat.areas.planning.tuning import actions, calculator
from plantbeat.areas.planning.version_diff import version_before
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may
from plantbeat.kernel.problems import Kind, Refused
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.pages.view import actor_of, found_record, signed_in, site_of, version_of

STATUS = {Kind.forbidden: 403, Kind.conflict: 409, Kind.state: 409, Kind.busy: 503}
SHOWN_CHANGES = 12


def draft_of(request: HttpRequest, pk: int) -> Schedule:
    """The version of an address; 404 for one the actor may not see."""
    return cast("Schedule", found_record(Schedule, actor_of(request), pk))


@require_GET
@signed_in
def board(request: HttpRequest) -> HttpResponse:
    """The newest version, or the one asked for with `?version=`, as a board."""
    by, site = actor_of(request), site_of(request)
    wanted, chosen = request.GET.get("version", ""), None
    if wanted.isdigit():
        chosen = draft_of(request, int(wanted))
    elif site is not None:
        rows = visible(Schedule, by).filter(site=site, solved_us__isnull=False)
        chosen = rows.exclude(state=str(Schedule.State.discarded)).order_by("-pk").first()
    frame: dict[str, Any] = {
        "page_title": _("Board"),
        "crumbs": [{"label": _("Schedule"), "url": schedule_address(chosen)}],
        "schedule": chosen,
        "now_at": clock.now(),
    }
    if chosen is None or chosen.solved_us is None:
        return render(request, "planning/board.html", frame)
    tunable = is_tunable(chosen, by)
    if tunable:
        calculator.warm(chosen.pk, chosen.version)
    frame |= _board_frame(chosen, by, tunable) | _dispatch(chosen, by, request.GET.get("machine", ""))
    return render(request, "planning/board.html", frame)


def _board_frame(chosen: Schedule, by: Actor, tunable: bool) -> dict[str, Any]:
    before = version_before(chosen, by)
    changes = visible(ScheduleChange, by).filter(schedule=chosen).select_related("order", "machine")
    shown = list(changes.order_by("-place")[:SHOWN_CHANGES])
    return {
        **ways_to_tune(chosen, by),
        "board": board_data(chosen, by, tunable=tunable),
        "before": before,
        "changes": [_change(one) for one in shown],
        "may_take_back": any(one.kind == "move" and one.state == "done" for one in shown),
        "late": [late_order(row) for row in questions.late_orders(chosen)],
        "state": chosen.states()[chosen.state],
        "may_publish": not may(chosen, "publish", by),
        "figures": _figures(chosen, before),
        "frozen_until": None if chosen.frozen_until_us is None else clock.from_us(chosen.frozen_until_us),
    }


def _figures(chosen: Schedule, before: Schedule | None) -> list[dict[str, Any]]:
    def figure(name: str, value: int, was: int | None, minutes: bool) -> dict[str, Any]:
        change = None if was is None else value - was
        return {"name": name, "value": value, "change": change, "minutes": minutes}

    old = before if before is not None and before.solved_us is not None else None
    was = (None, None, None) if old is None else (old.late_orders, old.late_minutes, old.setup_minutes)
    late, minutes, setup = chosen.late_orders, chosen.late_minutes, chosen.setup_minutes
    return [
        figure(_("Late orders"), late, was[0], minutes=False),
        figure(_("Late in all"), minutes, was[1], minutes=True),
        figure(_("Set-up"), setup, was[2], minutes=True),
    ]


def _change(one: ScheduleChange) -> dict[str, Any]:
    return {
        "kind": one.get_kind_display(),
        "order": one.order,
        "step": one.step,
        "machine": one.machine,
        "until": None if one.until_us is None else clock.from_us(one.until_us),
        "late_orders": one.late_orders,
        "late_minutes": one.late_minutes,
        "setup_minutes": one.setup_minutes,
        "taken_back": one.state != "done",
        "link": address_of(one),
    }


def _dispatch(chosen: Schedule, by: Actor, wanted: str) -> dict[str, Any]:
    machines = {one.code: one.name for one in machines_of_board(chosen, by)}
    shown = wanted if wanted in machines else next(iter(machines), "")
    rows = questions.dispatch_list(chosen, shown, clock.now_us())
    return {
        "machines": list(machines.items()),
        "machine": shown,
        "dispatch": [dispatched(one) for one in rows],
    }


@require_GET
@signed_in
def preview(request: HttpRequest, pk: int) -> JsonResponse:
    """What a move would do, as JSON; nothing is written."""
    draft = draft_of(request, pk)
    try:
        if not is_tunable(draft, actor_of(request)):
            raise Refused(_("this version is not a draft for tuning"), Kind.state)
        asked = asked_move(request.GET.dict())
        given = request.GET.get("version", "")
        version = int(given) if given.isdigit() else draft.version
        return JsonResponse(calculator.ask("preview", draft.pk, version, asked))
    except Refused as refused:
        return refusal(refused)


def asked_move(given: dict[str, str]) -> dict[str, Any]:
    """A move as a form or a script sends it. Raises `Refused` naming what is missing."""
    for name in ("order", "step", "machine"):
        if not given.get(name):
            raise Refused(_("%(field)s is required") % {"field": name})
    asked: dict[str, Any] = {name: given[name] for name in ("order", "step", "machine")}
    after = given.get("after", "")
    if after:
        asked["after_order"], _slash, asked["after_step"] = after.rpartition("/")
    if given.get("at_us"):
        asked["at_us"] = given["at_us"]
    for name in ("step", "after_step", "at_us"):
        if name in asked and not str(asked[name]).isdigit():
            raise Refused(_("%(field)s must be a whole number") % {"field": name})
    return asked


def refusal(refused: Refused) -> JsonResponse:
    """A refusal for a script: one sentence, nothing changed."""
    said = "; ".join(str(problem.message) for problem in refused.problems)
    return JsonResponse({"refused": said}, status=STATUS.get(refused.kind, 422))


@require_POST
@signed_in
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move an operation; a script gets the changed bars, a form comes back to the board."""
    by, draft = actor_of(request), draft_of(request, pk)
    script = request.headers.get("Accept", "").startswith("application/json")
    try:
        asked = asked_move(request.POST.dict())
        draft, found = actions.move(draft, version_of(request) or draft.version, asked, by)
    except Refused as refused:
        if script:
            return refusal(refused)
        messages.error(request, str(refused))
        return redirect(board_address(pk))
    if not script:
        messages.success(request, _("%(order)s is moved.") % {"order": asked["order"]})
        return redirect(board_address(pk, asked["machine"]))
    return JsonResponse({"version": draft.version, "bars": _bars_of(draft), "moved": found["moved"]})


def _bars_of(draft: Schedule) -> list[dict[str, Any]]:
    since_us = clock.now_us() - 24 * 3_600_000_000
    planned = [one for one in questions.planned_operations(draft) if one.end_us > since_us]
    orders = {row.order_id: row for row in draft.planned_orders.all()}
    last = {one.order_id: one.step for one in sorted(planned, key=lambda one: one.step)}
    return [bar(one, orders.get(one.order_id), last=last[one.order_id] == one.step) for one in planned]


def board_address(pk: int, machine: str = "") -> str:
    """The board of a version, with the list of a machine."""
    listed = f"&{urlencode({'machine': machine})}" if machine else ""
    return f"{reverse('board')}?version={pk}{listed}"


def schedule_address(one: Schedule | None) -> str:
    """The page of a version, or of the one that is looked at first."""
    return f"{reverse('schedule')}?version={one.pk}" if one is not None else reverse("schedule")


@require_POST
@signed_in
def tune(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a draft from a version, and go to its board."""
    try:
        draft = actions.tune(draft_of(request, pk), actor_of(request))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(board_address(pk))
    return redirect(board_address(draft.pk))


@require_POST
@signed_in
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Freeze, hold, take back, solve the rest again, publish or discard; one stays on the page one was on.

    What was discarded leaves its place to the version it was made from.
    """
    by, draft = actor_of(request), draft_of(request, pk)
    version = version_of(request) or draft.version
    try:
        if what == "freeze":
            actions.freeze_until(draft, version, _instant(request.POST.get("until", "")), by)
        elif what == "back":
            actions.take_back(draft, version, by)
        elif what in ("publish", "discard"):
            draft = act(draft, what, by, version=version)
            messages.success(request, _("%(number)s: %(state)s") % _in_words(draft))
            if what == "discard":
                return redirect(board_address(draft.based_on_id) if draft.based_on_id else "board")
        elif what == "solve":
            solving = ask_for_schedule(draft.site, by, 10, keeping=draft)
            return redirect(f"{reverse('schedule')}?version={solving.pk}")
        else:
            step = request.POST.get("step", "")
            if not step.isdigit():
                raise Refused(_("%(field)s must be a whole number") % {"field": "step"})
            held = what == "hold"
            actions.hold(draft, version, request.POST.get("order", ""), int(step), held, by)
    except Refused as refused:
        messages.error(request, str(refused))
    on_schedule = request.POST.get("from") == "schedule"
    return redirect(schedule_address(draft) if on_schedule else board_address(pk))


def _in_words(draft: Schedule) -> dict[str, str]:
    """A version and what it is now, for a sentence."""
    return {"number": draft.number, "state": str(draft.states()[draft.state].label)}


def _instant(text: str) -> int | None:
    """µs of a time on the site's clock; None for an empty field. Raises `Refused` for what is no time."""
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused(_("“%(text)s” is not a time such as 2026-03-29T14:05") % {"text": text}) from None
    return clock.to_us(timezone.make_aware(at) if at.tzinfo is None else at)
