"""How much real minutes differ from planned ones, as tables of whole numbers.

A draw is a place in a table of quantiles, and a minute is multiplied and shifted: no draw depends on a
platform's logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Protocol

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.problem import Problem

TABLE_BITS = 12
TABLE = 1 << TABLE_BITS
FRACTION_BITS = 20
"""Factors are whole numbers of 2^-20."""
LARGEST = 1_000.0


class Spread(Protocol):
    """A distribution of factors (real minutes / planned minutes, or share of minutes run again)."""

    def quantile(self, u: float) -> float:
        """The factor below which a share `u` of all draws lies, 0 < u < 1."""
        ...


@dataclass(frozen=True)
class Fixed:
    """Always the same factor (0 or more)."""

    factor: float = 1.0

    def __post_init__(self) -> None:
        _allowed("Fixed", "factor", self.factor)

    def quantile(self, u: float) -> float:
        """The factor itself."""
        return self.factor


@dataclass(frozen=True)
class Triangular:
    """At least `low`, mostly `mode`, at most `high`."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        for name in ("low", "mode", "high"):
            _allowed("Triangular", name, getattr(self, name))
        if not self.low <= self.mode <= self.high:
            text = f"{self.low!r}, {self.mode!r}, {self.high!r}; allowed is low <= mode <= high"
            raise ValueError(f"Triangular: {text}")

    def quantile(self, u: float) -> float:
        """Inverse of the triangular distribution function."""
        width = self.high - self.low
        if width == 0:
            return self.mode
        if u * width < self.mode - self.low:
            return self.low + math.sqrt(u * width * (self.mode - self.low))
        return self.high - math.sqrt((1 - u) * width * (self.high - self.mode))


@dataclass(frozen=True)
class Lognormal:
    """Lognormal factors with mean 1 and a coefficient of variation (0 or more): the planned minutes are the
    mean.
    """

    variation: float

    def __post_init__(self) -> None:
        _allowed("Lognormal", "variation", self.variation)

    def quantile(self, u: float) -> float:
        """exp(sigma z(u) - sigma^2 / 2) with sigma^2 = log(1 + variation^2)."""
        variance = math.log(1 + self.variation**2)
        return math.exp(math.sqrt(variance) * NormalDist().inv_cdf(u) - variance / 2)


@dataclass(frozen=True)
class Samples:
    """What was measured: real minutes / planned minutes of past operations, each as likely as the others."""

    factors: Sequence[float]

    def __post_init__(self) -> None:
        if not len(self.factors):
            raise ValueError("Samples: no factors; at least one is needed")
        for factor in self.factors:
            _allowed("Samples", "factor", factor)

    def quantile(self, u: float) -> float:
        """The sample at the place `u` of all, sorted."""
        ordered = sorted(self.factors)
        return ordered[min(int(u * len(ordered)), len(ordered) - 1)]


@dataclass(frozen=True)
class Spreads:
    """A spread for each operation: its own, else that of its work centre, else `default` (indices)."""

    default: Spread
    work_centres: Mapping[int, Spread] = field(default_factory=dict)
    operations: Mapping[int, Spread] = field(default_factory=dict)

    def tables(self, problem: Problem) -> tuple[Ints, Ints]:
        """Tables of factors in 2^-20, one after the other, and the table of each operation.

        Raises ValueError for a work centre or an operation that the problem does not have.
        """
        allowed = {"work_centres": problem.work_centres, "operations": problem.operations}
        for name, count in allowed.items():
            for index in getattr(self, name):
                if not 0 <= index < count:
                    raise ValueError(f"Spreads: {name} has {index!r}; allowed is 0 to {count - 1}")
        spreads = [self.default, *self.work_centres.values(), *self.operations.values()]
        which = np.zeros(problem.operations, np.int64)
        for number, centre in enumerate(self.work_centres, 1):
            which[problem.work_centre == centre] = number
        for number, operation in enumerate(self.operations, 1 + len(self.work_centres)):
            which[operation] = number
        return np.concatenate([table_of(spread) for spread in spreads]), which


@dataclass(frozen=True)
class Breakdowns:
    """A machine that fails after `between` minutes of running on average and is down for `repair` minutes of
    its open time on average, both exponentially distributed (MTBF and MTTR).
    """

    between: int
    repair: int

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 10**9:
                raise ValueError(f"Breakdowns: {name} is {value!r}; allowed are whole minutes from 1")


def table_of(spread: Spread) -> Ints:
    """Factors at evenly spaced quantiles in 2^-20, rounded so that every platform has the same."""
    scale = 1 << FRACTION_BITS
    factors = (spread.quantile((i + 0.5) / TABLE) for i in range(TABLE))
    return np.array([round(min(factor, LARGEST) * scale) for factor in factors], np.int64)


def exponential_table() -> Ints:
    """Exponential quantiles with mean 1 in 2^-20."""
    scale = 1 << FRACTION_BITS
    return np.array([round(-math.log(1 - (i + 0.5) / TABLE) * scale) for i in range(TABLE)], np.int64)


def _allowed(what: str, name: str, value: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value <= LARGEST:
        raise ValueError(f"{what}: {name} is {value!r}; allowed is a number from 0 to {LARGEST:g}")
