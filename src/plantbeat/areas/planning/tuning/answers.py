"""What the calculator answers: plain data in, plain data out, so that it can go between processes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _

from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.schedule_change import ChangeKind, ScheduleChange
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.site_problem import SCHEDULER
from plantbeat.areas.planning.solving import operation_rows, order_rows, summary_of
from plantbeat.areas.planning.tuning.draft import Draft, load_draft
from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel.access import visible
from plantbeat.kernel.problems import Kind, Problem, Refused

if TYPE_CHECKING:
    from plantbeat.engine.schedule import Schedule as Plan
    from plantbeat.engine.schedule.whatif import Bench, Consequences, Move

Answer = dict[str, Any]
KEPT = 4
"""Drafts kept at hand."""
NAMED = 8
"""Orders named in a preview."""
SHOWN_BARS = 300

_drafts: OrderedDict[tuple[int, int], Draft] = OrderedDict()
_results: OrderedDict[str, Draft] = OrderedDict()


def warm(pk: int, version: int) -> Answer:
    """Lay a draft out, so that the first preview is as quick as the next."""
    draft = _draft(pk, version)
    return {"frozen_us": draft.at_us(draft.freeze_minute), "pinned": _pinned(draft)}


def preview(pk: int, version: int, asked: dict[str, Any]) -> Answer:
    """What a move would do; nothing is written."""
    draft = _draft(pk, version)
    move = _move(draft, asked)
    plan = _moved(draft, move)
    answer = _said(draft, draft.plan, plan)
    row = move.operation
    answer |= {
        "start_us": draft.at_us(int(plan.start[row])),
        "end_us": draft.at_us(int(plan.end[row])),
        "setup_us": draft.at_us(int(plan.setup_start[row])),
        "machine": draft.made.machines[move.machine].code,
    }
    return answer


def moved(pk: int, version: int, asked: dict[str, Any], token: str) -> Answer:
    """The rows of a draft after a move, checked, and what the move does."""
    draft = _draft(pk, version)
    move = _move(draft, asked)
    answer = _changed(draft, _moved(draft, move), token)
    answer |= {"after": None, "frozen_us": draft.at_us(draft.freeze_minute)}
    if move.after >= 0:
        order, step = draft.made.operations[move.after]
        answer["after"] = [order.number, step.step]
    return answer


def replayed(pk: int, version: int, token: str) -> Answer:
    """The rows of a draft without its last move: the version it was made from, and the moves before.

    Raises `Refused` where that is not possible any more.
    """
    draft = _draft(pk, version)
    start = load_draft(cast("int", draft.schedule.based_on_id))
    now = draft.with_plan(start.plan) if start.rows == draft.rows else None
    if now is None:
        raise Refused(_("a rush order was added; discard the draft to go back behind it"), Kind.state)
    changes = _changes(draft.schedule)
    last = max(place for place, change in enumerate(changes) if change.kind == ChangeKind.move)
    held: set[int] = set()
    for place, change in enumerate(changes):
        order, step = cast("WorkOrder", change.order), cast("int", change.step)
        row = now.row(order.number, step)
        if change.kind != ChangeKind.move:
            (held.add if change.kind == ChangeKind.hold else held.discard)(row)
        elif place != last:
            now = now.with_plan(_moved(now, _move(now, _asked(change)), _bench_then(now, change, held)))
    return _changed(draft, now.plan, token)


def rush(pk: int, version: int, order: dict[str, Any]) -> Answer:
    """Ways to insert an order into a draft: for each, when it is done and who becomes late."""
    draft, options = _rush(pk, version, order)
    return {"options": [_option(draft, one) for one in options]}


def rushed(pk: int, version: int, order: dict[str, Any], kind: str, token: str) -> Answer:
    """The rows of a draft with an order inserted in one of the ways."""
    draft, options = _rush(pk, version, order)
    chosen = next((one for one in options if one.kind == kind), None)
    if chosen is None:
        raise Refused(_("this way is not possible any more; look at the ways again"), Kind.conflict)
    return _changed(draft, chosen.schedule, token) | _option(draft, chosen)


def confirm(token: str, pk: int, version: int) -> Answer:
    """A result has been written as this version of the draft: what was computed is at hand for it."""
    result = _results.pop(token, None)
    if result is not None:
        result.schedule.version = version
        _keep(pk, version, result)
    return {}


ANSWERS = {one.__name__: one for one in (warm, preview, moved, replayed, rush, rushed, confirm)}


def _draft(pk: int, version: int) -> Draft:
    key = pk, version
    if key not in _drafts:
        draft = load_draft(pk)
        if draft.schedule.version != version:
            message = _("somebody else has changed the draft; load the board again")
            raise Refused(Problem(message, "version", version), Kind.conflict)
        _keep(pk, version, draft)
    _drafts.move_to_end(key)
    return _drafts[key]


def _keep(pk: int, version: int, draft: Draft) -> None:
    for old in [key for key in _drafts if key[0] == pk]:
        del _drafts[old]
    _drafts[pk, version] = draft
    while len(_drafts) > KEPT:
        _drafts.popitem(last=False)


def _pinned(draft: Draft) -> list[list[Any]]:
    pinned = draft.bench().pinned
    return [[order, step] for (order, step), row in draft.rows.items() if pinned[row]]


def _changes(schedule: Schedule) -> list[ScheduleChange]:
    kinds = [ChangeKind.move.value, ChangeKind.hold.value, ChangeKind.release.value]
    changes = visible(ScheduleChange, SCHEDULER).filter(schedule=schedule, state="done", kind__in=kinds)
    return list(changes.select_related("order", "machine", "after_order").order_by("place"))


def _asked(change: ScheduleChange) -> dict[str, Any]:
    order, machine, after = change.order, change.machine, change.after_order
    asked = {"order": order and order.number, "step": change.step, "machine": machine and machine.code}
    return asked | ({"after_order": after.number, "after_step": change.after_step} if after else {})


def _bench_then(draft: Draft, change: ScheduleChange, held: Collection[int]) -> Bench:
    """What was frozen when a change was made."""
    from plantbeat.engine.schedule.freezing import frozen_until
    from plantbeat.engine.schedule.whatif import Bench

    minute = draft.minute(change.frozen_us or draft.made.origin_us)
    return Bench(frozen_until(draft.made.problem, draft.plan, minute, sorted(held)))


def _move(draft: Draft, asked: dict[str, Any]) -> Move:
    """A move as the board asks for it: behind an operation, or about a wanted start."""
    from plantbeat.engine.schedule.whatif import Move, place_at

    row = draft.row(asked["order"], int(asked["step"]))
    machine = draft.machine(asked["machine"])
    if asked.get("at_us") is not None:
        return place_at(draft.plan, row, machine, draft.minute(int(asked["at_us"])))
    if not asked.get("after_order"):
        return Move(row, machine, -1)
    after = draft.row(asked["after_order"], int(asked["after_step"]))
    if int(draft.plan.machine[after]) != machine or after == row:
        values = {"after": asked["after_order"], "machine": asked["machine"]}
        raise Refused(Problem(_("%(after)s does not run on %(machine)s") % values, "after"))
    return Move(row, machine, after)


def _moved(draft: Draft, move: Move, bench: Bench | None = None) -> Plan:
    """The plan after a move, with what is frozen now, or what a bench of then has frozen."""
    from plantbeat.engine.schedule.whatif import NotPossibleError

    try:
        return (bench or draft.bench()).moved(draft.plan, move)
    except NotPossibleError as error:
        raise Refused(Problem(_why(draft, error), "machine"), Kind.state) from error


def _why(draft: Draft, error: Any) -> str:
    order, step = draft.made.operations[error.operation]
    values: dict[str, Any] = {"order": order.number, "step": step.step}
    if error.reason == "not_eligible":
        modes = draft.made.problem.modes(error.operation)
        values["allowed"] = ", ".join(draft.made.machines[m].code for m in modes)
    sentence = {
        "pinned": _("step %(step)s of %(order)s is frozen or has begun"),
        "not_eligible": _("step %(step)s of %(order)s cannot run there; allowed: %(allowed)s"),
        "waits_for_itself": _("step %(step)s of %(order)s would come before a step it waits for"),
        "no_room": _("step %(step)s of %(order)s finds no open time there"),
    }[error.reason]
    return sentence % values


def _said(draft: Draft, before: Plan, after: Plan) -> Answer:
    from plantbeat.engine.schedule.whatif import consequences

    found = consequences(draft.made.problem, before, after)
    return consequences_as_data(draft, found) | {"bars": _bars(draft, before, after)}


def consequences_as_data(draft: Draft, found: Consequences) -> Answer:
    """Consequences with orders named by number."""

    def named(changes: Any) -> list[list[Any]]:
        return [[draft.made.orders[c.order].number, c.before_min, c.after_min] for c in changes]

    return {
        "late_orders": found.late_orders,
        "late_minutes": found.late_minutes,
        "setups": found.setups,
        "setup_minutes": found.setup_minutes,
        "moved": found.moved,
        "newly_late": named(found.newly_late[:NAMED]),
        "later": named(found.later[:NAMED]),
        "sooner": named(found.sooner[:NAMED]),
        "saved": named(found.saved[:NAMED]),
        "harmed": len(found.harmed),
        "helped": len(found.saved) + len(found.sooner),
    }


def _bars(draft: Draft, before: Plan, after: Plan) -> list[list[Any]]:
    """Where operations would go: order, step, machine, set-up, start, end."""
    changed = ((before.start != after.start) | (before.machine != after.machine)).nonzero()[0].tolist()
    found = []
    for row in changed[:SHOWN_BARS]:
        order, step = draft.made.operations[row]
        times = (draft.at_us(int(times[row])) for times in (after.setup_start, after.start, after.end))
        found.append([order.number, step.step, draft.made.machines[int(after.machine[row])].code, *times])
    return found


def _changed(draft: Draft, plan: Plan, token: str) -> Answer:
    """What has to be written: summary, rows of the orders that changed, and the judge's blessing."""
    from plantbeat.engine.schedule import check

    violations = [one for one in check(draft.bench().problem, plan) if one.kind != "deadline"]
    if violations:
        message = _("the schedule did not pass its check: %(first)s") % {"first": violations[0]}
        raise Refused(message, Kind.state)
    old = draft.plan
    rows = (old.start != plan.start) | (old.machine != plan.machine) | (old.setup_start != plan.setup_start)
    order_of = draft.made.problem.order_of
    new = {row for row, order in enumerate(draft.made.orders) if order.pk is None}
    orders = {*order_of[rows.nonzero()[0]].tolist(), *new}
    late = {row for row in range(len(draft.made.orders)) if plan.tardiness[row] > 0}
    steps = operation_rows(draft.schedule, draft.made, plan)
    operations = [_plain(one) for row, one in enumerate(steps) if int(order_of[row]) in orders]
    planned = order_rows(draft.schedule, draft.made, plan)
    _results[token] = draft.with_plan(plan)
    while len(_results) > KEPT:
        _results.popitem(last=False)
    return _said(draft, draft.plan, plan) | {
        "summary": summary_of(draft.made, plan) | {"left_out": draft.schedule.left_out},
        "operations": operations,
        "orders": [_plain(planned[row]) for row in sorted(orders | late)],
    }


def _plain(row: Any) -> dict[str, Any]:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    plain = {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
    return {name: value for name, value in plain.items() if name not in ("id", "schedule_id")}


def _rush(pk: int, version: int, order: dict[str, Any]) -> tuple[Draft, list[Any]]:
    from plantbeat.engine.schedule.whatif import NotPossibleError, insert_rush

    _draft(pk, version)
    draft = load_draft(pk, [_new_order(pk, order)])
    place = len(draft.made.orders) - 1
    if draft.made.left_out:
        _order, why = draft.made.left_out[0]
        raise Refused(Problem(why, "item"))
    try:
        bench, order_of = draft.bench(), draft.made.problem.order_of
        rest = [[o for o in row if order_of[o] != place] for row in bench.sequences(draft.plan)]
        return draft, insert_rush(bench, rest, place)
    except NotPossibleError as error:
        raise Refused(Problem(_why(draft, error), "due"), Kind.state) from error


def _new_order(pk: int, order: dict[str, Any]) -> WorkOrder:
    """The order as it is known (`id`), or as it would be made: nothing is written."""
    if order.get("id"):
        return visible(WorkOrder, SCHEDULER).select_related("item").get(pk=order["id"])
    schedule = visible(Schedule, SCHEDULER).select_related("site").get(pk=pk)
    return WorkOrder(
        site=schedule.site,
        number=_("(new)"),
        item=visible(Item, SCHEDULER).get(pk=order["item"]),
        quantity=Decimal(order["quantity"]),
        due=datetime.fromisoformat(order["due"]),
        weight=int(order.get("weight") or 1),
    )


def _option(draft: Draft, one: Any) -> Answer:
    return consequences_as_data(draft, one.others) | {
        "kind": one.kind,
        "finish_us": draft.at_us(one.completion),
        "late_min": one.late_min,
        "steps": [
            [step.step, draft.made.machines[int(one.schedule.machine[row])].code,
             draft.at_us(int(one.schedule.start[row])), draft.at_us(int(one.schedule.end[row]))]
            for row, (order, step) in enumerate(draft.made.operations)
            if order is draft.made.orders[-1]
        ],
    }  # fmt: skip
