"""Failures over run time. Times are integer µs; a failure is an unplanned functional failure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from plantbeat.engine.kpi.intervals import Interval, poisson_interval, poisson_lower_bound
from plantbeat.engine.kpi.ratio import HOUR_US, Ratio, Unit

TREND_Z = 1.96
"""Laplace statistic beyond which, at 5 %, failures are not spread evenly over the run time."""


@dataclass(frozen=True, slots=True)
class FailureHistory:
    """Run time of one asset over an observation, the stretch since its last failure included.

    `failures_at_us` is the run time, counted from the start of the observation, at each failure.
    """

    run_us: int
    failures_at_us: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        outside = [at_us for at_us in self.failures_at_us if not 0 <= at_us <= self.run_us]
        if outside or self.run_us < 0:
            raise ValueError(
                f"failure at {outside[0] if outside else 0} µs of run time: it must lie within the "
                f"{self.run_us} µs that were observed"
            )


@dataclass(frozen=True, slots=True)
class Mtbf:
    """Mean time between failures with its interval in hours and the trend test that comes first.

    Without a failure `ratio` has no value and there is no interval; `at_least_h`, a one-sided lower bound in
    hours, is then all that can be said. `trend_z` is the Laplace statistic, above 0 when failures come
    faster; None below 2 failures. `trending` says that one mean does not describe this asset.
    """

    ratio: Ratio
    interval: Interval | None
    at_least_h: float | None
    trend_z: float | None

    @property
    def trending(self) -> bool:
        return self.trend_z is not None and abs(self.trend_z) > TREND_Z


def laplace_trend(history: FailureHistory) -> float | None:
    """Laplace statistic of a time-truncated failure history: standard normal when there is no trend.

    None below 2 failures. Source: NIST/SEMATECH e-Handbook of Statistical Methods, 8.2.3.4.
    """
    n = len(history.failures_at_us)
    if n < 2 or history.run_us == 0:
        return None
    mean = sum(history.failures_at_us) / n
    return (mean - history.run_us / 2) / (history.run_us * sqrt(1 / (12 * n)))


def mtbf(histories: Iterable[FailureHistory], confidence: float = 0.95) -> Mtbf:
    """Run time / unplanned failures, the open interval included, over one asset or several.

    Interval by chi-square for time-truncated data. The trend test is made for a single history only.
    Unit: h. Direction: higher is better. Source: SMRP 3.5.1 (MTBF); IEC 60050-192.
    Page: docs/reference/kpi/mtbf.md
    """
    rows = list(histories)
    run_us = sum(row.run_us for row in rows)
    failures = sum(len(row.failures_at_us) for row in rows)
    run_h = run_us / HOUR_US
    ratio = Ratio(run_us, failures, Unit.hours)
    if failures == 0:
        return Mtbf(ratio, None, poisson_lower_bound(run_h, confidence), None)
    events = poisson_interval(failures, confidence)
    interval = Interval(run_h / events.upper, run_h / events.lower, confidence)
    return Mtbf(ratio, interval, None, laplace_trend(rows[0]) if len(rows) == 1 else None)


def mtbf_iso22400(history: FailureHistory) -> Ratio:
    """MTBF in the form of ISO 22400-2:2014: Σ time between failures / (failure events + 1)."""
    return Ratio(history.run_us, len(history.failures_at_us) + 1, Unit.hours)
