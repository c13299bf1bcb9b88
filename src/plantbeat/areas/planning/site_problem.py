"""A site's open orders as a scheduling problem; what cannot be scheduled is left out, with reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from plantbeat.areas.planning.questions import open_orders, operations_of
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Operation, Routing
from plantbeat.areas.plant.records.setup_matrix import SetupMatrix
from plantbeat.areas.plant.shift_calendars import SiteCalendars
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem as Said
from plantbeat.kernel.problems import Refused
from plantbeat.kernel.questions import lines_of

if TYPE_CHECKING:
    from plantbeat.engine.schedule import Problem
    from plantbeat.engine.schedule.builder import ProblemBuilder

SCHEDULER = Actor.system("scheduler")
MINUTE_US = 60_000_000
HORIZON_DAYS = 120


@dataclass(slots=True)
class SiteProblem:
    """The problem, the records behind its rows, and what was left out."""

    problem: Problem
    origin_us: int
    orders: list[WorkOrder]
    operations: list[tuple[WorkOrder, Operation]]
    machines: list[Machine]
    left_out: list[tuple[WorkOrder, str]] = field(default_factory=list)


def site_problem(
    site: Site, *, origin_us: int | None = None, orders: Iterable[WorkOrder] | None = None
) -> SiteProblem:
    """Everything a solve needs: the open orders as of now, or given ones seen from an earlier origin.

    Raises `Refused` only for a fault of the whole site.
    """
    from plantbeat.engine.schedule.builder import ProblemBuilder

    if origin_us is None:
        origin_us = clock.now_us() // MINUTE_US * MINUTE_US
    builder = ProblemBuilder(origin_us=origin_us)
    machines = _add_machines(builder, site, origin_us)
    made = SiteProblem(None, origin_us, [], [], machines)  # type: ignore[arg-type]
    matrices = set(
        visible(SetupMatrix, SCHEDULER).filter(site=site).values_list("work_centre__code", flat=True)
    )
    routings = operations_of(site, SCHEDULER)
    by_centre: dict[str, set[str]] = {}
    for machine in machines:
        by_centre.setdefault(machine.work_centre.code, set()).add(machine.code)  # type: ignore[union-attr]
    for order in open_orders(site, SCHEDULER) if orders is None else orders:
        operations = routings.get(order.item_id, [])
        held = orders is None and order.state == WorkOrder.State.held
        if why := _("it is on hold") if held else _why_not(order, operations, by_centre):
            made.left_out.append((order, why))
            continue
        _add_order(builder, order, operations, by_centre, matrices, origin_us)
        made.orders.append(order)
        made.operations += [(order, operation) for operation in operations]
    if not made.orders:
        raise Refused(_nothing(made.left_out))
    _without_faulty(made, builder)
    return made


def _without_faulty(made: SiteProblem, builder: ProblemBuilder) -> None:
    """Build the problem; orders the engine refuses join those left out, with its reason."""
    made.problem, faults = builder.build_leaving_out()
    why = {fault.order: fault.message for fault in reversed(faults)}
    made.left_out += [(order, why[order.number]) for order in made.orders if order.number in why]
    made.orders = [order for order in made.orders if order.number not in why]
    made.operations = [(order, step) for order, step in made.operations if order.number not in why]
    if not made.orders:
        raise Refused(_nothing(made.left_out))


def _nothing(left_out: list[tuple[WorkOrder, str]]) -> list[Said]:
    if not left_out:
        return [Said(_("there is no open work order to schedule"))]
    return [Said(why, "order", order.number) for order, why in left_out[:20]]


def _why_not(order: WorkOrder, operations: list[Operation], by_centre: dict[str, set[str]]) -> str:
    """Why an order cannot be scheduled; empty if it can."""
    if not operations:
        if not visible(Routing, SCHEDULER).filter(item_id=order.item_id).exists():
            return _("item %(item)s has no routing") % {"item": order.item.code}
        return _("the routing of item %(item)s has no operation") % {"item": order.item.code}
    for operation in operations:
        known = by_centre.get(operation.work_centre.code, set())
        if not (set(operation.machine_codes()) or known) & known:
            values = {"step": operation.step, "centre": operation.work_centre.code}
            return _("step %(step)s: work centre %(centre)s has no machine for it") % values
    return ""


def _open_minutes(
    calendars: SiteCalendars, machine: Machine, today: date, origin_us: int
) -> list[tuple[int, int]] | None:
    """When a machine is worked, in whole minutes; raises `Refused` for a pattern that cannot be read."""
    first, last = today - timedelta(days=2), today + timedelta(days=HORIZON_DAYS)
    try:
        spans = calendars.open_spans(machine.line, machine, first, last)
    except ValueError as error:
        pattern = machine.line.shift_pattern if machine.line is not None else None
        raise Refused(Said(str(error), "shift_pattern", pattern)) from error
    return None if spans is None else _minutes(spans, origin_us)


def _minutes(spans: list[tuple[int, int]], origin_us: int) -> list[tuple[int, int]]:
    """Whole minutes from the origin; what lies before it is over."""
    found = []
    for begin, end in spans:
        opening, closing = -(-(begin - origin_us) // MINUTE_US), (end - origin_us) // MINUTE_US
        if closing > max(opening, 0):
            found.append((max(opening, 0), closing))
    return found


def _add_machines(builder: ProblemBuilder, site: Site, origin_us: int) -> list[Machine]:
    today = clock.from_us(origin_us).astimezone(ZoneInfo(site.zone)).date()
    rows = visible(Machine, SCHEDULER).filter(site=site, work_centre__isnull=False)
    rows = (
        rows.select_related("work_centre", "line__shift_pattern").exclude(valid_to__lt=today).order_by("code")
    )
    machines = list(rows)
    if not machines:
        raise Refused(Said(_("no machine belongs to a work centre"), "work_centre"))
    pairs: dict[str, dict[tuple[str, str], int]] = {}
    for matrix in visible(SetupMatrix, SCHEDULER).filter(site=site).prefetch_related("changeovers"):
        cells = matrix.changeovers.all()
        pairs[matrix.work_centre.code] = {
            (cell.from_family, cell.to_family): ceil(cell.duration / MINUTE_US) for cell in cells
        }
    families: dict[str, set[str]] = {}
    for centre, family in (
        lines_of(Operation, SCHEDULER)
        .filter(routing__site=site)
        .values_list("work_centre__code", "setup_family")
    ):
        families.setdefault(centre, set()).update({family} - {""})
    for code in sorted({machine.work_centre.code for machine in machines}):  # type: ignore[union-attr]
        builder.work_centre(code, setups=pairs.get(code, {}), families=sorted(families.get(code, set())))
    calendars = SiteCalendars(site)
    known: dict[tuple[tuple[int, int], ...], str] = {}
    for machine in machines:
        minutes = _open_minutes(calendars, machine, today, origin_us)
        name = None if minutes is None else known.setdefault(tuple(minutes), machine.code)
        if minutes is not None and name == machine.code:
            builder.calendar(name, minutes)
        builder.machine(machine.code, machine.work_centre.code, calendar=name)  # type: ignore[union-attr]
    return machines


def _add_order(
    builder: ProblemBuilder,
    order: WorkOrder,
    operations: list[Operation],
    by_centre: dict[str, set[str]],
    matrices: set[str],
    origin_us: int,
) -> None:
    release = _minute(order.released, origin_us) if order.released else 0
    builder.order(
        order.number, due=_minute(order.due, origin_us), release=max(0, release), weight=order.weight
    )
    for operation in operations:
        centre = operation.work_centre.code
        own_setup = 0 if centre in matrices else operation.setup
        minutes = max(1, ceil((operation.run * order.quantity + own_setup) / MINUTE_US))
        chosen = (set(operation.machine_codes()) or by_centre[centre]) & by_centre[centre]
        builder.operation(
            order.number,
            centre,
            minutes=dict.fromkeys(sorted(chosen), minutes),
            step=str(operation.step),
            family=operation.setup_family or None,
        )


def _minute(at: Any, origin_us: int) -> int:
    return (clock.to_us(at) - origin_us) // MINUTE_US
