"""What a table of events says: rows believed and not, time by state, advance of counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple

from plantbeat.engine.counters import Reading, counter_advance, counter_reading
from plantbeat.engine.stream.clock import DEFAULT_CLOCK_RULE, ClockRule, clock_fault
from plantbeat.engine.stream.intervals import state_intervals
from plantbeat.engine.stream.points import Point, in_order
from plantbeat.engine.stream.reasons import QuarantineReason
from plantbeat.engine.stream.times import TimestampError, day_start_us, utc_us
from plantbeat.engine.stream.windows import StateTime, time_in_state


class EventRow(NamedTuple):
    """The texts of one row as the file has them; `file_date` is empty where the file has none."""

    ts: str
    key: str
    value: str
    file_date: str = ""


class CounterTotal(NamedTuple):
    """Advance of a counter; None where its key has no reading.

    `open_drop` tells that the last drop is undecided and so not counted.
    """

    advance: Reading | None
    readings: int
    open_drop: bool


@dataclass(frozen=True, slots=True)
class EventSummary:
    """What a table of events says.

    rows         rows read, quarantined ones included
    quarantined  rows left out, by reason
    states       time and number of closed intervals by state
    counters     advance by counter key
    keys         rows by key found, quarantined ones included
    """

    rows: int
    quarantined: Mapping[QuarantineReason, int]
    states: Mapping[str, StateTime]
    counters: Mapping[str, CounterTotal]
    keys: Mapping[str, int]


def event_summary(
    rows: Iterable[EventRow | None],
    *,
    state_key: str,
    counter_keys: Iterable[str] = (),
    received_us: int | None = None,
    clock: ClockRule = DEFAULT_CLOCK_RULE,
    zone: tzinfo | None = None,
) -> EventSummary:
    """Summary of an event table; rows come in the source's order, None stands for a malformed one.

    Quarantined, and counted by reason, is a row that is malformed, without a key, with an unreadable time or
    file date, with an impossible clock (against its file date, or `received_us` where it has none), and a
    state without a name. Of the rest, exact repeats of (time, value) of a key are dropped and the others
    sorted by (time, row). Each state lasts to the next one, whatever it says; the last is open and left out,
    so `states` counts one interval fewer than there are states said. Rows of a counter that hold no number
    are no readings.
    """
    quarantined: Counter[QuarantineReason] = Counter()
    keys: Counter[str] = Counter()
    states: list[Point[str]] = []
    readings: dict[str, list[Point[Reading]]] = {key: [] for key in counter_keys}
    count = 0
    for row in rows:
        count += 1
        if row is None:
            quarantined[QuarantineReason.MALFORMED_ROW] += 1
            continue
        _, key, value, _ = row
        if key:
            keys[key] += 1
        judged = _judged(row, state_key, received_us, clock, zone)
        if isinstance(judged, QuarantineReason):
            quarantined[judged] += 1
            continue
        if key == state_key:
            states.append(Point(judged, count, value, count))
        if key in readings:
            reading = counter_reading(value)
            if reading is not None:
                readings[key].append(Point(judged, count, reading, count))
    return EventSummary(
        rows=count,
        quarantined={reason: quarantined[reason] for reason in QuarantineReason if quarantined[reason]},
        states=time_in_state(state_intervals(states)),
        counters={key: _counter_total(points) for key, points in readings.items()},
        keys=dict(sorted(keys.items())),
    )


def _judged(
    row: EventRow, state_key: str, received_us: int | None, clock: ClockRule, zone: tzinfo | None
) -> int | QuarantineReason:
    """The instant of a row that is believed, else why it is not."""
    ts, key, value, file_date = row
    if not key:
        return QuarantineReason.NO_KEY
    try:
        at_us = utc_us(ts, zone)
    except TimestampError:
        return QuarantineReason.BAD_TIMESTAMP
    if file_date:
        try:
            received_us = _file_date_us(file_date, zone)
        except TimestampError:
            return QuarantineReason.BAD_FILE_DATE
    fault = clock_fault(at_us, received_us, clock)
    if fault is not None:
        return fault
    if key == state_key and not value.strip():
        return QuarantineReason.NO_STATE
    return at_us


@lru_cache(maxsize=1024)
def _file_date_us(text: str, zone: tzinfo | None) -> int:
    """Start of the day a file is of, or the instant where it gives one."""
    try:
        return day_start_us(text, zone)
    except TimestampError:
        return utc_us(text, zone)


def _counter_total(points: list[Point[Reading]]) -> CounterTotal:
    ordered = in_order(points)
    if not ordered:
        return CounterTotal(None, 0, False)
    advance, state = counter_advance(point.value for point in ordered)
    return CounterTotal(advance, len(ordered), state.undecided)
