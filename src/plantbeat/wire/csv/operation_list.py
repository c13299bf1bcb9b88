"""A list of operations, one row each: order, machine, time, labour and quantities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo

from plantbeat.engine.calendars.civil import MINUTE_US
from plantbeat.engine.stream import DEFAULT_CLOCK_RULE, TimestampError, clock_fault_sentence, utc_us
from plantbeat.facts.bodies import MOST
from plantbeat.kernel import clock
from plantbeat.wire.csv.file_fault import RowFault
from plantbeat.wire.csv.mapping import OperationMapping
from plantbeat.wire.csv.table_file import TableRow

_DURATION = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?").fullmatch
_NOT_CODE = re.compile(r"[^\w.]+")
_PSEUDONYM = re.compile(r"[^\s,;@]+").fullmatch
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as it was read. Times are µs UTC; `quantity` is None where the file has no such column.

    `number` is the row that ends it, `begun` the row that starts it; in a list of operations they are one.
    """

    number: int
    begun: int
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
            yield nameless(row, mapping.of.worker), fault
        else:
            free_us[operation.asset] = operation.end_us
            yield operation


def _operation(row: TableRow, mapping: OperationMapping, free_us: dict[str, int]) -> Operation:
    of, code = mapping.of, machine_of(row, mapping.asset_column)
    start_us, end_us = _span(row, mapping, free_us.get(code, mapping.begin_us))
    return Operation(
        row.number, row.number, code, needed(row, of.order), text_of(row, of.step), text_of(row, of.item),
        whole(row, of.quantity) if of.quantity else None, person_of(row, of.worker), start_us, end_us,
        whole(row, of.good), whole(row, of.scrap), whole(row, of.rework),
        bool(mapping.rework_column) and text_of(row, mapping.rework_column) == mapping.rework_value,
    )  # fmt: skip


def _span(row: TableRow, mapping: OperationMapping, free_us: int) -> tuple[int, int]:
    start_us = instant(row, mapping.start, mapping.zone) if mapping.start else free_us
    if mapping.end:
        end_us = instant(row, mapping.end, mapping.zone)
        if end_us < start_us:
            raise RowFault(f"{mapping.end} lies before {mapping.start}")
        return start_us, end_us
    text = needed(row, mapping.duration)
    match = _DURATION(text)
    if match is None:
        raise RowFault(f"{mapping.duration} “{text}” is no duration; allowed is hhh:mm")
    hours, minutes, seconds = match.groups(default="0")
    return start_us, start_us + (int(hours) * 60 + int(minutes)) * MINUTE_US + int(seconds) * 1_000_000


def instant(row: TableRow, column: str, zone: tzinfo | None) -> int:
    """The timestamp in a cell, in µs UTC. Raises `RowFault`, also for what no clock can have shown.

    The log would refuse such a fact by itself, but only it: half an operation would be left.
    """
    try:
        at_us = utc_us(needed(row, column), zone)
    except TimestampError as fault:
        raise RowFault(f"{column}: {fault}") from None
    if sentence := clock_fault_sentence(at_us, clock.now_us(), DEFAULT_CLOCK_RULE):
        raise RowFault(f"{column}: {sentence}")
    return at_us


def text_of(row: TableRow, column: str) -> str:
    """The text in a cell; empty where the mapping names no column. Raises `RowFault` for one too long."""
    text = (row.cells.get(column) or "").strip() if column else ""
    if len(text) > _LONGEST:
        raise RowFault(f"{column} has {len(text)} characters; allowed are {_LONGEST}")
    return text


def needed(row: TableRow, column: str) -> str:
    """The text in a cell that must not be empty. Raises `RowFault`."""
    text = text_of(row, column)
    if not text:
        raise RowFault(f"{column} is empty")
    return text


def machine_of(row: TableRow, column: str) -> str:
    """The code of the machine that a cell names. Raises `RowFault`."""
    code = asset_code(needed(row, column))
    if not code:
        raise RowFault(f"{column} has no letter and no digit")
    return code


def person_of(row: TableRow, column: str) -> str:
    """The pseudonym in a cell, empty if there is none; what looks like a name or an address is refused."""
    text = text_of(row, column)
    if text and not _PSEUDONYM(text):
        raise RowFault(
            f"{column} is no pseudonym; allowed is one word without @, such as a number, never a name"
        )
    return text


def nameless(row: TableRow, column: str) -> TableRow:
    """The row as it may be kept: without a name where a pseudonym should be."""
    said = (row.cells.get(column) or "").strip() if column else ""
    return row if not said or _PSEUDONYM(said) else row._replace(cells=row.cells | {column: None})


def whole(row: TableRow, column: str) -> int:
    """The quantity in a cell, 0 where there is none. Raises `RowFault`."""
    text = text_of(row, column)
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or int(text) > MOST:
        raise RowFault(f"{column} “{text}” is no quantity; allowed is a whole number of 0 to {MOST:,}")
    return int(text)
