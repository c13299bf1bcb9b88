"""A list of operations as facts: orders with their steps, labour, run time and quantities.

A machine runs while one of its operations lasts, and stands without an order between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plantbeat.engine.calendars.civil import MINUTE_US
from plantbeat.engine.stream import TimestampError, utc_us
from plantbeat.facts.incoming import Arrival, NewFact
from plantbeat.facts.quarantine import Fault
from plantbeat.wire.csv.event_file import unread
from plantbeat.wire.csv.file_fault import RowFault
from plantbeat.wire.csv.mapping import OperationMapping
from plantbeat.wire.csv.table_file import TableRow

_DURATION = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?").fullmatch
_NOT_CODE = re.compile(r"[^\w.]+")


@dataclass(frozen=True, slots=True)
class Operation:
    """One row as it was read. Times are µs UTC; quantities are None where the file has no such column."""

    number: int
    asset: str
    order: str
    step: str
    item: str
    quantity: int | None
    worker: str
    start_us: int
    end_us: int
    good: int
    scrap: int
    rework: int
    is_rework: bool


def asset_code(name: str) -> str:
    """The code of a machine of this name: `Machine 4 - Turning & Milling` is `Machine-4-Turning-Milling`."""
    return _NOT_CODE.sub("-", name.strip()).strip("-")[:30].rstrip("-")


def operations(
    rows: Iterable[TableRow], mapping: OperationMapping
) -> Iterator[Operation | tuple[TableRow, RowFault]]:
    """The rows as operations, in the order of the file; a row that cannot be read with what is wrong."""
    free_us: dict[str, int] = {}
    for row in rows:
        try:
            operation = _operation(row, mapping, free_us)
        except RowFault as fault:
            yield row, fault
        else:
            free_us[operation.asset] = operation.end_us
            yield operation


def _operation(row: TableRow, mapping: OperationMapping, free_us: dict[str, int]) -> Operation:
    of, code = mapping.of, asset_code(_needed(row, mapping.asset_column))
    if not code:
        raise RowFault(f"{mapping.asset_column} has no letter and no digit")
    start_us, end_us = _span(row, mapping, free_us.get(code, mapping.begin_us))
    return Operation(
        row.number, code, _needed(row, of.order), _text(row, of.step), _text(row, of.item),
        _whole(row, of.quantity) if of.quantity else None, _text(row, of.worker), start_us, end_us,
        _whole(row, of.good), _whole(row, of.scrap), _whole(row, of.rework),
        bool(mapping.rework_column) and _text(row, mapping.rework_column) == mapping.rework_value,
    )  # fmt: skip


def _span(row: TableRow, mapping: OperationMapping, free_us: int) -> tuple[int, int]:
    start_us = _instant(row, mapping.start) if mapping.start else free_us
    if mapping.end:
        end_us = _instant(row, mapping.end)
        if end_us < start_us:
            raise RowFault(f"{mapping.end} lies before {mapping.start}")
        return start_us, end_us
    text = _needed(row, mapping.duration)
    match = _DURATION(text)
    if match is None:
        raise RowFault(f"{mapping.duration} “{text}” is no duration; allowed is hhh:mm")
    hours, minutes, seconds = match.groups(default="0")
    return start_us, start_us + (int(hours) * 60 + int(minutes)) * MINUTE_US + int(seconds) * 1_000_000


def _instant(row: TableRow, column: str) -> int:
    try:
        return utc_us(_needed(row, column))
    except TimestampError as fault:
        raise RowFault(f"{column}: {fault}") from None


def _text(row: TableRow, column: str) -> str:
    return (row.cells.get(column) or "").strip() if column else ""


def _needed(row: TableRow, column: str) -> str:
    text = _text(row, column)
    if not text:
        raise RowFault(f"{column} is empty")
    return text


def _whole(row: TableRow, column: str) -> int:
    text = _text(row, column)
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()):
        raise RowFault(f"{column} “{text}” is no quantity; allowed is a whole number of 0 or more")
    return int(text)


def operation_facts(
    found: Sequence[Operation | tuple[TableRow, RowFault]],
) -> Iterator[NewFact | Arrival]:
    """Facts of all operations, numbered from 1 in the order of the file; a bad row keeps one number."""
    last_of_order = {one.order: one.number for one in found if isinstance(one, Operation)}
    next_start: dict[int, int | None] = {}
    waiting: dict[str, int] = {}
    for one in found:
        if isinstance(one, Operation):
            if one.asset in waiting:
                next_start[waiting[one.asset]] = one.start_us
            waiting[one.asset] = one.number
    seq = 0
    for one in found:
        if isinstance(one, Operation):
            stops = next_start.get(one.number) != one.end_us
            for at_us, kind, body in _told(one, last_of_order[one.order] == one.number, stops):
                seq += 1
                yield NewFact(asset=one.asset, t_us=at_us, kind=kind, body=body, seq=seq)
        else:
            seq += 1
            made = unread(one[0], Fault.bad_body, str(one[1]))
            made.seq = seq
            yield made


def _told(one: Operation, is_last: bool, stops: bool) -> Iterator[tuple[int, str, dict[str, object]]]:
    """What an operation says: begin, labour, quantities and end."""
    item = {"item": one.item} if one.item else {}
    step = {"step": one.step} if one.step else {}
    quantity = {"quantity": one.quantity} if one.quantity is not None else {}
    yield one.start_us, "order_start", {"order": one.order, **item, **step, **quantity}
    yield one.start_us, "state", {"state": "running"}
    if one.worker:
        yield one.start_us, "operator_on", {"person": one.worker}
    named = {"order": one.order, **item}
    if one.is_rework:
        for outcome, pieces in (("recovered", one.good), ("scrapped", one.scrap)):
            if pieces:
                yield one.end_us, "rework", {"quantity": pieces, "outcome": outcome, **named}
    elif one.good or one.scrap or one.rework:
        pieces_made = {"good": one.good, "scrap": one.scrap, "rework": one.rework}
        yield one.end_us, "count", {**pieces_made, **named, "from_us": one.start_us}
    if one.worker:
        yield one.end_us, "operator_off", {"person": one.worker}
    yield one.end_us, "order_end", {"order": one.order, "complete": is_last}
    if stops:
        yield one.end_us, "state", {"state": "stopped"}
