"""Time of which a plan expects no pieces, and why: together with what is made it is the whole time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from plantbeat.engine.hours.plan import PlanPart, Run

Setup = tuple[int, int, Run]


class Why(StrEnum):
    """Why a time makes no pieces; of several reasons the first one here."""

    shift_break = "break"
    planned_stop = "planned stop"
    setup = "set-up"
    nothing = "nothing planned"


@dataclass(frozen=True, slots=True)
class ClosedTime:
    """A break or a planned stop, half-open."""

    start_us: int
    end_us: int
    why: Why


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A stretch without pieces; `run` is what a set-up is for."""

    start_us: int
    end_us: int
    why: Why
    run: Run | None = None

    @property
    def us(self) -> int:
        """How long it is."""
        return self.end_us - self.start_us


def taken_out(
    start_us: int, end_us: int, parts: Sequence[PlanPart], runs: Iterable[Run], closed: Sequence[ClosedTime]
) -> list[TakenOut]:
    """What is left of ``[start_us, end_us)`` beside its parts, in order; equal neighbours are one."""
    setups = [
        (run.setup_from_us, run.start_us, run)
        for run in runs
        if run.setup_from_us is not None and run.setup_from_us < run.start_us
    ]
    edges = {start_us, end_us}
    for begin_us, until_us in (
        *((part.start_us, part.end_us) for part in parts),
        *((one.start_us, one.end_us) for one in closed),
        *((begin_us, until_us) for begin_us, until_us, _run in setups),
    ):
        edges |= {begin_us, until_us}
    inside = sorted(at_us for at_us in edges if start_us <= at_us <= end_us)
    pieces = (
        _why(begin_us, until_us, closed, setups)
        for begin_us, until_us in pairwise(inside)
        if not any(part.start_us <= begin_us < part.end_us for part in parts)
    )
    return list(_joined(pieces))


def _why(begin_us: int, until_us: int, closed: Sequence[ClosedTime], setups: Sequence[Setup]) -> TakenOut:
    reasons = {one.why for one in closed if one.start_us <= begin_us < one.end_us}
    for why in (Why.shift_break, Why.planned_stop):
        if why in reasons:
            return TakenOut(begin_us, until_us, why)
    for from_us, to_us, run in setups:
        if from_us <= begin_us < to_us:
            return TakenOut(begin_us, until_us, Why.setup, run)
    return TakenOut(begin_us, until_us, Why.nothing)


def _joined(pieces: Iterable[TakenOut]) -> Iterator[TakenOut]:
    last: TakenOut | None = None
    for one in pieces:
        if last is not None and (last.end_us, last.why, last.run) == (one.start_us, one.why, one.run):
            last = replace(last, end_us=one.end_us)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last
