"""An installation with a database of its own, served and written to by separate processes."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from nothing_left_out import on_postgresql

SCRIPT = Path(__file__).with_name("plant_process.py")
SERVING = re.compile(r"serving (https?)://127\.0\.0\.1:(\d+)")


@dataclass
class Server:
    """A running server process."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    url: str = ""

    def stop(self, within_s: float = 10.0) -> float:
        """Ask it to stop; seconds that took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(within_s)
        return time.monotonic() - started

    def logged(self) -> list[dict[str, Any]]:
        """Its log, line by line."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]


class Plant:
    """Database address and environment of the installation's processes."""

    def __init__(self, database: str, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.environment = {
            **os.environ,
            "PLANTBEAT_DATABASE_URL": database,
            "PLANTBEAT_DATA": str(folder),
            "PLANTBEAT_SECRET_KEY": "only for tests",
            "PLANTBEAT_ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "shell.plant_settings",
        }
        self._writer: subprocess.Popen[str] | None = None

    def _start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(SCRIPT), *arguments],
            env=self.environment | more,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def migrate(self) -> None:
        """Make the tables."""
        process = self._start("migrate")
        _out, problems = process.communicate(timeout=60)
        assert process.returncode == 0, problems

    def write(self, do: str, **values: Any) -> Any:
        """Have the writing process do something."""
        if self._writer is None:
            self._writer = self._start("write")
        assert self._writer.stdin is not None
        assert self._writer.stdout is not None
        self._writer.stdin.write(json.dumps({"do": do, **values}) + "\n")
        self._writer.stdin.flush()
        answer = self._writer.stdout.readline()
        if not answer:
            assert self._writer.stderr is not None
            raise AssertionError(self._writer.stderr.read())
        return json.loads(answer)

    @contextmanager
    def serving(self, role: str = "live", *pair: str, **more: str) -> Iterator[Server]:
        """A server of this installation on a free port."""
        server = Server(self._start("serve", role, "0", *pair, **more))
        reader = threading.Thread(target=self._follow, args=(server,), daemon=True)
        reader.start()
        try:
            until = time.monotonic() + 30
            while not server.url:
                assert server.process.poll() is None, "".join(server.lines)
                assert time.monotonic() < until, "".join(server.lines)
                time.sleep(0.01)
            yield server
        finally:
            if server.process.poll() is None:
                server.process.kill()
            server.process.wait(5)
            reader.join(5)
            _close(server.process)

    @staticmethod
    def _follow(server: Server) -> None:
        assert server.process.stderr is not None
        for line in server.process.stderr:
            server.lines.append(line)
            if found := SERVING.search(line):
                server.url = f"{found[1]}://127.0.0.1:{found[2]}"

    def close(self) -> None:
        """End the writing process."""
        if self._writer is not None:
            assert self._writer.stdin is not None
            self._writer.stdin.close()
            self._writer.wait(5)
            _close(self._writer)


def _close(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


@contextmanager
def plant_on_sqlite(folder: Path) -> Iterator[Plant]:
    """A new installation with a SQLite file in the folder."""
    with _plant(f"sqlite:///{folder / 'plant.sqlite3'}", folder) as made:
        yield made


@contextmanager
def plant_on_this_database(folder: Path) -> Iterator[Plant]:
    """A new installation on the kind of database this run is for."""
    if not on_postgresql():
        with plant_on_sqlite(folder) as made:
            yield made
        return
    with new_postgresql_database() as address, _plant(address, folder) as made:
        yield made


@contextmanager
def _plant(address: str, folder: Path) -> Iterator[Plant]:
    plant = Plant(address, folder)
    plant.migrate()
    try:
        first = plant.write("user", name="first-administrator", roles=[("administrator", None)])
        plant.write("password", user=first, password="correct horse")
        yield plant
    finally:
        plant.close()


@contextmanager
def new_postgresql_database() -> Iterator[str]:
    """Address of an empty database on the server of this run, dropped at the end."""
    import psycopg

    given = os.environ["PLANTBEAT_DATABASE_URL"]
    name = f"plantbeat_test_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Board:
    """A browser's EventSource, without the browser."""

    def __init__(self, url: str, path: str, **headers: str) -> None:
        self._client = httpx.Client(timeout=httpx.Timeout(10, read=10))
        self._stream = self._client.stream("GET", url + path, headers=headers)
        self.answer = self._stream.__enter__()
        self._lines = self.answer.iter_lines()
        self.seen: dict[str, Any] = {}

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *failure: object) -> None:
        self._stream.__exit__(None, None, None)
        self._client.close()

    def next_event(self) -> dict[str, Any]:
        """The next event (fields by name, data decoded), comments and retry apart; {} at the end."""
        found: dict[str, Any] = {}
        for line in self._lines:
            name, _colon, value = line.partition(":")
            if not line and "event" in found:
                return found
            if line and name and name != "retry":
                found[name] = json.loads(value) if name == "data" else value.strip()
        return {}

    def until(self, name: str, text: str, within_s: float = 5.0) -> float:
        """Wait until a tile shows a text; seconds that took."""
        started = time.monotonic()
        while self.seen.get(name, {}).get("text") != text:
            assert time.monotonic() - started < within_s, f"{name} is {self.seen.get(name)}"
            event = self.next_event()
            assert event, "the stream ended"
            if event["event"] == "snapshot":
                self.seen = dict(event["data"])
            elif event["event"] == "delta":
                self.seen |= event["data"]
        return time.monotonic() - started

    def is_cut(self, within_s: float = 5.0) -> bool:
        """True if the server ends the stream."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if not self.next_event():
                return True
        return False
