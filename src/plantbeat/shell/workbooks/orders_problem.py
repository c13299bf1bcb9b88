"""From the rows of an orders workbook to a scheduling problem; what cannot be scheduled is left out with
reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from plantbeat.engine.calendars.civil import MINUTE_US, utc_us
from plantbeat.shell.workbooks.cells import CellFault
from plantbeat.shell.workbooks.open_time import open_minutes
from plantbeat.shell.workbooks.orders_layout import CALENDARS, ROUTINGS
from plantbeat.shell.workbooks.orders_reading import OrderRow, OrdersInputs, StepRow
from plantbeat.shell.workbooks.orders_sorting import Sorting
from plantbeat.shell.workbooks.sheets_reading import WorkbookRefusedError

if TYPE_CHECKING:
    from plantbeat.engine.schedule import Fault, Problem, ProblemBuilder

NO_ROOM = "no_room"


class NoOrderLeftError(WorkbookRefusedError):
    """Every order of the workbook has a fault; `not_scheduled` says which (order -> faults)."""

    def __init__(self, not_scheduled: dict[str, list[CellFault]]) -> None:
        self.not_scheduled = not_scheduled
        order, faults = next(iter(not_scheduled.items()))
        count = len(not_scheduled)
        super().__init__(f"no order can be scheduled ({count} with faults); order {order}: {faults[0]}")


@dataclass
class OrdersProblem:
    """The problem of the orders that can be scheduled, what its rows are, and why the others are left out.

    `steps` gives the routing row of an operation by order and step. `out_of_room` says that an order was
    left out because the calendars were not long enough for it.
    """

    problem: Problem
    orders: dict[str, OrderRow]
    steps: dict[tuple[str, str], StepRow]
    origin_us: int
    zone: ZoneInfo
    not_scheduled: dict[str, list[CellFault]]
    remarks: list[CellFault]
    out_of_room: bool


def plan_origin_us(inputs: OrdersInputs, now: datetime) -> int:
    """Minute 0 of the plan (µs UTC): the site's plan start, else the earliest release, else `now` (aware)."""
    given = inputs.plan_start or min((row.release for row in inputs.orders if row.release), default=None)
    if given is None:
        return int(now.timestamp()) // 60 * MINUTE_US
    return utc_us(given.date(), given.time(), ZoneInfo(inputs.zone)) // MINUTE_US * MINUTE_US


def orders_problem(inputs: OrdersInputs, faults: list[CellFault], origin_us: int, days: int) -> OrdersProblem:
    """The problem of every order that can be scheduled, with calendars of a number of days from the origin.

    Raises WorkbookRefusedError when no machine can be used at all, NoOrderLeftError when no order is left.
    """
    sorting, zone = Sorting(inputs, faults), ZoneInfo(inputs.zone)
    left_out = {name: list(found) for (kind, name), found in sorting.blame.items() if kind == "order"}
    remarks = sorting.plant_remarks()
    builder, open_machines = _plant(sorting, origin_us, days, zone)
    orders = {}
    for row in inputs.orders:
        found = sorting.order_faults(row) or _closed_faults(sorting, row, open_machines)
        if found:
            left_out.setdefault(row.order, []).extend(found)
        elif row.order not in left_out:
            orders[row.order] = row
            _add_order(builder, sorting, row, open_machines, (origin_us, zone))
    if not orders:
        raise NoOrderLeftError(left_out)
    problem, engine_faults = _built(builder)
    for fault in engine_faults:
        row = next(row for row in inputs.orders if row.order == fault.order)
        orders.pop(row.order, None)
        left_out.setdefault(row.order, []).append(_as_cell(sorting, row, fault))
    if problem is None:
        raise NoOrderLeftError(left_out)
    steps = {(row.order, step.step): step for row in orders.values() for step in sorting.routings[row.item]}
    out_of_room = any(fault.code == NO_ROOM for fault in engine_faults)
    return OrdersProblem(problem, orders, steps, origin_us, zone, left_out, remarks, out_of_room)


def _plant(sorting: Sorting, origin_us: int, days: int, zone: ZoneInfo) -> tuple[ProblemBuilder, set[str]]:
    """A builder with calendars, work centres and machines, and the machines that are open at some time."""
    from plantbeat.engine.schedule import ProblemBuilder

    builder = ProblemBuilder(origin_us=origin_us)
    spans = {name: open_minutes(rows, origin_us, days, zone) for name, rows in sorting.calendars.items()}
    machines = {name: row for name, row in sorting.machines.items() if spans[row.calendar]}
    if not machines:
        raise WorkbookRefusedError(_no_machine(sorting, days))
    for name in dict.fromkeys(row.calendar for row in machines.values()):
        builder.calendar(name, spans[name])
    families: dict[str, list[str]] = {}
    for step in sorting.inputs.steps:
        if step.family and step.centre in sorting.with_setups:
            families.setdefault(step.centre, []).append(step.family)
    for machine in machines.values():
        if family := sorting.initial_family(machine):
            families.setdefault(machine.centre, []).append(family)
    for centre in dict.fromkeys(row.centre for row in machines.values()):
        setups: dict[tuple[str, str], int] = {}
        for row in sorting.inputs.setups:
            if row.centre == centre:
                setups.setdefault((row.before, row.after), _whole_minutes(row.minutes))
        builder.work_centre(centre, setups=setups, families=families.get(centre, ()))
    for name, machine in machines.items():
        family = sorting.initial_family(machine)
        builder.machine(name, machine.centre, calendar=machine.calendar, family=family)
    return builder, set(machines)


def _no_machine(sorting: Sorting, days: int) -> str:
    for fault in sorting.plant_remarks():
        if fault.concerns[0] in ("machine", "calendar"):
            return f"no machine can be used; {fault}"
    return f"no machine is open within {days} days from the plan's start; see the sheet {CALENDARS}"


def _whole_minutes(minutes: Decimal) -> int:
    return int(minutes.to_integral_value(rounding=ROUND_CEILING))


def _usable(sorting: Sorting, step: StepRow, open_machines: set[str]) -> list[str]:
    machines = step.machines or tuple(sorting.machines)
    return [m for m in machines if m in open_machines and sorting.machines[m].centre == step.centre]


def _closed_faults(sorting: Sorting, row: OrderRow, open_machines: set[str]) -> list[CellFault]:
    return [
        CellFault(ROUTINGS, step.row, "Work centre", step.centre, "none of its machines is ever open", "")
        for step in sorting.routings[row.item]
        if not _usable(sorting, step, open_machines)
    ]


def _add_order(
    builder: ProblemBuilder,
    sorting: Sorting,
    row: OrderRow,
    open_machines: set[str],
    place: tuple[int, ZoneInfo],
) -> None:
    release = _minute(row.release, *place, up=True) if row.release else 0
    builder.order(row.order, release=max(0, release), due=_minute(row.due, *place), weight=row.weight)
    for step in sorting.routings[row.item]:
        work = step.fixed_min + step.piece_min * row.quantity
        speeds = {m: sorting.machines[m].speed for m in _usable(sorting, step, open_machines)}
        builder.operation(
            row.order,
            step.centre,
            step=step.step,
            minutes={m: max(1, _whole_minutes(work / speed)) for m, speed in speeds.items()},
            family=step.family if step.centre in sorting.with_setups else None,
            divisible=step.interruptible,
            after=step.after,
        )


def _minute(at: datetime, origin_us: int, zone: ZoneInfo, *, up: bool = False) -> int:
    us = utc_us(at.date(), at.time(), zone) - origin_us
    return -(-us // MINUTE_US) if up else us // MINUTE_US


def _built(builder: ProblemBuilder) -> tuple[Problem | None, list[Fault]]:
    from plantbeat.engine.schedule import ProblemError

    try:
        return builder.build_leaving_out()
    except ProblemError as error:
        if not all(fault.order for fault in error.faults):
            raise WorkbookRefusedError(str(error)) from error
        return None, list(error.faults)


def _as_cell(sorting: Sorting, row: OrderRow, fault: Fault) -> CellFault:
    """What the engine cannot place, as a fault of the routing's step."""
    step = next(step for step in sorting.routings[row.item] if step.step == fault.step)
    title = "Time per piece" if step.piece_min else "Fixed time"
    value = str(step.piece_min or step.fixed_min)
    allowed = "a time that fits into the calendars of its machines"
    return CellFault(ROUTINGS, step.row, title, value, fault.message, allowed, ("order", row.order))
