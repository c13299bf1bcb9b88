"""A machine stops, somebody gives the reason, and the OEE on the open page follows by itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from browser import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R082", "R157")]

MINUTE_US = 60_000_000
FOLLOWS_WITHIN_MS = 15_000


@pytest.fixture
def say(installation) -> Callable[..., None]:
    """`say((minutes ago, kind, body), …)` posts facts about the story's press as its gateway."""
    command = [sys.executable, "-m", "plantbeat.shell.cli", "token", "create", "story-gateway"]
    made = subprocess.run(command, env=installation.environment, capture_output=True, text=True, check=True)
    token = next(word for word in made.stdout.split() if word.startswith("pb"))
    sent = 0

    def post(*facts: tuple[float, str, dict[str, Any]]) -> None:
        nonlocal sent
        now_us = time.time_ns() // 1000
        batch = []
        for minutes, kind, body in facts:
            sent += 1
            t_us = now_us - round(minutes * MINUTE_US)
            batch.append({"asset": "PRESS", "seq": sent, "t_us": t_us, "kind": kind, "body": body})
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = Request(f"{installation.address}/ingest/facts", json.dumps(batch).encode(), headers)
        with urlopen(request, timeout=10) as answer:
            told = json.load(answer)
        assert told["committed_up_to"] == {"story-gateway": sent}, told

    return post


class Tile:
    """A tile of a page that nobody touches."""

    def __init__(self, page: Page, name: str) -> None:
        tile = page.locator(".pb-tile", has=page.get_by_role("heading", name=name, exact=True))
        self.figure = tile.locator("[data-live-field=text]")

    def percent(self) -> float:
        expect(self.figure).to_have_text(re.compile(r"^\d+\.\d$"), timeout=FOLLOWS_WITHIN_MS)
        return float(self.figure.inner_text())

    def percent_after(self, before: float) -> float:
        expect(self.figure).not_to_have_text(f"{before:.1f}", timeout=FOLLOWS_WITHIN_MS)
        return self.percent()


def test_stop_reason_and_the_oee_follows_live(browse, say):
    alive = [(minutes, "heartbeat", {}) for minutes in range(7 * 60, 0, -4)]
    say(
        (7 * 60, "state", {"state": "running"}),
        (7 * 60, "order_start", {"order": "WO-STORY", "item": "DISH-500", "quantity": 9000}),
        *alive,
        (1, "count", {"good": 3600, "scrap": 40}),
    )
    watched = browse("chief", "/lines/STORY/")
    state, oee, availability = (
        watched.locator(".pb-state-large"), Tile(watched, "OEE"), Tile(watched, "Availability"),
    )  # fmt: skip
    operator = browse("operator", "/lines/STORY/")
    expect(state).to_contain_text("Running", timeout=FOLLOWS_WITHIN_MS)
    running = availability.percent()

    say((40, "state", {"state": "own_stop"}), (0.05, "heartbeat", {}))
    expect(state).to_contain_text("Own stop", timeout=FOLLOWS_WITHIN_MS)
    assert availability.percent_after(running) < running
    with_the_stop = oee.percent()

    operator.reload()
    operator.get_by_role("link", name="give a reason").first.click()
    assert axe_violations(operator, least="serious") == []
    operator.get_by_role("button", name="Planned maintenance").click()
    operator.wait_for_url("**/lines/STORY/")
    expect(operator.get_by_role("row").filter(has_text="Planned maintenance").first).to_be_visible()
    # Planned time is no loss: the same pieces in less planned busy time.
    assert oee.percent_after(with_the_stop) > with_the_stop
