"""One asset-day as a gapless row of segments: reported states under the calendar and the orders."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

from plantbeat.engine.oee.inputs import DayFacts, Key, OrderSpan, ReadRules, ShiftSpan, StateSpan
from plantbeat.engine.oee.states import IDLE_WITHOUT_ORDER, REPORTABLE, State

T = TypeVar("T")
S = TypeVar("S", ShiftSpan, OrderSpan)
Told = tuple[State, Key]

_NOTHING_HEARD: Told = (State.no_data, None)


class Segment(NamedTuple):
    """Time in which nothing changes. `order` is None when none is in force."""

    start_us: int
    end_us: int
    hour_us: int
    shift: Key
    order: OrderSpan | None
    state: State
    reason: Key


class Layer(Generic[T]):
    """A gapless step function over the day: `values[i]` holds from `starts[i]` to `starts[i + 1]`."""

    __slots__ = ("starts", "values")

    def __init__(self, spans: Iterable[tuple[int, int, T]], start_us: int, end_us: int, gap: T) -> None:
        """`spans` are (start_us, end_us, value), disjoint and in order; `gap` holds where there is none."""
        starts: list[int] = []
        values: list[T] = []
        at_us = start_us
        for begins_us, ends_us, value in spans:
            if ends_us <= at_us:
                continue
            if begins_us >= end_us:
                break
            if begins_us > at_us:
                starts.append(at_us)
                values.append(gap)
                at_us = begins_us
            starts.append(at_us)
            values.append(value)
            at_us = ends_us
        if at_us < end_us:
            starts.append(at_us)
            values.append(gap)
        self.starts = starts
        self.values = values

    def over(self, cuts: Iterable[int]) -> Iterator[T]:
        """The value from each of the instants on, which ascend and hold all of `starts`."""
        place, last = 0, len(self.starts) - 1
        ahead_us = self.starts[1] if last > 0 else None
        for at_us in cuts:
            if at_us == ahead_us:
                place += 1
                ahead_us = self.starts[place + 1] if place < last else None
            yield self.values[place]


def segments(day: DayFacts, rules: ReadRules) -> list[Segment]:
    """Segments of the day in order; they tile it exactly.

    The calendar wins over the machine: off shift, then break, then planned maintenance, then no order, then
    what was reported; time that nothing covers is no data. Running and set-up without an order stay what they
    are, for somebody asked for that work.
    """
    start_us, end_us = day.start_us, day.end_us
    orders = _in_force(day.orders or ())
    hours = Layer(_hour_spans(day), start_us, end_us, start_us)
    shifts = Layer(_shift_spans(day.shifts), start_us, end_us, (None, State.off_shift))
    upkeep = Layer(_union(day.maintenance), start_us, end_us, False)
    ordered = Layer[OrderSpan | None](orders, start_us, end_us, None)
    told = Layer(_told(day.states, rules, orders), start_us, end_us, _NOTHING_HEARD)

    starts = (hours.starts, shifts.starts, upkeep.starts, ordered.starts, told.starts)
    cuts = sorted({at_us for layer in starts for at_us in layer})
    layers = (hours.over(cuts), shifts.over(cuts), upkeep.over(cuts), ordered.over(cuts), told.over(cuts))
    row: list[Segment] = []
    for at_us, until_us, hour_us, (shift, closed), is_upkeep, order, (state, reason) in zip(
        cuts, [*cuts[1:], end_us], *layers, strict=True
    ):
        if closed is not None:
            state, reason = closed, None
        elif is_upkeep:
            state, reason = State.planned_stop, None
        elif order is None and day.orders is not None and state in IDLE_WITHOUT_ORDER:
            state, reason = State.no_order, None
        row.append(Segment(at_us, until_us, hour_us, shift, order, state, reason))
    return row


def _hour_spans(day: DayFacts) -> list[tuple[int, int, int]]:
    if day.start_us >= day.end_us or not day.hours or day.hours[0] != day.start_us:
        raise ValueError(
            f"the day from {day.start_us} to {day.end_us} µs needs its civil hours, the first at its start"
        )
    edges = [*day.hours, day.end_us]
    if any(before >= after for before, after in pairwise(edges)):
        raise ValueError(f"the hours of the day from {day.start_us} µs must ascend and lie inside it")
    return [(before, after, before) for before, after in pairwise(edges)]


def _in_force(spans: Sequence[S]) -> list[tuple[int, int, S]]:
    """(start, end, span) made disjoint: where spans overlap, the one that started last holds."""
    known = sorted((span for span in spans if span.start_us < span.end_us), key=lambda span: span.start_us)
    if all(before.end_us <= after.start_us for before, after in pairwise(known)):
        return [(span.start_us, span.end_us, span) for span in known]
    edges = sorted({edge for span in known for edge in (span.start_us, span.end_us)})
    pieces: list[tuple[int, int, S]] = []
    for begins_us, ends_us in pairwise(edges):
        holding = [span for span in known if span.start_us <= begins_us and span.end_us >= ends_us]
        if holding:
            pieces.append((begins_us, ends_us, holding[-1]))
    return pieces


def _shift_spans(shifts: Sequence[ShiftSpan]) -> list[tuple[int, int, tuple[Key, State | None]]]:
    """Shift time in order, cut by the breaks of the shift in force."""
    spans: list[tuple[int, int, tuple[Key, State | None]]] = []
    for begins_us, ends_us, shift in _in_force(shifts):
        pauses = _union((max(a, begins_us), min(b, ends_us)) for a, b in shift.breaks)
        layer: Layer[State | None] = Layer(
            ((a, b, State.shift_break) for a, b, _ in pauses), begins_us, ends_us, None
        )
        edges = [*layer.starts, ends_us]
        spans += [(edges[i], edges[i + 1], (shift.shift, layer.values[i])) for i in range(len(layer.starts))]
    return spans


def _union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    merged: list[tuple[int, int, bool]] = []
    for start_us, end_us in sorted(spans):
        if start_us >= end_us:
            continue
        if merged and start_us <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end_us), True
        else:
            merged.append((start_us, end_us, True))
    return merged


def _told(
    spans: Sequence[StateSpan], rules: ReadRules, orders: list[tuple[int, int, OrderSpan]]
) -> list[tuple[int, int, Told]]:
    """Reported states in order with micro-stops told from stops by the length of the whole stop.

    A stop that was split between reasons is one stop: touching own stops are judged together.
    """
    known = _checked(spans)
    result: list[tuple[int, int, Told]] = []
    index = 0
    while index < len(known):
        span = known[index]
        last = index
        if span.state is State.own_stop:
            while (
                last + 1 < len(known)
                and known[last + 1].state is State.own_stop
                and known[last + 1].start_us == known[last].end_us
            ):
                last += 1
        state = span.state
        if state is State.own_stop and known[last].end_us - span.start_us < _limit_us(span, rules, orders):
            state = State.micro_stop
        result += [(part.start_us, part.end_us, (state, part.reason)) for part in known[index : last + 1]]
        index = last + 1
    return result


def _limit_us(stop: StateSpan, rules: ReadRules, orders: list[tuple[int, int, OrderSpan]]) -> int:
    if not rules.micro_stop_us_of:
        return rules.micro_stop_us
    index = bisect_right(orders, stop.start_us, key=lambda piece: piece[0]) - 1
    if index >= 0 and stop.start_us < orders[index][1]:
        return rules.micro_stop_us_of.get(orders[index][2].product, rules.micro_stop_us)
    return rules.micro_stop_us


def _checked(spans: Sequence[StateSpan]) -> list[StateSpan]:
    """State spans that hold time, in order; ValueError when one may not be reported or two overlap."""
    known = sorted((span for span in spans if span.start_us != span.end_us), key=lambda span: span.start_us)
    at_us: int | None = None
    for span in known:
        if span.state not in REPORTABLE:
            raise ValueError(
                f"state {span.state.value!r} from {span.start_us} µs cannot be reported, it is derived; "
                f"allowed are {', '.join(sorted(REPORTABLE))}"
            )
        if span.end_us < span.start_us:
            raise ValueError(
                f"state {span.state.value!r} from {span.start_us} µs ends before, at {span.end_us} µs"
            )
        if at_us is not None and span.start_us < at_us:
            raise ValueError(
                f"state {span.state.value!r} from {span.start_us} µs begins before the one before it ends, "
                f"at {at_us} µs; states of an asset must not overlap"
            )
        at_us = span.end_us
    return known
