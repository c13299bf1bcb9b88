"""A plan as a workbook: Plan, Dispatch, Late orders, Why late, Not scheduled, Remarks; times in the site's
zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantbeat.shell.workbooks.cells import CellFault
from plantbeat.shell.workbooks.orders_plan import OrdersPlan

if TYPE_CHECKING:
    from plantbeat.engine.schedule import Explanation

LONGEST_TEXT = 32_000
WIDTHS = {"Waited for": 70, "Cause": 60, "Why": 60, "Allowed": 40}
DATE_TIME = "yyyy-mm-dd hh:mm"

Rows = Iterable[list[Any]]


def write_plan(plan: OrdersPlan, path: Path) -> None:
    """Write a plan to an .xlsx file; an unfinished file never stands under its name."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    zone = plan.made.zone.key
    times = [f"Set-up start ({zone})", f"Start ({zone})", f"End ({zone})"]
    rows = sorted(_operations(plan), key=lambda row: (row[5], row[0], row[6]))
    titles = ["Order", "Item", "Step", "Machine", *times, "Set-up (min)", "Work (min)", "Quantity (pcs)"]
    _sheet(book, "Plan", titles, (_plan_row(row) for row in rows))
    titles = ["Machine", "No.", "Order", "Item", "Step", "Family", *times, "Set-up (min)", "Work (min)"]
    _sheet(book, "Dispatch", titles, _dispatch_rows(rows))
    late = list(_late(plan))
    titles = ["Order", "Item", f"Due ({zone})", f"Finish ({zone})", "Late (min)", "Weight", "Waited for"]
    _sheet(book, "Late orders", titles, (_late_row(plan, order, why) for order, why in late))
    titles = ["Order", "No.", "Step", "Cause", "Minutes (min)"]
    _sheet(book, "Why late", titles, (row for order, why in late for row in _why_rows(plan, order, why)))
    titles = ["Order", "Sheet", "Row", "Column", "Value", "Why", "Allowed"]
    left_out = plan.made.not_scheduled.items()
    faults = ([order, *_place(fault)] for order, found in left_out for fault in found)
    _sheet(book, "Not scheduled", titles, faults)
    _sheet(book, "Remarks", titles[1:], (_place(fault) for fault in plan.made.remarks))
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        book.save(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _operations(plan: OrdersPlan) -> Iterator[list[Any]]:
    """Order, item, step, machine, family, set-up start, start, end, set-up and work minutes, quantity."""
    p, s = plan.made.problem, plan.schedule
    for o in range(p.operations):
        order, step = p.order_label(int(p.order_of[o])), p.step_label(o)
        row, machine = plan.made.orders[order], int(s.machine[o])
        family = plan.made.steps[order, step].family or ""
        times = [
            plan.shown(minute).replace(tzinfo=None) for minute in (s.setup_start[o], s.start[o], s.end[o])
        ]
        minutes = [int(s.setup_min[o]), p.modes(o)[machine]]
        names = [order, row.item, step, p.machine_label(machine), family]
        yield [*names, *times, *minutes, _number(row.quantity)]


def _plan_row(row: list[Any]) -> list[Any]:
    return [*row[:4], *row[5:]]


def _dispatch_rows(rows: list[list[Any]]) -> Iterator[list[Any]]:
    counts: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: (row[3], row[6])):
        order, item, step, machine, family, *rest = row
        counts[machine] = counts.get(machine, 0) + 1
        yield [machine, counts[machine], order, item, step, family, *rest[:-1]]


def _late(plan: OrdersPlan) -> Iterator[tuple[int, Explanation]]:
    from plantbeat.engine.schedule import explain

    for order in plan.schedule.late_orders:
        yield order, explain(plan.made.problem, plan.schedule, order)


def _late_row(plan: OrdersPlan, order: int, why: Explanation) -> list[Any]:
    row = plan.made.orders[plan.made.problem.order_label(order)]
    due, finish = plan.shown(why.due).replace(tzinfo=None), plan.shown(why.completion).replace(tzinfo=None)
    waits = [cause for cause in why.causes if cause.kind != "run"]
    longest = sorted(waits, key=lambda cause: -cause.minutes)
    text = "; ".join(cause.text for cause in longest) or "nothing: its own work takes that long"
    return [row.order, row.item, due, finish, why.late_min, row.weight, text]


def _why_rows(plan: OrdersPlan, order: int, why: Explanation) -> Iterator[list[Any]]:
    """The causes in time order, and their sum: from the beginning of the order's way to its finish."""
    name = plan.made.problem.order_label(order)
    for place, cause in enumerate(why.causes, 1):
        yield [name, place, plan.made.problem.step_label(cause.operation), cause.text, cause.minutes]
    total = sum(cause.minutes for cause in why.causes)
    yield [name, None, None, f"from {plan.shown(why.begin):%Y-%m-%d %H:%M} to the finish", total]


def _place(fault: CellFault) -> list[Any]:
    return [fault.sheet, fault.row, fault.column, fault.value, fault.why, fault.allowed]


def _number(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)


def _sheet(book: Any, title: str, titles: list[str], rows: Rows) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(titles, 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(name, max(12, len(name) + 2))
    sheet.append([_cell(sheet, name, Font(bold=True)) for name in titles])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any, font: Any = None) -> Any:
    """A cell that holds exactly this value: text never turns into a formula, dates show their time."""
    from datetime import datetime

    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_TEXT]
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, datetime):
        cell.number_format = DATE_TIME
    if font:
        cell.font = font
    return cell
