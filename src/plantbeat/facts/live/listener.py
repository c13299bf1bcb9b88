"""One screen's end of the hub: a short queue that never makes anybody else wait."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from plantbeat.kernel import clock

if TYPE_CHECKING:
    from plantbeat.facts.live.audience import Audience, Credentials
    from plantbeat.facts.live.channel import Channel

QUEUE = 8
COMMENT = b": still here\n\n"


def event(name: str, data: Any, last_id: int | None = None) -> bytes:
    """A server-sent event (WHATWG HTML, 9.2) with JSON as data."""
    number = "" if last_id is None else f"id: {last_id}\n"
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{number}event: {name}\ndata: {text}\n\n".encode()


def beat() -> bytes:
    """Says that nothing newer is known than what the screen shows."""
    return event("beat", {"at_us": clock.now_us()})


class Listener:
    """A connected screen. When it is too slow its queue is dropped and it gets whole frames instead."""

    def __init__(
        self, channels: Iterable[Channel], credentials: Credentials, audience: Audience, now_s: float
    ) -> None:
        self.channels = list(channels)
        self.credentials, self.audience = credentials, audience
        self.checked_s = now_s
        self.sending_since_s: float | None = None
        self.task: asyncio.Task[Any] | None = None
        self.closed = self.aborted = False
        self._ready = asyncio.Event()
        self._queue: deque[bytes] = deque()
        self._behind = True
        self._note = b""
        self._ready.set()

    @property
    def is_fresh(self) -> bool:
        """True if all that the screen shows has been verified just now."""
        return all(channel.is_fresh for channel in self.channels)

    def put(self, frame: bytes) -> None:
        """Queue a change; the screen that cannot keep up loses old ones."""
        if self._behind:
            return
        if len(self._queue) >= QUEUE:
            self._queue.clear()
            self._behind = True
        else:
            self._queue.append(frame)
        self._ready.set()

    def note(self, note: bytes) -> None:
        """Leave a beat or a comment; one that was not sent yet is replaced."""
        self._note = note
        self._ready.set()

    def close(self) -> None:
        """End the stream after what is being sent."""
        self.closed = True
        self._ready.set()

    def abort(self) -> None:
        """End the stream though something is still being sent: nobody takes it."""
        self.aborted = True
        self.close()
        if self.task is not None:
            self.task.cancel()

    async def take(self) -> bytes:
        """All there is to send, as soon as there is something; nothing once the stream is closed."""
        await self._ready.wait()
        self._ready.clear()
        if self.closed:
            return b""
        if self._behind:
            self._behind = False
            parts = [self._snapshot()]
            if self.is_fresh:
                parts.append(beat())
        else:
            parts = list(self._queue)
        parts.append(self._note)
        self._queue.clear()
        self._note = b""
        return b"".join(parts)

    def _snapshot(self) -> bytes:
        """Everything the screen shows, in one event: what is not in it is gone."""
        if len(self.channels) == 1:
            return self.channels[0].snapshot()
        shown: dict[str, Any] = {}
        for channel in self.channels:
            shown |= channel.frame
        return event("snapshot", shown, max(channel.last_id for channel in self.channels))
