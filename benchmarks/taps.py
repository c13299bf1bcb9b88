"""Queued taps: how long do tablets that were away take until the plant has all they saved?

    python benchmarks/taps.py [--tablets 12] [--taps 500] [--database postgresql://…]

The server is a process of its own, the tablets are threads. Each sends its queue as the terminal does: 50
taps at a time, the next when the answer is there; every tenth answer is thrown away, as a bad network does,
and the batch sent again. At the end each tap has one outcome and each count one fact. Beside it: the raw
limit, the same number of facts in batches of 50 by one process without HTTP, ledger or permission.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import secrets
import subprocess
import sys
import threading
import time
from typing import Any

from asking import installation, ready, server, whole

AT_ONCE = 50
LOSE_EVERY = 10
GOAL_S = 60.0
TAP_EVERY_US = 20_000_000
SIGNED_IN_US = 4 * 3_600_000_000
MOST_TABLETS, MOST_TAPS = 200, SIGNED_IN_US // TAP_EVERY_US
"""The taps of a tablet lie within the time its operator was signed in."""
COME_AGAIN = {429, 503, 507}


def prepare(tablets: str) -> None:
    """A line that is counted by hand, an operator, and the tokens and passes of so many tablets."""
    ready()
    from django.core.management import call_command

    from plantbeat.areas.plant.records.line import Line
    from plantbeat.areas.plant.records.machine import Machine
    from plantbeat.facts.taps.passes import OperatorPass, pass_text
    from plantbeat.kernel import clock, devices
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Site, User
    from plantbeat.kernel.act import act

    call_command("migrate", verbosity=0)
    by = Actor.system("benchmark")
    site = act(Site, "create", by, {"code": "B1", "name": "Bench"})
    grants = [{"role": "administrator", "site": None}]
    chief = act(User, "create", by, {"username": "chief", "name": "Chief", "grants": grants})
    act(chief, "set_password", by, {"password": secrets.token_urlsafe(20)})
    line = act(Line, "create", by, {"site": site, "code": "L1", "name": "Line", "source": "taps"})
    act(Machine, "create", by, {"site": site, "code": "M1", "name": "Bench", "line": line})
    grants = [{"role": "operator", "site": site}]
    ann = act(User, "create", by, {"username": "ann", "name": "Ann", "grants": grants})
    made = []
    for number in range(int(tablets)):
        token = secrets.token_urlsafe(24)
        where = {"site": site, "name": f"T{number}", "kind": "tablet", "place": "L1"}
        device = devices.enrol(devices.waiting_code(token), by, **where)
        passed = pass_text(OperatorPass(ann.pk, device.pk, clock.now_us() - SIGNED_IN_US))
        made.append([token, passed])
    print(json.dumps(made))


def stored() -> None:
    """What became of the taps, and how many pieces the facts hold."""
    ready()
    from collections import Counter

    from plantbeat.facts.models import Fact, Tap, TapSession

    goods = [
        json.loads(body)["good"] for body in Fact.objects.filter(kind="count").values_list("body", flat=True)
    ]
    told = {
        "outcomes": Counter(Tap.objects.values_list("outcome", flat=True)),
        "facts": len(goods),
        "pieces": sum(goods),
        "up_to": sorted(TapSession.objects.values_list("up_to", flat=True)),
    }
    print(json.dumps(told))


def raw(count: str) -> None:
    """The raw limit: so many count facts in batches of 50, no more."""
    ready()
    from plantbeat.facts.incoming import NewFact
    from plantbeat.facts.log import append, own_source
    from plantbeat.kernel import clock
    from plantbeat.kernel.access import Actor, visible
    from plantbeat.kernel.accounts import Site

    by = Actor.system("benchmark")
    site = visible(Site, by).get()
    source, now_us = own_source(site), clock.now_us()
    started = time.monotonic()
    for first in range(0, int(count), AT_ONCE):
        facts = [
            NewFact(asset="M1", t_us=now_us - 1000 * (first + one), kind="scrap", body={"quantity": 1})
            for one in range(AT_ONCE)
        ]
        append(facts, by, source)
    print(json.dumps({"seconds": time.monotonic() - started}))


def serve() -> None:
    """The product's server."""
    ready()
    from plantbeat.shell.serving import serve as run

    run("127.0.0.1", int(os.environ["BENCH_PORT"]))


class Tablet:
    """One tablet's queue; `pieces` is what it counted, `resent` how many taps it had to send twice."""

    def __init__(self, port: int, token: str, passed: str, taps: int) -> None:
        now_us = time.time_ns() // 1000
        self.port, self.token, self.session = port, token, secrets.token_hex(12)
        self.queue = [
            {
                "seq": seq, "kind": "count", "clock_us": now_us - (taps - seq + 1) * TAP_EVERY_US,
                "offset_us": 0, "pass": passed, "data": {"line": "L1", "good": seq % 7 + 1},
            }
            for seq in range(1, taps + 1)
        ]  # fmt: skip
        self.pieces = sum(tap["data"]["good"] for tap in self.queue)  # type: ignore[index]
        self.seconds, self.resent, self.slowest, self.waits = 0.0, 0, 0.0, 0
        self.problem = ""

    def drain(self) -> None:
        """Send until nothing waits; `problem` says why it was given up."""
        try:
            self._send_all()
        except OSError as error:
            self.problem = f"the server went away: {error}"

    def _send_all(self) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        started, sent = time.monotonic(), 0
        while self.queue:
            batch = self.queue[:AT_ONCE]
            body = {"session": self.session, "clock_us": time.time_ns() // 1000, "taps": batch}
            begun = time.monotonic()
            link.request("POST", "/taps/", json.dumps(body), headers)
            response = link.getresponse()
            content = response.read()
            self.slowest = max(self.slowest, time.monotonic() - begun)
            if response.status not in COME_AGAIN | {200}:
                self.problem = (
                    f"the server answered {response.status}: {content[:300].decode(errors='replace')}"
                )
                return
            if response.status != 200:
                self.waits += 1
                time.sleep(0.5 + random.random())
                continue
            answer, sent = json.loads(content), sent + 1
            if sent % LOSE_EVERY == 0:
                self.resent += len(batch)
            else:
                settled = {result["seq"] for result in answer["results"]}
                self.queue = [tap for tap in self.queue if tap["seq"] not in settled]
        self.seconds = time.monotonic() - started


def main() -> None:
    """Run and print a table; exit code 1 if a tap was lost or doubled, or the goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tablets", type=whole(1, MOST_TABLETS), default=12)
    parser.add_argument("--taps", type=whole(1, MOST_TAPS), default=500)
    parser.add_argument(
        "--database", type=server, default="", help="a PostgreSQL server to make a database on; else SQLite"
    )
    asked = parser.parse_args()
    more = {"PLANTBEAT_ALLOWED_HOSTS": "127.0.0.1", "PLANTBEAT_LOG_LEVEL": "ERROR"}
    with installation(asked.database, BENCH_PORT=str(_free_port()), **more) as environment:
        os.environ |= environment
        code = _measured(asked.tablets, asked.taps)
    sys.exit(code)


def _measured(count: int, taps: int) -> int:
    known = _run("prepare", str(count))
    port = int(os.environ["BENCH_PORT"])
    server = subprocess.Popen([sys.executable, __file__, "serve"])
    try:
        _wait(port, server)
        tablets = [Tablet(port, token, passed, taps) for token, passed in known]
        threads = [threading.Thread(target=tablet.drain) for tablet in tablets]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started
    finally:
        server.terminate()
        server.wait(20)
    if problems := {tablet.problem for tablet in tablets if tablet.problem}:
        sys.exit("; ".join(sorted(problems)))
    told, whole = _run("stored"), count * taps
    limit = _run("raw", str(whole))["seconds"]
    exact = told["outcomes"] == {"done": whole} and told["facts"] == whole
    exact = exact and told["pieces"] == sum(tablet.pieces for tablet in tablets)
    resent = sum(tablet.resent for tablet in tablets)
    waits = sum(tablet.waits for tablet in tablets)
    print(f"{count} tablets × {taps} taps, {resent} of them sent twice, {waits} times told to come again")
    print(f"  drained in          {seconds:8.1f} s   {whole / seconds:8.0f} taps/s   goal {GOAL_S:.0f} s")
    print(f"  slowest batch of 50 {max(tablet.slowest for tablet in tablets):8.2f} s")
    print(f"  raw limit           {limit:8.1f} s   {whole / limit:8.0f} facts/s  ratio {seconds / limit:.1f}")
    print(f"  lost or doubled     {'none' if exact else told}")
    return 0 if exact and seconds < GOAL_S else 1


def _run(*words: str) -> Any:
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        first = max(place for place, line in enumerate(lines) if not line.startswith((" ", "\t")))
        sys.exit(f"“{words[0]}” could not be done: {' '.join(line.strip() for line in lines[first:])}")
    return json.loads(done.stdout.splitlines()[-1])


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            link.request("GET", "/healthz")
            link.getresponse().read()
        except OSError:
            if server.poll() is not None:
                sys.exit(f"the server ended by itself with code {server.returncode}")
            time.sleep(0.2)
        else:
            return
    sys.exit("the server did not start")


if __name__ == "__main__":
    commands = {"prepare": prepare, "stored": stored, "raw": raw, "serve": serve}
    if len(sys.argv) > 1 and sys.argv[1] in commands and "BENCH_PORT" in os.environ:
        commands[sys.argv[1]](*sys.argv[2:])
    else:
        main()
