"""Whether and since when a rate changed: scrapped per piece made, stops per hour, absent per rostered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt

from plantbeat.engine.signals.surprise import dispersion
from plantbeat.engine.signals.tails import beta_share

LEAST_BEFORE = 4
"""Spans (weeks) that lie before a change, at least: what "before" means must be known."""
LEAST_EVENTS = 10
"""Events in all spans together below which nothing is said."""
ALPHA = 0.01
"""Chance of naming a change of a rate that has none."""
_Z = 1.96

Counted = tuple[int, float]
"""Events and the exposure they happened in."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Events over exposure with the 95 % interval of the rate."""

    events: int
    exposure: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RateChange:
    """A rate changed with the span at `place`.

    `ratio` is after over before with its 95 % interval; `chance` of as much while nothing changed; `spread`
    the dispersion both are judged by (1: events one by one, more: in clusters).
    """

    place: int
    before: Rate
    after: Rate
    ratio: float
    ratio_low: float
    ratio_high: float
    chance: float
    spread: float


def rate(events: int, exposure: float, spread: float = 1.0) -> Rate:
    """A rate with its interval on the logarithmic scale; without events from 0 to the rule of three."""
    if exposure <= 0:
        raise ValueError("a rate needs an exposure above 0")
    value = events / exposure
    if not events:
        return Rate(0, exposure, 0.0, 0.0, 3.0 * spread / exposure)
    reach = exp(_Z * sqrt(spread / events))
    return Rate(events, exposure, value, value / reach, value * reach)


def more_than_before(span: Counted, before: Sequence[Counted], spread: float = 1.0) -> float:
    """Chance of so many events in a span, or more, at the rate of the spans before it.

    The exact conditional test of two rates (Przyborowski and Wilenski 1940), both counts divided by `spread`.
    1.0 without events or without exposure before.
    """
    exposure = sum(e for _k, e in before)
    if span[0] <= 0 or span[1] <= 0 or exposure <= 0:
        return 1.0
    share = span[1] / (span[1] + exposure)
    return beta_share(share, span[0] / spread, sum(k for k, _e in before) / spread + 1.0)


def rate_change(
    spans: Sequence[Sequence[Counted]], *, rises_only: bool = False, false_alarms: float = ALPHA
) -> RateChange | None:
    """The change of a rate between two spans (weeks) that shows best; None for "no change shown".

    `spans` holds for each span its (events, exposure) unit by unit (day by day): the scatter of units within
    a span, and of spans before the change, says how much a rate varies by itself. Of the places with
    `LEAST_BEFORE` spans before them the one at which two rates fit best is judged by the exact rate test of
    all after against all before; the chance is multiplied by the number of places (and by two where a fall
    counts as well).
    """
    sums = [_summed(span) for span in spans]
    places = [
        place
        for place in range(LEAST_BEFORE, len(sums))
        if _exposed(sums[:place]) >= LEAST_BEFORE and _exposed(sums[place:]) >= 1
    ]
    if not places or sum(k for k, _e in sums) < LEAST_EVENTS:
        return None
    whole, clearest, at = _fit(_summed(sums)), 0.0, 0
    for place in places:
        before, after = _summed(sums[:place]), _summed(sums[place:])
        clear = 2.0 * (_fit(before) + _fit(after) - whole)
        if clear > clearest and (not rises_only or _ratio(before, after) >= 1.0):
            at, clearest = place, clear
    if not at:
        return None
    spread = max(scatter(spans), dispersion([one for one in sums[:at] if one[1] > 0]))
    best = _tried(sums, at, spread)
    tried = len(places) * (1 if rises_only else 2)
    chance = min(1.0, best.chance * tried)
    if chance > false_alarms:
        return None
    return replace(best, chance=chance)


def _fit(side: Counted) -> float:
    """What a side adds to the logarithm of the likelihood.

    Twice the sum of both sides less the whole says how much better two rates fit than one. The chance itself
    would not do to find the place: of very clear changes it is 0 at several.
    """
    return side[0] * log(side[0] / side[1]) if side[0] else 0.0


def _tried(sums: Sequence[Counted], place: int, spread: float) -> RateChange:
    (events, exposed), (later, time) = _summed(sums[:place]), _summed(sums[place:])
    before, after = rate(events, exposed, spread), rate(later, time, spread)
    rises = after.value >= before.value
    if rises:
        chance = more_than_before((later, time), [(events, exposed)], spread)
    else:
        chance = more_than_before((events, exposed), [(later, time)], spread)
    ratio = _ratio((events, exposed), (later, time))
    reach = exp(_Z * sqrt(spread * (1.0 / (later + 0.5) + 1.0 / (events + 0.5))))
    return RateChange(place, before, after, ratio, ratio / reach, ratio * reach, chance, spread)


def _ratio(before: Counted, after: Counted) -> float:
    """Half an event on either side keeps a ratio finite where one side has none."""
    return ((after[0] + 0.5) / after[1]) / ((before[0] + 0.5) / before[1])


def scatter(spans: Sequence[Sequence[Counted]]) -> float:
    """Dispersion of units around the rate of their own span, so that a change does not count as scatter."""
    total, freedom = 0.0, 0
    for span in spans:
        units = [(k, e) for k, e in span if e > 0]
        events, exposure = _summed(units)
        if len(units) < 2 or not events:
            continue
        usual = events / exposure
        total += sum((k - usual * e) ** 2 / (usual * e) for k, e in units)
        freedom += len(units) - 1
    return max(1.0, total / freedom * (1.0 + sqrt(2.0 / freedom))) if freedom else 1.0


def _summed(parts: Sequence[Counted]) -> Counted:
    events, exposure = 0, 0.0
    for k, e in parts:
        events += k
        exposure += e
    return events, exposure


def _exposed(sums: Sequence[Counted]) -> int:
    return sum(e > 0 for _k, e in sums)
