"""Is it well? `/healthz` for load balancers, the door and people; needs no sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Case, Count, Min, When
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet, get_date_max

import plantbeat
from plantbeat.facts import disk
from plantbeat.facts.questions import last_heard_us
from plantbeat.kernel import clock

QUEUES = ("now", "heavy")


@require_GET
def healthz(_request: HttpRequest) -> JsonResponse:
    """Version, database, queue, age of the last fact, room on the disk; 503 while the database is away."""
    try:
        state = _state()
    except DatabaseError:
        state = _unavailable()
    status = 200 if state["status"] == "ok" else 503
    return JsonResponse(state, status=status, headers={"Cache-Control": "no-store"})


def _state() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {
        "status": "ok",
        "version": plantbeat.__version__,
        "database": {"kind": connection.vendor, "ok": True},
        "queue": _queue(),
        "last_fact_age_s": _last_fact_age_s(),
        "disk": _disk(),
    }


def _unavailable() -> dict[str, Any]:
    return {
        "status": "unavailable",
        "version": plantbeat.__version__,
        "database": {"kind": connection.vendor, "ok": False},
        "queue": None,
        "last_fact_age_s": None,
        "disk": _disk(),
    }


def waiting_tasks() -> dict[str, tuple[int, datetime]]:
    """Tasks that wait for a worker, and since when the oldest does, by queue."""
    due = Case(When(run_after=get_date_max(), then="enqueued_at"), default="run_after")
    ready = DBTaskResultQuerySet(DBTaskResult).ready().order_by()
    rows = ready.values_list("queue_name").annotate(Count("id"), since=Min(due))
    return {queue: (count, since) for queue, count, since in rows}


def _queue() -> dict[str, int | float | None]:
    waiting = waiting_tasks()
    oldest = min((since for _count, since in waiting.values()), default=None)
    # Tasks are dated by the machine's own clock, whatever the plant's shows.
    age_s = None if oldest is None else max(0, clock.real_us() - clock.to_us(oldest)) / 1e6
    return {queue: waiting[queue][0] if queue in waiting else 0 for queue in QUEUES} | {"oldest_s": age_s}


def _disk() -> dict[str, int | bool]:
    """Bytes; while `ok` is false, facts and imports are refused and everything else goes on."""
    left = disk.room()
    return {"free": left.free, "least_free": left.least, "ok": left.suffices}


def _last_fact_age_s() -> float | None:
    """Seconds since the last fact was received; None before the first."""
    last = last_heard_us()
    return None if last is None else max(0, clock.now_us() - last) / 1e6
