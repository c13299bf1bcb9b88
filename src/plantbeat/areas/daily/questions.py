"""What can be asked of the day: the decision of a shift, for the Now page, walls and handoffs."""

from __future__ import annotations

from datetime import date

from plantbeat.areas.daily.records.priority import ConstraintKind, Priority
from plantbeat.areas.execution.review.site_shifts import shifts_around
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

__all__ = ["ConstraintKind", "Priority", "priority_now", "priority_of"]


def priority_of(site: Site, day: date, shift: str, by: Actor) -> Priority | None:
    """Who gets help first in a shift, once it was decided."""
    rows = visible(Priority, by).filter(site=site, day=day, shift=shift)
    return rows.select_related("line", "owner").first()


def priority_now(site: Site, by: Actor) -> Priority | None:
    """Who gets help first in the shift that goes on; None while nobody has decided, or between shifts."""
    now = shifts_around(site, clock.now_us(), by).now
    return priority_of(site, now.day, now.name, by) if now is not None else None
