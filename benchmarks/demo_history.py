"""The demo plant's ninety days: how long do simulating, appending, the cube and the records take?

    python benchmarks/demo_history.py [--days 90] [--workers 2] [--database postgresql://…]

Every phase runs alone, in this process, in a plant and a database of its own, on the days the demo tells; the
cube is then computed by as many worker processes as the demo has, each with the lines of its share. Printed
are the wall time and the processor time (children included), and beside the whole the limit of 40 s. The
demo itself overlaps appending and cube, so it is done a little earlier than the sum says.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from asking import server, whole

LIMIT_S = 40.0
MOST_FACTS = 1_000_000


class Clocked:
    """Wall and processor seconds of phases, by name."""

    def __init__(self) -> None:
        self.wall_s: dict[str, float] = {}
        self.cpu_s: dict[str, float] = {}

    def phase(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a part of a phase and add its time."""
        wall_s, cpu_s = time.perf_counter(), _cpu_s()
        result = work(*arguments)
        self.wall_s[name] = self.wall_s.get(name, 0.0) + time.perf_counter() - wall_s
        self.cpu_s[name] = self.cpu_s.get(name, 0.0) + _cpu_s() - cpu_s
        return result

    def print(self) -> None:
        for name, wall_s in self.wall_s.items():
            print(f"  {name:<28}{wall_s:8.1f} s wall{self.cpu_s[name]:8.1f} s processor")


def _cpu_s() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def share(which: int, of: int) -> None:
    """One worker process: the cube of the lines of its share."""
    _ready()
    from plantbeat.facts.views.recompute import recompute

    while recompute(None, share=(which, of)).days:
        pass


def _cubed_by(workers: int) -> None:
    command = [sys.executable, __file__, "--share"]
    running = [subprocess.Popen([*command, f"{which}/{workers}"]) for which in range(workers)]
    if any(one.wait() for one in running):
        raise SystemExit("a worker failed")


def measure(days: int, workers: int) -> None:
    """Build the plant and its history phase by phase."""
    clocked = Clocked()
    clocked.phase("start of Django", _ready)
    from plantbeat.facts.tables import DirtyDay, Fact, FactAsset
    from plantbeat.facts.views.tables import AssetDay, AssetHour
    from plantbeat.shell.demo.building import build_plant
    from plantbeat.shell.demo.demo_folder import demo_folder
    from plantbeat.shell.demo.gemba_history import tell_walks
    from plantbeat.shell.demo.history import History
    from plantbeat.shell.demo.incident_history import tell_incidents
    from plantbeat.shell.demo.order_book import orders_in
    from plantbeat.shell.demo.routine_history import tell_routines
    from plantbeat.shell.demo.tables import make_tables
    from plantbeat.shell.demo.tier_history import tell_tiers
    from plantbeat.shell.installation import make_folders

    folder = demo_folder().made(demo_folder().path)
    make_folders()
    clocked.phase("tables", make_tables)
    site = clocked.phase("master data and people", build_plant, folder, days)
    history = History(site, folder, lambda _sentence: None)
    orders = []
    for segment in history.stretches:
        told = clocked.phase("simulate", history.simulated, segment)
        clocked.phase("append facts", history.append_stretch, told)
        if segment.end_us > history.orders_from_us:
            orders += orders_in(one for row in told.values() for one in row)
    clocked.phase("orders and schedule", history.record_orders, orders)
    clocked.phase(f"cube, {workers} processes", _cubed_by, workers)
    plan = (site, history.plan.built_us, history.plan.seed, days)
    clocked.phase("handoffs", history.hand_over)
    clocked.phase("routines", tell_routines, *plan)
    clocked.phase("walks", tell_walks, *plan)
    clocked.phase("incident rooms", tell_incidents, *plan)
    clocked.phase("tier boards", tell_tiers, *plan)
    clocked.phase("calls for help", _calls_followed)
    clocked.print()
    facts, whole_s = Fact.objects.count(), sum(clocked.wall_s.values())
    print(f"{facts:,} facts (limit {MOST_FACTS:,}) of {FactAsset.objects.count()} assets became", end=" ")
    print(f"{AssetDay.objects.count():,} asset-days, {AssetHour.objects.count():,} cells", end="; ")
    print(f"{DirtyDay.objects.count()} days left")
    print(f"in all {whole_s:.1f} s wall, limit {LIMIT_S:.0f} s: {whole_s / LIMIT_S:.2f} of it")


def _calls_followed() -> None:
    """What the worker makes of the calls for help that the history tells."""
    from plantbeat.areas.execution.andon.following import follow_from

    before, after = -1, 0
    while after != before:
        before, after = after, follow_from(after)


def _ready() -> None:
    from plantbeat.shell.cli import django_ready

    django_ready()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--days", type=whole(1, 90), default=90)
    parser.add_argument("--workers", type=whole(1, 8), default=2)
    parser.add_argument(
        "--database", type=server, help="PLANTBEAT_DATABASE_URL of an empty database; default SQLite"
    )
    parser.add_argument("--share", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.share:
        which, of = given.share.split("/")
        share(int(which), int(of))
        return
    with tempfile.TemporaryDirectory(prefix="plantbeat-history-") as folder:
        os.environ["PLANTBEAT_DATA"] = str(Path(folder) / "demo")
        os.environ["PLANTBEAT_SECRET_KEY"] = "benchmark" * 6
        os.environ["PLANTBEAT_DEMO"] = "1"
        os.environ["PLANTBEAT_LOG_LEVEL"] = "ERROR"
        if given.database:
            os.environ["PLANTBEAT_DATABASE_URL"] = given.database
        measure(given.days, given.workers)


if __name__ == "__main__":
    main()
