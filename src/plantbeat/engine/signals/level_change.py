"""Where the level of a series changed: durations of set-ups, times to answer a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from statistics import median

from plantbeat.engine.signals.tails import order_statistic_depth

LEAST = 12
"""Values below which nothing is said of a change."""
LEAST_OF_A_SIDE = 5
CONFIDENCE = 0.95
ALPHA = 0.01
"""Chance of naming a change in a series that has none."""


@dataclass(frozen=True, slots=True)
class Level:
    """The median of some values with its interval (None on a side: too few values for one)."""

    middle: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A series changed with the value at `place`; `chance` of as much while it did not."""

    place: int
    before: Level
    after: Level
    chance: float


def level(values: Sequence[float], confidence: float = CONFIDENCE) -> Level:
    """Median with its distribution-free interval from the order statistics. ValueError without values."""
    if not values:
        raise ValueError("a level needs at least one value")
    ordered, depth = sorted(values), order_statistic_depth(len(values), confidence)
    if depth < 0:
        return Level(median(ordered), None, None, len(ordered))
    return Level(median(ordered), ordered[depth], ordered[len(ordered) - 1 - depth], len(ordered))


def level_change(
    values: Sequence[float], least: int = LEAST, false_alarms: float = ALPHA
) -> LevelChange | None:
    """The one change of level that the ranks show best, None for "no change shown" (or too few values).

    Pettitt's test (Applied Statistics 28 (1979) 126): any distribution, outliers count by their rank only.
    Its approximate chance 2 exp(-6 K² / (n³ + n²)) errs on the side of silence. At least five values lie on
    either side.
    """
    n = len(values)
    if n < max(least, 2 * LEAST_OF_A_SIDE):
        return None
    running, best, place = 0.0, 0.0, 0
    for at, rank in enumerate(_ranks(values), 1):
        running += 2.0 * rank - (n + 1)
        if LEAST_OF_A_SIDE <= at <= n - LEAST_OF_A_SIDE and abs(running) > best:
            best, place = abs(running), at
    chance = min(1.0, 2.0 * exp(-6.0 * best * best / (n**3 + n**2)))
    if not place or chance > false_alarms:
        return None
    return LevelChange(place, level(values[:place]), level(values[place:]), chance)


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1, the middle one for values that are alike."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, begin = [0.0] * len(values), 0
    for end in range(1, len(order) + 1):
        if end == len(order) or values[order[end]] != values[order[begin]]:
            for place in order[begin:end]:
                ranks[place] = (begin + 1 + end) / 2.0
            begin = end
    return ranks
