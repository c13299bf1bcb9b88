"""How often help is called for, how soon it comes, and how soon the trouble is over."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from plantbeat.engine.kpi.ratio import Ratio, Unit


@dataclass(frozen=True, slots=True)
class AndonTimes:
    """Times of one call in µs from the call: until it was taken, until it was resolved; None: not yet.

    `respond_limit_us` and `resolve_limit_us` are its limits, `age_us` how long ago it was raised.
    """

    respond_us: int | None
    resolve_us: int | None
    respond_limit_us: int
    resolve_limit_us: int
    age_us: int

    @property
    def is_judged(self) -> bool:
        """True once it is known whether the call keeps its limits."""
        return self.resolve_us is not None or self._is_late(self.age_us, self.age_us)

    @property
    def is_in_limit(self) -> bool:
        """True if it was taken and resolved, each within its limit."""
        if self.resolve_us is None:
            return False
        taken_us = self.resolve_us if self.respond_us is None else self.respond_us
        return not self._is_late(taken_us, self.resolve_us)

    def _is_late(self, taken_us: int, resolved_us: int) -> bool:
        taken_us = self.respond_us if self.respond_us is not None else taken_us
        return taken_us > self.respond_limit_us or resolved_us > self.resolve_limit_us


def _median(times_us: Iterable[int]) -> Ratio:
    """The middle time, or the mean of the two in the middle, exact."""
    ordered = sorted(times_us)
    if not ordered:
        return Ratio(0, 0, Unit.minutes)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return Ratio(low, 1, Unit.minutes) if low == high else Ratio(low + high, 2, Unit.minutes)


def _p90(times_us: Iterable[int]) -> Ratio:
    """The shortest time that at least 90 % of the times do not exceed (nearest rank)."""
    ordered = sorted(times_us)
    if not ordered:
        return Ratio(0, 0, Unit.minutes)
    return Ratio(ordered[-(-9 * len(ordered) // 10) - 1], 1, Unit.minutes)


def _responded(calls: Iterable[AndonTimes]) -> list[int]:
    return [call.respond_us for call in calls if call.respond_us is not None]


def _resolved(calls: Iterable[AndonTimes]) -> list[int]:
    return [call.resolve_us for call in calls if call.resolve_us is not None]


def andon_respond_median(calls: Iterable[AndonTimes]) -> Ratio:
    """Median of the times from a call until somebody has taken it.

    Unit: min. Direction: lower is better. Source: site practice.
    Page: docs/reference/kpi/andon_respond_median.md
    """
    return _median(_responded(calls))


def andon_respond_p90(calls: Iterable[AndonTimes]) -> Ratio:
    """The time within which 90 % of the calls that were taken had been taken (nearest rank).

    Unit: min. Direction: lower is better. Source: site practice.
    Page: docs/reference/kpi/andon_respond_p90.md
    """
    return _p90(_responded(calls))


def andon_resolve_median(calls: Iterable[AndonTimes]) -> Ratio:
    """Median of the times from a call until its trouble was over.

    Unit: min. Direction: lower is better. Source: site practice.
    Page: docs/reference/kpi/andon_resolve_median.md
    """
    return _median(_resolved(calls))


def andon_resolve_p90(calls: Iterable[AndonTimes]) -> Ratio:
    """The time within which 90 % of the calls that were resolved had been resolved (nearest rank).

    Unit: min. Direction: lower is better. Source: site practice.
    Page: docs/reference/kpi/andon_resolve_p90.md
    """
    return _p90(_resolved(calls))


def andon_in_limit_percent(calls: Iterable[AndonTimes]) -> Ratio:
    """Calls taken and resolved within their limits / calls that are resolved or past a limit.

    Unit: %. Direction: higher is better. Source: site practice.
    Page: docs/reference/kpi/andon_in_limit_percent.md
    """
    judged = [call for call in calls if call.is_judged]
    return Ratio(sum(call.is_in_limit for call in judged), len(judged), Unit.percent)


def andon_calls_per_shift(calls: int, shifts: Collection[object]) -> Ratio:
    """Calls for help / shifts that have begun.

    Unit: per shift. Direction: lower is better. Source: site practice.
    Page: docs/reference/kpi/andon_calls_per_shift.md
    """
    return Ratio(calls, len(shifts), Unit.per_shift)
