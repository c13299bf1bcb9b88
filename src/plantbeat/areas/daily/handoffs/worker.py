"""The worker's loop over handoffs: made before each boundary, kept fresh, escalated when nobody signs."""

from __future__ import annotations

import logging
from threading import Event

from django.db import DatabaseError, close_old_connections, connection

from plantbeat.areas.daily.handoffs.actions import escalate_late, keep_fresh, make_due
from plantbeat.areas.daily.handoffs.situation import DRAFTER
from plantbeat.kernel.access import visible
from plantbeat.kernel.accounts import Site

logger = logging.getLogger("plantbeat.daily")

EVERY_S = 10.0


def hand_over(stop: Event) -> None:
    """Work until told to stop; for a thread of the worker. What is due stands in the records themselves."""
    while not stop.is_set():
        try:
            close_old_connections()
            for site in visible(Site, DRAFTER).order_by("pk"):
                make_due(site)
                keep_fresh(site)
                escalate_late(site)
        except DatabaseError:
            logger.exception("handoffs cannot be worked on now")
        stop.wait(EVERY_S)
    connection.close()
