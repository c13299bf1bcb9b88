"""What the hour board answers with: plain values, times in µs UTC, pieces as whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from plantbeat.areas.execution.answers import Reason, ShiftNow
from plantbeat.engine.hours import GapPart, PlanPart, TakenOut
from plantbeat.engine.oee import State


class Phase(StrEnum):
    """Where an hour lies against what is known."""

    past = "past"
    current = "current"
    ahead = "ahead"


class PlanSource(StrEnum):
    """Where the plan of a board comes from."""

    frozen = "frozen plan"
    schedule = "schedule"
    standard = "standard rate"
    none = "none"


@dataclass(frozen=True, slots=True)
class GapReason:
    """A part of an hour's gap. The pieces of all parts of an hour are its gap exactly.

    A stop has a state, perhaps a reason, the time `us` it took of the hour, and `stop_us`, an instant within
    its longest piece, to open it by. The other parts (scrap, rework, slower, faster, unexplained) are pieces
    alone; `unexplained` tells in `us` the time of which nothing is known.
    """

    state: State | None
    reason: Reason | None
    us: int
    pieces: int
    part: GapPart = GapPart.stop
    stop_us: int | None = None

    @property
    def needs_reason(self) -> bool:
        """True for a stop to which nobody has given a reason, and which only a person can explain."""
        return self.part is GapPart.stop and self.reason is None and self.state in WANTS_REASON


WANTS_REASON = frozenset({State.own_stop, State.starved, State.blocked})
"""Stops whose reason a person gives; a set-up or time without an order says itself what it is."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """An hour of a shift on a line (less where the shift begins or ends within it).

    `plan` is the plan as it was when the shift began, `plan_now` what the schedule in force now expects, None
    where that is the same. `due` are the pieces of the plan that were to be made by the time of the board
    (for an hour that is over the whole plan). `gap` = due − good; None ahead and where there is no plan.
    """

    start_us: int
    end_us: int
    plan: int | None
    plan_now: int | None
    due: int | None
    good: int
    scrap: int
    rework: int
    cumulative_plan: int | None
    cumulative_good: int
    gap: int | None
    reasons: tuple[GapReason, ...]
    phase: Phase


@dataclass(frozen=True, slots=True)
class HourBoard:
    """The hours of a shift on a line; `source_text` names the schedule, or the orders at whose rate it is.

    `changed_to` names the schedule in force now, where it expects other pieces. `as_of_us` is the time up to
    which facts are computed, None before the first. `missing` says what is to be set up for a plan.
    `cumulative_gap` is what was due by now less what was made.
    """

    line: str
    name: str
    shift: ShiftNow
    rows: tuple[BoardRow, ...]
    source: PlanSource
    source_text: str
    changed_to: str
    as_of_us: int | None
    missing: str = ""

    @property
    def due(self) -> int | None:
        """Pieces of the plan that were to be made by now."""
        return _sum(row.due for row in self.rows)

    @property
    def plan(self) -> int | None:
        """Pieces of the whole shift."""
        return _sum(row.plan for row in self.rows)

    @property
    def good(self) -> int:
        """Good pieces so far."""
        return sum(row.good for row in self.rows)

    @property
    def scrap(self) -> int:
        """Scrapped pieces so far."""
        return sum(row.scrap for row in self.rows)

    @property
    def rework(self) -> int:
        """Pieces sent to rework so far."""
        return sum(row.rework for row in self.rows)

    @property
    def cumulative_gap(self) -> int | None:
        """Pieces missing by now; below zero when ahead of the plan."""
        return _sum(row.gap for row in self.rows)

    @property
    def current(self) -> BoardRow | None:
        """The hour that is going on."""
        return next((row for row in self.rows if row.phase is Phase.current), None)


def _sum(values: object) -> int | None:
    known = [value for value in values if value is not None]  # type: ignore[attr-defined]
    return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class HourOfPlan:
    """How the plan of an hour is made: its parts and the time beside them, cut where facts end (`until_us`).

    The pieces of the parts are `row.plan`, those of the parts that end by `until_us` are `row.due`, and those
    of `parts_now` are `row.plan_now`; there are none where that is the same.
    """

    row: BoardRow
    until_us: int
    parts: tuple[PlanPart, ...]
    taken_out: tuple[TakenOut, ...]
    parts_now: tuple[PlanPart, ...]
    taken_out_now: tuple[TakenOut, ...]


@dataclass(frozen=True, slots=True)
class PlanOfHours:
    """How the plan of every hour of a board is made.

    `cycles_us` is the standard time a piece of the routing, by item, where it has one.
    """

    board: HourBoard
    hours: tuple[HourOfPlan, ...]
    cycles_us: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class HourBelowPlan:
    """An hour that made less than planned, with the largest part of what was missing."""

    line: str
    start_us: int
    end_us: int
    plan: int
    good: int
    scrap: int
    gap: int
    reasons: tuple[GapReason, ...]

    @property
    def attainment_percent(self) -> float:
        """Good pieces against the plan of the hour."""
        return 100 * self.good / self.plan if self.plan else 100.0
