"""Work that comes round: each piece at its own pace, in lanes that do not wait for each other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import close_old_connections, connections

from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

logger = logging.getLogger("plantbeat.worker")

MOST_DOUBLINGS, LONGEST_AGAIN_S = 4, 60.0
"""After failures the pace is doubled so often at the most: what people wait for is tried again soon."""
BY = Actor.system("worker")


@dataclass(frozen=True, slots=True)
class Round:
    """A piece of work and its pace.

    What is due stands in rows of the database, so a turn that fails or is cut off loses nothing. A result
    that is true (so many were done) asks for the next turn at once.
    """

    name: str
    every_s: float
    work: Callable[[], object]


@dataclass(slots=True)
class _Turn:
    """When a piece of work is next, on the monotonic clock."""

    round: Round
    due_s: float = 0.0
    failures: int = 0

    def take(self) -> None:
        """Do the work. A failure is logged, and the next turn comes later with each that follows on it."""
        name, every_s = self.round.name, self.round.every_s
        close_old_connections()
        try:
            more = self.round.work()
        except Exception:
            self.failures += 1
            pause_s = min(every_s * 2.0 ** min(self.failures, MOST_DOUBLINGS), LONGEST_AGAIN_S)
            logger.exception("%s failed, %d in a row; again in %g s", name, self.failures, pause_s)
            close_old_connections()
        else:
            if self.failures:
                logger.warning("%s: goes on after %d failures", name, self.failures)
            self.failures = 0
            pause_s = 0.0 if more else every_s
        self.due_s = time.monotonic() + pause_s


class Lane(threading.Thread):
    """A thread that does its pieces of work one after the other, whichever has been due longest first."""

    def __init__(self, name: str, rounds: Sequence[Round], stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._turns = [_Turn(one) for one in rounds]
        self._told_to_stop = stop

    def run(self) -> None:
        """Go on until told to stop."""
        try:
            while not self._told_to_stop.is_set():
                turn = min(self._turns, key=lambda one: one.due_s)
                if not self._told_to_stop.wait(max(0.0, turn.due_s - time.monotonic())):
                    turn.take()
        finally:
            connections.close_all()


def at_each_site(work: Callable[[Site], object]) -> Callable[[], None]:
    """Work that is done for every site; a site where it fails keeps no other waiting.

    What is returned raises an `ExceptionGroup` of what went wrong, after the last site.
    """

    def at_all() -> None:
        failures = []
        for site in visible(Site, BY).order_by("pk"):
            try:
                work(site)
            except Exception as failure:  # noqa: BLE001  (raised below, with those of the other sites)
                failure.add_note(f"at the site {site.code}")
                failures.append(failure)
        if failures:
            raise ExceptionGroup("it failed at a site", failures)

    return at_all
