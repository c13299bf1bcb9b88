"""From a shop written down by name to the flat rows of a `Problem`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, NEVER, WorkTime
from plantbeat.engine.schedule.builder_needs import (
    Link,
    NamedUnit,
    Need,
    is_whole,
    link_faults,
    listed,
    need_faults,
    secondary_of,
    unit_faults,
)
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import (
    NO_FAMILY,
    NO_LINE,
    NOT_PINNED,
    Fault,
    Names,
    Problem,
    ProblemError,
)

ANY = "*"
ENDLESS = ""
"""Name of the calendar of machines that never close."""


@dataclass
class NamedCentre:
    """A work centre: its families and its set-up minutes by (family before, family after)."""

    families: list[str]
    setups: dict[tuple[str, str], int]

    def minutes(self, before: str, after: str) -> int:
        """The pair itself, else (before, *), (*, after), (*, *) between two families; 0 where nothing is
        given.
        """
        if (before, after) in self.setups or before == after:
            return self.setups.get((before, after), 0)
        for pair in ((before, ANY), (ANY, after), (ANY, ANY)):
            if pair in self.setups:
                return self.setups[pair]
        return 0


@dataclass
class NamedMachine:
    """A machine: its work centre, its calendar, the family it is set up for, and its flow line."""

    centre: str
    calendar: str
    family: str | None
    line: str | None


@dataclass
class NamedOperation:
    """One step of an order; `minutes` on every machine of the work centre, or by eligible machine."""

    order: str
    step: str
    centre: str
    minutes: int | Mapping[str, int]
    family: str | None
    divisible: bool
    after: Sequence[str] | None
    needs: Sequence[Need] = ()
    link: Link | Mapping[str, Link] = field(default_factory=Link)
    teardown: int = 0
    earliest: int = 0
    pin: tuple[str, int] | None = None
    started: bool = False

    def links(self) -> list[Link]:
        """Every link that was given."""
        return [self.link] if isinstance(self.link, Link) else list(self.link.values())

    def link_to(self, step: str) -> Link:
        """How it follows a step that it waits for."""
        return self.link if isinstance(self.link, Link) else self.link.get(step, Link())

    def fault(self, code: str, text: str) -> Fault:
        """A fault of this operation."""
        return Fault(code, f"order {self.order} step {self.step}: {text}", self.order, self.step)


@dataclass
class NamedOrder:
    """An order and its operations as they were given."""

    release: int
    due: int
    weight: int
    quantity: int
    deadline: int
    operations: list[NamedOperation] = field(default_factory=list)
    steps: set[str] = field(default_factory=set)


@dataclass
class NamedShop:
    """Everything by name."""

    calendars: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    centres: dict[str, NamedCentre] = field(default_factory=dict)
    machines: dict[str, NamedMachine] = field(default_factory=dict)
    orders: dict[str, NamedOrder] = field(default_factory=dict)
    units: dict[str, NamedUnit] = field(default_factory=dict)
    skills: dict[str, None] = field(default_factory=dict)

    @property
    def pools(self) -> dict[str, list[str]]:
        """Units by what they stand for: skills named before, then by their first unit."""
        found: dict[str, list[str]] = {skill: [] for skill in self.skills}
        for name, unit in self.units.items():
            for what in unit.stands_for:
                found.setdefault(what, []).append(name)
        return found

    def copy(self) -> NamedShop:
        """The same shop, from which orders can be taken out."""
        return NamedShop(**{name: dict(rows) for name, rows in vars(self).items()})

    def machines_of(self, centre: str) -> list[str]:
        """Machines of a work centre."""
        return [name for name, machine in self.machines.items() if machine.centre == centre]

    def modes(self, operation: NamedOperation) -> Mapping[str, int]:
        """Eligible machines and minutes of an operation."""
        if isinstance(operation.minutes, Mapping):
            return operation.minutes
        return dict.fromkeys(self.machines_of(operation.centre), operation.minutes)


def _plant_faults(shop: NamedShop) -> Iterator[Fault]:
    for name, machine in shop.machines.items():
        centre = shop.centres.get(machine.centre)
        if centre is None:
            text = f"machine {name}: work centre {machine.centre} is unknown; allowed: {listed(shop.centres)}"
            yield Fault("work_centre", text, machine=name)
        elif machine.family is not None and machine.family not in centre.families:
            text = f"machine {name}: family {machine.family} is unknown; allowed: {listed(centre.families)}"
            yield Fault("family", text, machine=name)
        if machine.calendar not in shop.calendars:
            text = (
                f"machine {name}: calendar {machine.calendar} is unknown; allowed: {listed(shop.calendars)}"
            )
            yield Fault("calendar", text, machine=name)
    for name, centre in shop.centres.items():
        for (before, after), minutes in centre.setups.items():
            if not is_whole(minutes) or minutes < 0:
                text = f"work centre {name}: set-up {before} to {after} is {minutes!r}"
                yield Fault("setup", f"{text}; allowed are whole minutes from 0")


def _coupling_faults(operation: NamedOperation, pools: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    if not is_whole(operation.teardown):
        text = f"teardown {operation.teardown!r}; allowed are whole minutes from 0"
        yield operation.fault("teardown", text)
    if not is_whole(operation.earliest):
        yield operation.fault("earliest", f"earliest {operation.earliest!r}; allowed is a whole minute")
    for link in operation.links():
        for code, text in link_faults(link):
            yield operation.fault(code, text)
    for need in operation.needs:
        for code, text in need_faults(need, pools):
            yield operation.fault(code, text)


def _order_faults(name: str, order: NamedOrder) -> Iterator[Fault]:
    for term in ("release", "due", "weight", "quantity", "deadline"):
        if not is_whole(getattr(order, term)):
            text = f"order {name}: {term} is {getattr(order, term)!r}; allowed is a whole number"
            yield Fault(term, text, name)
    if not order.operations:
        yield Fault("no_operations", f"order {name} has no operations; it needs at least one", name)


def _operation_faults(shop: NamedShop, operation: NamedOperation) -> Iterator[Fault]:
    centre = shop.centres.get(operation.centre)
    if centre is None:
        text = f"work centre {operation.centre} is unknown; allowed: {listed(shop.centres)}"
        yield operation.fault("work_centre", text)
        return
    if operation.family is not None and operation.family not in centre.families:
        text = f"set-up family {operation.family} is unknown at work centre {operation.centre}"
        yield operation.fault("family", f"{text}; allowed: {listed(centre.families)}")
    elif operation.family is None and centre.families:
        text = f"has no set-up family, which work centre {operation.centre} needs"
        yield operation.fault("family", f"{text}; allowed: {listed(centre.families)}")
    modes = shop.modes(operation)
    if not modes:
        yield operation.fault("no_machine", f"work centre {operation.centre} has no machine for it")
    for machine, minutes in modes.items():
        if machine not in shop.machines or shop.machines[machine].centre != operation.centre:
            text = f"machine {machine} is not one of work centre {operation.centre}"
            yield operation.fault("machine", f"{text}; allowed: {listed(shop.machines_of(operation.centre))}")
        if not is_whole(minutes):
            yield operation.fault("minutes", f"{minutes!r} on machine {machine}; allowed are whole minutes")
    if operation.pin and operation.pin[0] not in modes:
        text = f"is pinned to machine {operation.pin[0]}, which is not allowed for it"
        yield operation.fault("pin", f"{text}; allowed: {listed(modes)}")
    if operation.pin and not is_whole(operation.pin[1]):
        yield operation.fault("pin", f"is pinned at {operation.pin[1]!r}; allowed is a whole minute")


def _followed(operations: list[NamedOperation]) -> dict[str, list[str]]:
    """Steps that each step of an order waits for; without `after`, the step given before it."""
    waits: dict[str, list[str]] = {}
    before: list[str] = []
    for operation in operations:
        waits[operation.step] = before if operation.after is None else list(dict.fromkeys(operation.after))
        before = [operation.step]
    return waits


def _routing(operations: list[NamedOperation], faults: list[Fault]) -> list[NamedOperation]:
    """Operations of an order, each behind those it waits for; what cannot be ordered is a fault."""
    waits, by_step = _followed(operations), {operation.step: operation for operation in operations}
    for operation in operations:
        for step in waits[operation.step]:
            if step not in by_step:
                text = f"waits for step {step}, which is unknown; allowed: {listed(by_step)}"
                faults.append(operation.fault("unknown_step", text))
    sorted_steps: dict[str, None] = {}
    left = [operation.step for operation in operations]
    while left:
        ready = (s for s in left if all(w in sorted_steps or w not in by_step for w in waits[s]))
        free = next(ready, None)
        if free is None:
            text = f"steps {', '.join(left)} wait for each other in a circle"
            faults.append(by_step[left[0]].fault("cycle", text))
            break
        sorted_steps[free] = None
        left.remove(free)
    return [by_step[step] for step in sorted_steps]


def problem_of(shop: NamedShop, found: list[Fault], objective: Objective, origin_us: int) -> Problem:
    """The problem in flat rows; raises ProblemError with the faults found before and here."""
    used = {m.calendar for m in shop.machines.values()} | {u.calendar for u in shop.units.values()}
    if ENDLESS in used:
        shop.calendars.setdefault(ENDLESS, [(0, FOREVER)])
    faults = [*found, *_plant_faults(shop), *unit_faults(shop.units, shop.calendars)]
    pools = shop.pools
    routings: list[list[NamedOperation]] = []
    for name, order in shop.orders.items():
        faults += _order_faults(name, order)
        for operation in order.operations:
            faults += _operation_faults(shop, operation)
            faults += _coupling_faults(operation, pools)
        routings.append(_routing(order.operations, faults))
    if faults:
        raise ProblemError(faults)
    return Problem(
        **_order_rows(shop),
        **_operation_rows(shop, routings),
        **_plant_rows(shop),
        secondary=secondary_of(
            shop.units, pools, shop.calendars, [o.needs for routing in routings for o in routing]
        ),
        objective=objective,
        origin_us=origin_us,
        names=Names(
            orders=tuple(shop.orders),
            steps=tuple(operation.step for routing in routings for operation in routing),
            machines=tuple(shop.machines),
            work_centres=tuple(shop.centres),
            families=tuple(tuple(centre.families) for centre in shop.centres.values()),
            calendars=tuple(shop.calendars),
        ),
    )


def _order_rows(shop: NamedShop) -> dict[str, Any]:
    terms = ("release", "due", "weight", "quantity", "deadline")
    return {term: [int(getattr(order, term)) for order in shop.orders.values()] for term in terms}


def _operation_rows(shop: NamedShop, routings: list[list[NamedOperation]]) -> dict[str, Any]:
    machines = {name: m for m, name in enumerate(shop.machines)}
    centres = {name: w for w, name in enumerate(shop.centres)}
    operations = [operation for routing in routings for operation in routing]
    modes = [shop.modes(operation) for operation in operations]
    links: list[list[tuple[int, Link]]] = []
    for routing in routings:
        first, waits = len(links), _followed(shop.orders[routing[0].order].operations)
        places = {operation.step: first + i for i, operation in enumerate(routing)}
        links += [
            sorted(((places[step], o.link_to(step)) for step in waits[o.step]), key=lambda link: link[0])
            for o in routing
        ]
    flat = [link for mine in links for link in mine]
    families = [shop.centres[operation.centre].families for operation in operations]
    return {
        "order_ptr": np.cumsum([0, *map(len, routings)]),
        "work_centre": [centres[operation.centre] for operation in operations],
        "family": [_place(names, o.family) for names, o in zip(families, operations, strict=True)],
        "divisible": [operation.divisible for operation in operations],
        "pred_ptr": np.cumsum([0, *map(len, links)]),
        "pred": [pred for pred, _ in flat],
        "link_least": [int(link.least) for _, link in flat],
        "link_most": [NEVER if link.most is None else int(link.most) for _, link in flat],
        "link_batch": [int(link.transfer_batch) for _, link in flat],
        "teardown_min": [int(operation.teardown) for operation in operations],
        "earliest": [int(operation.earliest) for operation in operations],
        "mode_ptr": np.cumsum([0, *map(len, modes)]),
        "mode_machine": [machines[machine] for mode in modes for machine in mode],
        "mode_min": [int(minutes) for mode in modes for minutes in mode.values()],
        "pin_machine": [machines[o.pin[0]] if o.pin else NOT_PINNED for o in operations],
        "pin_start": [int(o.pin[1]) if o.pin else 0 for o in operations],
        "started": [operation.started for operation in operations],
    }


def _place(families: list[str], family: str | None) -> int:
    return NO_FAMILY if family is None else families.index(family)


def _plant_rows(shop: NamedShop) -> dict[str, Any]:
    centre_of = {name: w for w, name in enumerate(shop.centres)}
    calendar_of = {name: c for c, name in enumerate(shop.calendars)}
    machines, centres = list(shop.machines.values()), list(shop.centres.values())
    named = dict.fromkeys(machine.line for machine in machines if machine.line is not None)
    line_of: dict[str | None, int] = {name: line for line, name in enumerate(named)}
    return {
        "machine_work_centre": [centre_of[machine.centre] for machine in machines],
        "machine_calendar": [calendar_of[machine.calendar] for machine in machines],
        "initial_family": [
            _place(shop.centres[machine.centre].families, machine.family) for machine in machines
        ],
        "machine_line": [line_of.get(machine.line, NO_LINE) for machine in machines],
        "calendars": WorkTime.of(list(shop.calendars.values())),
        "family_count": [len(centre.families) for centre in centres],
        "setup_min": [int(c.minutes(a, b)) for c in centres for a in c.families for b in c.families],
    }
