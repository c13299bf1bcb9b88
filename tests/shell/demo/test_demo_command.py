"""`plantbeat demo` from outside: it starts, people sign in, facts arrive, it stops, it goes on."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from plantbeat.shell.cli.demo import _environment
from plantbeat.shell.demo.demo_folder import CLOCK, SIGN_INS, DemoFolder
from shell.demo.running_demo import DEMO, Demo, eventually, free_port, front_page


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
    assert page.url.path == "/overview/"
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

    shown_us = json.loads((folder / CLOCK).read_text())["shown_us"]
    assert demo.last_told_us() <= shown_us, "the plant has told nothing of what its clock has not shown"

    # Half a minute at speed 60 has left the plant ahead; at the usual speed it goes on from there, at once.
    again = started(folder)
    again.first_page_s()
    assert again.sign_ins() == people
    assert any("ahead of this machine's" in line for line in again.lines), again.lines
    page = front_page(again.url, "manager", people["manager"])
    assert (page.status_code, page.url.path) == (200, "/overview/")
    eventually(lambda: again.last_told_us() > shown_us, 75, "something new in the plant")
    assert httpx.get(f"{again.url}/healthz", timeout=30).json()["last_fact_age_s"] < 60
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
    person["role_name"] = "Production manager"
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
    for kept in ([{"username": "manager", "password": "secret"}], {"manager": "secret"}, []):
        folder.write(SIGN_INS, kept)
        assert shown("127.0.0.1", **demo) == [], "as another version wrote them"


def test_the_demo_answers_to_names_of_this_machine_only(tmp_path: Path) -> None:
    folder = DemoFolder.made(tmp_path / "plant")
    hosts = _environment(folder, "127.0.0.1", 1)["PLANTBEAT_ALLOWED_HOSTS"].split(",")
    assert {"localhost", "127.0.0.1", "[::1]"} < set(hosts)
    assert "*" not in hosts
    assert "plant.local" in _environment(folder, "plant.local", 1)["PLANTBEAT_ALLOWED_HOSTS"].split(",")


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
        (tmp_path / "file", "cannot be used: file exists; name another folder with --data."),
        (Path("/proc/plant"), "cannot be used: "),
        (tmp_path, "holds something else (file); name an empty folder with --data."),
    ):
        code, said = refused("--port", str(free_port()), "--data", str(folder))
        assert code == 1
        assert said.startswith(f"Error: {folder} ")
        assert sentence in said
        assert said.count("\n") == 1
