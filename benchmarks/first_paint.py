"""First paint of the moments: how long until Chromium has painted something of the page?

    python benchmarks/first_paint.py [--times 10] [--width 1280] [--folder .demo --port 8000]

Starts a demo plant of ninety days in a folder of its own and waits until its history is complete; with
`--folder` and `--port` it uses one that is running. The manager opens every moment's page: *cold* with an
empty cache, *cached* with the files of the product in the browser's cache, as on every day after the first.
The figure is Chromium's own first contentful paint, from the start of the navigation. Beside it stand the
first byte of the page, which is the server's time, and what is left for the browser. The limit of a second
holds for the cached paint; the load of the machine is printed, for a busy one says little.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import pytest
from playwright.sync_api import CDPSession, Error, Page, sync_playwright

from browser import FLAGS, chromium_path
from plantbeat.shell.demo.demo_folder import DemoFolder
from plantbeat.shell.demo.sign_in_list import read_sign_ins
from shell.demo.running_demo import complete_demo

LIMIT_MS = 1000.0
LEAST_PX, MOST_PX = 320, 7680
PAINTS_WITHIN_MS = 30_000
SIGNED_IN_WITHIN_MS = 10_000
MOMENTS = (
    ("Start-up", "/start-up/"), ("Tune-up", "/schedule/"), ("The board", "/schedule/board/"),
    ("Gemba", "/gemba-now/"), ("Sync", "/sync-now/"), ("People", "/people-now/"), ("Results", "/results/"),
    ("Handoff", "/handoff/"), ("Calls for help", "/andon/"), ("A line", "/lines/L1/"),
    ("Hour board", "/lines/L1/hours/"), ("Wall board", "/wall/L1/"),
)  # fmt: skip
PAINTED = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const way = performance.getEntriesByType("navigation")[0];
  return paint && way ? [paint.startTime, way.responseStart] : null;
}"""


class NotMeasuredError(Exception):
    """Nothing can be measured; the text is one sentence for whoever started it."""


@dataclass
class Painted:
    """First paints of a page, ms from the start of the navigation, and its first bytes."""

    name: str
    path: str
    cold_ms: list[float] = field(default_factory=list)
    cached_ms: list[float] = field(default_factory=list)
    byte_ms: list[float] = field(default_factory=list)

    @property
    def p95_ms(self) -> float:
        return statistics.quantiles(self.cached_ms, n=20)[-1]


@contextmanager
def manager(url: str, password: str, width: int) -> Iterator[tuple[Page, CDPSession]]:
    """A page of the manager, signed in, and the line to its browser. Raises `NotMeasuredError`."""
    try:
        program = chromium_path()
    except pytest.skip.Exception as why:
        raise NotMeasuredError(f"{why.msg}.") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        size = {"width": width, "height": 844 if width < 600 else 900}
        page = browser.new_context(base_url=url, viewport=size).new_page()  # type: ignore[arg-type]
        sign_in(page, url, password)
        yield page, page.context.new_cdp_session(page)
        browser.close()


def sign_in(page: Page, url: str, password: str) -> None:
    """Raises `NotMeasuredError` where nobody answers, or not the plant of the password."""
    try:
        answer = page.goto("/accounts/login/")
    except Error:
        say = f"nothing answers at {url}; start the demo plant, or name its --port."
        raise NotMeasuredError(say) from None
    if answer is None or not answer.ok or not page.locator("#id_login").count():
        raise NotMeasuredError(f"what answers at {url} is no Plantbeat; name the --port of the demo plant.")
    page.fill("#id_login", "manager")
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")
    try:
        page.wait_for_url(lambda address: "login" not in address, timeout=SIGNED_IN_WITHIN_MS)
    except Error:
        say = f"{url} does not know the manager of --folder; it runs from another one."
        raise NotMeasuredError(say) from None


def painted(page: Page, path: str) -> tuple[float, float]:
    """First paint and first byte of a page, ms. Raises `NotMeasuredError` for a page that is not there."""
    answer = page.goto(path, wait_until="commit")
    if answer is None or not answer.ok:
        raise NotMeasuredError(
            f"{path} answers {answer.status if answer else 'nothing'}; nothing is measured of it."
        )
    found = page.wait_for_function(PAINTED, timeout=PAINTS_WITHIN_MS).json_value()
    return found[0], found[1]


def measure(folder: Path, url: str, times: int, width: int) -> list[Painted]:
    """Open every page in turns, cold and cached; the first turn is not counted. Raises `NotMeasuredError`."""
    passwords = {one["username"]: one["password"] for one in read_sign_ins(DemoFolder(folder)) or []}
    if "manager" not in passwords:
        raise NotMeasuredError(f"{folder} is no folder of a demo plant: it holds no sign-in of a manager.")
    found = [Painted(name, path) for name, path in MOMENTS]
    with manager(url, passwords["manager"], width) as (page, session):
        for turn in range(-1, times):
            for one in found:
                session.send("Network.clearBrowserCache")
                cold_ms, _byte_ms = painted(page, one.path)
                cached_ms, byte_ms = painted(page, one.path)
                if turn >= 0:
                    one.cold_ms.append(cold_ms)
                    one.cached_ms.append(cached_ms)
                    one.byte_ms.append(byte_ms)
    return found


def table(found: list[Painted]) -> int:
    """Print the pages, the slowest first; how many are over the limit."""
    print("page             cold p50 ms  cached p50 ms  cached p95 ms  limit  first byte ms  browser ms")
    for one in sorted(found, key=lambda one: -one.p95_ms):
        cold, cached, byte = map(statistics.median, (one.cold_ms, one.cached_ms, one.byte_ms))
        own = statistics.median(
            paint - first for paint, first in zip(one.cached_ms, one.byte_ms, strict=True)
        )
        over = "  over" if one.p95_ms > LIMIT_MS else ""
        figures = f"{cold:11.0f}{cached:15.0f}{one.p95_ms:15.0f}{LIMIT_MS:7.0f}{byte:15.0f}{own:12.0f}"
        print(f"{one.name:<17}{figures}{over}")
    over = sum(one.p95_ms > LIMIT_MS for one in found)
    print(f"{len(found)} pages, {over} over {LIMIT_MS:.0f} ms;", end=" ")
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return over


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--width", type=int, default=1280, help="of the screen, px")
    parser.add_argument("--folder", type=Path, help="of a demo plant that is running")
    parser.add_argument("--port", type=int, default=8000, help="of the running demo plant")
    given = parser.parse_args()
    if given.times < 2:
        parser.error("--times must be 2 or more")
    if not LEAST_PX <= given.width <= MOST_PX:
        parser.error(f"--width must be {LEAST_PX} to {MOST_PX}")
    if not 1 <= given.port <= 65535:
        parser.error("--port must be 1 to 65535")
    try:
        found = measured(given.folder, given.port, given.times, given.width)
    except NotMeasuredError as why:
        parser.exit(2, f"{why}\n")
    sys.exit(table(found) > 0)


def measured(folder: Path | None, port: int, times: int, width: int) -> list[Painted]:
    """The pages of a demo plant that is running, or of one made for it."""
    if folder:
        return measure(folder.absolute(), f"http://127.0.0.1:{port}", times, width)
    with (
        tempfile.TemporaryDirectory(prefix="plantbeat-paint-") as made,
        complete_demo(Path(made) / "plant") as demo,
    ):
        return measure(demo.folder, demo.url, times, width)


if __name__ == "__main__":
    main()
