"""A few threads that live as long as the process, so that each keeps its database connection."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connections

logger = logging.getLogger("plantbeat.threads")
T = TypeVar("T")
Work = Callable[[], None]


class Full(Exception):  # noqa: N818  (an answer to the caller, who may try again)
    """Every thread is at work and the queue before them has reached its limit."""


class LastingThreads:
    """`count` threads and the queue before them, of at most `waiting_limit` pieces of work.

    Start and stop it inside the event loop that hands work over. A thread closes its database
    connections when it ends, not between two pieces of work.
    """

    def __init__(self, count: int, *, waiting_limit: int, name: str) -> None:
        self.count, self.waiting_limit, self.name = count, waiting_limit, name
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._at_work = [False] * count
        self._threads: list[threading.Thread] = []

    @property
    def busy(self) -> int:
        """Threads at work now."""
        return sum(self._at_work)

    @property
    def waiting(self) -> int:
        """Pieces of work that no thread has taken yet."""
        return self._queue.qsize()

    @property
    def is_full(self) -> bool:
        """True if `submit` would refuse."""
        return self.waiting >= self.waiting_limit

    def start(self) -> None:
        """Start the threads; without effect if they run."""
        if self._threads:
            return
        for place in range(self.count):
            name = f"{self.name}-{place}"
            thread = threading.Thread(target=self._serve, args=(place,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def submit(self, work: Work, *, always: bool = False) -> None:
        """Queue work that reports its own result; `always` is for going on with what was begun.

        Raises Full.
        """
        if not always and self.is_full:
            raise Full
        self._queue.put(work)

    async def run(self, call: Callable[[], T], *, always: bool = False) -> T:
        """Result of a call made in one of the threads. Raises Full, or whatever the call raises."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            if result.cancelled():
                return
            try:
                made: Any = call()
            except BaseException as error:  # noqa: BLE001  (whoever waits for the result gets it)
                hand_over(loop, _settle, result, None, error)
            else:
                hand_over(loop, _settle, result, made, None)

        self.submit(work, always=always)
        return await result

    async def stop(self, within_s: float) -> None:
        """Let the threads finish what is queued; after `within_s` seconds they are left behind."""
        threads, self._threads = self._threads, []
        for _ in threads:
            self._queue.put(None)
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while any(thread.is_alive() for thread in threads) and loop.time() < until:
            await asyncio.sleep(0.01)
        if left := [thread.name for thread in threads if thread.is_alive()]:
            logger.warning("left behind while still at work: %s", ", ".join(left))

    def _serve(self, place: int) -> None:
        try:
            while (work := self._queue.get()) is not None:
                self._at_work[place] = True
                try:
                    work()
                except BaseException:
                    logger.exception("work in thread %s failed", threading.current_thread().name)
                finally:
                    self._at_work[place] = False
                    del work
        finally:
            connections.close_all()


def hand_over(loop: asyncio.AbstractEventLoop, call: Callable[..., object], *values: object) -> None:
    """Call something in the event loop from a thread; nobody is there to be told once the loop is closed."""
    try:
        loop.call_soon_threadsafe(call, *values)
    except RuntimeError:
        logger.debug("the event loop ended before the thread")


def _settle(result: asyncio.Future[Any], made: Any, error: BaseException | None) -> None:
    if result.done():  # whoever waited has left
        return
    if error is not None:
        result.set_exception(error)
    else:
        result.set_result(made)
