"""People, tools and the waiting between steps, written down by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plantbeat.engine.schedule.problem import Fault
from plantbeat.engine.schedule.secondary import ANY_UNIT, RUN, SETUP, TEARDOWN, Secondary

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


def is_whole(value: object) -> bool:
    """Whether a value is a whole number; true and false are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def listed(names: Mapping[str, object] | Sequence[str]) -> str:
    """Names as written in messages."""
    return ", ".join(names) or "none"


def unit_faults(units: Mapping[str, NamedUnit], calendars: Mapping[str, object]) -> Iterator[Fault]:
    """Calendars of people and tools that nothing has."""
    for name, unit in units.items():
        if unit.calendar not in calendars:
            text = f"{name}: calendar {unit.calendar} is unknown; allowed: {listed(calendars)}"
            yield Fault("calendar", text)


def link_faults(link: Link) -> Iterator[tuple[str, str]]:
    """Code and text of what is no whole number in a link."""
    for name, value in (("least", link.least), ("most", link.most), ("transfer_batch", link.transfer_batch)):
        if not is_whole(value) and not (name == "most" and value is None):
            yield "link", f"{name} {value!r}; allowed is a whole number from 0"


def need_faults(need: Need, pools: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Code and text of what is wrong with a need of an operation."""
    if need.what not in pools:
        text = f"needs {need.what}, which nobody and nothing stands for; allowed: {listed(pools)}"
        yield "pool", text
    elif need.unit is not None and need.unit not in pools[need.what]:
        yield "unit", f"needs {need.what} from {need.unit}; allowed: {listed(pools[need.what])}"
    unknown = [phase for phase in need.phases if phase not in PHASES]
    if unknown or not need.phases or isinstance(need.phases, str):
        text = f"needs {need.what} in phases {need.phases!r}; allowed are some of {listed(PHASES)}"
        yield "phase", text
    if not is_whole(need.count) or need.count < 1 or (need.unit is not None and need.count > 1):
        yield "pool", f"needs {need.count!r} of {need.what}; allowed is 1 or more, 1 by name"


def secondary_of(
    units: Mapping[str, NamedUnit],
    pools: Mapping[str, Sequence[str]],
    calendars: Mapping[str, object],
    needs: Sequence[Sequence[Need]],
) -> Secondary:
    """People and tools in flat rows; `needs` by operation."""
    unit_of = {name: u for u, name in enumerate(units)}
    pool_of = {what: i for i, what in enumerate(pools)}
    calendar_of = {name: c for c, name in enumerate(calendars)}
    each = [[need for need in mine for _ in range(need.count)] for mine in needs]
    flat = [need for mine in each for need in mine]
    return Secondary(
        unit_calendar=np.array([calendar_of[unit.calendar] for unit in units.values()], np.int64),
        pool_ptr=np.cumsum([0, *map(len, pools.values())]),
        pool_unit=np.array([unit_of[name] for members in pools.values() for name in members], np.int64),
        need_ptr=np.cumsum([0, *map(len, each)]),
        need_pool=np.array([pool_of[need.what] for need in flat], np.int64),
        need_phase=np.array([sum(PHASES[phase] for phase in set(need.phases)) for need in flat], np.int64),
        need_unit=np.array([ANY_UNIT if n.unit is None else unit_of[n.unit] for n in flat], np.int64),
        unit_names=tuple(units),
        pool_names=tuple(pools),
    )
