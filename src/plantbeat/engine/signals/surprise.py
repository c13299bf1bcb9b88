"""How surprising a value is against comparable ones before it: counts, and amounts that vary by nature.

Only the costly direction is looked at: more than usual. A value without enough comparable ones has no
surprise. `named_first` keeps the chance of naming anything by accident at or below `FALSE_ALARMS` for a whole
look, however many values it looks at; tests hold it by simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf, log2, sqrt
from statistics import median
from typing import Protocol, TypeVar

from plantbeat.engine.signals.tails import beta_share, student_tail

FALSE_ALARMS = 0.05
"""Chance that a look at a time in which nothing is different names something all the same."""
LEAST = 8
"""Comparable times below which nothing is said."""
RANGE = 0.95
"""Share of comparable times whose values lie in the usual range."""
_MAD, _NINE_TENTHS = 1.4826, 1.2816
"""Of a normal distribution: deviation over median absolute deviation; the 90 % point in deviations."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """A value beside what is usual.

    `chance` is the probability of a value as high or higher while nothing is different, from `n` comparable
    times; `edges` works out the usual range when somebody wants to read it.
    """

    value: float
    usual: float
    n: int
    chance: float
    edges: Callable[[], tuple[float, float]] = field(repr=False, compare=False)

    @property
    def low(self) -> float:
        """Lower end of the range in which 95 % of comparable times lie."""
        return self.edges()[0]

    @property
    def high(self) -> float:
        """Upper end of the range in which 95 % of comparable times lie."""
        return self.edges()[1]

    @property
    def bits(self) -> float:
        """Surprise in bits: minus log2 of the chance."""
        return -log2(self.chance) if self.chance > 0.0 else inf


def count_surprise(
    count: int, exposure: float, before: Sequence[tuple[int, float]], least: int = LEAST
) -> Surprise | None:
    """Surprise of a count of events (or pieces) in an exposure, against (count, exposure) of times before.

    Given all events, how many fall into this time is binomial (Przyborowski and Wilenski, Biometrika 31
    (1940) 313). Events that come in clusters are worth fewer: both sides are divided by the dispersion
    (Pearson's chi-square over its degrees of freedom, at least 1) that the times before show. None with fewer
    than `least` times before, or without exposure.
    """
    known = [(k, e) for k, e in before if e > 0]
    if len(known) < least or exposure <= 0:
        return None
    events, whole = sum(k for k, _e in known), sum(e for _k, e in known)
    usual = events / whole * exposure
    spread = dispersion(known)
    share = exposure / (exposure + whole)

    def chance(k: float) -> float:
        if k <= 0:
            return 1.0
        exact = beta_share(share, k / spread, events / spread + 1.0)
        return max(exact, _clustered(k, usual, spread * (1.0 + share)))

    def edges() -> tuple[float, float]:
        edge = (1.0 - RANGE) / 2.0
        return _lowest(chance, usual, edge), _highest(chance, usual, edge)

    return Surprise(count, usual, len(known), chance(count), edges)


def _clustered(k: float, usual: float, spread: float) -> float:
    """P(K >= k) of a negative binomial with this mean and variance over mean: clusters have long tails."""
    if spread <= 1.0 or usual <= 0.0:
        return 0.0
    return beta_share(1.0 - 1.0 / spread, k, usual / (spread - 1.0))


def dispersion(known: Sequence[tuple[int, float]]) -> float:
    """Variance over mean of counts at one rate, at least 1; widened by what so few times leave open.

    Pearson's estimate has n - 1 degrees of freedom. It is multiplied by 1 + 1.7 sqrt(2 / (n - 1)), about
    its own upper 95 % limit, so that a past that was quiet by luck does not make chance look like change.
    """
    n, events, whole = len(known), sum(k for k, _e in known), sum(e for _k, e in known)
    if n < 2 or not events or whole <= 0:
        return 1.0
    rate = events / whole
    pearson = sum((k - rate * e) ** 2 / (rate * e) for k, e in known if e > 0) / (n - 1)
    return max(1.0, pearson * (1.0 + 1.7 * sqrt(2.0 / (n - 1))))


class _Chance(Protocol):
    def __call__(self, k: float) -> float: ...


def _highest(chance: _Chance, usual: float, edge: float) -> float:
    """The highest count that is not rarer than the edge."""
    low, high = 0, max(4, int(usual * 4) + 4)
    while chance(high) > edge:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chance(middle) > edge else (low, middle)
    return float(low)


def _lowest(chance: _Chance, usual: float, edge: float) -> float:
    """The lowest count so that less is rarer than the edge."""
    low, high = 0, int(usual) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if 1.0 - chance(middle) <= edge else (low, middle)
    return float(low)


def level_surprise(value: float, before: Sequence[float], least: int = LEAST) -> Surprise | None:
    """Surprise of an amount (minutes, a share of time) against those of comparable times, none below 0.

    Robust: the distance from the median of the square roots, in spreads of their upper side, judged by
    Student's t with a sixth of the times as degrees of freedom: the spread itself is an estimate, amounts
    have long tails, and a past that holds a bad day shall not hide the next one. Where a quarter of the times
    or more have nothing of it, the rank is all there is: (1 + those as high) / (n + 1). None with fewer than
    `least` times.
    """
    n = len(before)
    if n < least:
        return None
    ordered = sorted(max(one, 0.0) for one in before)
    roots = [sqrt(one) for one in ordered]
    middle = median(roots)
    spread = max(
        _MAD * median(abs(root - middle) for root in roots), (roots[(9 * n) // 10] - middle) / _NINE_TENTHS
    )
    if ordered[n // 4] <= 0.0 or spread <= 0.0:
        ranked = (1 + sum(one >= value for one in before)) / (n + 1)
        edge = int(n * (1.0 - RANGE) / 2.0)
        return Surprise(value, middle**2, n, ranked, lambda: (ordered[edge], ordered[n - 1 - edge]))
    wide = spread * sqrt(1.0 + 1.57 / n)
    reach = 2.1 * wide
    chance = student_tail((sqrt(max(value, 0.0)) - middle) / wide, max(3.0, n / 6.0))
    return Surprise(
        value, middle**2, n, chance, lambda: (max(middle - reach, 0.0) ** 2, (middle + reach) ** 2)
    )


class Judged(Protocol):
    """Anything with a chance."""

    @property
    def chance(self) -> float:
        """Probability of as much while nothing is different."""
        ...


J = TypeVar("J", bound=Judged)


def named_first(looked_at: Iterable[J], false_alarms: float = FALSE_ALARMS) -> list[J]:
    """What stands out of all that was looked at, the most surprising first.

    Holm's step-down rule (Scandinavian Journal of Statistics 6 (1979) 65): whatever the dependence between
    the values, the chance of naming anything where nothing is different is at most `false_alarms`.
    """
    ordered = sorted(looked_at, key=lambda one: one.chance)
    found = []
    for place, one in enumerate(ordered):
        if one.chance * (len(ordered) - place) > false_alarms:
            break
        found.append(one)
    return found
