"""The asset-hour cube: additive rows of one asset-day, the only thing every rate and loss is summed from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from plantbeat.engine.oee.inputs import CountEvent, CountKind, DayFacts, Key, ReadRules
from plantbeat.engine.oee.states import State
from plantbeat.engine.oee.timeline import Segment, segments


class Cut(NamedTuple):
    """What a row is cut by. `reason` is that of the state, `defect` that of scrapped or reworked pieces."""

    hour_us: int
    shift: Key
    order: Key
    product: Key
    state: State
    reason: Key
    defect: Key


@dataclass(slots=True)
class CubeRow:
    """One cell of the cube; every field after `defect` is an integer that sums over any cut.

    Attributes:
        hour_us: UTC start of the civil hour (µs).
        us: time in this state.
        starts: reported state spans that begin here.
        good, scrap, rework: pieces at their first pass.
        recovered, scrapped_after_rework: pieces at a later pass.
        setup_pieces: pieces before first-piece approval.
        ideal_all_us: ideal time of first-pass pieces and of set-up pieces made outside set-up.
        ideal_good_us, ideal_scrap_us, ideal_setup_us: its parts; what is left is rework.
        without_ideal: first-pass pieces for which no ideal cycle was in force.
    """

    hour_us: int
    shift: Key
    order: Key
    product: Key
    state: State
    reason: Key
    defect: Key
    us: int = 0
    starts: int = 0
    good: int = 0
    scrap: int = 0
    rework: int = 0
    recovered: int = 0
    scrapped_after_rework: int = 0
    setup_pieces: int = 0
    ideal_all_us: int = 0
    ideal_good_us: int = 0
    ideal_scrap_us: int = 0
    ideal_setup_us: int = 0
    without_ideal: int = 0


MEASURES: tuple[str, ...] = tuple(field.name for field in fields(CubeRow))[len(Cut._fields) :]
"""Names of the additive fields of a row."""

_FIRST_PASS = frozenset({CountKind.good, CountKind.scrap, CountKind.rework})


class _Cells(dict[Cut, CubeRow]):
    """Rows by their cut, made when first asked for."""

    def __missing__(self, cut: Cut) -> CubeRow:
        row = self[cut] = CubeRow(*cut)
        return row


def asset_day(day: DayFacts, rules: ReadRules, row: Sequence[Segment] | None = None) -> list[CubeRow]:
    """Cube rows of one asset-day, by hour and then in order of first appearance.

    The rows' `us` add up to the length of the day exactly. Counts and starts belong to the hour, shift, order
    and state in force at their instant. `row` are the segments of this day by these rules, for a caller who
    has them already; counts make no difference to them.

    Raises:
        ValueError: states overlap or may not be reported, a count is negative, or the hours do not fit.
    """
    cells = _Cells()
    row = segments(day, rules) if row is None else row
    plain = [cells[_cut(segment, None)] for segment in row]
    for cell, segment in zip(plain, row, strict=True):
        cell.us += segment.end_us - segment.start_us
    begins = [segment.start_us for segment in row]
    for span in day.states:
        if day.start_us <= span.start_us < day.end_us and span.start_us < span.end_us:
            plain[bisect_right(begins, span.start_us) - 1].starts += 1
    for count in day.counts:
        if day.start_us <= count.t_us < day.end_us:
            _book(cells, row[bisect_right(begins, count.t_us) - 1], count, day)
    if rules.slow_below_percent is not None:
        _mark_slow(cells, rules.slow_below_percent, day)
    return sorted(cells.values(), key=lambda cell: cell.hour_us)


def _cut(segment: Segment, defect: Key) -> Cut:
    order = segment.order
    if order is None:
        return Cut(segment.hour_us, segment.shift, None, None, segment.state, segment.reason, defect)
    return Cut(
        segment.hour_us, segment.shift, order.order, order.product, segment.state, segment.reason, defect
    )


def _book(cells: _Cells, segment: Segment, count: CountEvent, day: DayFacts) -> None:
    """Add one count to its cell.

    Set-up pieces made while being set up carry no ideal time: that time is the set-up loss already, and a
    loss is counted once.
    """
    quantity = count.quantity
    if quantity < 0:
        raise ValueError(
            f"count of {quantity} pieces at {count.t_us} µs: a quantity must be 0 or more, a wrong count is "
            "reversed instead"
        )
    cell = cells[_cut(segment, count.reason)]
    kind, order = count.kind, segment.order
    if kind is CountKind.recovered:
        cell.recovered += quantity
        return
    if kind is CountKind.scrapped_after_rework:
        cell.scrapped_after_rework += quantity
        return
    if kind in _FIRST_PASS and order and order.approved_us is not None and count.t_us < order.approved_us:
        kind = CountKind.setup
    if kind is CountKind.setup and segment.state is State.setup:
        cell.setup_pieces += quantity
        return
    ideal_us = day.ideals.at(order.product if order else None, count.t_us)
    earned_us = quantity * (ideal_us or 0)
    cell.ideal_all_us += earned_us
    if kind is CountKind.setup:
        cell.setup_pieces += quantity
        cell.ideal_setup_us += earned_us
        return
    if ideal_us is None:
        cell.without_ideal += quantity
    if kind is CountKind.good:
        cell.good += quantity
        cell.ideal_good_us += earned_us
    elif kind is CountKind.scrap:
        cell.scrap += quantity
        cell.ideal_scrap_us += earned_us
    else:
        cell.rework += quantity


def _mark_slow(cells: _Cells, below_percent: int, day: DayFacts) -> None:
    """Turn running cells into slow ones where hour, shift, order and reason earned too little of their time.

    The ideal cycle in force at the start of the hour gives the one piece of benefit and decides whether the
    cell can be judged at all.
    """
    time_us: dict[Cut, int] = {}
    earned_us: dict[Cut, int] = {}
    for cut, cell in cells.items():
        if cut.state is State.running:
            whole = _whole(cut)
            time_us[whole] = time_us.get(whole, 0) + cell.us
            earned_us[whole] = earned_us.get(whole, 0) + cell.ideal_all_us
    slow = set()
    for whole, us in time_us.items():
        ideal_us = day.ideals.at(whole.product, whole.hour_us)
        if ideal_us is not None and (earned_us[whole] + ideal_us) * 100 < us * below_percent:
            slow.add(whole)
    for cut, cell in cells.items():
        if cut.state is State.running and _whole(cut) in slow:
            cell.state = State.slow


def _whole(cut: Cut) -> Cut:
    return cut if cut.defect is None else cut._replace(defect=None)
