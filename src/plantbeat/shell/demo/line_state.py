"""All that changes on a simulated filling line, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_flow import CRUMB
from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US, Job, LinePlan, Open, Told

OUTAGE_EVERY_US = 24 * DAY_US


class Phase(StrEnum):
    """What the line as a whole is at."""

    idle = "idle"
    setup = "setup"
    run = "run"


@dataclass(slots=True)
class StationState:
    """A station: running time left to each trouble, the stop it is in, the state it last told."""

    left_us: list[int]
    down_until_us: int = 0
    trouble: int = 0
    reason: str = ""
    said: str = ""
    heard_us: int = 0


@dataclass(slots=True)
class LineState:
    """The line between two events.

    `fed` of `target` pieces of the order have entered; `packed` and `filled` are those not yet counted at the
    counting point and at the bottleneck. `later` is a heap of what will be told, by (instant, place in line).
    """

    at_us: int
    chance: Chance
    quality: Chance
    stations: list[StationState]
    levels: list[float]
    period_end_us: int
    open: Open
    slow: float
    count_every_us: int
    count_us: int
    drift_us: int
    outage_us: int
    ask_us: int
    silent_since_us: int = 0
    silent_until_us: int = 0
    phase: Phase = Phase.idle
    job: Job | None = None
    family: str = ""
    setup_left_us: int = 0
    approval_left_us: int = 0
    approved: bool = True
    target: float = 0.0
    fed: float = 0.0
    packed: float = 0.0
    filled: float = 0.0
    counted_us: int = 0
    spoiled: int = 0
    in_rework: int = 0
    later: list[tuple[int, int, Told]] = field(default_factory=list)
    laid_by: int = 0
    setup_broken_off: bool = False

    @property
    def is_fed(self) -> bool:
        """True if all pieces of the order have entered the line."""
        return self.fed >= self.target - CRUMB


def empty_line(plan: LinePlan, at_us: int, count_every_us: int) -> LineState:
    """A line that stands empty at an instant, without an order."""
    chance = Chance.of(plan.seed, plan.line, at_us)
    period, temper = plan.period_at(at_us), plan.temper_at(at_us)
    return LineState(
        at_us=at_us,
        chance=chance,
        quality=Chance.of(plan.seed, plan.line, at_us, "quality"),
        stations=[
            StationState([t.until_next(chance, temper.stops) for t in station.troubles])
            for station in plan.stations
        ],
        levels=[0.0] * (len(plan.stations) - 1),
        period_end_us=period.end_us,
        open=period.kind,
        slow=temper.slow,
        count_every_us=count_every_us,
        count_us=next_count_us(at_us, count_every_us),
        drift_us=at_us + HOUR_US,
        outage_us=at_us + chance.until_next(OUTAGE_EVERY_US),
        ask_us=at_us,
        counted_us=at_us,
    )


def next_count_us(at_us: int, every_us: int) -> int:
    """The next last microsecond of a counting interval, so that a count lies in the hour it is of."""
    return ((at_us + 1) // every_us + 1) * every_us - 1
