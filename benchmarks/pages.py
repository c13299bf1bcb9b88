"""Pages of the demo plant: how long does the server take for each, how many queries, how many bytes?

    python benchmarks/pages.py [--times 50] [--only TEXT] [--folder .demo --port 8000]

Starts a demo plant of ninety days in a folder of its own and waits until its history is complete; with
`--folder` and `--port` it uses one that is running. Every page is then asked for over HTTP, signed in, in
turns, while the plant goes on telling facts: a time is from the request to the last byte on 127.0.0.1, so the
server's time is below it. Queries are counted in this process, one call per page, and so is the processor's
time (`cpu`: the median of some calls), which other programs of the machine hardly change. The limit of 200 ms
stands beside the 95th percentile; the load of the machine is printed, for a busy one says little.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from asking import whole

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from shell.demo.running_demo import Demo, eventually, signed_in

LIMIT_MS = 200.0
WARM = 3
HISTORY_S = 600
CPU_TIMES = 5
WHO = "manager", "admin"
"""Who looks: the manager, and the administrator at what the manager may not see."""


class Page(NamedTuple):
    """A page to look at."""

    name: str
    path: str


DAY = (
    "/overview/", "/start-up/", "/start-up/last-shift/", "/gemba-now/", "/sync-now/", "/people-now/",
    "/results/", "/handoff/", "/shift-packs/", "/attendance/", "/on-duty/", "/hours/", "/lines/L1/hours/",
    "/andon/",
    "/andon/calls/", "/losses/", "/losses/unusual/", "/trends/", "/tiers/", "/actions/", "/routines/",
    "/routines/kept/", "/gemba/", "/reports/", "/reports/?span=month", "/reports/slide/", "/schedule/board/",
    "/schedule/diff/", "/terminal/", "/terminal/L1/", "/quarantine/", "/key-in/", "/hazards/report/",
)  # fmt: skip


@dataclass
class Seen:
    """What came of asking for a page."""

    page: Page
    who: str
    queries: int
    cpu_ms: float
    size: int = 0
    took_ms: list[float] = field(default_factory=list)

    @property
    def p95_ms(self) -> float:
        return statistics.quantiles(self.took_ms, n=20)[-1] if len(self.took_ms) > 1 else self.took_ms[0]


def pages() -> Iterator[Page]:
    """Every page there is to look at: those with addresses of their own, and each record type's."""
    from plantbeat.areas.plant.records.line import Line
    from plantbeat.facts.views.catalogue import measures
    from plantbeat.kernel import registry
    from plantbeat.kernel.access import Actor, visible
    from plantbeat.surfaces.addresses import address, address_of

    by = Actor.system("benchmark")
    yield Page("Now", "/")
    for line in visible(Line, by).order_by("code"):
        yield Page(f"Line {line.code}", f"/lines/{line.code}/")
        yield Page(f"Wall {line.code}", f"/wall/{line.code}/")
    yield Page("Cycle times L1", "/lines/L1/cycles/")
    yield from of_the_day()
    yield Page("Schedule", "/schedule/")
    yield Page("Capacity", "/capacity/")
    yield Page("Measures", "/kpis/")
    for measure in measures():
        yield Page(f"Measure {measure.code}", f"/kpis/?measure={measure.code}")
    yield Page("Search “dish”", "/search/?q=dish")
    yield Page("Assumptions", "/plant/assumptions/")
    yield Page("Workbook", "/plant/workbook/")
    for model in registry.records():
        if not model.face.menu:
            continue
        yield Page(f"List of {model._meta.verbose_name_plural}", address(model))
        if (first := visible(model, by).order_by("pk").first()) is not None:
            yield Page(f"One of {model._meta.verbose_name_plural}", address_of(first))


def of_the_day() -> Iterator[Page]:
    """Pages of the day from the way in to the reports, and one of what the plant holds of each kind."""
    from plantbeat.areas.daily.records.handoff import Handoff
    from plantbeat.areas.daily.records.tier_board import TierBoard
    from plantbeat.areas.daily.records.tier_meeting import TierMeeting
    from plantbeat.areas.execution.losses.trend_page import SUBJECT_WORDS
    from plantbeat.areas.execution.records.andon_call import AndonCall
    from plantbeat.kernel.access import Actor, visible

    by = Actor.system("benchmark")
    for path in DAY:
        yield Page(path.strip("/"), path)
    for subject in SUBJECT_WORDS:
        yield Page(f"trends of {subject}", f"/trends/?of={subject}")
    for board in visible(TierBoard, by).order_by("code"):
        yield Page(f"tiers {board.code}", f"/tiers/{board.code}/")
        yield Page(f"tiers {board.code} wall", f"/tiers/{board.code}/wall/")
    for name, model, path in (
        ("a meeting", TierMeeting, "/tiers/meetings/{0.pk}/"),
        ("a call", AndonCall, "/andon/{0.number}/"),
        ("a handoff", Handoff, "/handoff/{0.number}/"),
    ):
        last = visible(model, by).order_by("pk").last()
        if last is not None:
            yield Page(name, path.format(last))


def counted(found: list[Page]) -> Iterator[Seen]:
    """The pages with who may look at them, and their queries."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from plantbeat.kernel.access import Actor, visible
    from plantbeat.kernel.accounts import User

    clients = {}
    for who in WHO:
        clients[who] = Client(headers={"host": "localhost"})
        clients[who].force_login(visible(User, Actor.system("benchmark")).get(username=who))
    for page in found:
        who = next((who for who in WHO if clients[who].get(page.path, follow=True).status_code == 200), None)
        if who is None:
            raise SystemExit(f"{page.name} ({page.path}) answers neither of {', '.join(WHO)}")
        with CaptureQueriesContext(connection) as queries:
            clients[who].get(page.path, follow=True)
        yield Seen(page, who, len(queries), cpu_ms(clients[who], page.path))


def cpu_ms(client: Any, path: str) -> float:
    """Processor time of this thread for a page, signed in; the median of some calls."""
    found = []
    for _time in range(CPU_TIMES):
        begun = time.thread_time()
        client.get(path, follow=True)
        found.append(1000 * (time.thread_time() - begun))
    return statistics.median(found)


def timed(seen: list[Seen], url: str, passwords: dict[str, str], times: int) -> None:
    """Ask for all pages in turns, so that none has the machine's quiet minute to itself."""
    clients = {who: httpx.Client(base_url=url, timeout=60, follow_redirects=True) for who in WHO}
    for who, client in clients.items():
        signed_in(client, who, passwords[who])
    for turn in range(-WARM, times):
        for one in seen:
            begun = time.perf_counter()
            answer = clients[one.who].get(one.page.path)
            took_ms = 1000 * (time.perf_counter() - begun)
            if answer.status_code != 200:
                raise SystemExit(f"{one.page.path} answered {answer.status_code}")
            if turn >= 0:
                one.size = max(one.size, len(answer.content))
                one.took_ms.append(took_ms)


def table(seen: list[Seen], times: int) -> int:
    """Print the pages, the slowest first; how many are over the limit."""
    width = max(len(one.page.name) for one in seen)
    print(f"{'page':<{width}}   p50 ms   p95 ms   limit   cpu ms  queries       kB")
    for one in sorted(seen, key=lambda one: -one.p95_ms):
        over = "  over" if one.p95_ms > LIMIT_MS else ""
        took = f"{statistics.median(one.took_ms):9.0f}{one.p95_ms:9.0f}{LIMIT_MS:8.0f}"
        row = f"{took}{one.cpu_ms:9.0f}{one.queries:9d}"
        print(f"{one.page.name:<{width}}{row}{one.size / 1024:9.1f}{over}")
    over = sum(one.p95_ms > LIMIT_MS for one in seen)
    print(f"{len(seen)} pages, {times} times each, {over} over {LIMIT_MS:.0f} ms;", end=" ")
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return over


def measure(folder: Path, url: str, times: int, only: str) -> int:
    """Measure a running demo plant."""
    from plantbeat.shell.cli import django_ready
    from plantbeat.shell.demo.demo_folder import DemoFolder
    from plantbeat.shell.demo.sign_in_list import read_sign_ins

    known = DemoFolder(folder)
    os.environ |= {
        "PLANTBEAT_DATA": str(folder),
        "PLANTBEAT_SECRET_KEY": known.secret_key(),
        "PLANTBEAT_ALLOWED_HOSTS": "localhost",
        "PLANTBEAT_HTTPS": "0",
        "PLANTBEAT_LOG_LEVEL": "ERROR",
    }
    django_ready()
    logging.disable(logging.WARNING)  # of pages that one of the two may not see
    passwords = {one["username"]: one["password"] for one in read_sign_ins(known) or []}
    seen = list(counted([page for page in pages() if only.casefold() in page.name.casefold()]))
    if not seen:
        raise SystemExit(f"--only: no page has “{only}” in its name")
    timed(seen, url, passwords, times)
    return table(seen, times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--times", type=whole(1, 1_000), default=50)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--folder", type=Path, help="of a demo plant that is running")
    parser.add_argument("--port", type=whole(1, 65_535), default=8000, help="of the running demo plant")
    given = parser.parse_args()
    if given.folder:
        if not (given.folder / "plantbeat-demo.json").is_file():
            parser.error(f"--folder: there is no demo plant in {given.folder}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", given.port)):
                parser.error(f"--port: nothing answers on 127.0.0.1:{given.port}; start the demo plant first")
        sys.exit(
            measure(given.folder.absolute(), f"http://127.0.0.1:{given.port}", given.times, given.only) > 0
        )
    with tempfile.TemporaryDirectory(prefix="plantbeat-pages-") as folder:
        demo = Demo(Path(folder) / "plant")
        try:
            complete = "the history is complete"
            eventually(lambda: any(complete in line for line in demo.lines), HISTORY_S, complete)
            over = measure(demo.folder, demo.url, given.times, given.only)
        finally:
            demo.process.terminate()
            demo.process.wait(30)
    sys.exit(over > 0)


if __name__ == "__main__":
    main()
