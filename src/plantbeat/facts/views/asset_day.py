"""One local day of one asset from facts in force: cube rows, intervals, events, and what it hands on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from msgspec import structs

from plantbeat.engine.calendars.civil import LocalDay, hour_slots
from plantbeat.engine.oee import CubeRow, DayFacts, OrderSpan, ReadRules, State, StateSpan
from plantbeat.engine.oee import asset_day as cube_of
from plantbeat.engine.oee.hourly import hourly_day
from plantbeat.engine.oee.inputs import FOREVER_US
from plantbeat.engine.oee.timeline import segments
from plantbeat.engine.stream import Carry as StreamCarry
from plantbeat.engine.stream import Interval, Point, carry_at, state_intervals
from plantbeat.facts.views.carry import Carry, OpenReason, Told
from plantbeat.facts.views.counting import Booked, Pieces, count_events, summed_events
from plantbeat.facts.views.dimension_tables import LineSource
from plantbeat.facts.views.feeds import COUNTS, ORDERS, SETUPS, SIGNS, Feeds, feeds, timing_asset
from plantbeat.facts.views.log_rows import FactRow
from plantbeat.facts.views.orders import OrderBook
from plantbeat.facts.views.rules import Reading, SiteRules
from plantbeat.facts.views.shifts import Shifts
from plantbeat.facts.views.spans import DaySpan, Shown, day_spans, shown_at
from plantbeat.facts.views.stretches import (
    LONG_AGO_US,
    Given,
    Said,
    Stretch,
    counted,
    ended_at,
    gaps_over,
    given_over,
    setups_over,
    state_spans,
    told,
)

KEPT = frozenset(
    {
        "attendance", "incident", "order_start", "order_end", "operator_on", "operator_off",
        "andon_raise", "andon_ack", "andon_arrive", "andon_contain", "andon_resolve", "andon_confirm",
        "andon_reopen",
    }
)  # fmt: skip
"""Kinds that measures count one by one."""

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DayQuestion:
    """What a day is computed from.

    rows      facts of the asset and its feeds in the day, in order
    peek      the same of the first minutes after it, by which a stop at its end is judged
    reaching  facts of other days that speak of time in this one
    now_us    nothing is known of later time
    """

    asset: int
    day: LocalDay
    carry: Carry
    rows: Sequence[FactRow]
    peek: Sequence[FactRow]
    reaching: Sequence[FactRow]
    now_us: int

    @property
    def until_us(self) -> int:
        """End of the time that is computed."""
        return min(self.day.end_us, self.now_us)


@dataclass(slots=True)
class DayView:
    """What a day came to; `reach` are facts of the day that speak of time outside it."""

    rows: list[CubeRow]
    spans: list[DaySpan]
    events: list[FactRow]
    reach: list[FactRow]
    carry: Carry
    shown: Shown | None
    fault: str = ""


def reaches(row: FactRow) -> bool:
    """True if a fact speaks of another time than its own instant."""
    kind = row.kind
    return kind in ("reason", "gap") or (kind == "count" and row.said.from_us is not None)


def reach_of(row: FactRow) -> tuple[int, int]:
    """The time a fact speaks of, for one that `reaches`; a reason without an end begins somewhere."""
    from_us: int = row.said.from_us
    until_us = row.t_us if row.kind == "count" else row.said.until_us
    return from_us, max(from_us + 1, from_us if until_us is None else until_us)


class DayMaker:
    """Computes days of a site by its rules and shifts."""

    def __init__(self, rules: SiteRules, shifts: Shifts) -> None:
        self.rules, self.shifts = rules, shifts
        self._hours: dict[date, list[int]] = {}

    def view(self, asked: DayQuestion) -> DayView:
        """The day. One whose facts cannot be read together has a fault, no rows, and hands on what it got."""
        try:
            return _Making(self, asked).view()
        except ValueError as error:
            handed_on = structs.replace(asked.carry, ended=())
            return DayView([], [], [], [], handed_on, None, str(error))

    def hours(self, day: LocalDay) -> list[int]:
        """UTC starts of the civil hours of a day."""
        known = self._hours.get(day.day)
        if known is None:
            slots = hour_slots(day, self.rules.zone)
            known = self._hours[day.day] = [slot.start_us for slot in slots]
        return known


@dataclass(slots=True)
class _Making:
    """The making of one day: its facts sorted by what they decide."""

    maker: DayMaker
    asked: DayQuestion
    reading: Reading = field(init=False)
    sources: Feeds = field(init=False)
    book: OrderBook = field(init=False)
    pieces: Pieces = field(init=False)
    points: list[Point[str]] = field(default_factory=list)
    signs: list[int] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    later_setups: list[tuple[int, int, int]] = field(default_factory=list)
    said: dict[int, FactRow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        asked, rules = self.asked, self.maker.rules
        self.reading = rules.reading(asked.asset, asked.day.day)
        self.sources = feeds(rules, asked.asset, asked.day.day)
        self.book = OrderBook(asked.carry, self.reading.first_piece)
        self.pieces = Pieces(rules, asked.carry, self.reading.source is LineSource.hourly)

    def view(self) -> DayView:
        asked, day = self.asked, self.asked.day
        self._sort_facts()
        ended = self._told_at_end()
        self._take_peek()
        stretches, ongoing = self._stretches()
        open_end = asked.now_us < self._judged_us()
        states = state_spans(stretches, asked.carry.ended, day.start_us, open_end)
        facts = self._day_facts(states)
        read = ReadRules(self.reading.micro_stop_us, slow_below_percent=self.reading.slow_below_percent)
        row = segments(facts, read)
        facts = replace(facts, counts=[*facts.counts, *summed_events(self.pieces.counts, row)])
        rows = cube_of(facts, read, row)
        spans = day_spans(row, rows, stretches, states)
        rows += self._named_rows(facts)
        carry = Carry(
            told=ended,
            ended=ended_at(states, day.end_us),
            reasons=tuple(ongoing),
            setup=self.book.setup,
            orders=self.book.carried_orders(),
            ordered=self.book.ordered,
            counters=self.pieces.carried_counters(),
            counted_us=self.pieces.counted_us,
        )
        own = [one for one in asked.rows if one.asset == asked.asset]
        events = [one for one in own if one.kind in KEPT]
        reach = [one for one in own if reaches(one) and self._reaches_out(one)]
        return DayView(rows, spans, events, reach, carry, shown_at(row[-1], stretches, states))

    # --- facts ---

    def _sort_facts(self) -> None:
        asked, book, pieces = self.asked, self.book, self.pieces
        for one in asked.carry.reasons:
            self.given.append(Given(one.t_us, asked.day.start_us, None, one.reason, one.lsn))
        for row in asked.reaching:
            self._take_reaching(row)
        for row in asked.rows:
            kind, kinds = row.kind, self.sources.get(row.asset, _NONE)
            if kind in SIGNS and "state" in kinds:
                self.signs.append(row.t_us)
            if kind not in kinds:
                continue
            if kind == "state":
                self._point(row)
            elif kind in COUNTS:
                pieces.take(row)
            elif kind in ORDERS or kind in SETUPS:
                book.take(row)
            else:
                self._spoken(row)
        for row in asked.reaching:
            if row.kind == "count" and "count" in self.sources.get(row.asset, _NONE):
                pieces.take_reaching(row)
        self.given.sort(key=_when_given)

    def _take_reaching(self, row: FactRow) -> None:
        if row.kind != "count" and row.kind in self.sources.get(row.asset, _NONE):
            self._spoken(row)

    def _spoken(self, row: FactRow) -> None:
        """A reason or a gap."""
        said = row.said
        if row.kind == "reason":
            self.given.append(Given(row.t_us, said.from_us, said.until_us, said.reason, row.lsn))
        elif row.kind == "gap":
            self.gaps.append((said.from_us, said.until_us))

    def _point(self, row: FactRow) -> None:
        self.points.append(Point(row.t_us, len(self.points), row.said.state, row.lsn))
        self.said[row.lsn] = row

    def _take_peek(self) -> None:
        """States and set-ups that begin just after the day: they end a stop that reaches them."""
        for row in self.asked.peek:
            kinds = self.sources.get(row.asset, _NONE)
            if row.kind in SIGNS and "state" in kinds:
                self.signs.append(row.t_us)
            if row.kind == "state" and "state" in kinds:
                self._point(row)
            elif row.kind == "setup_start" and "setup_start" in kinds:
                self.later_setups.append((row.t_us, FOREVER_US, row.lsn))

    def _reaches_out(self, row: FactRow) -> bool:
        """True if a fact speaks of another day, or of the minutes by which the day before is judged."""
        day, (from_us, until_us) = self.asked.day, reach_of(row)
        return from_us < day.start_us + self.maker.rules.longest_micro_stop_us or until_us > day.end_us

    # --- time ---

    def _judged_us(self) -> int:
        """End of the time by which a stop at the end of the day is judged."""
        return self.asked.day.end_us + self.reading.micro_stop_us

    def _stream_carry(self) -> StreamCarry | None:
        before = self.asked.carry.told
        if before is None:
            return None
        return StreamCarry(self.asked.day.start_us, before.word, before.since_us, before.heard_us, before.lsn)

    def _told_at_end(self) -> Told | None:
        last = carry_at(self.asked.day.end_us, self.points, heard=self.signs, carry=self._stream_carry())
        if last is None or last.fact is None:
            return None
        row, before = self.said.get(last.fact), self.asked.carry.told
        if row is None:
            return before._replace(heard_us=last.heard_us) if before else None
        return Told(last.state, last.since_us, last.heard_us, row.asset, row.lsn, row.said.reason)

    def _said(self, piece: Interval) -> Said:
        rules, day, before = self.maker.rules, self.asked.day.day, self.asked.carry.told
        row = self.said.get(piece.fact) if piece.fact is not None else None
        if row is not None:
            return Said(piece.state, rules.state_of(piece.state, row.asset, day), row.said.reason)
        asset, reason = (before.asset, before.reason) if before else (self.asked.asset, None)
        return Said(piece.state, rules.state_of(piece.state, asset, day), reason)

    def _stretches(self) -> tuple[list[Stretch], list[OpenReason]]:
        start_us, until_us = self.asked.day.start_us, min(self._judged_us(), self.asked.now_us)
        intervals = state_intervals(
            self.points,
            heard=self.signs,
            carry=self._stream_carry(),
            timeout_us=self.reading.silent_after_us,
            until_us=until_us,
        )
        row = told(intervals, self._said, start_us, until_us)
        row = setups_over(row, [*self.book.setup_spans(), *self.later_setups])
        row = gaps_over(row, sorted(self.gaps))
        row, ongoing = given_over(row, self.given, self.asked.day.end_us)
        return counted(row, self.maker.rules.reasons(self.asked.day.day)), ongoing

    # --- the cube ---

    def _day_facts(self, states: list[StateSpan]) -> DayFacts:
        asked, day, rules = self.asked, self.asked.day, self.maker.rules
        until_us = asked.until_us
        orders = self.book.order_spans()
        facts = DayFacts(
            day.start_us,
            until_us,
            [hour_us for hour_us in self.maker.hours(day) if hour_us < until_us],
            self.maker.shifts.of(self.reading.pattern, rules.line_of(asked.asset), day.start_us, until_us),
            states,
            (),
            orders,
            rules.planned_stops(asked.asset, day.day),
            rules.ideals(timing_asset(rules, asked.asset, day.day)),
        )
        self._unname(orders or [])
        if self.pieces.hourly:
            reports = self.pieces.disjoint_reports(day.start_us, until_us)
            known = [span for span in states if span.state is not State.no_data]
            facts = replace(facts, states=known)
            facts = hourly_day(facts, reports, explained=self.reading.stops_recorded)
        return facts

    def _unname(self, orders: list[OrderSpan]) -> None:
        """Counts that name the order which is in force anyway are counts like any other."""
        for (order, item), events in list(self.pieces.named.items()):
            away: list[Booked] = []
            for event in events:
                running = _in_force(orders, event[0])
                same = running is not None and running.order == order and item in (None, running.product)
                (self.pieces.counts if same else away).append(event)
            self.pieces.named[order, item] = away

    def _named_rows(self, facts: DayFacts) -> Iterator[CubeRow]:
        """Pieces of orders that were not in force: the same day with their order, without its time."""
        for (order, item), events in self.pieces.named.items():
            if not events:
                continue
            known = [span for span in facts.orders or () if span.order == order]
            product = item if item is not None else next((span.product for span in known), None)
            approved_us = known[-1].approved_us if known else None
            span = OrderSpan(LONG_AGO_US, FOREVER_US, order or None, product, approved_us)
            alone = replace(facts, counts=count_events(events), orders=[span])
            for cell in cube_of(alone, ReadRules(self.reading.micro_stop_us)):
                cell.us = cell.starts = 0
                if any(getattr(cell, name) for name in _PIECES):
                    yield cell


_PIECES = ("good", "scrap", "rework", "recovered", "scrapped_after_rework", "setup_pieces")


def _when_given(one: Given) -> int:
    return one.given_us


def _in_force(orders: Sequence[OrderSpan], at_us: int) -> OrderSpan | None:
    """The order in force at an instant: of several the one that began last (`orders` by begin)."""
    place = bisect_right(orders, at_us, key=lambda span: span.start_us)
    for span in reversed(orders[:place]):
        if span.end_us > at_us:
            return span
    return None
