"""Pieces planned by an instant: runs spread over the time that is worked, at their own rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces to be made in ``[start_us, end_us)``, set-up not in it.

    For the first `ramp_us` of worked time the rate is `ramp_percent` of what it is afterwards.
    """

    start_us: int
    end_us: int
    pieces: int
    ramp_us: int = 0
    ramp_percent: int = 100


@dataclass(frozen=True, slots=True)
class _Part:
    """Worked time of one run at one rate: `before` pieces of the run are done as it begins."""

    start_us: int
    end_us: int
    before: Fraction
    pieces: Fraction

    def by(self, at_us: int) -> Fraction:
        """Pieces of the part that are to be done by an instant."""
        passed_us = min(max(at_us, self.start_us), self.end_us) - self.start_us
        return self.pieces * passed_us / (self.end_us - self.start_us)


class HourPlan:
    """The plan of one line over a time: whole pieces due by any instant, and the rate at it.

    Each run's pieces spread over the worked time of the run: shifts less breaks and planned stops; every run
    adds up to its pieces exactly.
    """

    def __init__(self, runs: Iterable[Run], worked: Sequence[Span]) -> None:
        """`worked` are half-open spans in order. A run without any worked time is due at its end."""
        self._runs: list[tuple[Run, list[_Part]]] = [(run, _parts(run, worked)) for run in runs]

    def __bool__(self) -> bool:
        return bool(self._runs)

    def due_by(self, at_us: int) -> int:
        """Whole pieces that are to be done by an instant."""
        return sum(_done(run, parts, at_us) for run, parts in self._runs)

    def due_between(self, start_us: int, end_us: int) -> int:
        """Whole pieces that are to be done in a time; the hours of a time add up to it exactly."""
        return self.due_by(end_us) - self.due_by(start_us)

    def worth(self, start_us: int, end_us: int) -> Fraction:
        """Pieces, unrounded, that the plan expects of a time: what standing through it costs."""
        return sum(
            (part.by(end_us) - part.by(start_us) for _run, parts in self._runs for part in parts), Fraction(0)
        )

    def worked_us(self, start_us: int, end_us: int) -> int:
        """Time within a time in which the plan expects pieces."""
        return sum(
            max(0, min(part.end_us, end_us) - max(part.start_us, start_us))
            for _run, parts in self._runs
            for part in parts
        )


def _done(run: Run, parts: Sequence[_Part], at_us: int) -> int:
    if at_us >= run.end_us:
        return run.pieces
    return int(sum((part.by(at_us) for part in parts), Fraction(0)))


def _parts(run: Run, worked: Sequence[Span]) -> list[_Part]:
    """Worked time of a run, cut where its ramp-up ends."""
    cut: list[tuple[int, int, int]] = []
    ramp_left = run.ramp_us if 0 <= run.ramp_percent < 100 else 0
    for begin_us, end_us in worked:
        at_us, until_us = max(begin_us, run.start_us), min(end_us, run.end_us)
        if at_us >= until_us:
            continue
        slow_us = min(ramp_left, until_us - at_us)
        if slow_us:
            cut.append((at_us, at_us + slow_us, run.ramp_percent))
        if at_us + slow_us < until_us:
            cut.append((at_us + slow_us, until_us, 100))
        ramp_left -= slow_us
    whole = sum((end_us - at_us) * weight for at_us, end_us, weight in cut)
    parts: list[_Part] = []
    before = Fraction(0)
    for at_us, end_us, weight in cut if whole else ():
        pieces = Fraction(run.pieces * (end_us - at_us) * weight, whole)
        parts.append(_Part(at_us, end_us, before, pieces))
        before += pieces
    return parts


def ramped(pieces: int, cycle_us: int, ramp_us: int, ramp_percent: int) -> int:
    """Worked time (µs) that pieces take at a cycle, with a slower start: ramp-up lasts, then full rate."""
    plain_us = pieces * cycle_us
    if ramp_us <= 0 or not 0 <= ramp_percent < 100:
        return plain_us
    made_in_ramp_us = ramp_us * ramp_percent // 100
    if plain_us <= made_in_ramp_us:
        return plain_us * 100 // ramp_percent
    return ramp_us + plain_us - made_in_ramp_us


def last_working_us(worked: Sequence[Span], until_us: int, duration_us: int, not_before_us: int) -> int:
    """Where worked time of a duration that ends at an instant begins; never before `not_before_us`."""
    left_us = duration_us
    for begin_us, end_us in reversed(worked):
        begin_us, end_us = max(begin_us, not_before_us), min(end_us, until_us)
        if begin_us >= end_us:
            continue
        if end_us - begin_us >= left_us:
            return end_us - left_us
        left_us -= end_us - begin_us
    return not_before_us
