"""What the questions about losses answer; times in µs, instants in µs UTC, chances as probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from plantbeat.areas.execution.answers import Reason
from plantbeat.engine.signals.level_change import Level, LevelChange
from plantbeat.engine.signals.rate_change import RateChange
from plantbeat.facts.views.periods import Period

Facts = Callable[[], tuple[int, ...]]
"""Reads the first facts (lsn, in order of time) behind an answer when somebody wants to see them."""


class Kind(StrEnum):
    """What differs from usual."""

    stops = "stops"
    minor_stops = "minor_stops"
    loss = "loss"
    scrap = "scrap"
    changeover = "changeover"
    andon = "andon"
    staffing = "staffing"
    drift = "drift"


@dataclass(frozen=True, slots=True)
class Unusual:
    """Something that differs from usual, in words and numbers.

    `low` to `high` holds 95 % of the `n` comparable times; `chance` is the probability of as much while
    nothing is different, `bits` the same as surprise. `is_limit`: no statistics, a limit was broken (a call
    nobody answered, a shift below its need). `us` and `pieces` are what it cost.
    """

    line: str
    place: str
    kind: Kind
    key: str
    text: str
    value: float
    usual: float
    low: float
    high: float
    n: int
    unit: str
    chance: float
    bits: float
    us: int
    pieces: int
    url: str
    facts: Facts = field(repr=False, compare=False)
    is_limit: bool = False

    @property
    def lsns(self) -> tuple[int, ...]:
        """The first facts behind it."""
        return self.facts()


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look has found, and how much it has looked at.

    `too_little` are lines without enough comparable times; `false_alarms` the chance that the look names
    anything while nothing is different.
    """

    period: Period
    found: list[Unusual]
    looked_at: int
    too_little: list[str]
    false_alarms: float


class Of(StrEnum):
    """What a Pareto is of."""

    stops = "stops"
    scrap = "scrap"
    setup = "setup"
    andon = "andon"


class ByWhat(StrEnum):
    """What its bars are."""

    reason = "reason"
    machine = "machine"
    product = "product"
    line = "line"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: minutes (µs), pieces and how often; `cumulative` is the share of all up to and with it (%)."""

    key: str | None
    label: str
    us: int
    pieces: int
    starts: int
    share: float
    cumulative: float
    url: str


@dataclass(frozen=True, slots=True)
class Pareto:
    """Bars by size, the largest first; `rest` is what the bars beyond the last shown add up to.

    `n` counts stops, set-ups, scrapped pieces or calls in all. `overlaps`: machines in series stand at the
    same time, so their bars are no parts of a whole.
    """

    of: Of
    by_what: ByWhat
    period: Period
    lines: list[str]
    bars: list[Bar]
    rest: Bar | None
    us: int
    pieces: int
    n: int
    overlaps: bool = False

    @property
    def by_pieces(self) -> bool:
        """True if bars are pieces, else minutes."""
        return self.of is Of.scrap


@dataclass(frozen=True, slots=True)
class Repeat:
    """One machine that stopped for one reason again and again, against as long a time before."""

    line: str
    machine: str
    machine_name: str
    reason: Reason
    times: int
    us: int
    starts_us: tuple[int, ...]
    usual: float
    low: float
    high: float
    n: int
    chance: float
    stands_out: bool
    period: Period
    url: str
    lsns: tuple[int, ...]


@dataclass(slots=True)
class Setup:
    """One set-up; `us` leaves breaks and closed time out. `before` is None where nothing was made before."""

    start_us: int
    end_us: int
    us: int
    before: str | None
    item: str | None
    order: str | None
    lsns: list[int] = field(default_factory=list)

    @property
    def is_changeover(self) -> bool:
        """True if the item changes; setting up the same item again is no changeover."""
        return self.before is not None and self.item is not None and self.before != self.item


@dataclass(frozen=True, slots=True)
class ChangeoverTrend:
    """The changeovers of a line over time in minutes, and the one change of level they show."""

    line: str
    first: date
    last: date
    setups: list[Setup]
    level: Level | None
    change: LevelChange | None
    changed_us: int | None
    url: str

    @property
    def n(self) -> int:
        """Changeovers in all."""
        return len(self.setups)


@dataclass(frozen=True, slots=True)
class Week:
    """Events and exposure of one week that ends with the period; `rate` None without exposure.

    `chance` of so many, or more, at the rate of the weeks before it.
    """

    first: date
    last: date
    events: int
    exposure: float

    @property
    def rate(self) -> float | None:
        """Events per exposure; None without any."""
        return self.events / self.exposure if self.exposure > 0 else None


@dataclass(frozen=True, slots=True)
class RateTrend:
    """How often something happened week by week, and the change of its rate, if one is shown.

    `per` is one `unit` in events per exposure: 0.01 for percent, 1/24 for events per 24 h. `week_chances`
    works out how likely as many events or more are by the weeks before, week by week, None for the first.
    """

    line: str
    key: str | None
    label: str
    weeks: list[Week]
    events: int
    change: RateChange | None
    changed: date | None
    per: float
    unit: str
    period: Period
    url: str
    week_chances: Callable[[], list[float | None]] = field(repr=False, compare=False)
    facts: Facts = field(repr=False, compare=False)

    @property
    def lsns(self) -> tuple[int, ...]:
        """The first facts behind it; none where no change is shown."""
        return self.facts() if self.change is not None else ()

    @property
    def n(self) -> int:
        """Events in all."""
        return self.events


@dataclass(frozen=True, slots=True)
class ShortShift:
    """A shift with fewer people present than the line needs."""

    line: str
    shift: str
    day: date
    start_us: int
    rostered: int
    present: int
    need: int
    lsn: int

    @property
    def missing(self) -> int:
        """People missing."""
        return self.need - self.present


@dataclass(frozen=True, slots=True)
class Understaffed:
    """One shift of a line (early, late, night) that had too few people in a period.

    `taken` sheets of so many worked; `chance` of so many short ones at the rate of the time before.
    """

    line: str
    shift: str
    need: int
    short: list[ShortShift]
    taken: int
    before_short: int
    before_taken: int
    chance: float | None
    stands_out: bool
    period: Period
    url: str

    @property
    def lsns(self) -> tuple[int, ...]:
        """The attendance facts of the short shifts."""
        return tuple(one.lsn for one in self.short)


@dataclass(frozen=True, slots=True)
class UnansweredCall:
    """A call that nobody acknowledged within the limit; `acked_us` None if nobody ever did."""

    line: str
    asset: str
    call: str
    category: str
    raised_us: int
    acked_us: int | None
    closed_us: int | None
    limit_us: int
    waited_us: int
    lsns: tuple[int, ...]

    @property
    def is_open(self) -> bool:
        """True while the call has not been closed."""
        return self.closed_us is None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Calls nobody acknowledged within their limit, the latest first, out of `n` calls of the period.

    `limits` by kind of call; `limit_us` is that of all other kinds.
    """

    period: Period
    limits: Mapping[str, int]
    limit_us: int
    n: int
    calls: list[UnansweredCall]

    @property
    def never(self) -> list[UnansweredCall]:
        """Those that nobody acknowledged at all."""
        return [call for call in self.calls if call.acked_us is None]


@dataclass(frozen=True, slots=True)
class GembaSignal:
    """A place worth seeing, with its points and why."""

    line: str
    line_name: str
    points: float
    parts: dict[str, float]
    reasons: list[str]
    unseen_days: float | None
    question: str
    facts: Facts = field(repr=False, compare=False)

    @property
    def lsns(self) -> tuple[int, ...]:
        """The first facts behind it."""
        return self.facts()
