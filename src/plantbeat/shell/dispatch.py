"""One process, one port: facts and live boards stay asynchronous, pages go over the bridge.

`PLANTBEAT_ROLE` splits one installation over processes: `all`, `pages`, `ingest`, `live` or `worker`. Every
role answers `/healthz` and `/metrics`; a worker nothing else. Nothing that must be right lives in one
process's memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from django.utils.translation import gettext as _

from plantbeat.facts.live.hub import Hub
from plantbeat.facts.live.request import PREFIX as LIVE
from plantbeat.shell.bridge import Bridge, Receive, Scope, Send, Wsgi
from plantbeat.shell.lasting_threads import LastingThreads
from plantbeat.shell.measuring import counted, measure
from plantbeat.shell.plain_answers import plain_answer

logger = logging.getLogger("plantbeat.serve")

INGEST = "/ingest/"
ALWAYS = ("/healthz", "/metrics")
PAGE_THREADS = 8
WAITING = 64
LIVE_THREADS = 2
STOP_S = 1.0

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class Role(StrEnum):
    """What a process of the installation does."""

    all = "all"
    pages = "pages"
    ingest = "ingest"
    live = "live"
    worker = "worker"


@dataclass(frozen=True, slots=True)
class Part:
    """An application of its own under one prefix."""

    serve: Asgi
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]


class Dispatcher:
    """The ASGI application of one process."""

    def __init__(
        self, role: Role, pages: Bridge, *, live: Hub | None = None, ingest: Part | None = None
    ) -> None:
        self.role, self.pages, self.live, self.ingest = role, pages, live, ingest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the part it is for."""
        if scope["type"] == "lifespan":
            await self._live_long(receive, send)
        elif scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "no WebSocket here"})
        else:
            await self._part(scope["path"])(scope, receive, send)

    def _part(self, path: str) -> Asgi:
        if path.startswith(INGEST):
            return self.ingest.serve if self.ingest is not None else self._elsewhere
        if path.startswith(LIVE):
            return self.live if self.live is not None else self._elsewhere
        if self.role in (Role.all, Role.pages) or path in ALWAYS:
            return self.pages
        return self._elsewhere

    async def _elsewhere(self, scope: Scope, _receive: Receive, send: Send) -> None:
        sentence = _("This process has the role “%(role)s” and does not serve this address.") % {
            "role": self.role
        }
        headers, body = plain_answer(scope, 404, sentence, secrets.token_hex(8))
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def end_streams(self) -> None:
        """Let boards go, so that a stop need not wait for them."""
        if self.live is not None:
            await self.live.end_streams()

    # --- start and stop ---

    async def _live_long(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._start()
        except Exception as error:
            logger.exception("the server could not start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self) -> None:
        self.pages.threads.start()
        if self.live is not None:
            await self.live.start()
        if self.ingest is not None:
            await self.ingest.start()

    async def _stop(self) -> None:
        if self.live is not None:
            await self.live.stop()
        if self.ingest is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await self.ingest.stop()
        await self.pages.threads.stop(STOP_S)


def assembled(role: str, wsgi: Wsgi) -> Dispatcher:
    """The application of a role, with what it mounts. Raises ValueError for a role there is not."""
    if role not in list(Role):
        raise ValueError(f"PLANTBEAT_ROLE is “{role}”; allowed are {', '.join(Role)}")
    chosen = Role(role)
    pages = Bridge(wsgi, LastingThreads(PAGE_THREADS, waiting_limit=WAITING, name="pages"))
    live = ingest = None
    if chosen in (Role.all, Role.live):
        live = Hub(LastingThreads(LIVE_THREADS, waiting_limit=10 * WAITING, name="live"))
    if chosen in (Role.all, Role.ingest):
        module = import_module("plantbeat.facts.ingest")
        ingest = Part(counted(module.ingest), module.startup, module.shutdown)
    measure(pages, live)
    return Dispatcher(chosen, pages, live=live, ingest=ingest)
