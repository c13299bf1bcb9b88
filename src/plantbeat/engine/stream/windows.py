"""Cutting intervals to windows so that nothing is lost or counted twice at the cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from plantbeat.engine.stream.intervals import NO_DATA, Carry, Interval
from plantbeat.engine.stream.points import Point, in_order


def cover(intervals: Iterable[Interval], start_us: int, end_us: int) -> list[Interval]:
    """Pieces of the window [start_us, end_us) that add up to it exactly; what is uncovered is `no_data`.

    An interval of length 0 belongs to the window that holds its instant, so that starts add up over windows
    too. Raises ValueError for a window that ends before it starts, and for intervals that are not in order
    or overlap.
    """
    if end_us < start_us:
        raise ValueError(f"the window ends at {end_us}, before its start {start_us}")
    pieces: list[Interval] = []
    covered_us = start_us
    previous_end_us: int | None = None
    for interval in intervals:
        if previous_end_us is not None and interval.start_us < previous_end_us:
            raise ValueError(
                f"an interval starts at {interval.start_us}, before the end of the one before it"
            )
        previous_end_us = interval.end_us
        if interval.start_us >= end_us or start_us == end_us:
            break
        if interval.end_us <= start_us and not interval.start_us == interval.end_us == start_us:
            continue
        piece = interval
        if interval.start_us < start_us or interval.end_us > end_us:
            piece = interval._replace(
                start_us=max(interval.start_us, start_us), end_us=min(interval.end_us, end_us)
            )
        if piece.start_us > covered_us:
            pieces.append(Interval(covered_us, piece.start_us, NO_DATA, covered_us))
        pieces.append(piece)
        covered_us = piece.end_us
    if covered_us < end_us:
        pieces.append(Interval(covered_us, end_us, NO_DATA, covered_us))
    return pieces


def carry_at(
    at_us: int,
    points: Iterable[Point[str]],
    *,
    heard: Iterable[int] = (),
    carry: Carry | None = None,
) -> Carry | None:
    """The state in force when a window starts at `at_us`, from what was said before it; None if nothing was.

    A state said exactly at `at_us` belongs to the window. Given the carry into the window before, only that
    window's points and signs of life are needed. Raises ValueError if that carry is of a later instant.
    """
    if carry is not None and carry.at_us > at_us:
        raise ValueError(f"the carry of {carry.at_us} is later than {at_us}")
    before = [point for point in points if point.at_us < at_us]
    if before:
        last_us = max(point.at_us for point in before)
        last = in_order(point for point in before if point.at_us == last_us)[-1]
        carry = Carry(at_us, last.value, last.at_us, last.at_us, last.fact)
    elif carry is None:
        return None
    heard_us = max((sign_us for sign_us in heard if sign_us < at_us), default=carry.heard_us)
    return carry._replace(at_us=at_us, heard_us=max(heard_us, carry.heard_us))


def joined(pieces: Iterable[Interval]) -> list[Interval]:
    """Pieces of adjacent windows with the cuts between them healed; a state stated anew stays an interval."""
    whole: list[Interval] = []
    for piece in pieces:
        if whole and _continues(whole[-1], piece):
            whole[-1] = whole[-1]._replace(end_us=piece.end_us)
        else:
            whole.append(piece)
    return whole


def merged(pieces: Iterable[Interval]) -> list[Interval]:
    """Touching pieces of the same state as one: the source said the same state again, nothing had changed."""
    whole: list[Interval] = []
    for piece in pieces:
        if whole and whole[-1].end_us == piece.start_us and whole[-1].state == piece.state:
            whole[-1] = whole[-1]._replace(end_us=piece.end_us)
        else:
            whole.append(piece)
    return whole


class StateTime(NamedTuple):
    """Time in one state and the number of intervals it is made of."""

    length_us: int
    intervals: int


def time_in_state(pieces: Iterable[Interval]) -> dict[str, StateTime]:
    """Time and number of pieces by state, states in alphabetical order."""
    lengths: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for start_us, end_us, state, *_ in pieces:
        lengths[state] = lengths.get(state, 0) + end_us - start_us
        counts[state] += 1
    return {state: StateTime(lengths[state], counts[state]) for state in sorted(lengths)}


def _continues(before: Interval, after: Interval) -> bool:
    if before.end_us != after.start_us or before.state != after.state or before.fact != after.fact:
        return False
    return before.since_us == after.since_us or (after.state == NO_DATA and after.fact is None)
