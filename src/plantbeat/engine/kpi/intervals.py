"""Exact intervals and tests for counts over an exposure (Poisson)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, fsum, lgamma, log

from scipy.special import gammaincinv

_SAME = 1 + 1e-7
"""Outcomes whose probability differs by less than this factor are equally likely."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two-sided confidence interval."""

    lower: float
    upper: float
    confidence: float


def poisson_interval(count: int, confidence: float = 0.95) -> Interval:
    """Exact interval for the mean of a Poisson count (Garwood, Biometrika 28 (1936) 437).

    Never narrower than stated. For a rate, divide both ends by the exposure.
    """
    _check(count, confidence)
    tail = (1 - confidence) / 2
    lower = float(gammaincinv(count, tail)) if count else 0.0
    return Interval(lower, float(gammaincinv(count + 1, 1 - tail)), confidence)


def poisson_lower_bound(exposure: float, confidence: float = 0.95) -> float:
    """One-sided lower bound of the mean exposure per event when no event was seen in `exposure`."""
    return exposure / float(gammaincinv(1, confidence))


def rate_test(before: tuple[int, int], after: tuple[int, int]) -> float:
    """Two-sided exact p-value that two (count, exposure) pairs share one rate.

    Given the total, the later count is binomial (Przyborowski and Wilenski, Biometrika 31 (1940) 313); the
    p-value adds up the outcomes that are no more likely than the one seen. 1.0 without any event.

    Raises:
        ValueError: an exposure is not positive or a count is negative.
    """
    for count, exposure in (before, after):
        if count < 0 or exposure <= 0:
            raise ValueError(f"{count} cases in {exposure} hours: cases must be 0 or more, hours more than 0")
    cases = before[0] + after[0]
    if cases == 0:
        return 1.0
    share = after[1] / (before[1] + after[1])
    chances = [_binomial(k, cases, share) for k in range(cases + 1)]
    return min(1.0, fsum(chance for chance in chances if chance <= chances[after[0]] * _SAME))


def _binomial(k: int, n: int, share: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(share) + (n - k) * log(1 - share))


def _check(count: int, confidence: float) -> None:
    if count < 0:
        raise ValueError(f"a count of {count} is not possible, it must be 0 or more")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} must lie between 0 and 1, for example 0.95")
