"""What the questions of execution answer with: plain values, times in µs UTC, durations in µs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from plantbeat.engine.oee import Elements, State
from plantbeat.engine.oee.formulas import OeeResult, SixBigLosses


@dataclass(frozen=True, slots=True)
class Reason:
    """A downtime reason; `name` is empty for a code that no record knows."""

    code: str
    name: str
    loss: str


@dataclass(frozen=True, slots=True)
class ShiftNow:
    """A shift instance."""

    id: int
    name: str
    crew: str
    start_us: int
    end_us: int
    production_day: date


@dataclass(frozen=True, slots=True)
class LineNow:
    """What a line is doing, and how its shift goes, as computed up to `as_of_us` (None: nothing yet).

    `state` is what was told, `counts_as` what the time model makes of it (a break, off shift, no order).
    `oee` and `elements` are those of the shift; without a shift there are none.
    """

    code: str
    name: str
    area: str
    source: str
    state: State
    counts_as: State
    since_us: int | None
    reason: Reason | None
    order: str | None
    item: str | None
    next_order: str | None
    shift: ShiftNow | None
    elements: Elements
    oee: OeeResult | None
    as_of_us: int | None
    heard_us: int | None
    lsn: int | None = None
    reason_lsn: int | None = None
    fault: str = ""

    @property
    def good(self) -> int:
        """Good pieces of the shift."""
        return self.elements.good

    @property
    def scrap(self) -> int:
        """Pieces of the shift scrapped at their first pass."""
        return self.elements.scrap


@dataclass(frozen=True, slots=True)
class StripSpan:
    """Time in one state for the state strip; `lsn` is the fact that said it, `open` that it goes on."""

    state: State
    start_us: int
    end_us: int
    reason: Reason | None
    order: str | None
    item: str | None
    word: str | None
    lsn: int | None
    reason_lsn: int | None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """What an asset did over a time; what lies after `as_of_us` is not computed yet."""

    asset: str
    name: str
    start_us: int
    end_us: int
    as_of_us: int | None
    spans: list[StripSpan]
    shifts: list[ShiftNow]


@dataclass(slots=True)
class Stop:
    """A stop of a line with the facts behind it. `duration_us` leaves breaks, closed time and time without
    an order out.

    `continued`: it began before the period; `open`: it goes on.
    """

    state: State
    start_us: int
    end_us: int
    duration_us: int
    reason: Reason | None
    order: str | None
    item: str | None
    facts: list[int] = field(default_factory=list)
    continued: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class CountOf:
    """Pieces of an order on a line."""

    order: str | None
    item: str | None
    good: int
    scrap: int
    rework: int
    setup_pieces: int


@dataclass(frozen=True, slots=True)
class LossOfReason:
    """Time and stops of one reason (None: nobody gave one) in one state."""

    state: State
    reason: Reason | None
    us: int
    stops: int


@dataclass(frozen=True, slots=True)
class LossBridge:
    """From planned busy time down to good pieces, with the reasons behind the stops."""

    losses: SixBigLosses
    elements: Elements
    oee: OeeResult
    reasons: list[LossOfReason]


@dataclass(frozen=True, slots=True)
class HourRow:
    """An hour of a shift. `ideal` are the pieces its planned busy time was worth at the ideal cycle."""

    start_us: int
    end_us: int
    good: int
    scrap: int
    rework: int
    ideal: int | None
    elements: Elements
    passed: bool
