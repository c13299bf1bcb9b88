"""Many requests, one transaction: the one writer thread of a process, and the bounded queue before it.

While one group is committed the next gathers, so the group grows with the load and one disk flush serves all
of it. The queue holds what fits; beyond that a source is told to come again. Nothing is dropped in memory: an
answer is given only after the commit, and whoever gets none sends again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from queue import Empty, SimpleQueue
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from plantbeat.facts.batch import Batch, Receipt
from plantbeat.facts.disk import is_full
from plantbeat.facts.log import append_all
from plantbeat.kernel.problems import Refused

logger = logging.getLogger("plantbeat.ingest")

MOST_PER_COMMIT = 5_000
MOST_WAITING = 50_000
MOST_WAITING_BYTES = 64 * 1024 * 1024
MOST_OF_ONE_SOURCE = MOST_WAITING // 2
"""Facts: in one commit (a larger request is one commit of its own), before the writer, and of one source."""


class Setback(Enum):
    """Why a batch was not stored although nothing is wrong with it that we know of."""

    busy = "busy"
    failed = "failed"
    full = "full"


Outcome = Receipt | Refused | Setback


class QueueFull(Exception):  # noqa: N818  (a refusal is an answer, not an error of the program)
    """No room before the writer; `by_source`: because of what the same source has waiting already."""

    def __init__(self, by_source: bool) -> None:
        super().__init__("the queue of the ingest writer is full")
        self.by_source = by_source


@dataclass(frozen=True, slots=True)
class _Ticket:
    batch: Batch
    size: int
    future: asyncio.Future[Outcome]


@dataclass(frozen=True, slots=True)
class _Call:
    work: Callable[[], Any]
    future: asyncio.Future[Any]


class GroupCommit:
    """The writer thread and its queue; made, offered to and delivering on one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Ticket | _Call | None] = SimpleQueue()
        self._waiting = self._waiting_bytes = 0
        self._of_source: Counter[int] = Counter()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="ingest-writer", daemon=True)
        self._thread.start()

    def offer(self, batch: Batch, size: int) -> asyncio.Future[Outcome]:
        """Queue a batch of `size` bytes; the future tells what became of it. Raises `QueueFull`."""
        facts = max(len(batch.arrivals), 1)
        if self._closed or (self._waiting and self._overflows(facts, size)):
            raise QueueFull(by_source=False)
        others = self._of_source[batch.source_id]
        if others and others + facts > MOST_OF_ONE_SOURCE:
            raise QueueFull(by_source=True)
        ticket = _Ticket(batch, size, self.loop.create_future())
        self._count(ticket, 1)
        self._queue.put(ticket)
        return ticket.future

    def call(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        """Run something short in the writer thread, which has the database connection."""
        call = _Call(work, self.loop.create_future())
        self._queue.put(call)
        return call.future

    async def close(self) -> None:
        """Take nothing more, commit what is queued, end the thread."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _overflows(self, facts: int, size: int) -> bool:
        return self._waiting + facts > MOST_WAITING or self._waiting_bytes + size > MOST_WAITING_BYTES

    def _count(self, ticket: _Ticket, sign: int) -> None:
        facts = max(len(ticket.batch.arrivals), 1)
        self._waiting += sign * facts
        self._waiting_bytes += sign * ticket.size
        self._of_source[ticket.batch.source_id] += sign * facts
        if not self._of_source[ticket.batch.source_id]:
            del self._of_source[ticket.batch.source_id]

    def _run(self) -> None:
        try:
            while self._serve(self._gathered()):
                pass
        finally:
            connection.close()

    def _gathered(self) -> list[_Ticket | _Call | None]:
        """What waits, at least one; a group ends at the size of one commit, and at the end of work."""
        group = [self._queue.get()]
        facts = _facts_of(group[0])
        while group[-1] is not None and facts < MOST_PER_COMMIT:
            try:
                group.append(self._queue.get_nowait())
            except Empty:
                break
            facts += _facts_of(group[-1])
        return group

    def _serve(self, group: Sequence[_Ticket | _Call | None]) -> bool:
        """Do a group and hand out the outcomes; False at the end of work."""
        tickets = [item for item in group if isinstance(item, _Ticket)]
        if tickets:
            outcomes = committed([ticket.batch for ticket in tickets])
            self._hand_over(self._deliver, list(zip(tickets, outcomes, strict=True)))
        for item in group:
            if isinstance(item, _Call):
                self._hand_over(_resolve, item.future, _done(item.work))
        return group[-1] is not None

    def _hand_over(self, what: Callable[..., None], *args: Any) -> None:
        try:
            self.loop.call_soon_threadsafe(what, *args)
        except RuntimeError:
            logger.info("the server stopped before an answer could be given")

    def _deliver(self, outcomes: Sequence[tuple[_Ticket, Outcome]]) -> None:
        for ticket, outcome in outcomes:
            self._count(ticket, -1)
            _resolve(ticket.future, outcome)


def committed(batches: list[Batch]) -> list[Outcome]:
    """Append batches in one transaction; if that fails, each alone, so that one never spoils the others."""
    try:
        return list(append_all(batches))
    except (OperationalError, InterfaceError) as error:
        connection.close()
        logger.warning("facts could not be stored: %s", error)
        return [Setback.full if is_full(error) else Setback.busy] * len(batches)
    except Exception:
        if len(batches) > 1:
            return [outcome for batch in batches for outcome in committed([batch])]
        logger.exception("a batch of source %s could not be stored", batches[0].source_id)
        return [Setback.failed]


def _facts_of(item: _Ticket | _Call | None) -> int:
    return len(item.batch.arrivals) if isinstance(item, _Ticket) else 0


def _done(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        return Setback.busy
    except Exception:
        logger.exception("a question of the ingest door could not be answered")
        return Setback.failed


def _resolve(future: asyncio.Future[Any], result: Any) -> None:
    """A client that has left has cancelled its future; the others still get theirs."""
    if not future.done():
        future.set_result(result)
