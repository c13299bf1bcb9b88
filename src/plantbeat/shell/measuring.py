"""Which figures `/metrics` shows of the parts of a process and of the database they share."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.db.models import Max, QuerySet

from plantbeat.facts.live.hub import Hub
from plantbeat.facts.models import FactBlock
from plantbeat.facts.questions import quarantined
from plantbeat.kernel.access import Actor
from plantbeat.shell import metrics
from plantbeat.shell.bridge import Bridge, Receive, Scope, Send
from plantbeat.shell.health import waiting_tasks

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


def measure(pages: Bridge, live: Hub | None) -> None:
    """Have `/metrics` show the page threads, the screens, the fact log and the task queues."""
    threads = pages.threads
    metrics.reading("plantbeat_page_threads", "Page threads.", lambda: threads.count)
    metrics.reading("plantbeat_page_threads_busy", "Page threads at work.", lambda: threads.busy)
    metrics.reading("plantbeat_page_queue", "Requests that wait for a page thread.", lambda: threads.waiting)
    metrics.reading(
        "plantbeat_refused_total",
        "Requests the server answered without a page.",
        lambda: {(str(status),): count for status, count in pages.refused.items()},
        labels=("status",),
        kind="counter",
    )
    metrics.reading("plantbeat_facts_total", "Facts in the log.", _facts, kind="counter")
    metrics.reading("plantbeat_quarantined", "Facts in quarantine.", _quarantined)
    metrics.reading(
        "plantbeat_tasks_waiting",
        "Tasks that wait for a worker.",
        lambda: {(queue,): count for queue, (count, _since) in waiting_tasks().items()},
        labels=("queue",),
    )
    if live is not None:
        metrics.reading("plantbeat_live_clients", "Connected screens.", lambda: len(live.listeners))
        metrics.reading("plantbeat_live_frames", "Frames kept up to date.", lambda: len(live.channels))
        metrics.reading(
            "plantbeat_live_sent_total", "Messages to screens.", lambda: live.sent, kind="counter"
        )


def _facts() -> int:
    """Last place in the log: places are given without holes."""
    return int(QuerySet(FactBlock).aggregate(last=Max("last_lsn"))["last"] or 0)


def _quarantined() -> int:
    return quarantined(Actor.system("metrics")).count()


def counted(serve: Asgi) -> Asgi:
    """Ingest, with its answers counted by status and timed."""

    async def ingest(scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()

        async def noted(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                metrics.INGESTED.add(str(message["status"]))
                metrics.INGEST_TIMES.observe(time.perf_counter() - started)
            await send(message)

        await serve(scope, receive, noted)

    return ingest
