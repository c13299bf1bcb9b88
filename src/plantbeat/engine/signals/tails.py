"""Tail probabilities without a library that takes a second to load: pages ask for thousands of them."""

from __future__ import annotations

from math import comb, exp, lgamma, log, log1p

_STEPS = 300
_CLOSE = 1e-12
_TINY = 1e-300


def beta_share(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function I_x(a, b) (NIST DLMF 8.17), for `a`, `b` above 0.

    With whole numbers it is P(K >= a) of a binomial K out of a + b - 1 at share x.
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - beta_share(1.0 - x, b, a)
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    return min(1.0, exp(front) * _fraction(x, a, b) / a)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of DLMF 8.17.22 by Lentz's method (Applied Optics 15 (1976) 668)."""
    first = 1.0 - (a + b) * x / (a + 1.0)
    c, d = 1.0, 1.0 / (first if abs(first) > _TINY else _TINY)
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + term / c
            c = c if abs(c) > _TINY else _TINY
            value *= c * d
        if abs(c * d - 1.0) < _CLOSE:
            break
    return value


def student_tail(t: float, freedom: float) -> float:
    """P(T > t) of Student's t with so many degrees of freedom (need not be whole)."""
    half = 0.5 * beta_share(freedom / (freedom + t * t), freedom / 2.0, 0.5)
    return half if t >= 0 else 1.0 - half


def order_statistic_depth(n: int, confidence: float) -> int:
    """How many values from either end an interval for the median of `n` leaves out; -1 where none will do.

    Distribution free: the binomial chance that fewer than that many lie below the median is at most half of
    what is not covered (Conover, Practical Nonparametric Statistics, 3.2).
    """
    left, below, depth = (1.0 - confidence) / 2.0, 0.0, -1
    for k in range(n // 2):
        below += comb(n, k) * 0.5**n
        if below > left:
            break
        depth = k
    return depth
