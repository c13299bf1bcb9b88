"""What the questions about stops answer with; times in µs UTC, durations in µs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from plantbeat.areas.execution.answers import Reason, Stop
from plantbeat.engine.oee import State


@dataclass(frozen=True, slots=True)
class HourOfStop:
    """What a stop took of one hour: its time there, and the pieces of the hour's gap put down to it.

    `pieces` is None where the hour has no plan, or is timed at another machine.
    """

    start_us: int
    end_us: int
    us: int
    pieces: int | None
    shift_id: int


@dataclass(frozen=True, slots=True)
class ScrapNearby:
    """Pieces scrapped during a stop or in the first minutes after it (`is_after`)."""

    at_us: int
    asset: str
    pieces: int
    defect: str
    lsn: int
    is_after: bool


@dataclass(frozen=True, slots=True)
class ActionOfStop:
    """An action that came from a stop."""

    number: str
    title: str
    owner: str
    due: date
    state: str
    state_word: str
    is_open: bool
    reference: str
    pk: int


@dataclass(frozen=True, slots=True)
class CallOfStop:
    """A call for help that shares time with a stop."""

    number: str
    asset: str
    category: str
    state_word: str
    raised_us: int
    acknowledged_us: int | None
    arrived_us: int | None
    resolved_us: int | None
    is_open: bool
    reference: str
    pk: int


@dataclass(frozen=True, slots=True)
class StopStory:
    """One stop with everything that belongs to it.

    `stop` is None where the facts no longer tell of a stop at `at_us`. `number` and `reference` are those of
    its record, empty while nothing is linked to it yet. `parts` is the whole stop where people have split it
    between reasons; hours, scrap and facts are those of the part that is asked about. `lost` are the pieces
    over its hours, None without a plan.
    """

    place: str
    line: str
    at_us: int
    stop: Stop | None
    number: str = ""
    reference: str = ""
    note: str = ""
    calls: tuple[CallOfStop, ...] = ()
    hours: tuple[HourOfStop, ...] = ()
    scrap: tuple[ScrapNearby, ...] = ()
    actions: tuple[ActionOfStop, ...] = ()
    facts: tuple[int, ...] = ()
    parts: tuple[Stop, ...] = ()

    @property
    def lost(self) -> int | None:
        """Pieces of all hours put down to the stop."""
        known = [one.pieces for one in self.hours if one.pieces is not None]
        return sum(known) if known else None

    @property
    def scrapped(self) -> int:
        """Pieces scrapped during the stop and just after."""
        return sum(one.pieces for one in self.scrap)


@dataclass(frozen=True, slots=True)
class TopStop:
    """An unplanned stop among the longest of a period.

    `repeats` are stops of the same place, state and reason in the seven days up to its end, itself counted,
    `repeats_us` their time. `facts` are the facts behind it.
    """

    line: str
    state: State
    reason: Reason | None
    start_us: int
    end_us: int
    duration_us: int
    is_open: bool
    order: str | None
    repeats: int
    repeats_us: int
    number: str
    reference: str
    actions: tuple[ActionOfStop, ...]
    facts: tuple[int, ...] = field(default=())
