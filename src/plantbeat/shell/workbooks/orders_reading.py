"""The orders workbook as plain rows; every fault is named by its cell and says what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, TypeVar

from plantbeat.engine.calendars.civil import zone_named
from plantbeat.shell.workbooks import cells
from plantbeat.shell.workbooks.cells import WARNING, CellError, CellFault, SheetRow
from plantbeat.shell.workbooks.orders_layout import (
    CALENDARS,
    LAYOUT,
    MACHINES,
    ORDERS,
    ROUTINGS,
    SETUPS,
    SHEETS,
    SITE,
)
from plantbeat.shell.workbooks.sheets_reading import WorkbookRefusedError, read_sheets

ANY_FAMILY = "*"
_T = TypeVar("_T")


@dataclass(frozen=True)
class OrderRow:
    """A production order; dates are civil time of the site."""

    row: int
    order: str
    item: str
    quantity: Decimal
    release: datetime | None
    due: datetime
    weight: int


@dataclass(frozen=True)
class StepRow:
    """A step of an item's routing; times in minutes."""

    row: int
    item: str
    step: str
    centre: str
    fixed_min: Decimal
    piece_min: Decimal
    family: str | None
    machines: tuple[str, ...]
    after: tuple[str, ...] | None
    interruptible: bool


@dataclass(frozen=True)
class MachineRow:
    """A machine."""

    row: int
    machine: str
    centre: str
    calendar: str
    speed: Decimal
    family: str | None


@dataclass(frozen=True)
class CalendarRow:
    """A span of open time on weekdays (0 = Monday) or on one date; without minutes the date is closed."""

    row: int
    calendar: str
    days: tuple[int, ...] | date
    opens_min: int | None
    closes_min: int | None


@dataclass(frozen=True)
class SetupRow:
    """A set-up between two families of a work centre; `*` is any other family."""

    row: int
    centre: str
    before: str
    after: str
    minutes: Decimal


@dataclass
class OrdersInputs:
    """What a workbook holds: sound rows, and the site's zone and plan start (None: not given).

    Machines are all that have a name and a work centre, so that a routing that names one with a fault
    elsewhere in its row is not told that there is no such machine.
    """

    orders: list[OrderRow] = field(default_factory=list)
    steps: list[StepRow] = field(default_factory=list)
    machines: list[MachineRow] = field(default_factory=list)
    calendars: list[CalendarRow] = field(default_factory=list)
    setups: list[SetupRow] = field(default_factory=list)
    zone: str = "UTC"
    plan_start: datetime | None = None
    order_rows: int = 0
    """Rows of the sheet Orders, sound or not."""


class _Cells:
    """Reads the cells of one row; what is wrong in them is collected."""

    def __init__(self, sheet: str, row: SheetRow, faults: list[CellFault]) -> None:
        self.sheet, self.row, self.faults = sheet, row, faults
        self.concerns: tuple[str, str] = ("", "")
        self.sound = True

    def fault(self, title: str, why: str, allowed: str | None = None) -> None:
        """Note what is wrong in a cell."""
        allowed = SHEETS[self.sheet].column(title).allowed if allowed is None else allowed
        shown = self.row.shown(title)
        self.faults.append(CellFault(self.sheet, self.row.number, title, shown, why, allowed, self.concerns))
        self.sound = False

    def needed(self, title: str, read: Callable[[Any], _T], instead: _T) -> _T:
        """The value of a cell that must be filled; `instead` after a fault."""
        try:
            return read(self.row.cells.get(title))
        except CellError as error:
            self.fault(title, str(error))
            return instead

    def given(self, title: str, read: Callable[[Any], _T], empty: _T) -> _T:
        """The value of a cell that may be empty."""
        return self.needed(title, read, empty) if self.row.shown(title) else empty


def _names(value: Any) -> tuple[str, ...]:
    return tuple(name.strip() for name in cells.text(value).split(",") if name.strip())


def _read_order(read: _Cells) -> OrderRow:
    read.concerns = ("order", read.row.shown("Order") or f"(row {read.row.number})")
    late_midnight = datetime(2000, 1, 1)  # noqa: DTZ001 - civil time of the site, the zone is applied later
    due, with_time = read.needed("Due", cells.moment, (late_midnight, True))
    return OrderRow(
        row=read.row.number,
        order=read.needed("Order", cells.text, ""),
        item=read.needed("Item", cells.text, ""),
        quantity=read.needed("Quantity", lambda v: cells.number(v, "0", above=True), Decimal(1)),
        release=read.given("Release", lambda v: cells.moment(v)[0], None),
        due=due if with_time else due + timedelta(days=1),
        weight=read.given("Weight", lambda v: cells.whole_number(v, "0", "1000"), 1),
    )


def _read_step(read: _Cells) -> StepRow:
    read.concerns = ("item", read.row.shown("Item"))
    return StepRow(
        row=read.row.number,
        item=read.needed("Item", cells.text, ""),
        step=read.needed("Step", cells.text, ""),
        centre=read.needed("Work centre", cells.text, ""),
        fixed_min=read.given("Fixed time", lambda v: cells.number(v, "0", "1000000"), Decimal(0)),
        piece_min=read.given("Time per piece", lambda v: cells.number(v, "0", "1000000"), Decimal(0)),
        family=read.given("Family", cells.text, None),
        machines=read.given("Machines", _names, ()),
        after=read.given("After", _names, None),
        interruptible=read.given("Interruptible", cells.yes_or_no, True),
    )


def _read_machine(read: _Cells) -> MachineRow:
    read.concerns = ("machine", read.row.shown("Machine"))
    return MachineRow(
        row=read.row.number,
        machine=read.needed("Machine", cells.text, ""),
        centre=read.needed("Work centre", cells.text, ""),
        calendar=read.needed("Calendar", cells.text, ""),
        speed=read.given("Speed", lambda v: cells.number(v, "0.01", "100"), Decimal(1)),
        family=read.given("Set up for", cells.text, None),
    )


def _read_calendar(read: _Cells) -> CalendarRow:
    read.concerns = ("calendar", read.row.shown("Calendar"))
    no_days: tuple[int, ...] | date = ()
    chosen = read.needed("Day", cells.days, no_days)
    opens = read.given("From", cells.clock_minutes, None)
    closes = read.given("To", cells.clock_minutes, None)
    if read.sound and (opens is None) != (closes is None):
        read.fault("From" if opens is None else "To", "is empty")
    if read.sound and opens is None and not isinstance(chosen, date):
        read.fault("From", "is empty; only a date may be closed all day")
    name = read.needed("Calendar", cells.text, "")
    return CalendarRow(read.row.number, name, chosen, opens, closes)


def _read_setup(read: _Cells) -> SetupRow:
    before, after = read.row.shown("From"), read.row.shown("To")
    read.concerns = ("setup", "\n".join((read.row.shown("Work centre"), before, after)))
    return SetupRow(
        row=read.row.number,
        centre=read.needed("Work centre", cells.text, ""),
        before=read.needed("From", cells.text, ""),
        after=read.needed("To", cells.text, ""),
        minutes=read.needed("Minutes", lambda v: cells.number(v, "0", "1000000"), Decimal(0)),
    )


def _sound(
    sheets: dict[str, list[SheetRow]],
    sheet: str,
    read: Callable[[_Cells], _T],
    faults: list[CellFault],
    kept: Callable[[_T], bool] = lambda row: False,
) -> Iterator[_T]:
    """Rows without a fault, and those that are `kept` in spite of one."""
    for row in sheets.get(sheet, []):
        reader = _Cells(sheet, row, faults)
        found = read(reader)
        if reader.sound or kept(found):
            yield found


def _without_repeats(
    sheet: str, title: str, rows: list[_T], name: Callable[[_T], str], faults: list[CellFault]
) -> list[_T]:
    """Rows whose name no row above has; a later row of the same name is a fault of its own."""
    first: dict[str, int] = {}
    kept = []
    for row in rows:
        number, called = int(getattr(row, "row")), name(row)  # noqa: B009 - any of the row classes
        if called in first:
            why = f"row {first[called]} has the same name already"
            allowed, concerns = (
                SHEETS[sheet].column(title).allowed,
                (title.casefold(), f"{called} (row {number})"),
            )
            faults.append(CellFault(sheet, number, title, called, why, allowed, concerns))
        else:
            first[called] = number
            kept.append(row)
    return kept


def _read_site(inputs: OrdersInputs, rows: list[SheetRow], file_name: str) -> None:
    """The site's settings; a fault here concerns every time of the plan and refuses the workbook."""
    for row in rows:
        setting = row.shown("Setting").casefold()
        try:
            if setting == "time zone" and row.shown("Value"):
                zone_named(row.shown("Value"))
                inputs.zone = row.shown("Value")
            elif setting == "plan start" and row.shown("Value"):
                inputs.plan_start = cells.moment(row.cells.get("Value"))[0]
        except (CellError, ValueError) as error:
            place = f"{file_name}: sheet {SITE}, row {row.number}, column Value"
            raise WorkbookRefusedError(f"{place}, value {row.shown('Value')!r}: {error}") from error


def _due_before_release(rows: list[OrderRow]) -> Iterator[CellFault]:
    for row in rows:
        if row.release is not None and row.due <= row.release:
            due, release = cells.shown(row.due), cells.shown(row.release)
            why = f"the order is due before its release {release}; it is scheduled and will be late"
            yield CellFault(ORDERS, row.row, "Due", due, why, "", ("order", row.order), WARNING)


def read_orders_workbook(file: str | Path | IO[bytes]) -> tuple[OrdersInputs, list[CellFault]]:
    """Read an orders workbook from a path or an open binary file.

    Returns the sound rows and the faults of the others: each fault names its cell and, in `concerns`, the
    order, item, machine, calendar or set-up that cannot be used because of it. Raises WorkbookRefusedError
    when the file is not a workbook of this layout (see `orders_layout`) or a setting of the site is wrong.
    """
    sheets = read_sheets(file, LAYOUT)
    faults: list[CellFault] = []
    orders = list(_sound(sheets, ORDERS, _read_order, faults))
    machines = list(_sound(sheets, MACHINES, _read_machine, faults, lambda m: bool(m.machine and m.centre)))
    inputs = OrdersInputs(
        orders=_without_repeats(ORDERS, "Order", orders, lambda row: row.order, faults),
        steps=list(_sound(sheets, ROUTINGS, _read_step, faults)),
        machines=_without_repeats(MACHINES, "Machine", machines, lambda row: row.machine, faults),
        calendars=list(_sound(sheets, CALENDARS, _read_calendar, faults)),
        setups=list(_sound(sheets, SETUPS, _read_setup, faults)),
        order_rows=len(sheets[ORDERS]),
    )
    _read_site(inputs, sheets.get(SITE, []), Path(str(getattr(file, "name", file))).name)
    faults += _due_before_release(inputs.orders)
    return inputs, faults
