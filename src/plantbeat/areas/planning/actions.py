"""What planners do: ask for a schedule; and what the solver writes."""

from __future__ import annotations

from typing import Any

from django.db import models

from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.writing import store_results, writing


def ask_for_schedule(site: Site, by: Actor, seconds: int, *, keeping: Schedule | None = None) -> Schedule:
    """A new version of the site's schedule, and its place in the solver's queue, in one transaction.

    `keeping` is a version whose frozen part, and what has begun by it, stays as it is.
    """
    from plantbeat.areas.planning.tasks import solve
    from plantbeat.areas.planning.tuning.actions import carry_holds

    kept = {} if keeping is None else {"based_on": keeping, "frozen_until_us": keeping.frozen_until_us}
    with writing():
        schedule = act(Schedule, "create", by, {"site": site, "seconds": seconds, **kept})
        if keeping is not None:
            carry_holds(schedule, keeping, by.for_the_product())
        solve.enqueue(schedule.pk)
    return schedule


def write_results(
    schedule: Schedule, by: Actor, summary: dict[str, Any], rows: list[models.Model]
) -> Schedule:
    """Write the rows of a solve and turn the version into a draft, in one transaction."""
    with writing():
        store_results(rows)
        return act(schedule, "finish", by, summary)
