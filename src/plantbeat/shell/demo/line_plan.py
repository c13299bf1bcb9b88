"""What a simulated filling line is: its stations and their troubles, its hours, and the orders it gets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from plantbeat.shell.demo.chance import Chance

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


class Told(NamedTuple):
    """A fact as the plant tells it, not yet numbered; `by_hand` if a person said it."""

    t_us: int
    asset: str
    kind: str
    body: Mapping[str, object]
    by_hand: bool = False


class Open(StrEnum):
    """Whether a line may work."""

    work = "work"
    closed = "closed"
    upkeep = "upkeep"


class Period(NamedTuple):
    """Half-open time in which the line is open for work, closed, or given to maintenance."""

    start_us: int
    end_us: int
    kind: Open


@dataclass(frozen=True, slots=True)
class Job:
    """An order as the line gets it; `cycle_s` is the ideal time of a piece at the bottleneck."""

    order: str
    item: str
    family: str
    quantity: int
    cycle_s: float


class Jobs(Protocol):
    """Where a line's orders come from."""

    def next_job(self, at_us: int) -> Job | None:
        """The order to begin now; None while there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of stop of a station: how often (µs of running between two), how long, and what people say.

    `word` is the state the station reports; `explained` the share of stops that get a reason. `regular`
    ones come at about the same interval; a `window` bounds the time in which it happens at all.
    """

    every_us: int
    median_us: int
    sigma: float
    reasons: tuple[tuple[str, float], ...]
    explained: float
    word: str = "own_stop"
    shortest_us: int = 15 * SECOND_US
    longest_us: int = 6 * HOUR_US
    calls: bool = False
    spoils: bool = False
    regular: bool = False
    window: tuple[int, int] | None = None

    def is_on(self, at_us: int) -> bool:
        """True where the trouble happens at all."""
        return self.window is None or self.window[0] <= at_us < self.window[1]

    def until_next(self, chance: Chance, stops: float) -> int:
        """Running time (µs) to the next one, where stops come `stops` times as often as usual."""
        if self.regular:
            return round(self.every_us / stops * (0.7 + 0.6 * chance.share()))
        return chance.until_next(self.every_us / stops)


@dataclass(frozen=True, slots=True)
class Station:
    """One machine of the line; `speed` as a multiple of the bottleneck's ideal rate."""

    asset: str
    speed: float
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class Temper:
    """How a line behaves from an instant on, as factors on what is usual."""

    from_us: int
    stops: float = 1.0
    repairs: float = 1.0
    setups: float = 1.0
    slow: float = 0.08
    scrap: float = 1.0


@dataclass(frozen=True, slots=True)
class Creep:
    """A cause of scrap that grows: pieces lost to a defect, as a share that rises evenly up to `share`."""

    defect: str
    from_us: int
    until_us: int
    share: float

    def share_at(self, at_us: int) -> float:
        """Share of pieces lost at an instant."""
        if at_us <= self.from_us:
            return 0.0
        return self.share * min(1.0, (at_us - self.from_us) / (self.until_us - self.from_us))


@dataclass(frozen=True, slots=True)
class LinePlan:
    """Everything about a line that the simulation does not change.

    `line` is also the asset under which orders are told. `by_piece`: every piece is counted when it is done,
    not only at intervals. `buffer_s` is the room between a station and the next, in seconds of the
    bottleneck's ideal rate; `setup_min` maps (family before, family after), `*` standing for any; `scrap` and
    `rework` are shares by item, `defects` what is wrong with scrap, by weight; `creeps` are causes on top
    of that. `pallets` are the pieces on a pallet by item where people tap what a machine counts elsewhere: a
    pallet when it is full, the rest when the order or the shift ends. `periods` are gapless.
    """

    line: str
    seed: str
    stations: tuple[Station, ...]
    bottleneck: int
    buffer_s: tuple[float, ...]
    setup_min: Mapping[tuple[str, str], float]
    scrap: Mapping[str, float]
    rework: Mapping[str, float]
    periods: Sequence[Period]
    defects: Sequence[tuple[str, float]] = (("OTHER", 1.0),)
    tempers: tuple[Temper, ...] = (Temper(0),)
    creeps: tuple[Creep, ...] = ()
    by_piece: bool = False
    pallets: Mapping[str, int] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.starts.extend(period.start_us for period in self.periods)

    def period_at(self, t_us: int) -> Period:
        """The period that holds at an instant. Raises IndexError before the first and after the last."""
        place = bisect_right(self.starts, t_us) - 1
        if place < 0 or t_us >= self.periods[place].end_us:
            raise IndexError(f"{self.line} has no calendar at {t_us}")
        return self.periods[place]

    def temper_at(self, t_us: int) -> Temper:
        """How the line behaves at an instant."""
        place = bisect_right(self.tempers, t_us, key=lambda temper: temper.from_us) - 1
        return self.tempers[max(place, 0)]

    def standard_setup_min(self, before: str, after: str) -> float:
        """Minutes the matrix gives for a changeover; a short check where the family stays."""
        if before == after:
            return SAME_FAMILY_MIN
        for pair in ((before, after), (before, "*"), ("*", after), ("*", "*")):
            if pair in self.setup_min:
                return self.setup_min[pair]
        return SAME_FAMILY_MIN


SAME_FAMILY_MIN = 6.0
