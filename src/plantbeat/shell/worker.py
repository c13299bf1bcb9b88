"""The background processes: `now` for what people wait for, `heavy` for what takes its time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from plantbeat.areas.daily.handoffs.worker import hand_over
from plantbeat.areas.daily.packs.worker import write_packs
from plantbeat.areas.daily.routines.occurring import keep_routines
from plantbeat.areas.daily.tiers.escalating import raise_overdue
from plantbeat.areas.execution.andon.escalating import climb_ladders
from plantbeat.areas.execution.andon.following import follow_calls
from plantbeat.areas.execution.andon.proving import prove_ways
from plantbeat.areas.execution.andon.sending import send_notices
from plantbeat.areas.planning.freezing import freeze_plans
from plantbeat.facts.live.progress import prune
from plantbeat.facts.views.worker import run_dirty_days
from plantbeat.kernel import clock

logger = logging.getLogger("plantbeat.worker")

POLL_S = {"now": 0.25, "heavy": 0.5}
AGAIN_S = 2.0
"""Pause after the database was busy or away."""
OUTBOX_DAYS = 7
HOUR_S = 3600.0
Ticker = Callable[[threading.Event], None]


def run(queue: str) -> None:
    """Work on a queue until asked to stop; `now` also keeps the views of the facts up to date."""
    stop = threading.Event()
    for ticker in tickers() if queue == "now" else []:
        threading.Thread(target=_lasting, args=(ticker, stop), name=ticker.__name__, daemon=True).start()
    worker = PatientWorker(
        queue_names=[queue],
        interval=POLL_S[queue],
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{queue}-{clock.real_us()}",
        excluded_queue_names=[],
    )
    worker.configure_signals()
    try:
        worker.run_on()
    finally:
        stop.set()


class PatientWorker(Worker):
    """Waits for a database that is busy or away, and takes its lock only for work that is there.

    The package's own loop takes SQLite's one write lock at each look, and ends the process when somebody else
    holds it for long.
    """

    def run_on(self) -> None:
        """Work off what is ready, again and again, until asked to stop."""
        while self.running:
            try:
                close_old_connections()
                if self._has_work():
                    self.run()
            except (InterfaceError, OperationalError) as busy:
                logger.warning("the queue cannot be read now (%s); going on in a moment", busy)
                connection.close()
                self._sleep(AGAIN_S)
            else:
                self._sleep(self.interval)

    def _has_work(self) -> bool:
        ready = DBTaskResultQuerySet(DBTaskResult).ready().filter(backend_name=self.backend_name)
        return bool(ready.filter(queue_name__in=self.queue_names).exists())

    def _sleep(self, seconds: float) -> None:
        if self.running:
            time.sleep(seconds)


def tickers() -> list[Ticker]:
    """What the `now` process does beside its queue."""
    return [
        run_dirty_days,
        freeze_plans,
        prune_outbox,
        raise_overdue,
        keep_routines,
        follow_calls,
        climb_ladders,
        send_notices,
        prove_ways,
        hand_over,
        write_packs,
    ]


def prune_outbox(stop: threading.Event) -> None:
    """Forget messages that every reader has had a week for."""
    while not stop.wait(HOUR_S):
        prune(OUTBOX_DAYS)


def _lasting(ticker: Ticker, stop: threading.Event) -> None:
    """A ticker that fails says so and goes on."""
    while not stop.is_set():
        try:
            ticker(stop)
        except Exception:
            logger.exception("%s failed; starting it again", ticker.__name__)
            close_old_connections()
            stop.wait(5)
