"""A stop gets its reason with one tap at the hour board, and hour board, OEE and wall are right."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from browser import axe_violations
from plantbeat.engine.legibility import CAP_PER_EM, cap_height_cm

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R146", "R117", "R151")]

MINUTE_US = 60_000_000
FOLLOWS_WITHIN_MS = 15_000
SCREEN_CM = 122


@pytest.fixture(scope="module")
def told(installation):
    """Five hours of the line: it makes 500 an hour, stood from 25 to 5 minutes ago, and runs."""
    command = [sys.executable, "-m", "plantbeat.shell.cli", "token", "create", "pace-gateway"]
    made = subprocess.run(command, env=installation.environment, capture_output=True, text=True, check=True)
    token = next(word for word in made.stdout.split() if word.startswith("pb"))
    said = [
        (300, "state", {"state": "running"}),
        (300, "order_start", {"order": "WO-PACE", "item": "DISH-500", "quantity": 9000}),
        *((minutes, "count", {"good": 125, "scrap": 1}) for minutes in range(285, 30, -15)),
        *((minutes, "heartbeat", {}) for minutes in range(298, 26, -4)),
        (25, "state", {"state": "own_stop"}),
        (5, "state", {"state": "running"}),
        (1, "heartbeat", {}),
    ]
    now_us = time.time_ns() // 1000
    batch = [
        {"asset": "PACER", "seq": seq, "t_us": now_us - minutes * MINUTE_US, "kind": kind, "body": body}
        for seq, (minutes, kind, body) in enumerate(said, 1)
    ]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = Request(f"{installation.address}/ingest/facts", json.dumps(batch).encode(), headers)
    with urlopen(request, timeout=10) as answer:
        assert json.load(answer)["committed_up_to"] == {"pace-gateway": len(said)}


def oee(page: Page) -> float:
    tile = page.locator(".pb-tile", has=page.get_by_role("heading", name="OEE", exact=True))
    figure = tile.locator("[data-live-field=text]")
    expect(figure).to_have_text(re.compile(r"^\d+\.\d$"), timeout=FOLLOWS_WITHIN_MS)
    return float(figure.inner_text())


def made_in_all(page: Page) -> list[str]:
    """Good and scrap of the whole shift, wherever their columns stand."""
    names = page.locator(".pb-hours thead th").all_inner_texts()
    columns = [
        next(at for at, name in enumerate(names) if name.startswith(part)) for part in ("Good", "Scrap")
    ]
    sums = page.locator(".pb-hours tfoot th, .pb-hours tfoot td").all_inner_texts()
    return [sums[at] for at in columns]


def test_one_tap_in_an_hour_puts_hour_board_and_oee_right(browse, told):
    watched = browse("chief", "/lines/PACE/")
    with_the_stop = oee(watched)
    operator = browse("operator", "/lines/PACE/hours/", width=390)
    waiting = operator.get_by_text("Own stop, no reason yet")
    for _again in range(20):
        if waiting.count():
            break
        operator.wait_for_timeout(500)
        operator.reload()
    assert axe_violations(operator, least="serious") == []
    made = made_in_all(operator)
    operator.locator(".pb-hour-reason summary").first.click()
    operator.get_by_role("button", name="Planned maintenance").first.click()
    expect(operator.get_by_text("has its reason")).to_be_visible()
    expect(operator.locator(".pb-hour-part", has_text="Planned maintenance").first).to_be_visible()
    expect(waiting).to_have_count(0)
    # What was made has not changed: only where the missing pieces went.
    assert made_in_all(operator) == made == ["2125", "17"]
    # Planned time is no loss: the same pieces in less planned busy time.
    tile = watched.locator(".pb-tile", has=watched.get_by_role("heading", name="OEE", exact=True))
    expect(tile).not_to_contain_text(f"{with_the_stop:.1f}", timeout=FOLLOWS_WITHIN_MS)
    assert oee(watched) > with_the_stop
    operator.locator(".pb-hour-part", has_text="Planned maintenance").first.click()
    expect(operator.get_by_role("heading", name="What it took of each hour")).to_be_visible()


@pytest.mark.parametrize(("distance", "least_tiles"), [(3, 5), (6, 2), (10, 1)])
def test_every_text_of_a_wall_can_be_read_from_its_distance(browse, told, distance, least_tiles):
    page = browse("chief", f"/wall/PACE/?distance={distance}&width={SCREEN_CM}", width=1920)
    page.set_viewport_size({"width": 1920, "height": 1080})
    expect(page.locator(".pb-tile")).to_have_count(least_tiles)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.pb-wall *')]
            .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
            .filter((one) => one.getBoundingClientRect().height > 0)
            .map((one) => parseFloat(getComputedStyle(one).fontSize))"""
    )
    smallest_cm = min(sizes) / 1920 * SCREEN_CM * CAP_PER_EM
    assert smallest_cm >= cap_height_cm(distance) * 0.999
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('.pb-tile')].map((tile) => {
            const box = tile.getBoundingClientRect();
            const parts = [...tile.children].map((part) => part.getBoundingClientRect());
            const inside = Math.min(box.left, box.top) >= 0 && box.right <= innerWidth
                && box.bottom <= innerHeight;
            return { inside,
                     whole: parts.every((part) => part.bottom <= box.bottom + 1 && part.top >= box.top - 1) };
        })"""
    )
    assert all(box["inside"] and box["whole"] for box in boxes), boxes
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
