"""A real server of its own with a database of its own, for tests and benchmarks that stop, kill or load it.

Run as a script with a command it prepares or reads that database: `prepare N` prints the tokens of N sources
`s0`, `s1` ... as JSON, `count` what is stored of each.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

SERVE = """
import sys
from plantbeat.shell.serving import serve
serve("127.0.0.1", int(sys.argv[1]), role="ingest")
"""
START_S = 60


class FactServer:
    """The server, its data folder and its database (SQLite there, or one beside that of the tests)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = os.environ | {
            "PLANTBEAT_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "plantbeat.shell.settings",
            "PLANTBEAT_SECRET_KEY": "only for this test, which nobody else reaches",
            "PLANTBEAT_ALLOWED_HOSTS": "127.0.0.1",
            "PLANTBEAT_LOG_LEVEL": "ERROR",
        }
        self.environment.pop("PLANTBEAT_DATABASE_URL", None)
        if url := os.environ.get("PLANTBEAT_DATABASE_URL", "").removeprefix("sqlite:"):
            self.environment["PLANTBEAT_DATABASE_URL"] = self._beside(url)
        self.process: subprocess.Popen[bytes] | None = None

    def _beside(self, url: str) -> str:
        import psycopg

        name = f"{urlsplit(url).path.lstrip('/')}_server"
        with psycopg.connect(url.replace(urlsplit(url).path, "/postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")
        return url.replace(urlsplit(url).path, f"/{name}")

    def twin(self) -> FactServer:
        """Another process on the same database, at a port of its own."""
        other = FactServer.__new__(FactServer)
        other.folder, other.environment, other.process = self.folder, self.environment, None
        other.port = free_port()
        return other

    def script(self, *words: str) -> dict:
        """Run this file against the server's database."""
        done = subprocess.run(
            [sys.executable, __file__, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self) -> None:
        """Start it and wait until it accepts."""
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, str(self.port)], env=self.environment)
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self.process.poll() is None, "the server ended at its start"
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"the server did not start within {START_S} s")

    def kill(self) -> None:
        """As a power cut would: no warning, nothing is written any more."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As an operator would; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=30)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def prepare(count: int) -> dict[str, str]:
    """An empty, migrated database with one site, ten machines `M0` ... and `count` sources; their tokens."""
    from django.core.management import call_command

    call_command("migrate", "facts", verbosity=0, skip_checks=True)
    from plantbeat.facts.assets import publish_asset
    from plantbeat.facts.tokens import token_create
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Site
    from plantbeat.kernel.act import act

    by = Actor.system("test")
    site = act(Site, "create", by, {"code": "N", "name": "North", "zone": "Europe/Berlin"})
    for number in range(10):
        publish_asset(site.pk, f"M{number}", f"Machine {number}")
    return {f"s{number}": token_create(f"s{number}", site, by) for number in range(count)}


def stored() -> dict[str, object]:
    """Numbers stored by source, how far each has come, and whether the chain holds."""
    from plantbeat.facts.chain import verify_facts
    from plantbeat.facts.models import Fact, FactSource

    return {
        "seqs": {
            s.name: list(Fact.objects.filter(src=s).values_list("seq", flat=True))
            for s in FactSource.objects.all()
        },
        "committed_up_to": dict(FactSource.objects.values_list("name", "committed_up_to")),
        "broken": str(verify_facts().broken or ""),
    }


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(prepare(int(sys.argv[2])) if sys.argv[1] == "prepare" else stored()))
