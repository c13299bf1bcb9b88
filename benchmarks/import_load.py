"""A large import while machines keep telling facts: how long, and what it does to those who wait.

    .venv/bin/python benchmarks/import_load.py [--rows 100000] [--sources 4] [--pause 0.02]

Starts the real server on an empty SQLite database in a temporary folder. Each source posts a fact after the
other over HTTP, as a tap does, while another process loads a CSV file of items with `plantbeat import`. The
table names the time of the import, its longest write transaction (limit: 2 s), and what the posts waited
beside what they waited before it began. At the end every row and every acknowledged fact is counted in the
database; a number that does not fit ends the command with code 1.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from asking import amount, whole

PREPARE = """
import json, sys, django; django.setup()
from plantbeat.shell.installation import make_folders, migrate
make_folders(); migrate()
from plantbeat.facts.assets import publish_asset
from plantbeat.facts.tokens import token_create
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
by = Actor.system("benchmark")
site = act(Site, "create", by, {"code": "B", "name": "Benchmark", "zone": "Europe/Berlin"})
publish_asset(site.pk, "M1", "Machine 1")
print(json.dumps([token_create(f"source-{n}", site, by) for n in range(int(sys.argv[1]))]))
"""
IMPORT = """
import json, sys, django; django.setup()
from plantbeat.kernel import writing
from plantbeat.shell.cli import plantbeat_command
held = []
writing.observers.append(held.append)
code = plantbeat_command(["import", sys.argv[1], "--as", "Items"], standalone_mode=False)
print(json.dumps({"longest_s": max(held), "transactions": len(held)}), file=sys.stderr)
sys.exit(code or 0)
"""
LIMIT_S = 2.0
BEFORE_S = 5.0
START_S = 60


@dataclass
class Tap:
    """One source: what it was answered, and how long it waited."""

    token: str
    port: int
    name: str
    pause_s: float
    stored: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    waits_ms: list[tuple[float, float]] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        """Post one fact after the other until told to stop; one that is turned away is sent again."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        while not stop.is_set():
            seq = self.stored + 1
            fact = {
                "seq": seq,
                "asset": "M1",
                "t_us": time.time_ns() // 1000,
                "kind": "heartbeat",
                "body": {},
            }
            began = time.perf_counter()
            connection.request("POST", "/ingest/facts", json.dumps([fact]), head)
            answer = connection.getresponse()
            told = json.loads(answer.read())
            self.waits_ms.append((began, 1e3 * (time.perf_counter() - began)))
            self.statuses[answer.status] += 1
            if answer.status == 200:
                self.stored = told["committed_up_to"][self.name]
                time.sleep(self.pause_s)
            else:
                time.sleep(float(answer.getheader("Retry-After") or 1))


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """The server, once it answers."""
    command = [sys.executable, "-m", "plantbeat.shell.cli", "process", "web", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + START_S
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    sys.exit("the server did not start")


def percentile(waits: list[float], share: float) -> float:
    """The value below which a share of the waits lies."""
    return sorted(waits)[min(int(share * len(waits)), len(waits) - 1)] if waits else float("nan")


def main() -> int:
    """Print the table; 1 if anything was lost, doubled or held too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=whole(1_000, 5_000_000), default=100_000)
    parser.add_argument("--sources", type=whole(1, 64), default=4)
    parser.add_argument("--pause", type=amount(0, 60), default=0.02, help="seconds between a source's posts")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        return measured(Path(name), given.rows, given.sources, given.pause)


def measured(folder: Path, rows: int, sources: int, pause_s: float) -> int:
    """One import of so many rows while so many sources post."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PLANTBEAT_")}
    environment = kept | {
        "PLANTBEAT_DATA": str(folder / "data"),
        "PLANTBEAT_SECRET_KEY": "only-for-this-benchmark",
        "PLANTBEAT_ALLOWED_HOSTS": "127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "plantbeat.shell.settings",
    }
    prepared = subprocess.run(
        [sys.executable, "-c", PREPARE, str(sources)], env=environment, check=True, capture_output=True
    )
    tokens = json.loads(prepared.stdout.splitlines()[-1])
    sheet = folder / "items.csv"
    lines = (f"I-{number:06d},Item {number},pcs,made" for number in range(rows))
    sheet.write_text("Code,Name,Unit,Kind\n" + "\n".join(lines) + "\n", encoding="utf-8")
    port = free_port()
    server = started(environment, port)
    taps = [Tap(token, port, f"source-{number}", pause_s) for number, token in enumerate(tokens)]
    stop = threading.Event()
    threads = [threading.Thread(target=tap.run, args=(stop,)) for tap in taps]
    try:
        for thread in threads:
            thread.start()
        time.sleep(BEFORE_S)
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", IMPORT, str(sheet)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
        server.terminate()
        server.wait(20)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return told(folder, taps, json.loads(done.stderr.splitlines()[-1]), began, took, rows)


def told(folder: Path, taps: list[Tap], held: dict[str, float], began: float, took: float, rows: int) -> int:
    """Print what was measured and counted."""
    before = [ms for tap in taps for at, ms in tap.waits_ms if at < began]
    during = [ms for tap in taps for at, ms in tap.waits_ms if began <= at < began + took]
    statuses = sum((tap.statuses for tap in taps), Counter())
    with sqlite3.connect(folder / "data" / "plantbeat.sqlite3") as database:
        (items,) = database.execute("SELECT COUNT(*) FROM plant_item").fetchone()
        (facts,) = database.execute("SELECT COUNT(*) FROM fact").fetchone()
    acknowledged = sum(tap.stored for tap in taps)
    print(f"import of {rows:,} rows under load: {took:.1f} s, load of the machine {os.getloadavg()[0]:.1f}")
    print(
        f"longest write transaction: {held['longest_s']:.2f} s of {held['transactions']}; limit {LIMIT_S:g} s"
    )
    print(f"{'posts of single facts':<24}{'count':>8}{'p50 ms':>9}{'p95 ms':>9}{'longest ms':>12}")
    for name, waits in (("before the import", before), ("during the import", during)):
        figures = percentile(waits, 0.5), percentile(waits, 0.95), max(waits, default=float("nan"))
        print(f"{name:<24}{len(waits):>8}{figures[0]:>9.1f}{figures[1]:>9.1f}{figures[2]:>12.0f}")
    print(f"answers: {', '.join(f'{count} × {status}' for status, count in sorted(statuses.items()))}")
    print(f"rows in the database: {items:,} of {rows:,}; facts: {facts:,}, acknowledged: {acknowledged:,}")
    return int(items != rows or facts != acknowledged or held["longest_s"] > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
