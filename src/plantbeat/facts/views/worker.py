"""The worker's loop over the views: dirty days as they come, running days as time passes."""

from __future__ import annotations

import logging
from threading import Event

from django.db import DatabaseError, close_old_connections, connection

from plantbeat.facts.views.recompute import recompute, refresh

logger = logging.getLogger("plantbeat.views")

POLL_S = 1.0


def run_dirty_days(stop: Event) -> None:
    """Work off dirty days and refresh the running ones until told to stop; for a thread of the worker."""
    while not stop.is_set():
        try:
            close_old_connections()
            worked = recompute()
            refresh()
            if worked.left == 0 or worked.days == 0:
                stop.wait(POLL_S)
        except DatabaseError:
            logger.exception("the views cannot be computed now")
            stop.wait(5 * POLL_S)
    connection.close()
