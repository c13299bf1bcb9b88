"""Pages of all sorts behind a bridge, for tests."""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from plantbeat.shell.bridge import Bridge
from plantbeat.shell.dispatch import Dispatcher, Role
from plantbeat.shell.lasting_threads import LastingThreads
from shell.serving_thread import served

Pages = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Streaming:
    """An answer made bit by bit, as a streaming response of the framework looks to the server."""

    streaming = True

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks
        self.closed_in = ""

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        self.closed_in = threading.current_thread().name


def said(text: str, status: str = "200 OK") -> Pages:
    def pages(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response(status, [("Content-Type", "text/plain")])
        return [text.encode()]

    return pages


@contextmanager
def bridged(
    pages: Pages, *, threads: int = 2, waiting: int = 8, **options: Any
) -> Iterator[tuple[str, Bridge]]:
    bridge = Bridge(pages, LastingThreads(threads, waiting_limit=waiting, name="pages"), **options)
    with served(Dispatcher(Role.all, bridge)) as address:
        yield address, bridge


def large_file(size: int) -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the server closes it)
    file.truncate(size)
    return file


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    body = environ["wsgi.input"].read()
    shown = {name: value for name, value in environ.items() if isinstance(value, str)}
    shown |= {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(shown).encode()]
