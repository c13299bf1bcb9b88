"""People, tools and links between steps by name, and the rows they become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plantbeat.engine.schedule.problem import Fault
from plantbeat.engine.schedule.secondary import ANY_UNIT, RUN, SETUP, TEARDOWN, Secondary

if TYPE_CHECKING:
    from plantbeat.engine.schedule.builder_rows import NamedOperation, NamedShop

PHASES = {"set-up": SETUP, "run": RUN, "teardown": TEARDOWN}


@dataclass(frozen=True)
class Need:
    """What an operation needs beside its machine: `count` units with a skill (or of a kind of tool), in some
    of the phases "set-up", "run" and "teardown"; `unit` asks for one by name.
    """

    what: str
    phases: Sequence[str] = ("run",)
    count: int = 1
    unit: str | None = None


@dataclass(frozen=True)
class Link:
    """How an operation follows those it waits for: at least `least` and at most `most` minutes after their
    end, or, with a transfer batch of so many pieces, as soon as the first batch is there.
    """

    least: int = 0
    most: int | None = None
    transfer_batch: int = 0


@dataclass
class NamedUnit:
    """A person or a tool: its calendar, and the skills or kinds it can stand for."""

    calendar: str
    stands_for: tuple[str, ...]


def whole(value: object) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def listed(names: Mapping[str, object] | Sequence[str]) -> str:
    """Names in a row, as a message lists what is allowed."""
    return ", ".join(names) or "none"


def unit_faults(shop: NamedShop) -> Iterator[Fault]:
    """People and tools whose calendar is unknown."""
    for name, unit in shop.units.items():
        if unit.calendar not in shop.calendars:
            text = f"{name}: calendar {unit.calendar} is unknown; allowed: {listed(shop.calendars)}"
            yield Fault("calendar", text)


def coupling_faults(operation: NamedOperation, pools: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """What is wrong in the teardown, the link and the needs of an operation."""
    if not whole(operation.teardown):
        yield operation.fault(
            "teardown", f"teardown {operation.teardown!r}; allowed are whole minutes from 0"
        )
    link = operation.link
    for name, value in (("least", link.least), ("most", link.most), ("transfer_batch", link.transfer_batch)):
        if not whole(value) and not (name == "most" and value is None):
            yield operation.fault("link", f"{name} {value!r}; allowed is a whole number from 0")
    for need in operation.needs:
        if need.what not in pools:
            text = f"needs {need.what}, which nobody and nothing stands for; allowed: {listed(pools)}"
            yield operation.fault("pool", text)
        elif need.unit is not None and need.unit not in pools[need.what]:
            text = f"needs {need.what} from {need.unit}; allowed: {listed(pools[need.what])}"
            yield operation.fault("unit", text)
        unknown = [phase for phase in need.phases if phase not in PHASES]
        if unknown or not need.phases or isinstance(need.phases, str):
            text = f"needs {need.what} in phases {need.phases!r}; allowed are some of {listed(PHASES)}"
            yield operation.fault("phase", text)
        if not whole(need.count) or need.count < 1 or (need.unit is not None and need.count > 1):
            yield operation.fault(
                "pool", f"needs {need.count!r} of {need.what}; allowed is 1 or more, 1 by name"
            )


def secondary_of(shop: NamedShop, routings: list[list[NamedOperation]]) -> Secondary:
    """People and tools of a shop, and what its operations need of them, as rows."""
    units, pools = {name: u for u, name in enumerate(shop.units)}, shop.pools
    place = {what: i for i, what in enumerate(pools)}
    calendars = {name: c for c, name in enumerate(shop.calendars)}
    needs = [
        [need for need in operation.needs for _ in range(need.count)]
        for routing in routings
        for operation in routing
    ]
    flat = [need for mine in needs for need in mine]
    return Secondary(
        unit_calendar=np.array([calendars[unit.calendar] for unit in shop.units.values()], np.int64),
        pool_ptr=np.cumsum([0, *map(len, pools.values())]),
        pool_unit=np.array([units[name] for members in pools.values() for name in members], np.int64),
        need_ptr=np.cumsum([0, *map(len, needs)]),
        need_pool=np.array([place[need.what] for need in flat], np.int64),
        need_phase=np.array([sum(PHASES[phase] for phase in set(need.phases)) for need in flat], np.int64),
        need_unit=np.array([ANY_UNIT if n.unit is None else units[n.unit] for n in flat], np.int64),
        unit_names=tuple(units),
        pool_names=tuple(pools),
    )
