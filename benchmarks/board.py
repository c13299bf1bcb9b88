"""The board at 60 machines and 5,000 operations: what a move costs the engine, and what a frame costs.

.venv/bin/python benchmarks/board.py [--operations 5000] [--machines 60] [--moves 200] [--frames 240]
[--no-browser]

Engine: one move tried and its consequences told ("preview"), beside the raw limit in the same run, which is
the compiled re-timing alone; the freeze laid out and the judge's check are paid once per drop. Browser: the
real board of `web/` (built by `python hatch_build.py`) in headless Chromium with software rendering, panned
and zoomed by one step per frame; times between animation frames, and of drawing alone. Goal: at least 50
frames/s (p95 of a frame at most 20 ms), a preview at most 100 ms.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path

import numpy as np  # noqa: TID253 - a program of its own, never part of the server

from asking import program, whole
from plantbeat.engine.schedule import Moves, ProblemBuilder, check, solve
from plantbeat.engine.schedule.freezing import frozen_until
from plantbeat.engine.schedule.whatif import Bench, NotPossibleError, consequences, insert_rush, place_at

DIST = Path(__file__).parents[1] / "src" / "plantbeat" / "static" / "dist"
MINUTE_US = 60_000_000
ORIGIN_US = 1_790_000_000_000_000


def plant(operations, machines, seed=1):
    """Two shifts of work on machines in centres of three, orders of one to five steps, set-ups by family."""
    chance, builder = random.Random(seed), ProblemBuilder()
    builder.calendar("two shifts", [(day * 1440, day * 1440 + 960) for day in range(200)], open_after=True)
    centres = machines // 3
    families = [f"f{i}" for i in range(6)]
    pairs = {(a, b): chance.randint(5, 60) for a in families for b in families if a != b}
    for centre in range(centres):
        builder.work_centre(f"C{centre}", setups=pairs, families=families)
        for place in range(3):
            builder.machine(f"M{centre * 3 + place:02}", f"C{centre}", calendar="two shifts")
    left, number = operations, 0
    while left:
        steps = min(left, chance.randint(1, 5))
        name = f"WO-{number:06}"
        builder.order(name, due=chance.randint(1_000, 14_000), weight=chance.randint(1, 5))
        for _step in range(steps):
            minutes, family = chance.randint(20, 180), chance.choice(families)
            builder.operation(name, f"C{chance.randrange(centres)}", minutes=minutes, family=family)
        left, number = left - steps, number + 1
    return builder.build()


def shares(times_s):
    ordered = sorted(1000 * one for one in times_s)
    return statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))], ordered[-1]


def timed(work):
    begun = time.perf_counter()
    found = work()
    return found, time.perf_counter() - begun


def line(name, times_s, note=""):
    middle, p95, worst = shares(times_s)
    print(f"{name:<44} {middle:>9.2f} {p95:>9.2f} {worst:>9.2f}  {note}", flush=True)
    return p95


def engine(options):
    problem = plant(options.operations, options.machines)
    schedule, solved_s = timed(lambda: solve(problem, budget=Moves(0)))
    schedule = Bench(problem).timed(Bench(problem).sequences(schedule))
    print(f"{problem.operations:,} operations, {problem.orders:,} orders, {problem.machines} machines; "
          f"solved in {solved_s:.1f} s, {len(schedule.late_orders)} orders late\n")  # fmt: skip
    print(f"{'engine, ms':<44} {'median':>9} {'p95':>9} {'worst':>9}")
    frozen, freeze_s = timed(lambda: frozen_until(problem, schedule, 960))
    bench, bench_s = timed(lambda: Bench(frozen))
    chance, limit, previews, refused = random.Random(2), [], [], 0
    sequences = bench.sequences(schedule)
    bench.run(sequences)
    free = np.flatnonzero(~bench.pinned).tolist()
    for _ in range(options.moves):
        o = chance.choice(free)
        m = chance.choice(list(problem.modes(o)))
        minute = chance.randint(960, int(schedule.end.max()))

        def try_one(o=o, m=m, minute=minute):
            after = bench.moved(schedule, place_at(schedule, o, m, minute))
            return consequences(problem, schedule, after)

        try:
            previews.append(timed(try_one)[1])
        except NotPossibleError:
            refused += 1
        deck = bench.lay_out(sequences)
        limit.append(timed(lambda deck=deck: bench.retime(deck))[1])
    floor = line("re-timing alone, compiled (the limit)", limit)
    p95 = line("a move and its consequences", previews, f"{refused} of {options.moves} not possible")
    line("laying out the freeze, once per draft", [freeze_s + bench_s])
    after, _s = timed(lambda: bench.timed(sequences))
    line("the judge's check, once per drop", [timed(lambda: check(bench.problem, after))[1]])
    order = int(problem.order_of[free[len(free) // 2]])
    rest = [[o for o in row if problem.order_of[o] != order] for row in sequences]
    if not bench.pinned[np.flatnonzero(problem.order_of == order)].any():
        found, rush_s = timed(lambda: insert_rush(bench, rest, order))
        line(f"a rush order, {len(found)} ways", [rush_s])
    print(f"\npreview p95 {p95:.1f} ms = {p95 / floor:.1f} × the limit; goal 100 ms\n")
    return problem, schedule


def page(problem, schedule):
    """The board's own page: data as the server sends it, the built scripts, no server behind."""

    def us(minute):
        return ORIGIN_US + int(minute) * MINUTE_US

    bars = []
    for o in range(problem.operations):
        order = int(problem.order_of[o])
        late = int(schedule.tardiness[order])
        bar = {
            "id": f"{order}/{o}", "order": problem.order_label(order), "step": o, "route": str(o),
            "lane": problem.machine_label(int(schedule.machine[o])), "from_us": us(schedule.setup_start[o]),
            "to_us": us(schedule.end[o]), "setup_us": us(schedule.start[o]) - us(schedule.setup_start[o]),
            "label": f"{problem.order_label(order)} ITEM", "due_us": us(problem.due[order]),
        }  # fmt: skip
        bars.append(bar | ({"status": "act", "late_us": late * MINUTE_US} if late else {}))
    actual = [[("running", "setup", "own_stop")[i % 3], us(20 * i), us(20 * i + 20), ""] for i in range(72)]
    lanes = [
        {"id": problem.machine_label(m), "name": problem.machine_label(m), "actual": actual}
        for m in range(problem.machines)
    ]
    data = {"from_us": us(0), "to_us": us(schedule.end.max()), "lanes": lanes, "bars": bars}
    return f"""<!doctype html><html lang="en" data-bs-theme="light" data-zone="America/Chicago"><head>
<meta charset="utf-8"><title>Board</title><link rel="stylesheet" href="/app.css">
<script type="module" src="/app.js"></script></head><body>
<script type="application/json" id="pb-words">{{}}</script>
<script type="application/json" id="bars">{json.dumps(data)}</script>
<div class="pb-gantt pb-board" data-board="bars" data-label="S-1"></div></body></html>"""


RUNS = ("idle frames (the limit)", "panning down, everything in view", "panning along, zoomed in",
        "panning both ways, zoomed in", "zooming by the wheel")  # fmt: skip
MEASURE = """
async ([name, frames]) => {
  const box = document.querySelector(".pb-gantt-box");
  const [, all, plus] = document.querySelectorAll(".pb-strip-tools .btn-group .btn");
  const frame = () => new Promise(requestAnimationFrame);
  const wheel = (deltaY) =>
    box.dispatchEvent(new WheelEvent("wheel", { deltaY, ctrlKey: true, cancelable: true, bubbles: true }));
  const step = {
    "idle frames (the limit)": () => {},
    "panning down, everything in view": (i) => { box.scrollTop = (i * 9) % 2000; },
    "panning along, zoomed in": (i) => { box.scrollLeft = (i * 23) % 4000; },
    "panning both ways, zoomed in": (i) => {
      box.scrollLeft = (i * 17) % 4000;
      box.scrollTop = (i * 7) % 1500;
    },
    "zooming by the wheel": (i) => wheel(Math.floor(i / 60) % 2 ? 24 : -24),
  }[name];
  all.click();
  if (name.includes("zoomed in")) for (let i = 0; i < 4; i++) plus.click();
  await frame();
  const times = [];
  let last = performance.now();
  for (let i = 0; i < frames; i++) {
    step(i);
    await frame();
    const now = performance.now();
    times.push((now - last) / 1000);
    last = now;
  }
  return times;
}
"""


def cpu_s():
    """CPU seconds of this program's Chromium, all its processes (Linux); 0 elsewhere."""
    parents, spent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        parts = text[text.rindex(")") + 2 :].split()
        pid = int(stat.parent.name)
        parents[pid] = int(parts[1])
        if "chrom" in text[text.index("(") : text.rindex(")")]:
            spent[pid] = (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def mine(pid):
        while pid > 1 and pid != os.getpid():
            pid = parents.get(pid, 0)
        return pid == os.getpid()

    return sum(seconds for pid, seconds in spent.items() if mine(pid))


def browser(problem, schedule, options):
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        for one in DIST.iterdir():
            (Path(folder) / one.name).symlink_to(one)
        (Path(folder) / "index.html").write_text(page(problem, schedule))
        handler = functools.partial(_Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
            view = chromium.new_page(viewport={"width": 1920, "height": 1080})
            view.goto(f"http://127.0.0.1:{server.server_port}/")
            view.wait_for_selector(".pb-gantt-box canvas")
            view.wait_for_timeout(1000)
            found = {}
            for name in RUNS:
                before = cpu_s()
                times = view.evaluate(MEASURE, [name, options.frames])
                found[name] = times, 1000 * (cpu_s() - before) / len(times)
            chromium.close()
        server.shutdown()
    print(f"{'browser, ms between frames, 1920 x 1080':<44} {'median':>9} {'p95':>9} {'worst':>9}")
    for name, (times, cpu_ms) in found.items():
        line(name, times, f"{len(times) / sum(times):.0f} frames/s, {cpu_ms:.1f} ms CPU per frame")
    load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"\nload of the machine: {load}; CPU is that of all processes of Chromium")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        """Say nothing."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--operations", type=whole(10, 50_000), default=5_000)
    parser.add_argument("--machines", type=whole(1, 500), default=60)
    parser.add_argument("--moves", type=whole(1, 10_000), default=200)
    parser.add_argument("--frames", type=whole(10, 10_000), default=240)
    parser.add_argument("--chromium", type=program, default="/usr/bin/chromium")
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    problem, schedule = engine(options)
    if not options.no_browser:
        browser(problem, schedule, options)


if __name__ == "__main__":
    main()
