"""Pieces planned by an instant: runs spread over the time that is worked, at their own rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

Span = tuple[int, int]
HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces to be made in ``[start_us, end_us)``, set-up not in it.

    For the first `ramp_us` of worked time the rate is `ramp_percent` of what it is afterwards. The set-up
    before it begins at `setup_from_us` (None: there is none); closed time may lie in it.
    """

    start_us: int
    end_us: int
    pieces: int
    ramp_us: int = 0
    ramp_percent: int = 100
    setup_from_us: int | None = None
    order: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class PlanPart:
    """What a stretch of worked time of one run is to make, at one rate.

    `exact` is rate × time. `pieces` are those that become whole in it: what is left of a piece at its end
    goes on in the next stretch of the run, so that the parts of a time are its plan exactly. `percent` is the
    share of the full rate. A run without worked time is one part without length, at its end.
    """

    start_us: int
    end_us: int
    run: Run
    percent: int
    exact: Fraction
    pieces: int

    @property
    def us(self) -> int:
        """Worked time of the part."""
        return self.end_us - self.start_us

    @property
    def pieces_per_h(self) -> Fraction | None:
        """Its rate; None for a part without length."""
        return self.exact * HOUR_US / self.us if self.us else None


@dataclass(frozen=True, slots=True)
class _Part:
    """Worked time of one run at one rate: `before` pieces of the run are done as it begins."""

    start_us: int
    end_us: int
    before: Fraction
    pieces: Fraction
    percent: int

    def by(self, at_us: int) -> Fraction:
        """Pieces of the part that are to be done by an instant."""
        passed_us = min(max(at_us, self.start_us), self.end_us) - self.start_us
        return self.pieces * passed_us / (self.end_us - self.start_us)

    def within(self, run: Run, start_us: int, end_us: int) -> PlanPart:
        """What of it lies in a time that it shares."""
        start_us, end_us = max(start_us, self.start_us), min(end_us, self.end_us)
        first, last = self.by(start_us), self.by(end_us)
        whole = int(self.before + last) - int(self.before + first)
        return PlanPart(start_us, end_us, run, self.percent, last - first, whole)


class HourPlan:
    """The plan of one line over a time: what any part of it is to make, and at which rate.

    Each run's pieces spread over the worked time of the run: shifts less breaks and planned stops; every run
    adds up to its pieces exactly.
    """

    def __init__(self, runs: Iterable[Run], worked: Sequence[Span]) -> None:
        """`worked` are half-open spans in order. A run without any worked time is due at its end."""
        self._runs: list[tuple[Run, list[_Part]]] = [(run, _parts(run, worked)) for run in runs]

    def __bool__(self) -> bool:
        return bool(self._runs)

    def parts_between(self, start_us: int, end_us: int) -> list[PlanPart]:
        """What a time is to make, part by part, as they begin; cut where the time is."""
        found = []
        for run, parts in self._runs:
            found += [
                part.within(run, start_us, end_us)
                for part in parts
                if max(part.start_us, start_us) < min(part.end_us, end_us)
            ]
            if not parts and run.pieces and start_us < run.end_us <= end_us:
                found.append(PlanPart(run.end_us, run.end_us, run, 100, Fraction(run.pieces), run.pieces))
        return sorted(found, key=lambda part: (part.start_us, part.end_us))

    def due_between(self, start_us: int, end_us: int) -> int:
        """Whole pieces that are to be done in a time: those of its parts.

        The hours of a time add up to it exactly.
        """
        return sum(part.pieces for part in self.parts_between(start_us, end_us))

    def runs(self) -> list[Run]:
        """What the plan is made of."""
        return [run for run, _parts in self._runs]

    def worth(self, start_us: int, end_us: int) -> Fraction:
        """Pieces, unrounded, that the plan expects of a time: what standing through it costs."""
        return sum(
            (part.by(end_us) - part.by(start_us) for _run, parts in self._runs for part in parts), Fraction(0)
        )


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
        parts.append(_Part(at_us, end_us, before, pieces, weight))
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
