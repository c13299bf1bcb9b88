"""Operations as facts: orders with their steps, labour, run time and quantities.

A machine runs while one of its operations lasts, and stands without an order between them. Where operations
overlap, the machine stops and an order leaves it with the last of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from plantbeat.facts.incoming import NewFact
from plantbeat.facts.quarantine import Fault
from plantbeat.wire.csv.event_file import Told, unread
from plantbeat.wire.csv.file_fault import RowFault
from plantbeat.wire.csv.operation_list import Operation
from plantbeat.wire.csv.table_file import TableRow

Place = TypeVar("Place", str, tuple[str, str])


class _Edges:
    """Rows at which a machine begins to run, stops, an order leaves a machine, and an order is done.

    Of several rows with the same instant the first says that a machine runs and the last that it stops, so
    that each is said once: repeats of a state within one instant are dropped by whoever reads them.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        machines = _busy((one.asset, one) for one in operations)
        self.runs = {first.number for first, _last in machines}
        self.stops = {last.number for _first, last in machines}
        self.leaves = {
            last.number for _first, last in _busy(((one.asset, one.order), one) for one in operations)
        }
        self.done: dict[str, int] = {}
        for one in operations:
            self.done[one.order] = max(one.end_us, self.done.get(one.order, one.end_us))


def _busy(placed: Iterable[tuple[Place, Operation]]) -> list[tuple[Operation, Operation]]:
    """First and last operation of every time in which a place is busy without a break."""
    by_place: dict[Place, list[Operation]] = defaultdict(list)
    for place, one in placed:
        by_place[place].append(one)
    found = []
    for here in by_place.values():
        here.sort(key=lambda one: (one.start_us, one.number))
        first = last = here[0]
        for one in here[1:]:
            if one.start_us > last.end_us:
                found.append((first, last))
                first = last = one
            elif (one.end_us, one.number) > (last.end_us, last.number):
                last = one
        found.append((first, last))
    return found


def operation_facts(found: Sequence[Operation | tuple[TableRow, RowFault]]) -> Iterator[Told]:
    """Facts of all operations, numbered from 1 in the order given; a bad row keeps one number."""
    edges = _Edges([one for one in found if isinstance(one, Operation)])
    seq = 0
    for one in found:
        if isinstance(one, Operation):
            for at_us, kind, body in _told(one, edges):
                seq += 1
                fact = NewFact(asset=one.asset, t_us=at_us, kind=kind, body=body, seq=seq)
                yield Told(one.begun if at_us == one.start_us else one.number, fact)
        else:
            seq += 1
            made = unread(one[0], Fault.bad_body, str(one[1]))
            made.seq = seq
            yield Told(one[0].number, made)


def _told(one: Operation, edges: _Edges) -> Iterator[tuple[int, str, dict[str, object]]]:
    """What an operation says: begin, labour, quantities and end."""
    item = {"item": one.item} if one.item else {}
    step = {"step": one.step} if one.step else {}
    quantity = {"quantity": one.quantity} if one.quantity is not None else {}
    named = {"order": one.order, **item}
    yield one.start_us, "order_start", {**named, **step, **quantity}
    if one.number in edges.runs:
        yield one.start_us, "state", {"state": "running"}
    if one.worker:
        yield one.start_us, "operator_on", {"person": one.worker}
    if one.is_rework:
        for outcome, pieces in (("recovered", one.good), ("scrapped", one.scrap)):
            if pieces:
                yield one.end_us, "rework", {"quantity": pieces, "outcome": outcome, **named}
    elif one.good or one.scrap or one.rework:
        pieces_made = {"good": one.good, "scrap": one.scrap, "rework": one.rework}
        yield one.end_us, "count", {**pieces_made, **named, "from_us": one.start_us}
    if one.worker:
        worked = {"order": one.order, **step, "from_us": one.start_us, "rework": one.is_rework}
        yield one.end_us, "operator_off", {"person": one.worker, **worked}
    if one.number in edges.leaves:
        is_done = edges.done[one.order] == one.end_us
        yield one.end_us, "order_end", {"order": one.order, "complete": is_done}
    if one.number in edges.stops:
        yield one.end_us, "state", {"state": "stopped"}
