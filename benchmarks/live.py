"""Live boards: how long after a commit does every one of 200 connected boards show it?

    python benchmarks/live.py [--boards 200] [--seconds 10] [--database postgresql://…]

Server, writer and boards are separate processes on 127.0.0.1. The writer changes a record through `act()`;
a delay is from the end of its commit to the moment a board has read that change, or a later one. Beside
it: the raw limit, the same bytes sent to the same number of bare connections without database or HTTP.
On SQLite the commit is noticed by looking every 50 ms, which alone is 25 ms on average; more than four
changes a second of one frame are sent together, which alone is up to 250 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from asking import amount, installation, ready, server, whole

TOKEN = "benchmark"
SHOWN = re.compile(rb'"count":\{"text":"(\d+)"')
MOST_BOARDS = 1_000
MOST_SECONDS = 60.0


# --- the processes ---


def serve() -> None:
    """The product's server, with one topic over real records."""
    ready()
    from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
    from plantbeat.facts.live import topic
    from plantbeat.kernel.access import Actor, visible
    from plantbeat.shell.serving import serve as run

    def frame(_key: str, by: Actor) -> dict[str, dict[str, Any]]:
        tiles = {f"tile-{number}": {"text": "running", "state": "running"} for number in range(20)}
        return tiles | {"count": {"text": visible(DowntimeReason, by).get(code="R1").name}}

    topic("bench", frame)
    run("127.0.0.1", 0, role="live")


def prepare() -> None:
    """Tables, a site, a record and a wall board's token."""
    ready()
    from django.core.management import call_command

    from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Device, Site
    from plantbeat.kernel.act import act

    call_command("migrate", verbosity=0)
    by = Actor.system("benchmark")
    site = act(Site, "create", by, {"code": "B1", "name": "Bench"})
    act(DowntimeReason, "create", by, {"site": site, "code": "R1", "name": "0"})
    wall = act(Device, "create", by, {"site": site, "name": "wall", "kind": "wall"})
    Device.objects.filter(pk=wall.pk).update(token_hash=hashlib.sha256(TOKEN.encode()).hexdigest())


def write(rate: str, seconds: str, first: str) -> None:
    """Commit `rate` changes a second; one line per commit: number, time of its end in ns."""
    ready()
    from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.act import act

    by, record = Actor.system("benchmark"), DowntimeReason.objects.get(code="R1")
    started = time.monotonic()
    for number in range(int(float(rate) * float(seconds))):
        time.sleep(max(0.0, started + number / float(rate) - time.monotonic()))
        act(record, "edit", by, {"name": str(int(first) + number)})
        print(int(first) + number, time.monotonic_ns(), flush=True)


def raw(rate: str, seconds: str) -> None:
    """The raw limit: one process that writes the same bytes to bare connections."""

    async def run() -> None:
        boards: list[asyncio.StreamWriter] = []

        async def connected(_reader: asyncio.StreamReader, board: asyncio.StreamWriter) -> None:
            boards.append(board)

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        print("raw", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(1, int(float(rate) * float(seconds)) + 1):
            print(number, time.monotonic_ns(), flush=True)
            text = f'id: 1\nevent: delta\ndata: {{"count":{{"text":"{number}"}}}}\n\n'.encode()
            for board in boards:
                board.write(text)
            await asyncio.sleep(1 / float(rate))
        server.close()

    asyncio.run(run())


# --- the boards ---


class Boards:
    """Connections that note when each first shows a number or a later one."""

    def __init__(self, count: int) -> None:
        self.seen: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self, port: int, request: bytes) -> None:
        """Open all of them and wait until each has answered, where there is something to ask."""
        started = [asyncio.Event() for _ in self.seen]
        for place, event in enumerate(started):
            self._tasks.append(asyncio.create_task(self._read(place, port, request, event)))
        async with asyncio.timeout(30):
            for event in started:
                await event.wait()

    async def _read(self, place: int, port: int, request: bytes, started: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        if not request:
            started.set()
        try:
            while data := await reader.read(65_536):
                now = time.monotonic_ns()
                if not started.is_set() and b"event: snapshot" in data:
                    started.set()
                self.seen[place] += [(int(number), now) for number in SHOWN.findall(data)]
        finally:
            writer.close()

    def leave(self) -> None:
        """Close all."""
        for task in self._tasks:
            task.cancel()

    def delays_ms(self, commits: dict[int, int]) -> list[float]:
        """Of every commit at every board; a board that never showed one is a fault."""
        found = []
        for seen in self.seen:
            for number, at in commits.items():
                shown = next((when for later, when in seen if later >= number), None)
                if shown is None:
                    sys.exit(f"a board never showed change {number}")
                found.append((shown - at) / 1e6)
        return found


# --- the run ---


def process(environment: dict[str, str], *arguments: str, **pipes: Any) -> subprocess.Popen[str]:
    """Another process of this file."""
    return subprocess.Popen([sys.executable, __file__, *arguments], env=environment, text=True, **pipes)


def used_s(pid: int) -> float:
    """Processor time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Memory of a process (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def commits_of(lines: str) -> dict[int, int]:
    """Number → end of its commit in ns."""
    return {int(number): int(at) for number, at in (line.split() for line in lines.splitlines())}


async def ours(
    environment: dict[str, str], boards: int, seconds: float
) -> list[tuple[str, list[float], str]]:
    """Delays at two rates, with what the server used meanwhile."""
    server = process(environment, "serve", stderr=subprocess.PIPE)
    assert server.stderr is not None
    try:
        line = await asyncio.to_thread(server.stderr.readline)
        port = int(json.loads(line)["message"].split(":")[2].split()[0])
        screens = Boards(boards)
        request = f"GET /live/bench/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        await screens.connect(port, request.encode())
        rows = []
        for rate, first in ((2.0, 1), (10.0, 100_000)):
            before, started = used_s(server.pid), time.monotonic()
            writer = process(
                environment, "write", str(rate), str(seconds), str(first), stdout=subprocess.PIPE
            )
            said, _ = await asyncio.to_thread(writer.communicate)
            await asyncio.sleep(1.0)
            share = (used_s(server.pid) - before) / (time.monotonic() - started)
            used = f"{share:.0%} of a core, {resident_mb(server.pid):.0f} MB"
            rows.append((f"ours, {rate:g} commits/s", screens.delays_ms(commits_of(said)), used))
        screens.leave()
        return rows
    finally:
        server.terminate()
        server.wait(15)
        server.stderr.close()


async def limit(environment: dict[str, str], boards: int, seconds: float) -> tuple[str, list[float], str]:
    """Delays of bare connections."""
    sender = process(environment, "raw", "2", str(seconds), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert sender.stdout is not None
    assert sender.stdin is not None
    port = int((await asyncio.to_thread(sender.stdout.readline)).split()[1])
    screens = Boards(boards)
    await screens.connect(port, b"")
    said, _ = await asyncio.to_thread(sender.communicate, "go\n")
    await asyncio.sleep(0.5)
    screens.leave()
    return "raw limit, 2 sends/s", screens.delays_ms(commits_of(said)), ""


def shown(rows: list[tuple[str, list[float], str]]) -> str:
    """The table, with the ratio to the raw limit."""
    base = statistics.median(rows[-1][1])
    lines = [f"{'':26}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'max ms':>9}{'x limit':>9}  server"]
    for name, delays, used in rows:
        cuts = statistics.quantiles(delays, n=100)
        values = (statistics.median(delays), cuts[94], cuts[98], max(delays))
        figures = "".join(f"{value:9.1f}" for value in values)
        lines.append(f"{name:26}{figures}{values[0] / base:9.1f}  {used}")
    return "\n".join(lines)


def asked(about: str | None) -> argparse.Namespace:
    """What the call asks for: boards, seconds, database."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--boards", type=whole(1, MOST_BOARDS), default=200)
    parser.add_argument("--seconds", type=amount(1, MOST_SECONDS), default=10.0)
    parser.add_argument(
        "--database", type=server, default="", help="a PostgreSQL server to make a database on; else SQLite"
    )
    return parser.parse_args()


def main() -> None:
    """Run it and print the table."""
    given = asked(__doc__)
    with installation(given.database) as environment:
        if process(environment, "prepare").wait():
            sys.exit("the installation could not be prepared")
        rows = asyncio.run(ours(environment, given.boards, given.seconds))
        rows.append(asyncio.run(limit(environment, given.boards, given.seconds)))
    print(f"{given.boards} boards, {'PostgreSQL' if given.database else 'SQLite'}, {os.cpu_count()} cores,")
    print(f"load average {os.getloadavg()[0]:.1f}, {given.seconds:g} s each\n\n{shown(rows)}")


PROCESSES = {"serve": serve, "prepare": prepare, "write": write, "raw": raw}

if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in PROCESSES:
        PROCESSES[sys.argv[1]](*sys.argv[2:])
    else:
        main()
