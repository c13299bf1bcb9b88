"""`./plantbeat check audit`: the real pip-audit against a service of our own, and npm's kinds of answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from small_checkout import Checkout

from plantbeat.shell.checks import audits
from plantbeat.shell.checks.__main__ import main
from plantbeat.shell.checks.tree import Tree

LOCK = """
[[package]]
name = "plantbeat"
version = "0.1.0"
source = { editable = "." }

[[package]]
name = "holey"
version = "1.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "holey"
version = "2.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "sound"
version = "3.0"
source = { registry = "https://pypi.org/simple" }
"""
HOLE = {
    "id": "PYSEC-1",
    "summary": "a hole",
    "affected": [
        {
            "package": {"name": "holey", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }
    ],
}
Service = Callable[[Callable[[str, str], tuple[int, object]]], tuple[str, ...]]


@pytest.fixture
def service() -> Iterator[Service]:
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Callable[[str, str], tuple[int, object]]) -> tuple[str, ...]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, told = answer(asked["package"]["name"], asked["version"])
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_request(self, *told: object) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1/query"
        return ("--vulnerability-service", "osv", "--osv-url", url)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path)
    made.write("pyproject.toml", "")
    made.write("uv.lock", LOCK)
    return made


def test_every_locked_version_is_asked_about_and_a_vulnerable_one_is_named(checkout, service):
    asked = []

    def answer(name: str, version: str) -> tuple[int, object]:
        asked.append((name, version))
        return 200, {"vulns": [HOLE]} if (name, version) == ("holey", "1.0") else {}

    found = audits.python_packages(Tree(checkout.root), service(answer))
    assert [str(one) for one in found] == ["uv.lock: holey 1.0: PYSEC-1; fixed in 2.0"]
    assert not found[0].is_note
    assert sorted(asked) == [("holey", "1.0"), ("holey", "2.0"), ("sound", "3.0")]


def test_a_service_that_fails_or_is_away_is_told_and_fails_nothing(checkout, service):
    away = ("--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:9/v1/query")
    for given in (away, service(lambda _name, _version: (500, {}))):
        (note,) = audits.python_packages(Tree(checkout.root), given)
        assert note.is_note
        assert str(note).startswith("uv.lock: not audited: pip-audit could not reach its service (")
        assert "\n" not in str(note)


def test_a_mistake_of_the_program_itself_is_a_finding(checkout):
    (finding,) = audits.python_packages(Tree(checkout.root), ("--no-such-option",))
    assert not finding.is_note
    assert "pip-audit ended with code 2" in finding.message


@pytest.mark.parametrize(
    ("said", "error", "code", "wanted"),
    [
        ('{"vulnerabilities": {}}', "", 0, "All 1 checks passed."),
        (
            '{"vulnerabilities": {"holey": {"range": "<2", "severity": "high"}}}',
            "",
            1,
            "web/package-lock.json: holey <2: high vulnerability",
        ),
        (
            '{"message": "405 Not Allowed"}',
            "npm error audit endpoint returned an error",
            0,
            "(405 Not Allowed)",
        ),
        ("", "npm error unknown option", 1, "npm audit ended with code 1: npm error unknown option"),
    ],
)
def test_npm_is_asked_about_its_lock(checkout, tmp_path, monkeypatch, capsys, said, error, code, wanted):
    checkout.write("web/package-lock.json", "{}")
    monkeypatch.setattr(audits, "python_packages", lambda _tree: [])
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\necho '{said}'\necho '{error}' >&2\nexit {1 if error else code}\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["audit"], checkout.root) == code
    assert wanted in capsys.readouterr().out


def test_the_command_says_what_was_not_looked_at_and_does_not_fail(checkout, monkeypatch, capsys):
    note = audits._note("uv.lock", "not audited: nobody answers")
    monkeypatch.setattr(audits, "python_packages", lambda _tree: [note])
    assert main(["audit"], checkout.root) == 0
    said = capsys.readouterr().out
    assert "uv.lock: not audited: nobody answers" in said
    assert said.endswith("No check failed, but not all could be looked at.\n")
