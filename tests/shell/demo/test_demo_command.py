"""`plantbeat demo` from outside: it starts, people sign in, facts arrive, it stops, it goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from plantbeat.shell.cli.demo import _environment
from plantbeat.shell.demo.demo_folder import CLOCK, SIGN_INS, DemoFolder

DEMO = [sys.executable, "-m", "plantbeat.shell.cli", "demo", "--no-browser"]
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

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.port = folder, free_port()
        self.begun_s = time.monotonic()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PLANTBEAT_")}
        # What a real installation is set to must not be touched by a demo.
        environment["PLANTBEAT_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/production"
        self.process = subprocess.Popen(
            [*DEMO, "--port", str(self.port), "--data", str(folder), *options],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
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


@pytest.fixture
def started() -> Iterator[Callable[..., Demo]]:
    running: list[Demo] = []

    def start(folder: Path, *options: str) -> Demo:
        running.append(Demo(folder, *options))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait(10)


def front_page(url: str, username: str, password: str) -> httpx.Response:
    """What somebody sees who signs in."""
    with httpx.Client(base_url=url, timeout=30, follow_redirects=True) as client:
        page = client.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token is not None
        data = {"login": username, "password": password, "csrfmiddlewaretoken": token.group(1)}
        client.post("/accounts/login/", data=data, headers={"Referer": url})
        return client.get("/")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="looks for processes in /proc")
def test_a_stranger_sees_a_running_plant_stops_it_and_finds_it_again(tmp_path: Path, started) -> None:
    folder = tmp_path / "plant"
    demo = started(folder, "--history-days", "1", "--speed", "60")
    demo.first_page_s()
    health = httpx.get(f"{demo.url}/healthz", timeout=30).json()
    assert health["status"] == "ok"
    assert health["database"]["kind"] == "sqlite", "not the database of the real installation"

    people = demo.sign_ins()
    assert len(people) == 10
    page = front_page(demo.url, "manager", people["manager"])
    assert page.status_code == 200
    assert page.url.path == "/"
    login = httpx.get(f"{demo.url}/accounts/login/", timeout=30).text
    assert people["manager"] in login, "on this machine a click is enough"
    assert stat.S_IMODE((folder / "sign-ins.json").stat().st_mode) == 0o600

    def arriving() -> bool:
        return sum(stored for _name, _up_to, stored in demo.gateway_facts()) > 100

    eventually(arriving, 90, f"live facts; it printed {demo.lines}")
    eventually(
        lambda: json.loads((folder / "progress.json").read_text())["finished"], 60, "the history's end"
    )
    assert demo.stop(signal.SIGTERM) == 0, demo.lines
    assert demo.orphans() == []
    assert all(up_to == stored for _name, up_to, stored in demo.gateway_facts()), "no number lost or doubled"

    again = started(folder, "--speed", "60")
    again.first_page_s()
    assert again.sign_ins() == people
    before = sum(stored for _name, _up_to, stored in again.gateway_facts())
    eventually(
        lambda: sum(stored for _name, _up_to, stored in again.gateway_facts()) > before, 60, "it goes on"
    )
    other = subprocess.run(
        [*DEMO, "--port", str(free_port()), "--data", str(folder)],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert other.returncode == 1
    assert other.stderr.startswith(f"Error: a demo plant is running from {folder} already")
    assert again.stop(signal.SIGINT) == 0
    assert again.orphans() == []
    assert all(up_to == stored for _name, up_to, stored in again.gateway_facts())


def test_only_the_machine_itself_is_shown_the_passwords(tmp_path: Path, monkeypatch, rf) -> None:
    from plantbeat.shell.templatetags.demo_sign_ins import demo_people

    folder = DemoFolder.made(tmp_path / "plant")
    person = {"username": "manager", "password": "secret", "role": "manager", "name": "Priya"}
    folder.write(SIGN_INS, [person])

    def shown(address: str, **settings: str) -> list[str]:
        for name in ("PLANTBEAT_DEMO", "PLANTBEAT_DEMO_SIGN_INS"):
            monkeypatch.setenv(name, settings.get(name, ""))
        monkeypatch.setenv("PLANTBEAT_DATA", str(folder.path))
        return [one["password"] for one in demo_people(rf.get("/", REMOTE_ADDR=address))]

    demo = dict(_environment(folder, "127.0.0.1", 1))
    assert shown("127.0.0.1", **demo) == shown("::1", **demo) == ["secret"]
    assert shown("192.168.1.7", **demo) == shown("", **demo) == []
    assert shown("127.0.0.1", **_environment(folder, "0.0.0.0", 1)) == []
    assert shown("127.0.0.1") == [], "a real installation"


def test_the_demo_answers_to_names_of_this_machine_only(tmp_path: Path) -> None:
    folder = DemoFolder.made(tmp_path / "plant")
    hosts = _environment(folder, "127.0.0.1", 1)["PLANTBEAT_ALLOWED_HOSTS"].split(",")
    assert {"localhost", "127.0.0.1", "[::1]"} < set(hosts)
    assert "*" not in hosts
    assert "plant.local" in _environment(folder, "plant.local", 1)["PLANTBEAT_ALLOWED_HOSTS"].split(",")


def test_the_clock_is_the_real_one_unless_it_is_faster_or_was(tmp_path: Path) -> None:
    folder = DemoFolder.made(tmp_path / "plant")
    assert _environment(folder, "127.0.0.1", 1)["PLANTBEAT_DEMO_CLOCK"] == ""
    real, shown, speed = _environment(folder, "127.0.0.1", 60)["PLANTBEAT_DEMO_CLOCK"].split(":")
    assert (real, speed) == (shown, "60")
    ahead = int(real) + 7 * 86_400_000_000
    folder.write(CLOCK, {"shown_us": ahead})
    assert _environment(folder, "127.0.0.1", 1)["PLANTBEAT_DEMO_CLOCK"].endswith(f":{ahead}:1")


def refused(*options: str) -> tuple[int, str]:
    done = subprocess.run([*DEMO, *options], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_port_in_use_is_one_sentence_that_names_a_free_one(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = refused("--port", str(port), "--data", str(tmp_path / "plant"))
    assert code == 1
    assert said.startswith(f"Error: Port {port} on 127.0.0.1 is already in use by another program;")
    assert said.count("\n") == 1
    assert not (tmp_path / "plant").exists(), "nothing was made"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--port", "abc"], "'abc' is not a valid integer range"),
        (["--port", "0"], "0 is not in the range 1<=x<=65535"),
        (["--speed", "0"], "0 is not in the range 1<=x<=3600"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid is not a known host name or address"),
    ],
)
def test_wrong_use_is_named_with_what_is_allowed(tmp_path: Path, options: list[str], sentence: str) -> None:
    code, said = refused(*options, "--data", str(tmp_path / "plant"))
    assert code in (1, 2)
    assert sentence in said


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder, sentence in (
        (tmp_path / "file", "cannot be used: file exists."),
        (Path("/proc/plant"), "cannot be used: "),
        (tmp_path, "holds something else (file); name an empty folder with --data."),
    ):
        code, said = refused("--port", str(free_port()), "--data", str(folder))
        assert code == 1
        assert said.startswith(f"Error: {folder} ")
        assert sentence in said
        assert said.count("\n") == 1
