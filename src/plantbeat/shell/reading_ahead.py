"""After a start the server reads what pages keep in memory, so that the first look finds it there."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

from django.db import DatabaseError, connections

from plantbeat.areas.execution.losses.ahead import READER, pieces_ahead
from plantbeat.kernel.access import visible
from plantbeat.kernel.accounts import Site

logger = logging.getLogger("plantbeat.serve")

Piece = Callable[[], object]

PAUSES_S = (1.0, 10.0, 60.0, 300.0)
"""Before it begins, and before it begins again where the database was away."""
REST_S = 0.05
"""At the least after each piece, so that at most about half of one core is taken."""


class ReadingAhead(threading.Thread):
    """Reads in small pieces, and none while a page is being made.

    The thread has the priority of the others: a page waits for the interpreter, and would wait long for a
    thread that holds it and gets no turn on a busy machine.
    """

    def __init__(
        self, is_busy: Callable[[], bool], pieces: Callable[[], Iterator[Piece]] | None = None
    ) -> None:
        super().__init__(name="reading-ahead", daemon=True)
        self._is_busy, self._pieces = is_busy, pieces or pieces_of_all_sites
        self._told_to_stop = threading.Event()

    def stop(self) -> None:
        """Begin no further piece."""
        self._told_to_stop.set()

    def run(self) -> None:
        """Read until all is read, or told to stop; begin again later where the database is away."""
        for pause_s in PAUSES_S:
            if self._told_to_stop.wait(pause_s):
                return
            try:
                self._read()
            except DatabaseError as away:
                logger.info("reading ahead: the database does not answer now (%s)", away)
            except Exception:
                logger.exception("reading ahead has ended; pages read what they need themselves")
                return
            else:
                return
            finally:
                connections.close_all()

    def _read(self) -> None:
        begun_s, count = time.monotonic(), 0
        for piece in self._pieces():
            while self._is_busy():
                if self._told_to_stop.wait(REST_S):
                    return
            piece_s = time.monotonic()
            piece()
            count += 1
            if self._told_to_stop.wait(max(REST_S, time.monotonic() - piece_s)):
                return
        logger.info("read ahead %d pieces in %.1f s", count, time.monotonic() - begun_s)


def pieces_of_all_sites() -> Iterator[Piece]:
    """What is read ahead, site by site; nothing in an installation where nothing is set up."""
    for site in visible(Site, READER).order_by("pk"):
        yield from pieces_ahead(site)
