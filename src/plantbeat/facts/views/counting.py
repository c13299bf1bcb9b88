"""From counts, scrap, rework and raw counters to the pieces of a day."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from plantbeat.engine.calendars.civil import HOUR_US
from plantbeat.engine.counters import UNREAD, CounterState, Reading, reading_advance
from plantbeat.engine.oee import CountEvent, CountKind
from plantbeat.engine.oee.hourly import HourlyReport
from plantbeat.engine.oee.timeline import Segment
from plantbeat.facts.views.carry import Carry, CounterCarry, counter_carry, counter_state
from plantbeat.facts.views.dimension_tables import CounterMeaning
from plantbeat.facts.views.log_rows import FactRow
from plantbeat.facts.views.rules import SiteRules

_FIRST_PASS = _GOOD, _SCRAP, _REWORK = CountKind.good, CountKind.scrap, CountKind.rework
_COUNTS_AS = {
    CounterMeaning.good: CountKind.good,
    CounterMeaning.scrap: CountKind.scrap,
    CounterMeaning.rework: CountKind.rework,
}
_OUTCOMES = {
    "sent": CountKind.rework,
    "recovered": CountKind.recovered,
    "scrapped": CountKind.scrapped_after_rework,
}

Named = tuple[str, str | None]
"""Order and item that a count names itself."""

Booked = tuple[int, CountKind, int, str | None]
"""Pieces as they are booked: instant, kind, quantity, defect."""


@dataclass(slots=True)
class Pieces:
    """Counts of an asset-day: of the order in force, and of orders that a count names itself.

    `reports` are the counts of a line that keeps hourly counts, with the time each speaks of.
    """

    rules: SiteRules
    carry: Carry
    hourly: bool
    counts: list[Booked] = field(default_factory=list)
    named: dict[Named, list[Booked]] = field(default_factory=lambda: defaultdict(list))
    reports: list[HourlyReport] = field(default_factory=list)
    counted_us: int | None = field(init=False)
    counters: dict[str, tuple[CounterState, Fraction]] = field(init=False)

    def __post_init__(self) -> None:
        self.counted_us = self.carry.counted_us
        self.counters = {
            name: (counter_state(one), Fraction(one.rest)) for name, one in self.carry.counters.items()
        }

    def take(self, row: FactRow) -> None:
        """Book one fact; facts come in order of time."""
        said = row.said
        if row.kind == "counter":
            self._advance(row)
        elif row.kind == "count":
            self._count(row)
        elif row.kind == "scrap":
            self._book(said, (row.t_us, _SCRAP, said.quantity, said.reason))
        else:
            self._book(said, (row.t_us, _OUTCOMES[said.outcome], said.quantity, said.reason))

    def take_reaching(self, row: FactRow) -> None:
        """Book a count of another day that speaks of time in this one."""
        counted_us = self.counted_us
        self._count(row)
        self.counted_us = counted_us

    def _count(self, row: FactRow) -> None:
        said = row.said
        booked_us = row.t_us if said.from_us is None else max(min(said.from_us, row.t_us), row.t_us - 1)
        names = said.order is not None or said.item is not None
        if self.hourly:
            good, scrap, rework = (0, 0, 0) if names else (said.good, said.scrap, said.rework)
            self.reports.append(HourlyReport(self._begin(row), row.t_us, good, scrap, rework))
        self.counted_us = row.t_us
        if self.hourly and not names:
            return
        events = self.named[said.order or "", said.item] if names else self.counts
        if said.good:
            events.append((booked_us, _GOOD, said.good, None))
        if said.scrap:
            events.append((booked_us, _SCRAP, said.scrap, None))
        if said.rework:
            events.append((booked_us, _REWORK, said.rework, None))

    def _begin(self, row: FactRow) -> int:
        """Where the time of an hourly count begins: as it says, at the count before, or an hour earlier."""
        if row.said.from_us is not None:
            return int(row.said.from_us)
        earliest_us = row.t_us - HOUR_US
        return earliest_us if self.counted_us is None else max(self.counted_us, earliest_us)

    def _book(self, said: object, event: Booked) -> None:
        order, item = getattr(said, "order", None), getattr(said, "item", None)
        if order is None and item is None:
            self.counts.append(event)
        else:
            self.named[order or "", item].append(event)

    def _advance(self, row: FactRow) -> None:
        said, name = row.said, f"{row.asset}/{row.said.counter}"
        counting = self.rules.counting(row.asset, said.counter)
        state, rest = self.counters.get(name, (UNREAD, Fraction(0)))
        step = reading_advance(state, _reading(said.value), counting.rule)
        whole = 0
        if step.amount:
            made = rest + step.amount * counting.pieces_per_count
            whole = made.numerator // made.denominator
            rest = made - whole
        self.counters[name] = (step.state, rest)
        kind = _COUNTS_AS.get(counting.counts_as)
        if whole and kind is not None:
            self.counts.append((row.t_us, kind, whole, None))

    def disjoint_reports(self, start_us: int, end_us: int) -> list[HourlyReport]:
        """The reports cut to the day, none reaching into the one before it.

        Pieces belong to the day in which their report ends; the part of a report before midnight says only
        that the line was counted.
        """
        made: list[HourlyReport] = []
        free_us = start_us
        for one in sorted(self.reports, key=lambda report: (report.end_us, report.start_us)):
            if one.end_us <= start_us or one.start_us >= end_us:
                continue
            begin_us, stop_us = max(one.start_us, free_us), min(one.end_us, end_us)
            ends_here = one.end_us <= end_us
            pieces = (one.good, one.scrap, one.rework) if ends_here else (0, 0, 0)
            if begin_us < stop_us:
                made.append(HourlyReport(begin_us, stop_us, *pieces))
                free_us = stop_us
            elif any(pieces):
                for kind, quantity in zip(_FIRST_PASS, pieces, strict=True):
                    if quantity:
                        self.counts.append((one.end_us - 1, kind, quantity, None))
        return made

    def carried_counters(self) -> dict[str, CounterCarry]:
        """Where the counters stand."""
        return {name: counter_carry(state, rest) for name, (state, rest) in sorted(self.counters.items())}


def count_events(booked: Iterable[Booked]) -> list[CountEvent]:
    """Booked pieces as the cube takes them."""
    return [CountEvent(*one) for one in booked]


def summed_events(booked: Iterable[Booked], row: Sequence[Segment]) -> list[CountEvent]:
    """Booked pieces of a day as the cube takes them, those that fall into one cell as one.

    Within a segment only a first-piece approval tells pieces apart, so that instant is kept on its side.
    """
    begins = [segment.start_us for segment in row]
    sums: dict[tuple[int, CountKind, str | None], int] = defaultdict(int)
    for at_us, kind, quantity, defect in booked:
        if not begins or not begins[0] <= at_us < row[-1].end_us:
            continue
        segment = row[bisect_right(begins, at_us) - 1]
        order, side_us = segment.order, segment.start_us
        if order is not None and order.approved_us is not None and side_us < order.approved_us <= at_us:
            side_us = order.approved_us
        sums[side_us, kind, defect] += quantity
    return [CountEvent(at_us, kind, quantity, defect) for (at_us, kind, defect), quantity in sums.items()]


def _reading(value: int | Decimal) -> Reading:
    return Fraction(value) if isinstance(value, Decimal) else value
