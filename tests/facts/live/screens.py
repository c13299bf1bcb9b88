"""Screens, threads and a watch without network or database, for tests of the hub alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeVar

from plantbeat.facts.live.audience import Audience, Credentials
from plantbeat.facts.live.hub import Hub
from plantbeat.facts.live.topics import Message
from plantbeat.kernel.access import Role

T = TypeVar("T")


class AtOnce:
    """Runs a question where it is asked."""

    def start(self) -> None:
        pass

    async def run(self, call: Callable[[], T]) -> T:
        await asyncio.sleep(0)
        return call()

    async def stop(self, within_s: float) -> None:
        pass


class StillWatch:
    """A watch that the test moves by hand."""

    is_current = True
    wanted = stopped = False

    def want(self, wanted: bool) -> None:
        self.wanted = wanted

    def stop(self) -> None:
        self.stopped = True


def audience_named(credentials: Credentials) -> Audience | None:
    """`Authorization: <site>:<role>` is believed; nothing else is."""
    site, _colon, role = credentials.authorization.partition(":")
    return Audience(int(site), "UTC", frozenset({Role(role)}), "en") if role else None


class Screen:
    """A connected browser; `hold` makes it stop taking what is sent."""

    def __init__(self, hub: Hub, path: str, who: str = "1:manager", method: str = "GET") -> None:
        self.status = 0
        self.events: list[tuple[str, Any]] = []
        self.comments = 0
        self.ended = False
        self.taking = asyncio.Event()
        self.taking.set()
        self._left = asyncio.Event()
        path, _mark, query = path.partition("?")
        scope = {
            "type": "http", "method": method, "path": path, "query_string": query.encode(),
            "headers": [(b"authorization", who.encode())],
        }  # fmt: skip
        self.task = asyncio.create_task(hub(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        await self.taking.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        for block in message["body"].decode().split("\n\n"):
            fields = dict(line.partition(": ")[::2] for line in block.splitlines())
            if "event" in fields:
                self.events.append((fields["event"], json.loads(fields["data"])))
            elif block.startswith(":"):
                self.comments += 1
        self.ended = not message["more_body"]

    def named(self, name: str) -> list[Any]:
        """Data of the events of one kind."""
        return [data for event, data in self.events if event == name]

    def shown(self) -> dict[str, Any]:
        """What the screen shows after all its events."""
        tiles: dict[str, Any] = {}
        for event, data in self.events:
            if event == "snapshot":
                tiles = dict(data)
            elif event == "delta":
                tiles |= data
        return {name: tile["text"] for name, tile in tiles.items() if tile is not None}

    def leave(self) -> None:
        self._left.set()


async def soon(holds: Callable[[], Any], within_s: float = 3.0) -> None:
    """Wait until something holds; fails if it does not in time."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    while not holds():
        assert loop.time() < until, "did not happen in time"
        await asyncio.sleep(0.005)


def written(*sites: int | None, **payload: Any) -> list[Message]:
    """Messages about writes at these sites."""
    return [
        Message(number, "record:plant.Item", site, json.dumps(payload))
        for number, site in enumerate(sites, 1)
    ]
