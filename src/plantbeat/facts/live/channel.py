"""One frame, computed once for all the screens that show it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.db import close_old_connections
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from plantbeat.facts.live.audience import Audience
from plantbeat.facts.live.listener import Listener, event
from plantbeat.facts.live.topics import Message, Topic
from plantbeat.kernel.problems import Kind, Refused

logger = logging.getLogger("plantbeat.live")
T = TypeVar("T")

GAP_S = 0.25
"""At most four frames a second."""
SHARE = 4
"""A frame takes at most a quarter of one thread's time, however long it is in the making.

One that is slow for once (the first, or one that waited for others) does not make its screens wait.
"""
ASKED_AT_MOST = 200
LATE_S = 5.0


class Runner(Protocol):
    """Threads in which questions are asked."""

    def start(self) -> None:
        """Start them."""

    async def stop(self, within_s: float) -> None:
        """End them."""

    async def run(self, call: Callable[[], T]) -> T:
        """Result of the call."""


class Key(NamedTuple):
    """What is shown to whom."""

    topic: Topic
    key: str
    audience: Audience


class Channel:
    """The frame of one key for one audience, kept up to date while somebody watches."""

    def __init__(
        self, key: Key, runner: Runner, last_id: Callable[[], int], is_current: Callable[[], bool]
    ) -> None:
        self.key = key
        self.listeners: set[Listener] = set()
        self.frame: dict[str, Any] = {}
        self.ended = False
        self._runner, self._newest_id, self._is_current = runner, last_id, is_current
        self._loop = asyncio.get_running_loop()
        self.last_id = 0
        self._verified_s = float("-inf")
        self._snapshot: bytes | None = None
        self._changed = asyncio.Event()
        self._first: asyncio.Future[None] = self._loop.create_future()
        self._task = asyncio.create_task(self._keep())

    @property
    def is_fresh(self) -> bool:
        """True if the frame was verified in time and the database is being watched."""
        return self._is_current() and self._loop.time() - self._verified_s < self.key.topic.every_s + LATE_S

    async def ready(self) -> None:
        """Wait for the first frame. Raises what the question raised."""
        await asyncio.shield(self._first)

    def touched_by(self, messages: Iterable[Message]) -> None:
        """Compute anew if one of the messages of this site can have changed the frame."""
        concern = self.key.topic.concern
        for asked, message in enumerate(messages):
            if concern is None or asked >= ASKED_AT_MOST or concern(message, self.key.key):
                self._changed.set()
                return

    def touch(self) -> None:
        """Compute anew, soon."""
        self._changed.set()

    def snapshot(self) -> bytes:
        """The whole frame as an event."""
        if self._snapshot is None:
            self._snapshot = event("snapshot", self.frame, self.last_id)
        return self._snapshot

    def stop(self) -> None:
        """Nobody watches any more."""
        self._task.cancel()
        self._end(Refused(_("The server is being stopped."), Kind.busy))

    async def _keep(self) -> None:
        usual = 0.0
        while True:
            started = self._loop.time()
            self._changed.clear()
            last_id = self._newest_id()
            try:
                self._publish(await self._runner.run(self._asked), last_id)
            except Refused as refused:
                self._end(refused)
                return
            except Exception as error:
                if not self._first.done():
                    self._end(error)
                    return
                logger.exception("live frame %s/%s failed", self.key.topic.name, self.key.key)
            took = self._loop.time() - started
            await asyncio.sleep(max(GAP_S - took, SHARE * min(took, usual) - took, 0.0))
            usual = took
            try:
                async with asyncio.timeout_at(started + self.key.topic.every_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _asked(self) -> dict[str, Any]:
        """Ask the question as this audience would see it. Runs in a thread."""
        topic, key, audience = self.key
        close_old_connections()
        with timezone.override(ZoneInfo(audience.zone)), translation.override(audience.language):
            return dict(topic.frame(key, audience.actor()))

    def _publish(self, frame: dict[str, Any], last_id: int) -> None:
        before, self.frame = self.frame, frame
        self.last_id, self._verified_s = last_id, self._loop.time()
        if not self._first.done():
            self._first.set_result(None)
        delta = {name: shown for name, shown in frame.items() if before.get(name) != shown}
        delta |= dict.fromkeys(before.keys() - frame.keys())
        if not delta:
            return
        self._snapshot = None
        encoded = event("delta", delta, last_id)
        for listener in self.listeners:
            listener.put(encoded)

    def _end(self, error: Exception) -> None:
        self.ended = True
        if not self._first.done():
            self._first.set_exception(error)
        self._first.exception()  # whoever waits has it; nobody else needs to hear of it
        for listener in self.listeners:
            listener.close()
