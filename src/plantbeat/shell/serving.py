"""Runs the server: one process, our logs, a clear sentence when it cannot start, a quick and clean stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from plantbeat.shell.supervisor import PortError, require_free_port

if TYPE_CHECKING:
    from plantbeat.shell.dispatch import Dispatcher
    from plantbeat.shell.reading_ahead import ReadingAhead

logger = logging.getLogger("plantbeat.serve")

STOP_S = 5
"""Running answers get so long to end; boards are let go at once. The whole stop takes less than 10 s."""
KEEP_ALIVE_S = 30
SETTLED_S = 15.0
"""So long after its start the server has loaded what it works with."""
CANNOT = 2
THIS_MACHINE = "127.0.0.1,::1"


def serve(
    host: str, port: int, *, certificate: Path | None = None, key: Path | None = None, role: str = "all"
) -> None:
    """Serve until asked to stop (Ctrl-C, SIGTERM).

    With `certificate` and `key` (PEM) over HTTPS. Behind a proxy set PLANTBEAT_TRUST_PROXY: `1` for one on
    this machine, else its addresses or networks, by comma. Where serving is impossible, one sentence goes
    to stderr and the process ends with code 2.
    """
    try:
        listening = _listening(host, port)
        _require_usable(certificate, key)
        trusted = _trusted_proxies(os.environ.get("PLANTBEAT_TRUST_PROXY", ""))
        os.environ["PLANTBEAT_ROLE"] = role
        from plantbeat.shell.asgi import application
    except (PortError, ValueError) as problem:
        print(f"plantbeat: {problem}", file=sys.stderr)
        sys.exit(CANNOT)
    Server(_config(application, trusted, certificate, key), application).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that holds the port; it accepts nobody before the application is ready."""
    require_free_port(host, port)
    family, _kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    taken = socket.socket(family, socket.SOCK_STREAM)
    option = "SO_EXCLUSIVEADDRUSE" if sys.platform == "win32" else "SO_REUSEADDR"
    taken.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
    try:
        taken.bind(address)
    except OSError as problem:
        taken.close()
        raise PortError(f"Nothing can listen on {host}:{port}: {problem.strerror}.") from None
    taken.set_inheritable(False)
    return taken


def _require_usable(certificate: Path | None, key: Path | None) -> None:
    if certificate is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as problem:
        reason = problem.strerror or problem
        message = f"The certificate {certificate} with the key {key or certificate} cannot be used: {reason}."
        raise ValueError(message) from None


def _trusted_proxies(given: str) -> str:
    """Addresses and networks whose word on a client is believed; ValueError for one that is none."""
    if given == "1":
        return THIS_MACHINE
    for one in filter(None, (part.strip() for part in given.split(","))):
        try:
            ip_network(one, strict=False)
        except ValueError:
            message = f"PLANTBEAT_TRUST_PROXY: “{one}” is no address and no network"
            raise ValueError(f"{message}; allowed: 1, or addresses and networks with commas.") from None
    return given


def _config(
    application: Dispatcher, trusted: str, certificate: Path | None, key: Path | None
) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="uvloop" if find_spec("uvloop") else "asyncio",
        http="httptools" if find_spec("httptools") else "h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_S,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


class Server(uvicorn.Server):
    """The server of one process."""

    def __init__(self, config: uvicorn.Config, application: Dispatcher) -> None:
        super().__init__(config)
        self.application = application
        self._ahead: ReadingAhead | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say where, once it answers."""
        await super().startup(sockets)
        for one in sockets or []:
            host, port = one.getsockname()[:2]
            scheme = "https" if self.config.is_ssl else "http"
            shown = f"[{host}]" if ":" in host else host
            logger.info("serving %s://%s:%d (role %s)", scheme, shown, port, self.application.role)
        asyncio.get_running_loop().call_later(SETTLED_S, _settle)
        self._read_ahead()

    def _read_ahead(self) -> None:
        """Where pages are served, fill the memory they look into, beside the first requests."""
        from plantbeat.shell.reading_ahead import ReadingAhead

        if self.application.role in ("all", "pages"):
            threads = self.application.pages.threads
            self._ahead = ReadingAhead(lambda: threads.busy > 0)
            self._ahead.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Boards go first: their streams would never end by themselves."""
        if self._ahead is not None:
            self._ahead.stop()
        await self.application.end_streams()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A stop that was asked for is no failure: the signal is not raised again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def _settle() -> None:
    """Spare the garbage collector what stays until the end: walking over it would stop pages for 0.1 s."""
    gc.collect()
    gc.freeze()
