"""How many facts one server process takes over HTTP, beside what SQLite takes raw.

    .venv/bin/python benchmarks/ingest_http.py [--seconds 6] [--connections 64]

Starts the real server (one process, role `ingest`, token check on) on an empty SQLite database in a temporary
folder, loads it from this process over keep-alive connections on 127.0.0.1, once with single facts and once
with arrays of 100, and prints a table. Every connection is a source of its own and waits for each answer,
which comes after commit. Raw SQLite: the very rows that were stored, inserted by `executemany` into a copy of
the table with its indexes, with the same durability. Goal: 2,000 single posts/s and 20,000 facts/s in arrays.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from asking import amount, whole

SERVE = """
import sys
from plantbeat.shell.serving import serve
serve("127.0.0.1", int(sys.argv[1]), role="ingest")
"""
PREPARE = """
import json, sys, django; django.setup()
from django.core.management import call_command
call_command("migrate", "facts", verbosity=0, skip_checks=True)
from plantbeat.facts.assets import publish_asset
from plantbeat.facts.tokens import token_create
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
by = Actor.system("benchmark")
site = act(Site, "create", by, {"code": "B", "name": "Benchmark", "zone": "Europe/Berlin"})
for number in range(200):
    publish_asset(site.pk, f"M{number}", f"Machine {number}")
print(json.dumps([token_create(f"source-{n}", site, by) for n in range(int(sys.argv[1]))]))
"""
PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
)
MOST_S = 30
START_S = 60


@dataclass
class Load:
    """What one case measured."""

    name: str
    facts_per_post: int
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def posts_per_s(self) -> float:
        return len(self.latencies_ms) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


class Poster(asyncio.Protocol):
    """One keep-alive connection: posts, waits for the answer, posts the next."""

    def __init__(self, token: str, per_post: int, first_seq: int, load: Load, until: float) -> None:
        self.head = f"POST /ingest/facts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n".encode()
        self.per_post, self.seq, self.load, self.until = per_post, first_seq, load, until
        self.answer = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.post()

    def post(self) -> None:
        now = time.perf_counter()
        if now >= self.until:
            self.transport.close()
            return
        # A machine says every second what it made; the text is put together by hand to spare this side.
        facts = ",".join(
            f'{{"seq":{seq},"asset":"M{seq % 200}","t_us":{1_795_334_400_000_000 + seq * 1_000_000},'
            f'"kind":"count","body":{{"good":{seq % 7 + 1}}}}}'
            for seq in range(self.seq, self.seq + self.per_post)
        )
        self.seq += self.per_post
        body = f"[{facts}]".encode()
        self.sent = now
        self.transport.write(b"%bContent-Length: %d\r\n\r\n%b" % (self.head, len(body), body))

    def data_received(self, data: bytes) -> None:
        self.answer += data
        head, blank, body = self.answer.partition(b"\r\n\r\n")
        if not blank or len(body) < int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0]):
            return
        self.load.latencies_ms.append((time.perf_counter() - self.sent) * 1000)
        if b'"accepted":%d,' % self.per_post not in body:
            self.load.failures += 1
        self.answer = b""
        self.post()

    def connection_lost(self, error) -> None:
        self.done.set_result(error)


async def loaded(port: int, tokens: list[str], load: Load, seconds: float, first: list[int]) -> list[int]:
    """Run one case from these numbers on, one per source; the next free numbers."""
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    posters = []
    for token, seq in zip(tokens, first, strict=True):
        poster = Poster(token, load.facts_per_post, seq, load, began + seconds)
        await loop.create_connection(lambda poster=poster: poster, "127.0.0.1", port)
        posters.append(poster)
    for poster in posters:
        await poster.done
    load.seconds = time.perf_counter() - began
    return [poster.seq for poster in posters]


def raw_rate(database: Path, per_commit: int) -> float:
    """Rows per second of the stored facts into a copy of their table, so many to a commit; at most 3 s."""
    with sqlite3.connect(database) as stored:
        ddl = [
            sql
            for (sql,) in stored.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = 'fact' AND type != 'trigger'"
            )
        ]
        rows = stored.execute("SELECT * FROM fact ORDER BY lsn LIMIT 300000").fetchall()
    stored.close()
    copy = database.with_name("raw.sqlite3")
    raw = sqlite3.connect(copy, isolation_level=None)
    raw.executescript(PRAGMAS)
    for sql in ddl:
        if sql:
            raw.execute(sql)
    insert = f"INSERT INTO fact VALUES ({', '.join('?' * len(rows[0]))})"
    began, done = time.perf_counter(), 0
    while done < len(rows) and time.perf_counter() - began < 3:
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany(insert, rows[done : done + per_commit])
        raw.execute("COMMIT")
        done += per_commit
    rate = min(done, len(rows)) / (time.perf_counter() - began)
    raw.close()
    for path in copy.parent.glob("raw.sqlite3*"):
        path.unlink()
    return rate


def server(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start it and wait until it accepts."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], env=environment)
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    process.kill()
    raise SystemExit("the server did not start")


def cpu_s(pid: int) -> float:
    """Processor seconds of a process, where /proc tells."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(folder: Path, seconds: float, connections: int) -> list[tuple[Load, float]]:
    """Both cases on a fresh database, each with the processor time the server took."""
    environment = os.environ | {
        "PLANTBEAT_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "plantbeat.shell.settings",
        "PLANTBEAT_DATABASE_URL": "", "PLANTBEAT_ALLOWED_HOSTS": "127.0.0.1", "PLANTBEAT_LOG_LEVEL": "ERROR",
        "PLANTBEAT_SECRET_KEY": "of a server that lives for some seconds",
    }  # fmt: skip
    prepared = subprocess.run(
        [sys.executable, "-c", PREPARE, str(connections)], env=environment, stdout=subprocess.PIPE, check=True
    )
    tokens = json.loads(prepared.stdout)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = server(port, environment)
    found, seqs = [], [1] * connections
    try:
        for load in (Load("warm-up", 1), Load("single facts", 1), Load("arrays of 100", 100)):
            before = cpu_s(process.pid)
            spend = 1.0 if load.name == "warm-up" else seconds
            seqs = asyncio.run(loaded(port, tokens, load, spend, seqs))
            found.append((load, cpu_s(process.pid) - before))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    return found[1:]


def table(found: list[tuple[Load, float]], raw: dict[int, float]) -> str:
    """The figures as a table in Markdown."""
    head = (
        "case", "posts/s", "facts/s", "p50 ms", "p95 ms", "p99 ms", "server CPU ms/post", "not accepted",
        "raw SQLite rows/s", "ratio",
    )  # fmt: skip
    rows = [head, ("---",) * len(head)]
    for load, cpu in found:
        facts_per_s = load.posts_per_s * load.facts_per_post
        rate = raw[load.facts_per_post]
        rows.append((
            load.name,
            f"{load.posts_per_s:,.0f}",
            f"{facts_per_s:,.0f}",
            *(f"{load.percentile(share):.1f}" for share in (0.5, 0.95, 0.99)),
            f"{cpu * 1000 / len(load.latencies_ms):.2f}",
            str(load.failures),
            f"{rate:,.0f} ({load.facts_per_post} a commit)",
            f"{facts_per_s / rate:.2f}",
        ))  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--seconds", type=amount(0.5, MOST_S), default=6.0, help="per case")
    parser.add_argument("--connections", type=whole(1, 256), default=64, help="keep-alive connections")
    given = parser.parse_args()
    seconds, connections = given.seconds, given.connections
    with tempfile.TemporaryDirectory(prefix="plantbeat-benchmark-") as name:
        folder = Path(name)
        found = measured(folder, seconds, connections)
        raw = {count: raw_rate(folder / "plantbeat.sqlite3", count) for count in (1, 100, 5000)}
    print(f"{connections} connections, {seconds:g} s per case, load average {os.getloadavg()[0]:.1f}\n")
    print(table(found, raw))
    print(f"\nRaw SQLite, 5,000 rows a commit: {raw[5000]:,.0f} rows/s.")


if __name__ == "__main__":
    main()
