"""An event file of a machine as facts, by the rules that live events follow.

Exact repeats of time and value of a key are dropped, wherever they stand: gateways repeat their last values.
The order of the file decides between events of one instant. A clock is impossible when it is more than 48 h
after the start of the file's day, or before 2010.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec

from plantbeat.engine.counters import counter_reading
from plantbeat.engine.stream import (
    DEFAULT_CLOCK_RULE,
    TimestampError,
    clock_fault_sentence,
    day_start_us,
    utc_us,
)
from plantbeat.facts.incoming import Arrival, NewFact
from plantbeat.facts.quarantine import Fault
from plantbeat.wire.csv.file_fault import FileFault
from plantbeat.wire.csv.mapping import EventMapping
from plantbeat.wire.csv.table_file import TableRow

NOT_A_READING = "UNAVAILABLE"
"""What MTConnect says where a counter has no value; nothing to record, and nothing wrong."""
_KEYS_SHOWN = 10


class Told(NamedTuple):
    """A fact with the number of the row that says it."""

    row: int
    fact: NewFact | Arrival


def event_facts(rows: Iterable[TableRow], mapping: EventMapping, path: Path) -> Iterator[Told]:
    """Facts in the order of the file, numbered from 1; a row that cannot be read keeps its number.

    Raises `FileFault` at the end of a file of which nothing is of use.
    """
    seen: set[tuple[str, int, str]] = set()
    others: dict[str, None] = {}
    seq = 0
    for row in rows:
        key = (row.cells[mapping.key] or "").strip()
        if key != mapping.state and key not in mapping.counters:
            others.setdefault(key)
            continue
        made = _fact(row, key, mapping, seen)
        if made is not None:
            seq += 1
            if isinstance(made, Arrival):
                made.seq = seq
                yield Told(row.number, made)
            else:
                yield Told(row.number, msgspec.structs.replace(made, seq=seq))
    if not seq:
        wanted = ", ".join(f"“{key}”" for key in (mapping.state, *mapping.counters))
        found = ", ".join(f"“{key}”" for key in list(others)[:_KEYS_SHOWN]) or "none"
        raise FileFault(
            f"{path}: no row says anything of {wanted} in {mapping.key}; other keys found: {found}."
        )


def _fact(
    row: TableRow, key: str, mapping: EventMapping, seen: set[tuple[str, int, str]]
) -> NewFact | Arrival | None:
    """The fact of a row; None for a repeat and for a counter without a reading."""
    value = (row.cells[mapping.value] or "").strip()
    try:
        at_us = utc_us(row.cells[mapping.time] or "")
    except TimestampError as error:
        return unread(row, Fault.bad_time, str(error))
    if (key, at_us, value) in seen:
        return None
    seen.add((key, at_us, value))
    if sentence := _clock_fault(row, at_us, mapping):
        return unread(row, Fault.impossible_clock, sentence)
    if key == mapping.state:
        if not value:
            return unread(row, Fault.bad_body, f"{mapping.value} is empty; a state has a name")
        return NewFact(asset=mapping.asset, t_us=at_us, kind="state", body={"state": value})
    reading = counter_reading(value)
    if reading is None:
        if value in ("", NOT_A_READING):
            return None
        return unread(row, Fault.bad_body, f"{mapping.value} “{value}” is no reading of a counter")
    number = reading if isinstance(reading, int) else Decimal(value)
    body = {"counter": mapping.counters[key], "value": number}
    return NewFact(asset=mapping.asset, t_us=at_us, kind="counter", body=body)


def _clock_fault(row: TableRow, at_us: int, mapping: EventMapping) -> str:
    """Why the time of a row is impossible; a file date that cannot be read judges nothing."""
    day = (row.cells[mapping.file_date] or "").strip() if mapping.file_date else ""
    begin_us = None
    if day:
        with suppress(TimestampError):
            begin_us = day_start_us(day)
    return clock_fault_sentence(at_us, begin_us, DEFAULT_CLOCK_RULE) or ""


def unread(row: TableRow, fault: Fault, sentence: str) -> Arrival:
    """A row that goes to quarantine, with its number in the file and its cells."""
    raw = msgspec.json.encode({"row": row.number, **row.cells})
    return Arrival(fault=fault, sentence=f"row {row.number}: {sentence}", raw=raw)
