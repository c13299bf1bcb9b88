"""A real server on a free port, in a thread of the test's own process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn


@contextmanager
def served(application: Any, **settings: Any) -> Iterator[str]:
    """Serve an ASGI application; yields `127.0.0.1:port`."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    options = {"log_config": None, "access_log": False, "lifespan": "on", "ws": "none", "http": "httptools"}
    server = uvicorn.Server(
        uvicorn.Config(application, **(options | {"timeout_graceful_shutdown": 2} | settings))
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    eventually(lambda: server.started or not thread.is_alive())
    assert server.started, "the server did not start"
    try:
        yield "{}:{}".format(*listening.getsockname())
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server did not stop"


def eventually(holds: Any, within_s: float = 5.0) -> None:
    """Wait until something holds; fails if it does not in time."""
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.005)


def connected(address: str) -> socket.socket:
    """A bare connection, for what no well-behaved client does."""
    host, port = address.split(":")
    return socket.create_connection((host, int(port)), timeout=5)


def until_closed(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def get(address: str, path: str = "/", **options: Any) -> httpx.Response:
    """One GET on a connection of its own."""
    return httpx.get(f"http://{address}{path}", timeout=10, **options)
