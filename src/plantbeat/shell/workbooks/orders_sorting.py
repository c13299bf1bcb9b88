"""Which machines, items and orders of a workbook can be used, and which cells are to blame for the others."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property

from plantbeat.shell.workbooks.cells import WARNING, CellFault
from plantbeat.shell.workbooks.orders_layout import MACHINES, ORDERS, ROUTINGS, SETUPS, SHEETS
from plantbeat.shell.workbooks.orders_reading import (
    ANY_FAMILY,
    CalendarRow,
    MachineRow,
    OrderRow,
    OrdersInputs,
    StepRow,
)

Blame = dict[tuple[str, str], list[CellFault]]
_SHOWN = 20


def listed(names: object) -> str:
    """The first names of a collection, for "allowed"."""
    found = [str(name) for name in names]  # type: ignore[attr-defined]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more or "none"


def waits_for(steps: list[StepRow]) -> dict[str, tuple[str, ...]]:
    """Steps each step of a routing waits for; where nothing is said, the step before it."""
    waits: dict[str, tuple[str, ...]] = {}
    before: tuple[str, ...] = ()
    for step in steps:
        waits.setdefault(step.step, before if step.after is None else step.after)
        before = (step.step,)
    return waits


def circle(waits: dict[str, tuple[str, ...]]) -> list[str]:
    """Steps that wait for each other, directly or not; unknown steps are waited for by nobody."""
    left = dict(waits)
    while True:
        free = [step for step, others in left.items() if not any(other in left for other in others)]
        if not free:
            return list(left)
        for step in free:
            del left[step]


def in_order(steps: list[StepRow]) -> list[StepRow]:
    """Steps by number where all are numbers, else as the sheet has them."""
    try:
        return sorted(steps, key=lambda step: Decimal(step.step))
    except ArithmeticError:
        return steps


class Sorting:
    """Sorts the rows of a workbook into those that can be used and the faults of the rest."""

    def __init__(self, inputs: OrdersInputs, faults: list[CellFault]) -> None:
        self.inputs = inputs
        self.remarks = [fault for fault in faults if fault.severity == WARNING]
        self.blame: Blame = {}
        for fault in faults:
            if fault.severity != WARNING:
                self.blame.setdefault(fault.concerns, []).append(fault)

    @cached_property
    def calendars(self) -> dict[str, list[CalendarRow]]:
        """Calendars without a fault that are open at some time."""
        sound: dict[str, list[CalendarRow]] = {}
        for row in self.inputs.calendars:
            if ("calendar", row.calendar) not in self.blame:
                sound.setdefault(row.calendar, []).append(row)
        return {name: rows for name, rows in sound.items() if any(row.opens_min is not None for row in rows)}

    @cached_property
    def machines(self) -> dict[str, MachineRow]:
        """Machines without a fault whose calendar can be used; why another cannot is added to the blame."""
        sound, named = {}, {row.calendar for row in self.inputs.calendars}
        for row in self.inputs.machines:
            key = ("machine", row.machine)
            if key in self.blame:
                continue
            if row.calendar in self.calendars:
                sound[row.machine] = row
                continue
            if at_fault := self.blame.get(("calendar", row.calendar)):
                self.blame[key] = list(at_fault)
                continue
            why = "the calendar is never open" if row.calendar in named else "there is no such calendar"
            fault = CellFault(MACHINES, row.row, "Calendar", row.calendar, why, listed(self.calendars), key)
            self.blame[key] = [fault]
        return sound

    @cached_property
    def families(self) -> dict[str, set[str] | None]:
        """Set-up families known at each work centre; None where every family, or none, is allowed."""
        known: dict[str, set[str] | None] = {row.centre: None for row in self.inputs.machines}
        named: dict[str, set[str]] = {}
        for row in self.inputs.setups:
            named.setdefault(row.centre, set()).update((row.before, row.after))
        for centre, families in named.items():
            known[centre] = None if ANY_FAMILY in families else families
        return known

    @cached_property
    def with_setups(self) -> set[str]:
        """Work centres with set-ups; their steps need a family."""
        return {row.centre for row in self.inputs.setups} | {centre for centre, _ in self.bad_setups}

    @cached_property
    def bad_setups(self) -> dict[tuple[str, str], list[CellFault]]:
        """Faults of set-up rows by (work centre, family): no step of that family can be planned there."""
        bad: dict[tuple[str, str], list[CellFault]] = {}
        for (kind, name), faults in self.blame.items():
            if kind == "setup":
                centre, *families = name.split("\n")
                for family in dict.fromkeys(families):
                    bad.setdefault((centre, family), []).extend(faults)
        return bad

    @cached_property
    def routings(self) -> dict[str, list[StepRow]]:
        """Steps of each item in the order they are done."""
        found: dict[str, list[StepRow]] = {}
        for step in self.inputs.steps:
            found.setdefault(step.item, []).append(step)
        return {item: in_order(steps) for item, steps in found.items()}

    @cached_property
    def item_faults(self) -> dict[str, list[CellFault]]:
        """Why the orders of an item cannot be scheduled; items without fault are not in it."""
        found = {name: list(faults) for (kind, name), faults in self.blame.items() if kind == "item"}
        for item, steps in self.routings.items():
            faults = [*found.get(item, []), *self._routing_faults(item, steps)]
            if faults:
                found[item] = list(dict.fromkeys(faults))
        return found

    def order_faults(self, row: OrderRow) -> list[CellFault]:
        """Why an order whose own row is sound cannot be scheduled; empty if it can."""
        if row.item not in self.routings and row.item not in self.item_faults:
            allowed = listed(self.routings)
            return [
                CellFault(ORDERS, row.row, "Item", row.item, "there is no routing for this item", allowed)
            ]
        return self.item_faults.get(row.item, [])

    def plant_remarks(self) -> list[CellFault]:
        """Warnings, and the faults of machines, calendars, set-ups and of items that no order is for."""
        machines, remarks = self.machines, [*self.remarks, *self._unused_setups()]
        for name, machine in machines.items():
            if machine.family and self.initial_family(machine) is None:
                why = "there is no such family; the machine's first set-up is taken as free"
                allowed = listed(sorted(self.families[machine.centre] or ()))
                place = (MACHINES, machine.row, "Set up for", machine.family)
                remarks.append(CellFault(*place, why, allowed, ("machine", name), WARNING))
        for (kind, _name), faults in self.blame.items():
            if kind in ("machine", "calendar", "setup"):
                remarks += faults
        ordered = {row.item for row in self.inputs.orders}
        for item, faults in self.item_faults.items():
            if item not in ordered:
                remarks += faults
        return list(dict.fromkeys(remarks))

    def _unused_setups(self) -> Iterator[CellFault]:
        centres = {machine.centre for machine in self.inputs.machines}
        first: dict[tuple[str, str, str], int] = {}
        for row in self.inputs.setups:
            pair = (row.centre, row.before, row.after)
            if row.centre not in centres:
                why = "there is no machine of this work centre; the row is not used"
                yield CellFault(SETUPS, row.row, "Work centre", row.centre, why, "", severity=WARNING)
            elif pair in first:
                why = f"row {first[pair]} has the same set-up already; this row is not used"
                yield CellFault(SETUPS, row.row, "To", row.after, why, "", severity=WARNING)
            first.setdefault(pair, row.row)

    def initial_family(self, row: MachineRow) -> str | None:
        """The family a machine is set up for, if its work centre knows it."""
        known = self.families[row.centre]
        if row.centre not in self.with_setups or (known is not None and row.family not in known):
            return None
        return row.family

    def _routing_faults(self, item: str, steps: list[StepRow]) -> Iterator[CellFault]:
        waits, first = waits_for(steps), dict[str, int]()
        for step in steps:
            if step.step in first:
                yield _fault(
                    step, "Step", step.step, f"row {first[step.step]} has the same step of this item"
                )
            first.setdefault(step.step, step.row)
            for before in step.after or ():
                if before not in waits:
                    yield _fault(step, "After", before, "there is no such step of this item", listed(waits))
            yield from self._step_faults(step)
        if turning := circle(waits):
            step = next(step for step in steps if step.step in turning and step.after)
            why = f"the steps {', '.join(turning)} of item {item} wait for each other in a circle"
            yield _fault(step, "After", ", ".join(step.after or ()), why)

    def _step_faults(self, step: StepRow) -> Iterator[CellFault]:
        centre = [row.machine for row in self.inputs.machines if row.centre == step.centre]
        if not centre:
            centres = listed(dict.fromkeys(row.centre for row in self.inputs.machines))
            yield _fault(step, "Work centre", step.centre, "there is no such work centre", centres)
            return
        unknown = [machine for machine in step.machines if machine not in centre]
        for machine in unknown:
            why = f"there is no such machine at work centre {step.centre}"
            yield _fault(step, "Machines", machine, why, listed(centre))
        if step.fixed_min == 0 and step.piece_min == 0:
            yield _fault(step, "Time per piece", "0", "neither a fixed time nor a time per piece is above 0")
        yield from self._family_faults(step)
        wanted = step.machines or tuple(centre)
        if not unknown and not any(machine in self.machines for machine in wanted):
            for machine in wanted:
                yield from self.blame.get(("machine", machine), [])
            title = "Machines" if step.machines else "Work centre"
            value, usable = ", ".join(step.machines) or step.centre, listed(self.machines)
            yield _fault(step, title, value, "none of its machines can be used", usable)

    def _family_faults(self, step: StepRow) -> Iterator[CellFault]:
        if step.centre not in self.with_setups:
            return
        known = self.families.get(step.centre)
        allowed = listed(sorted(known)) if known else "a family"
        if step.family is None:
            yield _fault(step, "Family", "", f"is empty, but work centre {step.centre} has set-ups", allowed)
            return
        blamed = [*self.bad_setups.get((step.centre, step.family), [])]
        blamed += self.bad_setups.get((step.centre, ANY_FAMILY), [])
        if known is not None and step.family not in known and not blamed:
            why = f"there is no such family at work centre {step.centre}"
            yield _fault(step, "Family", step.family, why, allowed)
        yield from blamed


def _fault(step: StepRow, title: str, value: str, why: str, allowed: str | None = None) -> CellFault:
    allowed = SHEETS[ROUTINGS].column(title).allowed if allowed is None else allowed
    return CellFault(ROUTINGS, step.row, title, value, why, allowed, ("item", step.item))
