"""The worker's round of handoffs: made before each boundary, kept fresh, put on the ladder when late."""

from __future__ import annotations

from plantbeat.areas.daily.handoffs.actions import keep_fresh, make_due
from plantbeat.areas.daily.handoffs.laddering import escalate_late
from plantbeat.kernel.accounts import Site


def hand_over(site: Site) -> None:
    """Do what is due; what that is stands in the records themselves."""
    make_due(site)
    keep_fresh(site)
    escalate_late(site)
