"""Server-sent events for boards: one hub per process, one frame per audience, one queue per screen.

`GET /live/<topic>/<key>` or `GET /live/?watch=<topic>/<key>&watch=…`, `?site=CODE` as on
pages, `?lang=` the language of the page. Events:

- `snapshot`: all that is watched; first of all, and again for a screen that fell behind. What is not in it
  is gone.
- `delta`: what differs; null means gone.
- `beat`: nothing newer is known. Without one for five seconds a board is stale.

`id` is the outbox id. What a client has seen (Last-Event-ID) needs no answer: it gets a snapshot.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets

from django.db import close_old_connections
from django.utils.translation import gettext as _

from plantbeat.facts.live.audience import Audience, Credentials
from plantbeat.facts.live.channel import Channel, Key, Runner
from plantbeat.facts.live.listener import COMMENT, Listener, beat
from plantbeat.facts.live.request import NotAdmitted, Receive, Scope, Send, credentials, wanted
from plantbeat.facts.live.topics import Message
from plantbeat.facts.live.watching import Watch
from plantbeat.kernel.problems import Kind, Refused

logger = logging.getLogger("plantbeat.live")

TICK_S = 0.5
BEAT_S = 2.0
COMMENT_S = 15.0
RECHECK_S = 60.0
STUCK_S = 30.0
STATUS = {Kind.forbidden: 403, Kind.missing: 404, Kind.busy: 503}
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Hub:
    """An ASGI application for `/live/`; `runner` are the threads in which questions are asked."""

    def __init__(self, runner: Runner, *, most_listeners: int = 2_000, watch: Watch | None = None) -> None:
        self.runner, self.most_listeners = runner, most_listeners
        self.listeners: set[Listener] = set()
        self.channels: dict[Key, Channel] = {}
        self.sent = 0
        self._watch = watch or Watch(self._changed_elsewhere)
        self._last_id = 0
        self._closing = False
        self._ticking: asyncio.Task[None] | None = None
        self._rechecks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to serve, inside the event loop."""
        self._loop = asyncio.get_running_loop()
        self.runner.start()
        self._ticking = asyncio.create_task(self._tick())

    async def end_streams(self) -> None:
        """Let every screen go and admit no other; browsers come back by themselves."""
        self._closing = True
        for listener in self.listeners:
            listener.close()
        until = self._loop.time() + 1.0
        while self.listeners and self._loop.time() < until:
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End streams, watch and threads."""
        await self.end_streams()
        if self._ticking is not None:
            self._ticking.cancel()
        for channel in list(self.channels.values()):
            channel.stop()
        self._watch.stop()
        await self.runner.stop(1.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one screen until it leaves."""
        try:
            listener = await self._admitted(scope)
        except NotAdmitted as refusal:
            await refusal.answer(send)
            return
        leaving = asyncio.create_task(_close_when_gone(receive, listener))
        try:
            await self._serve(listener, send)
        except asyncio.CancelledError:
            if not listener.aborted:
                raise
        finally:
            leaving.cancel()
            self._forget(listener)

    # --- admission ---

    async def _admitted(self, scope: Scope) -> Listener:
        if scope["type"] != "http" or scope["method"] != "GET":
            raise NotAdmitted(405, _("Only GET is allowed here."))
        if self._closing or len(self.listeners) >= self.most_listeners:
            raise NotAdmitted(503, _("Too many screens are connected; please try again in a moment."))
        shown = credentials(scope)
        audience = await self._audience(shown)
        if audience is None:
            raise NotAdmitted(401, _("Please sign in to watch this."))
        keys = [Key(topic, key, audience) for topic, key in wanted(scope)]
        self._watch.want(True)
        listener = Listener([self._channel(key) for key in keys], shown, audience, self._loop.time())
        self.listeners.add(listener)
        try:
            for channel in listener.channels:
                channel.listeners.add(listener)
            for channel in listener.channels:
                await channel.ready()
        except Refused as refused:
            self._forget(listener)
            raise NotAdmitted(STATUS.get(refused.kind, 422), str(refused)) from None
        except Exception:
            self._forget(listener)
            logger.exception("a live frame could not be made")
            raise NotAdmitted(503, _("This cannot be shown now; please try again in a moment.")) from None
        except asyncio.CancelledError:
            self._forget(listener)
            raise
        return listener

    async def _audience(self, shown: Credentials) -> Audience | None:
        def look_up() -> Audience | None:
            close_old_connections()
            return shown.audience()

        try:
            return await self.runner.run(look_up)
        except Exception:
            logger.exception("could not find out who asks for a live board")
            message = _("The database does not answer; please try again in a moment.")
            raise NotAdmitted(503, message) from None

    def _channel(self, key: Key) -> Channel:
        channel = self.channels.get(key)
        if channel is None or channel.ended:
            channel = Channel(key, self.runner, lambda: self._last_id, lambda: self._watch.is_current)
            self.channels[key] = channel
        return channel

    def _forget(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        for channel in listener.channels:
            channel.listeners.discard(listener)
            if channel.listeners:
                continue
            channel.stop()
            if self.channels.get(channel.key) is channel:
                del self.channels[channel.key]
        if not self.listeners:
            self._watch.want(False)

    # --- serving ---

    async def _serve(self, listener: Listener, send: Send) -> None:
        listener.task = asyncio.current_task()
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        # Screens that lose the server together come back apart.
        first = f"retry: {1_000 + secrets.randbelow(2_000)}\n\n".encode()
        while data := await listener.take():
            listener.sending_since_s = self._loop.time()
            await send({"type": "http.response.body", "body": first + data, "more_body": True})
            listener.sending_since_s = None
            first = b""
            self.sent += 1
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _changed_elsewhere(self, messages: list[Message] | None, last_id: int) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody watches
            self._loop.call_soon_threadsafe(self.changed, messages, last_id)

    def changed(self, messages: list[Message] | None, last_id: int) -> None:
        """Something was committed: let the frames it can have changed be made anew."""
        self._last_id = max(self._last_id, last_id)
        if messages is None:
            for channel in self.channels.values():
                channel.touch()
            return
        by_site: dict[int | None, list[Message]] = {}
        for message in messages:
            by_site.setdefault(message.site_id, []).append(message)
        everywhere = by_site.get(None, [])
        for channel in self.channels.values():
            channel.touched_by(everywhere + by_site.get(channel.key.audience.site_id, []))

    async def _tick(self) -> None:
        beaten_s = commented_s = self._loop.time()
        while True:
            await asyncio.sleep(TICK_S)
            now_s = self._loop.time()
            said = comment = b""
            if now_s - beaten_s >= BEAT_S:
                beaten_s, said = now_s, beat()
            if now_s - commented_s >= COMMENT_S:
                commented_s, comment = now_s, COMMENT
            for listener in self.listeners:
                if note := comment + (said if listener.is_fresh else b""):
                    listener.note(note)
            self._look_after(now_s)

    def _look_after(self, now_s: float) -> None:
        for listener in self.listeners:
            if listener.sending_since_s is not None and now_s - listener.sending_since_s > STUCK_S:
                listener.abort()
            elif now_s - listener.checked_s > RECHECK_S:
                listener.checked_s = now_s
                task = asyncio.create_task(self._recheck(listener))
                self._rechecks.add(task)
                task.add_done_callback(self._rechecks.discard)

    async def _recheck(self, listener: Listener) -> None:
        """Cut a screen whose sign-in or roles are not what they were; it comes back as what it is now."""
        try:
            audience = await self._audience(listener.credentials)
        except NotAdmitted:
            return
        if audience != listener.audience:
            listener.close()


async def _close_when_gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.close()
