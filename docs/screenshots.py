"""Takes the pictures of README and of these pages from a running demo plant.

    python docs/screenshots.py [--folder .demo --port 8000]

Starts a demo plant of ninety days in a folder of its own, whose clock shows a Thursday forenoon, when all
lines work; waits until its history is complete, signs in as the production manager and photographs Now, a
line, the schedule, a wall board and the moments of the day: light, 1280 pixels wide, and what is used while
walking on a phone of 390. Needs Chromium. With `--folder` and `--port` it
uses a demo plant that is running.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from playwright.sync_api import Browser, sync_playwright
from png_size import smaller

from browser import FLAGS, chromium_path
from plantbeat.kernel import clock
from plantbeat.shell.demo import catalogue
from plantbeat.shell.demo.demo_folder import CLOCK, DemoFolder
from plantbeat.shell.demo.sign_in_list import read_sign_ins
from shell.demo.running_demo import complete_demo

PICTURES = Path(__file__).parent / "pictures"
WIDTH = 1280
PHONE, PHONE_HEIGHT = 390, 844
FORENOON = time(11, 10)
SETTLED_MS = 2500
"""So long the live values and charts of a page get before they are photographed."""


class Shot(NamedTuple):
    """A picture: its file, the page, how much of it is shown, and what is pressed on the page before it."""

    name: str
    path: str
    height: int
    width: int = WIDTH
    follow: str = ""


SHOTS = (
    Shot("now", "/overview/", 800),
    Shot("line", "/lines/L1/", 980),
    Shot("schedule", "/schedule/", 800),
    Shot("wall", "/wall/L1/", 720),
    Shot("start-up", "/start-up/", 980),
    Shot("board", "/schedule/", 900, follow="Tune this schedule"),
    Shot("gemba", "/gemba-now/", 760),
    Shot("gemba-walk", "/gemba-now/", PHONE_HEIGHT, PHONE, "Start this walk"),
    Shot("hours", "/lines/L1/hours/", 860),
    Shot("call", "/lines/L1/", PHONE_HEIGHT, PHONE, "Call for help"),
    Shot("sync", "/sync-now/", 820),
    Shot("people", "/people-now/", 760),
    Shot("results", "/results/", 900),
    Shot("handoff", "/handoff/", 900, follow="Read and sign in"),
)


def take(browser: Browser, url: str, password: str) -> None:
    """Photograph the pages."""
    context = browser.new_context(base_url=url, color_scheme="light", locale="en-GB")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("#id_login", "manager")
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/")
    for shot in SHOTS:
        page.set_viewport_size({"width": shot.width, "height": shot.height})
        page.goto(shot.path)
        if shot.follow:
            page.locator("main").locator("a, button").filter(has_text=shot.follow).first.click()
            page.wait_for_load_state()
        page.wait_for_timeout(SETTLED_MS)
        picture = smaller(page.screenshot(animations="disabled"))
        (PICTURES / f"{shot.name}.png").write_bytes(picture)
        print(f"{shot.name}.png  {len(picture) / 1024:.0f} kB")
    context.close()


def photograph(folder: Path, url: str) -> None:
    """Take all pictures of a running demo plant."""
    passwords = {one["username"]: one["password"] for one in read_sign_ins(DemoFolder(folder)) or []}
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        take(browser, url, passwords["manager"])
        browser.close()


def forenoon_us() -> int:
    """The next Thursday forenoon at the demo plant: no line is under maintenance."""
    zone = ZoneInfo(catalogue.SITE["zone"])
    today = clock.now().astimezone(zone).date()
    day = today + timedelta(days=(3 - today.weekday()) % 7 or 7)
    return clock.to_us(datetime.combine(day, FORENOON, zone))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--folder", type=Path, help="of a demo plant that is running")
    parser.add_argument("--port", type=int, default=8000, help="of the running demo plant")
    given = parser.parse_args()
    if given.folder:
        photograph(given.folder.absolute(), f"http://127.0.0.1:{given.port}")
        return
    with tempfile.TemporaryDirectory(prefix="plantbeat-pictures-") as folder:
        plant = DemoFolder.made(Path(folder) / "plant")
        plant.write(CLOCK, {"shown_us": forenoon_us()})
        with complete_demo(plant.path) as demo:
            photograph(demo.folder, demo.url)


if __name__ == "__main__":
    main()
