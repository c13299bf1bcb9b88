"""The background processes: `now` for what people wait for, `heavy` for what takes its time."""

from __future__ import annotations

import logging
import threading
import time

from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from plantbeat.areas.daily.handoffs.worker import hand_over
from plantbeat.areas.daily.packs.worker import write_due_packs
from plantbeat.areas.daily.routines import occurring as routines
from plantbeat.areas.daily.tiers.escalating import climb_overdue
from plantbeat.areas.execution.andon.escalating import fire_due
from plantbeat.areas.execution.andon.following import Following
from plantbeat.areas.execution.andon.proving import prove
from plantbeat.areas.execution.andon.sending import send_due
from plantbeat.areas.planning.freezing import freeze_begun_shifts
from plantbeat.facts.live.progress import prune
from plantbeat.facts.views.recompute import keep_up
from plantbeat.kernel import clock
from plantbeat.shell.rounds import Lane, Round, at_each_site

logger = logging.getLogger("plantbeat.worker")

POLL_S = {"now": 0.25, "heavy": 0.5}
AGAIN_S = 2.0
"""Pause after the database was busy or away."""
OUTBOX_DAYS = 7


def run(queue: str) -> None:
    """Work on a queue until asked to stop; `now` also does what comes round."""
    stop = threading.Event()
    for name, rounds in lanes().items() if queue == "now" else ():
        Lane(name, rounds, stop).start()
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


def lanes() -> dict[str, list[Round]]:
    """What the `now` process does beside its queue.

    A rung of the ladder is told in time while a mail server keeps a notice waiting, a day full of late facts
    is computed or a shift pack printed.
    """
    return {
        "calls": [
            Round("following the calls for help", 0.5, Following().go_on),
            Round("telling the rungs that are due", 0.5, fire_due),
            Round("proving the way to help", 5, at_each_site(prove)),
        ],
        "notices": [Round("sending notices", 0.5, send_due)],
        "views": [Round("computing the views of the facts", 1, keep_up)],
        "day": [
            Round("handoffs", 10, at_each_site(hand_over)),
            Round("freezing the plans of shifts", 20, at_each_site(freeze_begun_shifts)),
            Round("escalations of tier meetings", 20, climb_overdue),
            Round("shift packs", 20, at_each_site(write_due_packs)),
            Round("routines of the day", 30, at_each_site(routines.make_due)),
            Round("forgetting old messages", 3_600, lambda: prune(OUTBOX_DAYS)),
        ],
    }
