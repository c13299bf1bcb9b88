"""A running `plantbeat demo`, watched from outside."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx

PROGRAM = (sys.executable, "-m", "plantbeat.shell.cli")
DEMO = [*PROGRAM, "demo", "--no-browser"]
HISTORY_WITHIN_S = 600
SIGN_IN = re.compile(r"^  (\w+) +([\w-]{14})  (.+)$")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def eventually(happened: Callable[[], object], within_s: float, what: str) -> object:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if result := happened():
            return result
        time.sleep(0.2)
    raise AssertionError(f"{what} did not happen within {within_s} s")


class Demo:
    """A running `plantbeat demo` and what it has printed."""

    def __init__(
        self, folder: Path, *options: str, program: Sequence[str] = PROGRAM, port: int = 0, **variables: str
    ) -> None:
        self.folder, self.port = folder, port or free_port()
        self.begun_s = time.monotonic()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PLANTBEAT_")}
        # What a real installation is set to must not be touched by a demo.
        environment["PLANTBEAT_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/production"
        self.process = subprocess.Popen(
            [*program, "demo", "--no-browser", "--port", str(self.port), "--data", str(folder), *options],
            env=environment | variables,
            cwd=folder.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def first_page_s(self) -> float:
        """Seconds from the start to the first sign-in page."""
        eventually(lambda: self._says("Pages are there"), 90, f"the first page; it printed {self.lines}")
        return time.monotonic() - self.begun_s

    def _says(self, words: str) -> bool:
        assert self.process.poll() is None, self.lines
        return any(words in line for line in self.lines)

    def sign_ins(self) -> dict[str, str]:
        found = [SIGN_IN.match(line) for line in self.lines]
        return {one.group(1): one.group(2) for one in found if one}

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def orphans(self) -> list[str]:
        """Processes that still work for this folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if f"PLANTBEAT_DATA={self.folder}".encode() in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found

    def gateway_facts(self) -> list[tuple[str, int, int]]:
        """(source, committed up to, facts stored) of the live gateways."""
        try:
            with sqlite3.connect(f"file:{self.folder}/plantbeat.sqlite3?mode=ro", uri=True) as database:
                return database.execute(
                    "SELECT s.name, s.committed_up_to, (SELECT COUNT(*) FROM fact f WHERE f.src = s.id)"
                    " FROM fact_source s WHERE s.name LIKE '%.gateway'"
                ).fetchall()
        except sqlite3.OperationalError:
            return []

    def last_told_us(self) -> int:
        """When the last thing happened that a live gateway has told."""
        with sqlite3.connect(f"file:{self.folder}/plantbeat.sqlite3?mode=ro", uri=True) as database:
            (last_us,) = database.execute(
                "SELECT MAX(f.t_us) FROM fact f JOIN fact_source s ON s.id = f.src"
                " WHERE s.name LIKE '%.gateway'"
            ).fetchone()
        return int(last_us)


@contextlib.contextmanager
def complete_demo(folder: Path) -> Iterator[Demo]:
    """A demo plant with all of its history; it is ended afterwards."""
    demo = Demo(folder)
    try:
        complete = "the history is complete"
        eventually(lambda: any(complete in line for line in demo.lines), HISTORY_WITHIN_S, complete)
        yield demo
    finally:
        demo.process.terminate()
        demo.process.wait(30)


def signed_in(client: httpx.Client, username: str, password: str) -> httpx.Response:
    """What somebody sees who signs in."""
    page = client.get("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token is not None
    data = {"login": username, "password": password, "csrfmiddlewaretoken": token.group(1)}
    client.post("/accounts/login/", data=data, headers={"Referer": str(client.base_url)})
    return client.get("/overview/")


def front_page(url: str, username: str, password: str) -> httpx.Response:
    """What somebody sees who signs in and stays for this one page."""
    with httpx.Client(base_url=url, timeout=30, follow_redirects=True) as client:
        return signed_in(client, username, password)
