"""The intervals of a day as they are shown: segments of the cube joined again, with the facts behind."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from plantbeat.engine.oee import CubeRow, State, StateSpan
from plantbeat.engine.oee.inputs import Key
from plantbeat.engine.oee.timeline import Segment
from plantbeat.facts.views.stretches import Stretch

_OF_THE_CALENDAR = frozenset({State.shift_break, State.off_shift})


class DaySpan(NamedTuple):
    """A row of `FactInterval` without its asset."""

    start_us: int
    end_us: int
    state: str
    begins: bool
    reason: str | None
    order_number: str | None
    product: str | None
    shift_id: int | None
    word: str | None
    lsn: int | None
    reason_lsn: int | None


class Shown(NamedTuple):
    """What holds at the end of the time computed.

    `state` is what was told or given, `counts_as` what the time model makes of it (a break, off shift, no
    order); `since_us` is its true begin, before midnight where it began there.
    """

    state: str
    counts_as: str
    since_us: int
    reason: str | None
    word: str | None
    order_number: str | None
    product: str | None
    shift_id: int | None
    lsn: int | None
    reason_lsn: int | None


def day_spans(
    row: Iterable[Segment],
    cells: Iterable[CubeRow],
    stretches: Sequence[Stretch],
    states: Sequence[StateSpan],
) -> list[DaySpan]:
    """Segments of a day joined across the hours, those of slow hours marked so."""
    slow = {(c.hour_us, c.shift, c.order, c.product, c.reason) for c in cells if c.state is State.slow}
    begun = {span.start_us for span in states}
    starts = [stretch.start_us for stretch in stretches]
    spans: list[DaySpan] = []
    for segment in row:
        place = bisect_right(starts, segment.start_us) - 1
        behind = stretches[place] if place >= 0 and segment.state not in _OF_THE_CALENDAR else None
        made = _span(segment, slow, behind, segment.start_us in begun)
        last = spans[-1] if spans else None
        if last is not None and not made.begins and _same(last, made):
            spans[-1] = DaySpan(last.start_us, made.end_us, *last[2:])
        else:
            spans.append(made)
    return spans


def _span(
    segment: Segment, slow: set[tuple[int, Key, Key, Key, Key]], behind: Stretch | None, begins: bool
) -> DaySpan:
    order, state = segment.order, segment.state
    number, product = (order.order, order.product) if order is not None else (None, None)
    if state is State.running and (segment.hour_us, segment.shift, number, product, segment.reason) in slow:
        state = State.slow
    return DaySpan(
        segment.start_us,
        segment.end_us,
        state.value,
        behind is not None and begins,
        _text(segment.reason),
        _text(number),
        _text(product),
        segment.shift if isinstance(segment.shift, int) else None,
        *((behind.word, behind.lsn, behind.reason_lsn) if behind is not None else (None, None, None)),
    )


def _same(before: DaySpan, after: DaySpan) -> bool:
    return before[2] == after[2] and before[4:] == after[4:]


def _text(key: Key) -> str | None:
    return None if key is None else str(key)


def shown_at(last: Segment, stretches: Sequence[Stretch], states: Sequence[StateSpan]) -> Shown:
    """What holds in the last segment."""
    at_us = last.end_us - 1
    behind = next((one for one in reversed(stretches) if one.start_us <= at_us), None)
    span = next((one for one in reversed(states) if one.start_us <= at_us < one.end_us), None)
    order = last.order
    return Shown(
        state=(span.state if span is not None else State.no_data).value,
        counts_as=last.state.value,
        since_us=span.start_us if span is not None else last.start_us,
        reason=_text(span.reason) if span is not None else None,
        word=behind.word if behind else None,
        order_number=_text(order.order) if order else None,
        product=_text(order.product) if order else None,
        shift_id=last.shift if isinstance(last.shift, int) else None,
        lsn=behind.lsn if behind else None,
        reason_lsn=behind.reason_lsn if behind else None,
    )
