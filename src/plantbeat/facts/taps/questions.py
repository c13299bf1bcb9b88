"""What can be asked of the ledger of taps."""

from __future__ import annotations

from typing import Any

from django.db import models

from plantbeat.facts.taps.ledger import Outcome, Tap
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem


def refused_taps(site: Site, by: Actor) -> models.QuerySet[Tap]:
    """Taps of a site that were not done, the latest first, with their tablet."""
    rows = Tap.objects.exclude(outcome=Outcome.done).filter(session__site=site)
    rows = rows.select_related("session__device").order_by("-arrived_us", "-pk")
    return rows if site.pk in by.sites() else rows.none()


def problem_of(kept: dict[str, Any]) -> Problem:
    """A problem as the ledger and the answers keep it, for people."""
    field, allowed = str(kept.get("field", "")), str(kept.get("allowed", ""))
    return Problem(str(kept.get("message", "")), field, kept.get("value"), allowed)
