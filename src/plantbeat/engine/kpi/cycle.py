"""Real cycle times from counts: a distribution, not only a mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from plantbeat.engine.kpi.ratio import Ratio, Unit


@dataclass(frozen=True, slots=True)
class CountedHour:
    """Production time of an hour (or another short span) and the first-pass pieces counted in it."""

    production_us: int
    pieces: int


@dataclass(frozen=True, slots=True)
class CycleTimes:
    """Real cycle of an item on a machine: mean, and the values that 10, 50 and 90 % of pieces stay below."""

    pieces: int
    hours: int
    mean: Ratio
    p10_us: int
    p50_us: int
    p90_us: int


def cycle_times(counted: Iterable[CountedHour]) -> CycleTimes | None:
    """Distribution of the real cycle over spans with pieces, each weighted by its pieces; None without any.

    The mean is production time / pieces of all those spans (ISO 22400-2:2014, actual unit busy time per
    produced quantity). A quantile is the smallest cycle such that at least its share of the pieces was made
    in spans of that cycle or a shorter one. Times are µs per piece, rounded down.
    """
    spans = [one for one in counted if one.pieces > 0 and one.production_us > 0]
    if not spans:
        return None
    spans.sort(key=lambda one: Fraction(one.production_us, one.pieces))
    pieces = sum(one.pieces for one in spans)
    mean = Ratio(sum(one.production_us for one in spans), pieces, Unit.seconds)
    low, middle, high = (_quantile(spans, pieces, percent) for percent in (10, 50, 90))
    return CycleTimes(pieces, len(spans), mean, low, middle, high)


def _quantile(spans: list[CountedHour], pieces: int, percent: int) -> int:
    passed = 0
    for one in spans:
        passed += one.pieces
        if 100 * passed >= percent * pieces:
            return one.production_us // one.pieces
    raise AssertionError("the shares of all spans add up to the whole")
