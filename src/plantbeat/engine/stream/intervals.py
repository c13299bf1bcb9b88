"""From states said at instants to intervals of time.

A state lasts until the source states the next one. With a source timeout it is known only for that long after
the source was last heard; beyond it is `no_data`, shown apart from idle, until the source is heard again: a
source that reports changes only and is heard again without a change is still in the state it last stated.

Windows (a shift, an hour, a local day of 23, 24 or 25 hours) are half-open. `windows.cover` makes pieces
whose lengths add up to the window exactly (the time identity), and `windows.carry_at` hands the state in
force to the next window, so that a day recomputed alone equals the same day cut from the whole history.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from plantbeat.engine.stream.points import Point, in_order

NO_DATA = "no_data"


class Interval(NamedTuple):
    """Half-open time [start_us, end_us) in one state.

    since_us  when the state was stated (for `no_data`: when the silence began, as far back as is known); it
              is before start_us where the piece goes on after a cut by a window, a carry or a silence.
    fact      the fact that stated it, None for `no_data`.

    The length is 0 where the source stated another state at the same instant: no time, but a change that
    counts.
    """

    start_us: int
    end_us: int
    state: str
    since_us: int
    fact: int | None = None

    @property
    def length_us(self) -> int:
        """Time in the state within this piece."""
        return self.end_us - self.start_us

    @property
    def begins(self) -> bool:
        """Whether the state begins here, so that starts add up over windows and none is counted twice."""
        return self.start_us == self.since_us


class Carry(NamedTuple):
    """The state in force at `at_us`, from what was said before that instant."""

    at_us: int
    state: str
    since_us: int
    heard_us: int
    fact: int | None = None


# A state said or carried: start_us, end_us, state, since_us, heard_us, fact. Plain tuples, as there are many.
_Stated = tuple[int, int, str, int, int, int | None]


def state_intervals(
    points: Iterable[Point[str]],
    *,
    heard: Iterable[int] = (),
    carry: Carry | None = None,
    timeout_us: int | None = None,
    until_us: int | None = None,
) -> list[Interval]:
    """Intervals of the states said, in order, from the first point (or the carry) on, without gaps.

    heard       instants at which the source was heard without stating a state (heartbeats, counts)
    carry       the state in force at the beginning; no point may be earlier than it
    timeout_us  a moment is known if the source was heard less than this before it; None: silence is ignored
    until_us    end of the open interval, nothing is said beyond it; None leaves the last, open state out

    Raises ValueError for a timeout that is not positive or a point earlier than the carry.
    """
    if timeout_us is not None and timeout_us <= 0:
        raise ValueError(f"timeout_us is {timeout_us}; allowed is a positive number of microseconds")
    ordered = in_order(points)
    if carry is not None and ordered and ordered[0].at_us < carry.at_us:
        raise ValueError(f"a point at {ordered[0].at_us} is earlier than the carry at {carry.at_us}")
    intervals: list[Interval] = []
    signs = sorted(heard) if timeout_us is not None else []
    for stated in _stated(ordered, carry, until_us):
        start_us, end_us, state, since_us, _, fact = stated
        if start_us == end_us:
            if start_us == since_us:
                intervals.append(Interval(start_us, end_us, state, since_us, fact))
        elif timeout_us is None:
            intervals.append(Interval(start_us, end_us, state, since_us, fact))
        else:
            intervals += _known(stated, signs, timeout_us)
    return intervals


def _stated(ordered: Sequence[Point[str]], carry: Carry | None, until_us: int | None) -> Iterator[_Stated]:
    """Each state with the start of the next one as its end; the last one ends at `until_us`, if anywhere."""
    ends = [point.at_us for point in ordered]
    if until_us is not None:
        ends = [min(end_us, until_us) for end_us in ends]
        ends.append(until_us)
    if carry is not None and ends and (until_us is None or carry.at_us < until_us):
        yield carry.at_us, ends[0], carry.state, carry.since_us, carry.heard_us, carry.fact
    for (at_us, _, state, fact), end_us in zip(ordered, ends[1:], strict=False):
        if until_us is not None and at_us >= until_us:
            return
        yield at_us, end_us, state, at_us, at_us, fact


def _known(stated: _Stated, signs: Sequence[int], timeout_us: int) -> Iterator[Interval]:
    """One state, cut where the source was silent for the timeout or longer."""
    start_us, end_us, state, since_us, heard_us, fact = stated
    known_until_us = heard_us + timeout_us
    within = signs[bisect_left(signs, start_us) : bisect_left(signs, end_us)]
    for sign_us in (*within, end_us):
        if sign_us > known_until_us:
            if known_until_us > start_us:
                yield Interval(start_us, known_until_us, state, since_us, fact)
                start_us = known_until_us
            if sign_us > start_us:
                yield Interval(start_us, sign_us, NO_DATA, known_until_us)
            start_us = sign_us
        known_until_us = sign_us + timeout_us
    if end_us > start_us:
        yield Interval(start_us, end_us, state, since_us, fact)
