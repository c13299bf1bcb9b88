"""Real wall boards: how long after a count is computed does every board of its line show it?

    python benchmarks/live_walls.py [--boards 200] [--seconds 10] [--database postgresql://…]

As `live.py`, with the demo plant's filling lines: boards are spread over the lines and watch what the
wall board of a line watches (`line/L1` and `hours/L1`); every tenth watches the plant too. The writer does
what a tap does: it appends a count and computes the asset's day. A delay is from the end of that to the
moment a board of the line has read the new count. Frames are made once for all boards that show the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from asking import installation, ready
from live import TOKEN, asked, limit, resident_mb, shown, used_s
from plantbeat.shell.demo.catalogue import CENTRE_OF_LINE, SITE

LINES = tuple(sorted(CENTRE_OF_LINE))
GOOD = re.compile(rb'"(L\d)\.good":\{"text":"([\d,]+)"')
REQUEST = "GET /live/?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"


def prepare() -> None:
    """The demo plant's master data, a shift at any hour, a wall board's token."""
    ready()
    from datetime import date
    from datetime import time as at

    from django.core.management import call_command

    from plantbeat.areas.plant.records.line import Line
    from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
    from plantbeat.kernel import clock
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Device
    from plantbeat.kernel.act import act
    from plantbeat.shell.demo.master_data import build
    from plantbeat.shell.demo.wall_boards import make_wall_boards

    call_command("migrate", verbosity=0)
    by, site = Actor.system("benchmark"), build(clock.now().date())
    shifts = [
        {"place": 1, "name": "day", "start": at(0), "end": at(12)},
        {"place": 2, "name": "night", "start": at(12), "end": at(0)},
    ]
    every_day = {"weekdays": "Mon Tue Wed Thu Fri Sat Sun", "crews": "A B", "anchor": date(2026, 1, 5)}
    data = {"site": site, "code": "ALWAYS", "name": "Always", "shifts": shifts, **every_day}
    pattern = act(ShiftPattern, "create", by, data)
    for line in Line.objects.filter(site=site, code__in=LINES):
        act(line, "edit", by, {"shift_pattern": pattern})
    make_wall_boards(site)
    wall = act(Device, "create", by, {"site": site, "name": "bench", "kind": "wall"})
    Device.objects.filter(pk=wall.pk).update(token_hash=hashlib.sha256(TOKEN.encode()).hexdigest())


def serve() -> None:
    """The product's server."""
    ready()
    from plantbeat.shell.serving import serve as run

    run("127.0.0.1", 0, role="live")


def write(rate: str, seconds: str) -> None:
    """Count one piece after the other, line by line; one line of text per count that is computed."""
    ready()
    from plantbeat.areas.execution.questions import line_now
    from plantbeat.areas.plant.records.line import Line
    from plantbeat.facts.incoming import NewFact
    from plantbeat.facts.log import append, own_source
    from plantbeat.facts.tables import FactAsset
    from plantbeat.facts.views.recompute import recompute_asset
    from plantbeat.facts.views.rules import SiteRules
    from plantbeat.kernel import clock
    from plantbeat.kernel.access import Actor

    by = Actor.system("benchmark")
    lines = list(
        Line.objects.filter(code__in=LINES).select_related("site", "counting_point").order_by("code")
    )
    site, codes = lines[0].site, {line.code: line.counting_point.code for line in lines}
    assets = {line: FactAsset.objects.get(site=site, code=code) for line, code in codes.items()}
    made = {line: line_now(site, line, by).good for line in codes}
    today = {SiteRules(site.pk).day_at(clock.now_us())}
    started = time.monotonic()
    for number in range(int(float(rate) * float(seconds))):
        time.sleep(max(0.0, started + number / float(rate) - time.monotonic()))
        line = LINES[number % len(LINES)]
        fact = NewFact(asset=codes[line], t_us=clock.now_us(), kind="count", body={"good": 1})
        append([fact], by, own_source(site))
        recompute_asset(assets[line].pk, today)
        made[line] += 1
        print(line, made[line], time.monotonic_ns(), flush=True)


class Walls:
    """Connections that note when each first shows a count of its line, or a later one."""

    def __init__(self, count: int) -> None:
        self.line = [LINES[place % len(LINES)] for place in range(count)]
        self.seen: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self, port: int) -> None:
        """Open all of them and wait until each has its first frame."""
        started = [asyncio.Event() for _ in self.seen]
        for place, event in enumerate(started):
            self._tasks.append(asyncio.create_task(self._read(place, port, event)))
        async with asyncio.timeout(60):
            for event in started:
                await event.wait()

    async def _read(self, place: int, port: int, started: asyncio.Event) -> None:
        line = self.line[place]
        query = f"watch=line/{line}&watch=hours/{line}" + (
            f"&watch=plant/{SITE['code']}" if place % 10 == 0 else ""
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST.format(query=query, token=TOKEN).encode())
        try:
            while data := await reader.read(65_536):
                now = time.monotonic_ns()
                if not started.is_set() and data.startswith(b"HTTP/1.1 ") and b" 200 " not in data[:16]:
                    sys.exit(f"the server answers: {data[:300]!r}")
                if not started.is_set() and b"event: snapshot" in data:
                    started.set()
                for code, number in GOOD.findall(data):
                    if code.decode() == line:
                        self.seen[place].append((int(number.replace(b",", b"")), now))
        finally:
            writer.close()

    def leave(self) -> None:
        """Close all."""
        for task in self._tasks:
            task.cancel()

    def delays_ms(self, said: str) -> list[float]:
        """Of every count at every board of its line; a board that never showed one is a fault."""
        found = []
        for text in said.splitlines():
            line, number, at = text.split()
            for place, seen in enumerate(self.seen):
                if self.line[place] == line:
                    when = next((when for later, when in seen if later >= int(number)), None)
                    if when is None:
                        sys.exit(f"a board never showed count {number} of {line}")
                    found.append((when - int(at)) / 1e6)
        return found


async def serving(told: Path) -> int:
    """The port of the server, once it says it."""
    async with asyncio.timeout(60):
        while not (found := re.search(r"serving http://[^:]+:(\d+)", told.read_text())):
            await asyncio.sleep(0.1)
    return int(found[1])


async def measured(
    environment: dict[str, str], boards: int, seconds: float
) -> list[tuple[str, list[float], str]]:
    """Delays at two rates, with what the server used meanwhile."""
    told = Path(environment["PLANTBEAT_DATA"]) / "server.log"
    with told.open("w") as log:
        server = process(environment, "serve", stderr=log)
    try:
        port = await serving(told)
        walls, rows = Walls(boards), []
        await walls.connect(port)
        for rate in (2.0, 6.0):
            before, started = used_s(server.pid), time.monotonic()
            writer = process(environment, "write", str(rate), str(seconds), stdout=subprocess.PIPE)
            said, _ = await asyncio.to_thread(writer.communicate)
            await asyncio.sleep(3.0)
            share = (used_s(server.pid) - before) / (time.monotonic() - started)
            used = f"{share:.0%} of a core, {resident_mb(server.pid):.0f} MB"
            rows.append((f"walls, {rate:g} counts/s", walls.delays_ms(said), used))
        walls.leave()
        return rows
    except SystemExit:
        print(told.read_text()[-4_000:], file=sys.stderr)
        raise
    finally:
        server.terminate()
        server.wait(15)


def process(environment: dict[str, str], *arguments: str, **pipes: object) -> subprocess.Popen[str]:
    """Another process of this file."""
    return subprocess.Popen([sys.executable, __file__, *arguments], env=environment, text=True, **pipes)  # type: ignore[call-overload,no-any-return]


def main() -> None:
    """Run it and print the table."""
    given = asked(__doc__)
    with installation(given.database) as environment:
        if process(environment, "prepare").wait(180):
            sys.exit("the installation could not be prepared")
        rows = asyncio.run(measured(environment, given.boards, given.seconds))
        rows.append(asyncio.run(limit(environment, given.boards, given.seconds)))
    print(
        f"{given.boards} wall boards, {'PostgreSQL' if given.database else 'SQLite'}, {os.cpu_count()} cores,"
    )
    print(f"load average {os.getloadavg()[0]:.1f}, {given.seconds:g} s each\n\n{shown(rows)}")


PROCESSES = {"serve": serve, "prepare": prepare, "write": write}

if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in PROCESSES:
        PROCESSES[sys.argv[1]](*sys.argv[2:])
    else:
        main()
