"""What happens on the floor after a schedule was made. Minutes are those of the problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, Ints
from plantbeat.engine.schedule.problem import Bools, Problem

Span = tuple[int, int]


@dataclass(frozen=True)
class Breakdown:
    """A machine stands from minute `begin` until it is repaired at minute `end`."""

    machine: int
    begin: int
    end: int


@dataclass(frozen=True)
class Absent:
    """A person or tool (`Problem.secondary`) is not there from minute `begin` to minute `end`."""

    unit: int
    begin: int
    end: int


@dataclass(frozen=True)
class LateMaterial:
    """Material comes at `minute`: nothing of the `order` that has not begun, or only not the `operation`, may
    start before. One of the two is given.
    """

    minute: int
    order: int | None = None
    operation: int | None = None


@dataclass(frozen=True)
class Hold:
    """Orders are held, by quality for instance: what has not begun of them waits until minute `until`."""

    orders: tuple[int, ...]
    until: int


@dataclass(frozen=True)
class RushOrder:
    """An order that is new: the problem has it behind all others, the schedule has no rows for it yet."""

    order: int


@dataclass(frozen=True)
class ActualTimes:
    """How an operation really went: began at `started` (left out: as planned) and either ended at `finished`
    or still runs and needs `remaining` working minutes from now on. With neither it has not begun.
    """

    operation: int
    started: int | None = None
    finished: int | None = None
    remaining: int | None = None


Event = Breakdown | Absent | LateMaterial | Hold | RushOrder | ActualTimes


@dataclass(eq=False)
class Effects:
    """Events in the problem's rows: closed spans by machine and by unit, the earliest minute and the orders
    that are new, actual times by operation.
    """

    earliest: Ints
    closed: dict[int, list[Span]] = field(default_factory=dict)
    absent: dict[int, list[Span]] = field(default_factory=dict)
    actual: dict[int, ActualTimes] = field(default_factory=dict)
    new: set[int] = field(default_factory=set)


def effects_of(p: Problem, known: Bools, events: Sequence[Event], now: int) -> Effects:
    """What events do to a problem; `known` are the operations that the schedule has rows for.

    Raises ValueError for an event that names something unknown or an impossible time, and when an order
    without rows is not named by a RushOrder.
    """
    found = Effects(p.earliest.copy())
    for event in events:
        match event:
            case Breakdown(machine, begin, end):
                _within("machine", machine, p.machines, event)
                found.closed.setdefault(machine, []).append(_span(begin, end, event))
            case Absent(unit, begin, end):
                _within("unit", unit, p.secondary.units, event)
                found.absent.setdefault(unit, []).append(_span(begin, end, event))
            case LateMaterial() | Hold():
                _wait(p, found.earliest, event)
            case RushOrder(order):
                _within("order", order, p.orders, event)
                found.new.add(order)
            case ActualTimes(operation):
                _within("operation", operation, p.operations, event)
                found.actual[operation] = _actual(event, now)
            case _:
                raise ValueError(f"{event!r} is no event; allowed: {', '.join(_KINDS)}")
    _check_new(p, known, found.new)
    return found


_KINDS = [kind.__name__ for kind in (Breakdown, Absent, LateMaterial, Hold, RushOrder, ActualTimes)]


def _within(what: str, index: int, count: int, event: Event) -> None:
    if not 0 <= index < count:
        allowed = f"0 to {count - 1}" if count else "none"
        raise ValueError(f"{event}: {what} {index} is unknown; allowed: {allowed}")


def _span(begin: int, end: int, event: Event) -> Span:
    if not begin < end <= FOREVER:
        raise ValueError(f"{event}: end {end}; allowed is a minute after begin {begin}")
    return begin, end


def _wait(p: Problem, earliest: Ints, event: LateMaterial | Hold) -> None:
    if isinstance(event, Hold):
        orders, minute = event.orders, event.until
    elif (event.order is None) == (event.operation is None):
        raise ValueError(f"{event}: order and operation; allowed is exactly one of them")
    else:
        orders, minute = () if event.order is None else (event.order,), event.minute
        if event.operation is not None:
            _within("operation", event.operation, p.operations, event)
            earliest[event.operation] = max(int(earliest[event.operation]), minute)
    for order in orders:
        _within("order", order, p.orders, event)
        mine = slice(int(p.order_ptr[order]), int(p.order_ptr[order + 1]))
        earliest[mine] = np.maximum(earliest[mine], minute)


def _actual(event: ActualTimes, now: int) -> ActualTimes:
    if event.finished is not None and event.remaining is not None:
        raise ValueError(f"{event}: finished and remaining; allowed is one of them")
    if event.finished is None and event.remaining is None and event.started is not None:
        raise ValueError(f"{event}: started alone; allowed with finished or remaining")
    if event.started is not None and event.started > now:
        raise ValueError(f"{event}: started {event.started}; allowed is a minute up to now ({now})")
    if event.finished is not None and event.finished > now:
        raise ValueError(f"{event}: finished {event.finished}; allowed is a minute up to now ({now})")
    if event.remaining is not None and event.remaining < 1:
        raise ValueError(f"{event}: remaining {event.remaining}; allowed is a whole number from 1")
    return event


def _check_new(p: Problem, known: Bools, new: set[int]) -> None:
    for order in np.unique(p.order_of[~known]).tolist():
        if order not in new:
            text = f"order {p.order_label(order)} has operations that the schedule has no rows for"
            raise ValueError(f"{text}; name it by RushOrder({order})")
    for order in sorted(new):
        if known[p.order_of == order].any():
            text = f"RushOrder({order}): order {p.order_label(order)} is in the schedule already"
            raise ValueError(f"{text}; allowed are orders without rows, the last ones of the problem")
