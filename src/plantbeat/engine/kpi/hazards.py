"""Hazards that people report and somebody takes away: a leading measure of safety."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from plantbeat.engine.kpi.ratio import Ratio, Unit

FIXED_WITHIN = timedelta(days=7)
"""So long somebody has to take a hazard away before it counts as not fixed in time."""


@dataclass(frozen=True, slots=True)
class HazardReport:
    """The day a hazard was reported and the day it was fixed (None: nobody has)."""

    reported: date
    fixed: date | None = None


def hazards_fixed_in_time(hazards: Iterable[HazardReport], first: date, last: date) -> Ratio:
    """Hazards fixed within seven days / hazards whose seventh day lies in `first` to `last`.

    Unit: %. Direction: higher is better. Source: site practice.
    Page: docs/reference/kpi/hazards_fixed_in_time.md
    """
    asked = [row for row in hazards if first <= row.reported + FIXED_WITHIN <= last]
    fixed = sum(row.fixed is not None and row.fixed - row.reported <= FIXED_WITHIN for row in asked)
    return Ratio(fixed, len(asked), Unit.percent)
