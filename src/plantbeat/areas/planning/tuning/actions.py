"""What planners do with a draft: make one, move, freeze, hold, insert a rush order, take a change back.

Everything is computed before the write begins; the write itself is one transaction: the change as a record,
the draft's summary as an act with its version, the rows that differ.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from plantbeat.areas.planning.records.results import NotScheduled, PlannedOperation, PlannedOrder
from plantbeat.areas.planning.records.schedule import SUMMARY, Schedule
from plantbeat.areas.planning.records.schedule_change import ChangeKind, ScheduleChange
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.tuning import calculator
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.kernel import clock
from plantbeat.kernel.access import PLANNING, Actor, visible
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import forbidden, writes
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import store_results, writing

Asked = dict[str, Any]
CHUNK = 400


def tune(version: Schedule, by: Actor) -> Schedule:
    """A draft of one's own, made from a solved version with all its rows."""
    _authorise(version, by)
    if version.solved_us is None:
        raise Refused(_("%(version)s has not been solved") % {"version": version.number}, Kind.state)
    product = by.for_the_product()
    with writing():
        draft = act(Schedule, "create", by, {"site": version.site, "seconds": version.seconds})
        for model in (PlannedOperation, PlannedOrder, NotScheduled):
            rows: list[Any] = list(model.objects.filter(schedule=version).order_by("pk"))
            for row in rows:
                row.pk, row.schedule = None, draft
            store_results(rows)
        summary = {name: getattr(version, name) for name in (*SUMMARY, "frozen_until_us")}
        draft = act(
            draft, "finish", product, {**summary, "based_on": version, "tuned": True, "tuned_by": _user(by)}
        )
        carry_holds(draft, version, product)
    return draft


def carry_holds(draft: Schedule, version: Schedule, product: Actor) -> None:
    """What was held in place in the version is held in the draft."""
    kinds = [ChangeKind.hold.value, ChangeKind.release.value]
    last: dict[tuple[int | None, int | None], ScheduleChange] = {}
    for change in visible(ScheduleChange, product).filter(schedule=version, state="done", kind__in=kinds):
        key = change.order_id, change.step
        if key not in last or last[key].place < change.place:
            last[key] = change
    for change in last.values():
        if change.kind == ChangeKind.hold:
            _note(
                draft, ChangeKind.hold, product, order=change.order, step=change.step, machine=change.machine
            )


def move(draft: Schedule, version: int, asked: Asked, by: Actor) -> tuple[Schedule, Asked]:
    """Put an operation elsewhere: `asked` names order, step, machine and what it goes behind.

    Returns the draft and what the move did. Raises `Refused` for what is frozen, not possible, or asked for
    an older state of the draft.
    """
    _open(draft, by)
    token = uuid.uuid4().hex
    found = calculator.ask("moved", draft.pk, version, asked, token)
    after = found["after"]
    with writing():
        draft = _written(draft, version, found, by)
        _note(
            draft,
            ChangeKind.move,
            by.for_the_product(),
            found,
            order=_order(draft, asked["order"]),
            step=int(asked["step"]),
            machine=_machine(draft, asked["machine"]),
            after_order=_order(draft, after[0]) if after else None,
            after_step=after[1] if after else None,
            frozen_us=found["frozen_us"],
        )
    calculator.ask("confirm", token, draft.pk, draft.version)
    return draft, found


def take_back(draft: Schedule, version: int, by: Actor) -> Schedule:
    """Undo the last move of a draft."""
    _open(draft, by)
    product = by.for_the_product()
    moves = visible(ScheduleChange, product).filter(schedule=draft, state="done", kind=ChangeKind.move.value)
    last = moves.order_by("-place").first()
    if last is None:
        raise Refused(_("nothing was moved in this version"), Kind.state)
    token = uuid.uuid4().hex
    found = calculator.ask("replayed", draft.pk, version, token)
    with writing():
        draft = _written(draft, version, found, by)
        act(last, "take_back", product)
    calculator.ask("confirm", token, draft.pk, draft.version)
    return draft


def freeze_until(draft: Schedule, version: int, until_us: int | None, by: Actor) -> Schedule:
    """Freeze everything that begins before an instant; None freezes only what has begun."""
    _open(draft, by)
    if until_us is not None and until_us <= clock.now_us():
        raise Refused(Problem(_("lies in the past; what has begun is frozen anyway"), "until"))
    product = by.for_the_product()
    with writing():
        draft = act(
            draft, "tune", product, {"frozen_until_us": until_us, "tuned_by": _user(by)}, version=version
        )
        _note(draft, ChangeKind.freeze, product, until_us=until_us)
    return draft


def hold(draft: Schedule, version: int, order: str, step: int, held: bool, by: Actor) -> Schedule:
    """Hold one operation, with the steps before it, where it is; or let it go."""
    _open(draft, by)
    product = by.for_the_product()
    found = draft.planned.filter(order__number=order, step=step).select_related("order", "machine").first()
    if found is None:
        values = {"order": order, "step": step, "version": draft.number}
        raise Refused(Problem(_("%(version)s does not hold step %(step)s of %(order)s") % values, "order"))
    with writing():
        draft = act(draft, "tune", product, {"tuned_by": _user(by)}, version=version)
        kind = ChangeKind.hold if held else ChangeKind.release
        _note(draft, kind, product, order=found.order, step=step, machine=found.machine)
        if held:
            calculator.ask("warm", draft.pk, draft.version)
    return draft


def insert_rush(
    draft: Schedule, version: int, data: Asked, kind: str, by: Actor, order: WorkOrder | None = None
) -> tuple[Schedule, WorkOrder]:
    """Accept one of the ways to insert a rush order: the order is made (or taken as it is) and released."""
    _open(draft, by)
    asked = {"id": order.pk} if order is not None else _as_data(data)
    found = calculator.ask("rushed", draft.pk, version, asked, kind, uuid.uuid4().hex)
    with writing():
        if order is None:
            made = {name: data[name] for name in ("item", "quantity", "due", "weight", "customer")}
            order = act(WorkOrder, "create", by, {"site": draft.site, **made})
        if order.state == WorkOrder.State.planned:
            order = act(order, "release", by)
        for row in (*found["operations"], *found["orders"]):
            row["order_id"] = row["order_id"] or order.pk
        draft = _written(draft, version, found, by)
        _note(draft, ChangeKind.rush, by.for_the_product(), found, order=order)
    return draft, order


def _as_data(data: Asked) -> Asked:
    plain = {"item": data["item"].pk, "quantity": str(data["quantity"]), "due": data["due"].isoformat()}
    return plain | {"weight": data["weight"]}


def _written(draft: Schedule, version: int, found: Asked, by: Actor) -> Schedule:
    """The draft with its new summary, and the rows of the orders that changed in place of the old ones."""
    summary = found["summary"] | {"tuned_by": _user(by)}
    draft = act(draft, "tune", by.for_the_product(), summary, version=version)
    operations = [
        PlannedOperation(schedule=draft, **{**row, "quantity": Decimal(row["quantity"])})
        for row in found["operations"]
    ]
    orders = [PlannedOrder(schedule=draft, **row) for row in found["orders"]]
    store_results(
        [*operations, *orders],
        [
            *_rows_of(draft.planned.all(), {one.order_id for one in operations}),
            *_rows_of(draft.planned_orders.all(), {one.order_id for one in orders}),
        ],
    )
    return draft


def _rows_of(rows: QuerySet[Any], orders: Iterable[int]) -> list[QuerySet[Any]]:
    ids = sorted(orders)
    return [rows.filter(order__in=ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK)]


def _note(draft: Schedule, kind: ChangeKind, product: Actor, found: Asked | None = None, **more: Any) -> None:
    """Keep a change as a record; logged under the person's name, whatever the door."""
    last = visible(ScheduleChange, product).filter(schedule=draft).aggregate(last=Max("place"))["last"] or 0
    found = found or {}
    did = {name: found.get(name, 0) for name in ("late_orders", "late_minutes", "setup_minutes")}
    data = {"schedule": draft, "place": last + 1, "kind": kind.value, **did, **more}
    act(ScheduleChange, "create", product, data)


def _authorise(schedule: Schedule, by: Actor) -> None:
    if not (writes(by, schedule.site_id) and by.holds(PLANNING, schedule.site_id)):
        raise Refused(forbidden(_("Tune")), Kind.forbidden)


def _open(draft: Schedule, by: Actor) -> None:
    _authorise(draft, by)
    if draft.state != Schedule.State.draft or not draft.tuned:
        message = _("%(version)s is not a draft for tuning; make one from it first")
        raise Refused(message % {"version": draft.number}, Kind.state)


def _user(by: Actor) -> User | None:
    return User.objects.filter(pk=by.user_id).first() if by.user_id else None


def _order(draft: Schedule, number: str) -> WorkOrder:
    return WorkOrder.objects.get(site=draft.site, number=number)


def _machine(draft: Schedule, code: str) -> Machine:
    return Machine.objects.get(site=draft.site, code=code)
