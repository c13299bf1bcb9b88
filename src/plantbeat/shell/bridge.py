"""Pages behind the asynchronous server: the WSGI application, run in a few lasting threads.

Under ASGI the framework hops between threads in every middleware and opens a database connection per
request; in lasting threads a page costs a seventh of that and the connections stay open. A thread is held
while an answer is made, not while a slow client reads it: small answers are handed over whole, streams up
to a window ahead, files are read piece by piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from io import BytesIO
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, BinaryIO, cast

from django.utils.translation import gettext as _

from plantbeat.shell import logs
from plantbeat.shell.environ import WholeFile, environ_of
from plantbeat.shell.lasting_threads import Full, LastingThreads
from plantbeat.shell.outlet import STALL_S, WINDOW, Abandoned, Head, Outlet, Readable
from plantbeat.shell.plain_answers import plain_answer

logger = logging.getLogger("plantbeat.bridge")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Failure = tuple[type[BaseException], BaseException, TracebackType]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

MEGABYTE = 1024 * 1024
PIECE = MEGABYTE // 4
RETRY_S = 2
LINGER_S = 2.0
BODILESS = {204, 304}
CONNECTION_HEADERS = {b"connection", b"keep-alive", b"transfer-encoding"}


class Refusal(Exception):  # noqa: N818  (an answer, not a fault of the program)
    """A request the bridge answers itself."""

    def __init__(self, status: int, sentence: str, *, retry_s: int | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.retry_s = status, sentence, retry_s


class Left(Exception):  # noqa: N818  (nobody is there to be told)
    """The client has gone before its request was complete."""


class Bridge:
    """An ASGI application made of a WSGI one; the threads are started and stopped by whoever made them."""

    def __init__(
        self,
        wsgi: Wsgi,
        threads: LastingThreads,
        *,
        largest_body: int = 100 * MEGABYTE,
        stall_s: float = STALL_S,
        waiting_s: float = 20.0,
        window: int = WINDOW,
    ) -> None:
        self.wsgi, self.threads = wsgi, threads
        self.largest_body, self.stall_s = largest_body, stall_s
        self.waiting_s, self.window = waiting_s, window
        self.refused: dict[int, int] = {408: 0, 413: 0, 500: 0, 503: 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "no WebSocket here"})
            return
        request_id = secrets.token_hex(8)
        try:
            await self._exchange(scope, receive, send, request_id)
        except Left:
            return
        except Refusal as refusal:
            self.refused[refusal.status] += 1
            await self._refuse(scope, receive, send, refusal, request_id)

    async def _exchange(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        if self.threads.is_full:
            raise _busy()
        body, length = await self._body(scope, receive)
        outlet = Outlet(asyncio.get_running_loop(), window=self.window, stall_s=self.stall_s)
        environ = environ_of(scope, body, length, request_id)
        will_wait = self.threads.busy + self.threads.waiting >= self.threads.count
        with Watch(receive, outlet) as watch:
            if will_wait:
                watch.begin(self.waiting_s)
            try:
                self.threads.submit(partial(self._answer, environ, outlet))
            except Full:
                body.close()
                raise _busy() from None
            data = await outlet.take()
            if not outlet.begun:
                raise Left if watch.left else _busy()
            await self._deliver(scope["method"], send, outlet, data, watch)

    # --- the request ---

    async def _body(self, scope: Scope, receive: Receive) -> tuple[BinaryIO, int]:
        """The body and its length; beyond a megabyte it lies on disk."""
        sizes = dict(scope["headers"])
        declared = sizes.get(b"content-length", b"")
        if not declared and b"transfer-encoding" not in sizes and scope["http_version"] != "2":
            return BytesIO(), 0
        if declared.isdigit() and int(declared) > self.largest_body:
            raise self._too_large()
        kept = cast("BinaryIO", SpooledTemporaryFile(max_size=MEGABYTE))  # noqa: SIM115 (closed by the page thread)
        length, more = 0, True
        try:
            while more:
                message = await self._next_message(receive)
                chunk, more = message.get("body", b""), message.get("more_body", False)
                length += len(chunk)
                if length > self.largest_body:
                    raise self._too_large()
                kept.write(chunk)
        except BaseException:
            kept.close()
            raise
        kept.seek(0)
        return kept, length

    async def _next_message(self, receive: Receive) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self.stall_s):
                message = await receive()
        except TimeoutError:
            raise Refusal(408, _("The request stopped arriving half way.")) from None
        if message["type"] == "http.disconnect":
            raise Left
        return message

    def _too_large(self) -> Refusal:
        limit = self.largest_body // MEGABYTE or 1
        return Refusal(413, _("What was sent is too large; at most %(n)s MB are allowed.") % {"n": limit})

    # --- in a page thread ---

    def _answer(self, environ: dict[str, Any], outlet: Outlet) -> None:
        """Run the application and put what it says into the outlet."""
        token = logs.request_id.set(environ["plantbeat.request_id"])
        try:
            if not outlet.begin():
                return
            outlet.end(file=self._produce(environ, outlet))
        except Abandoned as gone:
            outlet.end(gone)
        except BaseException as error:
            logger.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            outlet.end(error)
        finally:
            environ["wsgi.input"].close()
            logs.request_id.reset(token)

    def _produce(self, environ: dict[str, Any], outlet: Outlet) -> Readable | None:
        """Make the answer; what is returned is a file whose rest is still to be sent."""

        def start_response(
            status: str, headers: list[tuple[str, str]], failure: Failure | None = None
        ) -> Callable[[bytes], None]:
            if failure is not None and outlet.head is not None:
                raise failure[1].with_traceback(failure[2])
            outlet.head = _head(status, headers)
            return outlet.put

        result = self.wsgi(environ, start_response)
        rest: Readable | None = None
        try:
            if outlet.head is not None and _is_bodiless(environ["REQUEST_METHOD"], outlet.head):
                return None
            if isinstance(result, WholeFile):
                rest = _first_of(result.file, outlet)
                return rest
            at_once = getattr(result, "streaming", True)
            for chunk in result:
                if chunk:
                    outlet.put(chunk, at_once=at_once)
            return None
        finally:
            if rest is None and (close := getattr(result, "close", None)) is not None:
                close()

    # --- the answer ---

    async def _deliver(self, method: str, send: Send, outlet: Outlet, data: bytes, watch: Watch) -> None:
        head = outlet.head
        if head is None:
            if watch.left:
                raise Left
            raise Refusal(500, _("Something went wrong here. It has been logged under the reference below."))
        bodiless = _is_bodiless(method, head)
        complete = outlet.drained and outlet.file is None and outlet.error is None
        headers = head.headers
        if head.status in BODILESS:
            headers = [pair for pair in headers if pair[0] != b"content-length"]
        elif complete and not bodiless and head.value(b"content-length") is None:
            headers = [*headers, (b"content-length", str(len(data)).encode())]
        await send({"type": "http.response.start", "status": head.status, "headers": headers})
        if bodiless:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        sender = Sender(send, head)
        if complete:
            await sender.send(data, last=True)
        else:
            watch.begin()
            await self._stream(sender, outlet, data)

    async def _stream(self, sender: Sender, outlet: Outlet, data: bytes) -> None:
        await sender.send(data)
        while not (outlet.drained or outlet.abandoned):
            await sender.send(await outlet.take())
        if (file := outlet.file) is not None:
            try:
                while not outlet.abandoned and (data := await self._read(file)):
                    await sender.send(data)
            finally:
                self.threads.submit(cast("Callable[[], None]", file.close), always=True)
        # An answer that broke off is left incomplete, so that the client can tell.
        if outlet.error is None and not outlet.abandoned:
            await sender.send(b"", last=True)

    async def _read(self, file: Readable) -> bytes:
        return await self.threads.run(partial(file.read, PIECE), always=True)

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, refusal: Refusal, request_id: str
    ) -> None:
        status, sentence = refusal.status, refusal.sentence
        headers, body = plain_answer(scope, status, sentence, request_id, retry_s=refusal.retry_s)
        half_read = status in (408, 413)
        if half_read:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": half_read})
        if not half_read:
            return
        # Closing while the client still sends would make it lose this answer: read on for a moment.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                message = await receive()
                while message["type"] != "http.disconnect" and message.get("more_body"):
                    message = await receive()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Watch:
    """Gives an answer up when its client leaves, or when no thread has taken the request in time."""

    def __init__(self, receive: Receive, outlet: Outlet) -> None:
        self.left = False
        self._receive, self._outlet = receive, outlet
        self._leaving: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Watch:
        return self

    def begin(self, waiting_s: float | None = None) -> None:
        """Watch from now on. Answers that are handed over whole, at once, are not worth it."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._watch())
        if waiting_s is not None:
            self._timer = asyncio.get_running_loop().call_later(waiting_s, self._too_late)

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.left = True
        self._outlet.abandon()

    def _too_late(self) -> None:
        if not self._outlet.begun:
            self._outlet.abandon()

    def __exit__(self, *failure: object) -> None:
        self._outlet.abandon()
        if self._leaving is not None:
            self._leaving.cancel()
        if self._timer is not None:
            self._timer.cancel()


class Sender:
    """Sends body bytes and keeps to the length the head promised."""

    def __init__(self, send: Send, head: Head) -> None:
        promised = head.value(b"content-length")
        self._left = int(promised) if promised is not None else None
        self._send = send

    async def send(self, data: bytes, *, last: bool = False) -> None:
        """Send a piece; what goes beyond the promised length is cut off."""
        if self._left is not None:
            if len(data) > self._left:
                logger.error("an answer was %d bytes longer than its Content-Length", len(data) - self._left)
                data = data[: self._left]
            self._left -= len(data)
        if last and self._left:
            logger.error("an answer was %d bytes shorter than its Content-Length", self._left)
            return
        if data or last:
            await self._send({"type": "http.response.body", "body": data, "more_body": not last})


def _is_bodiless(method: str, head: Head) -> bool:
    return method == "HEAD" or head.status in BODILESS


def _busy() -> Refusal:
    return Refusal(503, _("The server is busy; please try again in a moment."), retry_s=RETRY_S)


def _head(status: str, headers: list[tuple[str, str]]) -> Head:
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Head(int(status[:3]), [pair for pair in pairs if pair[0] not in CONNECTION_HEADERS])


def _first_of(file: Readable, outlet: Outlet) -> Readable | None:
    """Hand over the beginning of a file; the file itself if there is more."""
    sent = 0
    while sent < PIECE:
        data = file.read(PIECE)
        if not data:
            return None
        outlet.put(data, at_once=False)
        sent += len(data)
    return file
