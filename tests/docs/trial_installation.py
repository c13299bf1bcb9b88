"""An installation of its own, in a folder and in processes of its own, for recipes that change the code."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SETTINGS = """
import plantbeat.areas
plantbeat.areas.__path__.append({areas!r})
from plantbeat.shell.settings import *
INSTALLED_APPS = [*INSTALLED_APPS, *{apps!r}]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""


HOST = "127.0.0.1"
SERVE = (
    f"import sys; from plantbeat.shell.serving import serve; serve({HOST!r}, int(sys.argv[1]), role='pages')"
)
START_S = 60


class TrialInstallation:
    """SQLite and settings in one folder; areas written there are part of the product."""

    def __init__(self, folder: Path, apps: list[str]) -> None:
        self.folder, self.areas = folder, folder / "areas"
        self.areas.mkdir()
        (folder / "trial_settings.py").write_text(SETTINGS.format(areas=str(self.areas), apps=apps), "utf-8")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PLANTBEAT_")}
        self.environment = inherited | {
            "DJANGO_SETTINGS_MODULE": "trial_settings",
            "PLANTBEAT_DATA": str(folder / "data"),
            "PLANTBEAT_SECRET_KEY": "only for a trial",
            "PLANTBEAT_ALLOWED_HOSTS": HOST,
            "PLANTBEAT_LOG_LEVEL": "ERROR",
            "PYTHONPATH": os.pathsep.join([str(folder), str(Path(__file__).parent)]),
            "PYTHONWARNINGS": "ignore",
        }
        (folder / "data").mkdir()

    def write(self, path: str, text: str = "") -> None:
        """A file of an area."""
        file = self.areas / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def django(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the framework."""
        return self._call("-m", "django", *arguments)

    def migrate(self) -> None:
        """All tables."""
        for command in (["migrate", "--verbosity", "0"], ["createcachetable"]):
            done = self.django(*command)
            assert done.returncode == 0, done.stderr

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve its pages; the address."""
        with socket.socket() as free:
            free.bind((HOST, 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(port)], cwd=self.folder, env=self.environment
        )
        try:
            self._wait(server, port)
            yield f"http://{HOST}:{port}"
        finally:
            server.terminate()
            server.wait()

    def _wait(self, server: subprocess.Popen[bytes], port: int) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert server.poll() is None, "the server ended at its start"
            with socket.socket() as trial:
                if trial.connect_ex((HOST, port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the server did not start within {START_S} s")

    def script(self, name: str) -> dict[str, Any]:
        """Run a script that stands beside this file; what it found comes back as JSON."""
        done = self._call(str(Path(__file__).with_name(name)))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def _call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
