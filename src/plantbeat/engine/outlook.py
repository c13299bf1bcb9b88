"""Will a shift reach its plan? What like shifts made from the same point on, counted, nothing assumed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEAST_SHIFTS = 10
"""Like shifts that must be known; below it there is no estimate."""


@dataclass(frozen=True, slots=True)
class PastShift:
    """A shift that is over, in pieces: its plan, what was made by the same point, and by its end."""

    plan: int
    by_now: int
    by_end: int

    def __post_init__(self) -> None:
        if self.plan <= 0 or not 0 <= self.by_now <= self.by_end:
            raise ValueError(
                f"a past shift of {self.by_end} pieces, {self.by_now} of them by the point, for a plan of "
                f"{self.plan}: the plan must be above 0 and what was made by the point at most all of it"
            )


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of `n` like shifts `missed` would have missed the plan from here; `short` pieces on average."""

    missed: int
    n: int
    short: float

    @property
    def percent(self) -> float | None:
        """Chance of missing the plan as a share of the like shifts; None with too few of them."""
        return 100 * self.missed / self.n if self.n >= LEAST_SHIFTS else None


def outlook(plan: int, made: int, past: Iterable[PastShift]) -> Outlook:
    """What would come of a shift if the rest of it went as the rest of each past shift did.

    The rest of a past shift, as a share of its plan, is applied to this plan; a shift misses that ends below
    the plan. Unit: shifts, pieces. Source: empirical share, no model; shifts are taken as alike.

    Raises:
        ValueError: the plan is not above 0, or less than nothing was made.
    """
    if plan <= 0 or made < 0:
        raise ValueError(f"{made} pieces of a plan of {plan}: the plan must be above 0, pieces 0 or more")
    missed = n = 0
    short = 0.0
    for one in past:
        n += 1
        # made + plan × rest / its plan < plan, in whole numbers
        lacking = (plan - made) * one.plan - plan * (one.by_end - one.by_now)
        if lacking > 0:
            missed += 1
            short += lacking / one.plan
    return Outlook(missed, n, short / n if n else 0.0)
