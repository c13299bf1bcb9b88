"""A real installation served by the real server, and browsers that walk through it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from small_plant import PASSWORD

from browser import chromium  # noqa: F401  (a fixture)

STARTS_WITHIN_S = 60


@dataclass(frozen=True)
class Installation:
    """A running installation; its worker can be killed, as by a power cut, and started again."""

    address: str
    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]]
    start_worker: Callable[[], subprocess.Popen[bytes]]

    def kill_worker(self) -> None:
        """End the worker at once, whatever it is doing."""
        worker = self.running.pop()
        worker.kill()
        worker.wait(20)

    def restart_worker(self) -> None:
        """A worker as after a restart of the server."""
        self.running.append(self.start_worker())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation on SQLite in a folder of its own, filled with a small plant."""
    folder = tmp_path_factory.mktemp("installation")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLANTBEAT_")}
    environment = kept | {
        "PLANTBEAT_DATA": str(folder),
        "PLANTBEAT_SECRET_KEY": "only-for-this-test",
        "PLANTBEAT_ALLOWED_HOSTS": "127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "plantbeat.shell.settings",
    }
    seed = Path(__file__).with_name("small_plant.py")
    done = subprocess.run(
        [sys.executable, str(seed)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    port = free_port()

    def started(*words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "plantbeat.shell.cli", "process", *words]
        with (folder / "log").open("a") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    running = [started("web", "--port", str(port)), started("worker", "now")]
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, running[0], folder / "log")
        yield Installation(address, environment, running, lambda: started("worker", "now"))
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            urlopen(f"{address}/healthz", timeout=2).close()
        except (URLError, OSError):
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the server did not start: {log.read_text()}")


@pytest.fixture
def browse(chromium: Browser, installation: Installation) -> Iterator[Callable[..., Page]]:  # noqa: F811
    """`browse("planner", "/")` opens a page as somebody; at the end no page may have complained."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(
        who: str = "", path: str = "/", *, width: int = 1280, theme: str = "light", touch: bool = False
    ) -> Page:
        size = {"width": width, "height": 844 if width < 600 else 900}
        given = {"viewport": size, "color_scheme": theme, "has_touch": touch}
        context = chromium.new_context(base_url=installation.address, **given)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if who:
            page.goto("/accounts/login/")
            page.get_by_label("Sign-in name").fill(who)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/")
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
