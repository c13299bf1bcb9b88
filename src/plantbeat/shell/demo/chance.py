"""Chance that can be put away and taken up again: its whole state is one number."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_NORMAL = NormalDist()


@dataclass(slots=True)
class Chance:
    """SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same draws for the same state, on any machine."""

    state: int

    @classmethod
    def of(cls, *words: object) -> Chance:
        """A chance of its own for what the words name."""
        named = "/".join(map(str, words)).encode()
        return cls(int.from_bytes(hashlib.sha256(named).digest()[:8], "big"))

    def share(self) -> float:
        """Uniform in (0, 1)."""
        self.state = z = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return (((z ^ (z >> 31)) >> 11) + 0.5) * 2.0**-53

    def happens(self, probability: float) -> bool:
        """True with that probability."""
        return self.share() < probability

    def normal(self) -> float:
        """Standard normal."""
        return _NORMAL.inv_cdf(self.share())

    def until_next(self, mean_us: float) -> int:
        """Exponential waiting time (µs), at least one."""
        return max(1, round(-mean_us * log(self.share())))

    def around(self, median: float, sigma: float) -> float:
        """Lognormal with this median; `sigma` is the spread of its logarithm."""
        return median * exp(sigma * self.normal())

    def between(self, low: int, high: int) -> int:
        """Uniform whole number, both included."""
        return low + int(self.share() * (high - low + 1))

    def events(self, mean: float) -> int:
        """How many of many rare things happened: near enough to Poisson for counting scrap."""
        if mean >= 12:
            return max(0, round(mean + self.normal() * sqrt(mean)))
        limit, product, count = exp(-mean), self.share(), 0
        while product > limit:
            product *= self.share()
            count += 1
        return count

    def one_of(self, weighted: Sequence[tuple[T, float]]) -> T:
        """One of the things, by weight."""
        at = self.share() * sum(weight for _thing, weight in weighted)
        for thing, weight in weighted:
            at -= weight
            if at < 0:
                return thing
        return weighted[-1][0]
