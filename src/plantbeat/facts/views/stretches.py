"""From states said to canonical stretches: silence and gaps, set-ups, and the reasons people gave.

What a source says is read by the map in force. A set-up wins over what the machine says meanwhile, a gap over
both. A reason given by hand wins over all of them where it applies: one without an end to the stop (or the
set-up) that holds its begin, one with an end to all of that time in which the asset was not producing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from plantbeat.engine.oee import State, StateSpan
from plantbeat.engine.oee.inputs import FOREVER_US, Key
from plantbeat.engine.stream import Interval, cover
from plantbeat.facts.views.carry import Ended, OpenReason
from plantbeat.facts.views.rules import ReasonRule
from plantbeat.facts.views.state_words import STATE_NAMED

STOP = frozenset(
    {State.own_stop, State.starved, State.blocked, State.planned_stop, State.no_order, State.unexplained}
)
"""States that touch make one stop, whatever the source called its parts."""

_REASONED = STOP | {State.setup}
_KNOWN_BY_HAND = _REASONED | {State.no_data}
"""States to which a reason applies: for open ends, and where a begin and an end were given."""

LONG_AGO_US = -(2**62)


class Said(NamedTuple):
    """What the fact behind an interval said: word, canonical state, and the reason the source itself knew."""

    word: str
    state: State
    reason: str | None


class Stretch(NamedTuple):
    """Time in one canonical state. `given_us` is when its reason was given; `lsn` are the facts behind it."""

    start_us: int
    end_us: int
    state: State
    reason: str | None
    given_us: int
    lsn: int | None
    reason_lsn: int | None
    word: str | None


class Given(NamedTuple):
    """A reason given by hand for the time from `from_us`; None as the end: to the end of the stop."""

    given_us: int
    from_us: int
    until_us: int | None
    reason: str
    lsn: int


def told(
    intervals: Iterable[Interval], said: Callable[[Interval], Said], start_us: int, end_us: int
) -> list[Stretch]:
    """Stretches of what the source said, over the whole window; silence is no data."""
    made = []
    for piece in cover(intervals, start_us, end_us):
        if piece.start_us == piece.end_us:
            continue
        if piece.fact is None:
            made.append(_silent(piece.start_us, piece.end_us))
            continue
        word, state, reason = said(piece)
        if state not in _REASONED:
            reason = None
        made.append(
            Stretch(
                piece.start_us,
                piece.end_us,
                state,
                reason,
                piece.since_us if reason else LONG_AGO_US,
                piece.fact,
                piece.fact if reason else None,
                word,
            )
        )
    return made


def _silent(start_us: int, end_us: int) -> Stretch:
    return Stretch(start_us, end_us, State.no_data, None, LONG_AGO_US, None, None, None)


def laid_over(row: list[Stretch], spans: Iterable[Stretch]) -> list[Stretch]:
    """The row with the spans in place of what lies under them; later spans over earlier ones."""
    for span in spans:
        first, last = _under(row, span.start_us, span.end_us)
        if first == last:
            continue
        begin = max(span.start_us, row[first].start_us)
        end = min(span.end_us, row[last - 1].end_us)
        left = [row[first]._replace(end_us=begin)] if row[first].start_us < begin else []
        right = [row[last - 1]._replace(start_us=end)] if row[last - 1].end_us > end else []
        row[first:last] = [*left, span._replace(start_us=begin, end_us=end), *right]
    return row


def setups_over(row: list[Stretch], setups: Iterable[tuple[int, int, int]]) -> list[Stretch]:
    """The row with set-ups (start, end, lsn) in it; their time is known even where the machine is silent."""
    spans = [
        Stretch(start_us, end_us, State.setup, None, LONG_AGO_US, lsn, None, None)
        for start_us, end_us, lsn in setups
        if start_us < end_us
    ]
    return laid_over(row, spans)


def gaps_over(row: list[Stretch], gaps: Iterable[tuple[int, int]]) -> list[Stretch]:
    """The row with declared gaps in it: nothing is known of that time."""
    return laid_over(row, [_silent(start_us, end_us) for start_us, end_us in gaps])


def given_over(
    row: list[Stretch], given: Iterable[Given], day_end_us: int
) -> tuple[list[Stretch], list[OpenReason]]:
    """The row with the reasons given by hand, the latest of a moment holding, in order of giving.

    Also returns those without an end that hold in the stop that goes on at the end of the day, beyond which
    the row may reach.
    """
    plain = list(row)
    ongoing = []
    for one in given:
        begin_us, end_us, allowed = one.from_us, one.until_us, _KNOWN_BY_HAND
        if end_us is None:
            allowed = _REASONED
            end_us = _end_of_stop(plain, one.from_us)
            if end_us is None:
                continue
            if one.from_us < day_end_us and (end_us > day_end_us or end_us == plain[-1].end_us):
                ongoing.append(OpenReason(one.given_us, one.reason, one.lsn))
        row = _painted(row, begin_us, end_us, one, allowed)
    return row, ongoing


def _painted(
    row: list[Stretch], begin_us: int, end_us: int, one: Given, allowed: frozenset[State]
) -> list[Stretch]:
    first, last = _under(row, begin_us, end_us)
    made: list[Stretch] = []
    for stretch in row[first:last]:
        if stretch.state not in allowed or stretch.given_us > one.given_us:
            made.append(stretch)
            continue
        a, b = max(stretch.start_us, begin_us), min(stretch.end_us, end_us)
        if stretch.start_us < a:
            made.append(stretch._replace(end_us=a))
        made.append(
            stretch._replace(
                start_us=a, end_us=b, reason=one.reason, given_us=one.given_us, reason_lsn=one.lsn
            )
        )
        if b < stretch.end_us:
            made.append(stretch._replace(start_us=b))
    row[first:last] = made
    return row


def _under(row: Sequence[Stretch], start_us: int, end_us: int) -> tuple[int, int]:
    """First and one-past-last index of the stretches that share time with ``[start_us, end_us)``."""
    if not row or start_us >= end_us or start_us >= row[-1].end_us or end_us <= row[0].start_us:
        return 0, 0
    first = max(bisect_right(row, start_us, key=_start) - 1, 0)
    last = first
    while last < len(row) and row[last].start_us < end_us:
        last += 1
    return first, last


def _start(stretch: Stretch) -> int:
    return stretch.start_us


def _end_of_stop(row: Sequence[Stretch], at_us: int) -> int | None:
    """End of the stop (or of the set-up) that holds at an instant; None if there is none."""
    first, last = _under(row, at_us, at_us + 1)
    if first == last or row[first].state not in _REASONED:
        return None
    kind = STOP if row[first].state in STOP else frozenset({State.setup})
    index = first
    while index + 1 < len(row) and row[index + 1].state in kind:
        index += 1
    return row[index].end_us


def counted(row: Iterable[Stretch], reasons: dict[str, ReasonRule]) -> list[Stretch]:
    """The row with each state as its reason counts it, and touching stretches of the same as one."""
    made: list[Stretch] = []
    for stretch in row:
        rule = reasons.get(stretch.reason) if stretch.reason is not None else None
        if stretch.state not in _KNOWN_BY_HAND:
            stretch = stretch._replace(reason=None, reason_lsn=None)
        elif rule is not None:
            stretch = stretch._replace(state=rule.counts_as)
        elif stretch.reason is not None and stretch.state is State.no_data:
            stretch = stretch._replace(state=State.own_stop)
        last = made[-1] if made else None
        if last and (last.state, last.reason) == (stretch.state, stretch.reason):
            made[-1] = last._replace(end_us=stretch.end_us)
        else:
            made.append(stretch)
    return made


def state_spans(
    row: Sequence[Stretch], ended: Sequence[Ended], start_us: int, open_end: bool
) -> list[StateSpan]:
    """The row as the cube takes it, with what it continues from before `start_us`.

    `ended` are the spans that touched the start. A stop still going on at an open end is no micro-stop.
    """
    spans = [StateSpan(s.start_us, s.end_us, s.state, s.reason) for s in row]
    before = [StateSpan(e.start_us, e.end_us, STATE_NAMED[e.state], e.reason) for e in ended]
    if before and before[-1].end_us != start_us:
        before = []
    if before and spans and (before[-1].state, before[-1].reason) == (spans[0].state, spans[0].reason):
        joined = before.pop()
        spans[0] = StateSpan(joined.start_us, spans[0].end_us, spans[0].state, spans[0].reason)
    if open_end and spans and spans[-1].state is State.own_stop:
        last = spans[-1]
        spans[-1] = StateSpan(last.start_us, FOREVER_US, last.state, last.reason)
    return [*before, *spans]


def ended_at(spans: Sequence[StateSpan], end_us: int) -> tuple[Ended, ...]:
    """The spans that reach an instant, cut there: the last, and of a stop all that touch it."""
    reaching = [span for span in spans if span.start_us < end_us]
    found: list[Ended] = []
    for span in reversed(reaching):
        stops = span.state is State.own_stop and (not found or found[-1].start_us == span.end_us)
        if found and not stops:
            break
        found.append(Ended(span.start_us, min(span.end_us, end_us), span.state.value, _text(span.reason)))
        if span.state is not State.own_stop:
            break
    return tuple(reversed(found))


def _text(reason: Key) -> str | None:
    return None if reason is None else str(reason)
