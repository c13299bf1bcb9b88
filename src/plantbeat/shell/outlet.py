"""The way of one answer from the page thread that makes it to the event loop that sends it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Protocol

from plantbeat.shell.lasting_threads import hand_over

WINDOW = 4 * 1024 * 1024
"""Bytes made ahead of what the client has taken; then the thread waits."""
STALL_S = 60.0
"""A client that takes nothing for so long has left."""


class Abandoned(Exception):  # noqa: N818  (nothing is wrong: nobody listens any more)
    """The client has left, or takes nothing; there is no use in making more."""


class Readable(Protocol):
    """A file, as far as an answer needs it."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""

    def close(self) -> object:
        """Let go of it."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer (names in lower case)."""

    status: int
    headers: list[tuple[bytes, bytes]]

    def value(self, name: bytes) -> bytes | None:
        """Value of a header, None without it."""
        return next((value for header, value in self.headers if header == name), None)


class Outlet:
    """Head and chunks of one answer: in by `begin`, `put`, `end` (thread), out by `take` (event loop)."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, window: int = WINDOW, stall_s: float = STALL_S
    ) -> None:
        self.head: Head | None = None
        self.begun = self.abandoned = False
        self.drained = False
        """What `take` returned last was all; then `error` and `file` tell how it ended."""
        self.error: BaseException | None = None
        self.file: Readable | None = None
        self._loop, self._window, self._stall_s = loop, window, stall_s
        self._taken = threading.Condition()
        self._ready = asyncio.Event()
        self._woken = self._ended = False
        self._chunks: list[bytes] = []
        self._held = 0

    def begin(self) -> bool:
        """A thread has the request in hand; False if there is no use any more."""
        with self._taken:
            self.begun = not self.abandoned
            return self.begun

    def put(self, chunk: bytes, *, at_once: bool = True) -> None:
        """Add a chunk; waits while the window is full. Without `at_once` it may wait for the end.

        Raises Abandoned.
        """
        with self._taken:
            if self._held >= self._window:
                self._wake()
                self._taken.wait_for(lambda: self._held < self._window or self.abandoned, self._stall_s)
            if self.abandoned or self._held >= self._window:
                raise Abandoned
            self._chunks.append(chunk)
            self._held += len(chunk)
            if at_once:
                self._wake()

    def end(self, error: BaseException | None = None, *, file: Readable | None = None) -> None:
        """Nothing more comes from this thread; what is left to send may be in a file."""
        with self._taken:
            self.error, self.file, self._ended = error, file, True
            self._wake()

    def _wake(self) -> None:
        if not self._woken:
            self._woken = True
            hand_over(self._loop, self._ready.set)

    async def take(self) -> bytes:
        """What was made since the last call; comes back when there is something new, or the end."""
        await self._ready.wait()
        with self._taken:
            self._ready.clear()
            self._woken = False
            self.drained = self._ended
            chunks, self._chunks, self._held = self._chunks, [], 0
            self._taken.notify()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def abandon(self) -> None:
        """The client has left: whoever makes the answer stops at its next chunk."""
        with self._taken:
            self.abandoned = True
            self._taken.notify()
        self._ready.set()
