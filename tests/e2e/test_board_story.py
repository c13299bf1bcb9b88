"""A planner tunes the schedule on the board: lift, see what it does, drop, publish, compare."""

from __future__ import annotations

import pytest
from fingers import Fingers
from playwright.sync_api import Page, expect

from browser import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R002")]

CALCULATOR_STARTS_MS = 30_000
"""The first question starts the process that holds the engine."""
LOW_PX = 520
"""So low that not all lanes are in view."""
LONGER_THAN_A_PRESS_MS = 700
BARS = "() => JSON.parse(document.getElementById('board-bars').textContent)"


def draft_board(page: Page) -> dict:
    """Make a draft from the first version; returns what the board draws."""
    page.get_by_role("button", name="Tune this schedule").click()
    page.wait_for_url(lambda url: "version=" in url and not url.endswith("version=1"))
    page.wait_for_selector(".pb-board canvas")
    return page.evaluate(BARS)


def choice(data: dict) -> tuple[dict, int, int]:
    """A bar that can go to another lane, the lane it is on and the other one; early ones are seen at once."""
    ids = [lane["id"] for lane in data["lanes"]]
    wide = (data["to_us"] - data["from_us"]) / 60
    for bar in sorted(data["bars"], key=lambda bar: -bar["from_us"]):
        lanes = [ids.index(one) for one in data["allowed"][bar["route"]] if one != bar["lane"]]
        if lanes and bar["to_us"] - bar["from_us"] > wide:
            return bar, ids.index(bar["lane"]), lanes[0]
    raise AssertionError("no bar can change its machine")


def point(page: Page, data: dict, lane: int, us: int) -> tuple[float, float]:
    """Where an instant of a lane lies on the page; the board shows everything from the top."""
    canvas = page.locator(".pb-board canvas")
    page.locator(".pb-gantt-box").evaluate("(box, top) => { box.scrollTop = top; }", max(0, lane * 46 - 150))
    box = canvas.bounding_box()
    assert box is not None
    top = page.locator(".pb-gantt-box").evaluate("(box) => box.scrollTop")
    names = min(150, box["width"] * 0.3)
    share = (us - data["from_us"]) / (data["to_us"] - data["from_us"])
    return box["x"] + names + share * (box["width"] - names), box["y"] + 28 + 46 * lane - top + 18


def test_a_bar_is_dragged_dropped_published_and_compared(browse):
    page = browse("planner", "/schedule/board/?version=1")
    data = draft_board(page)
    panel = page.locator(".pb-board-panel")
    expect(panel).to_contain_text("Drag a bar")
    bar, lane, other = choice(data)
    page.locator(".pb-board").scroll_into_view_if_needed()
    x, y = point(page, data, lane, (bar["from_us"] + bar["to_us"]) // 2)
    page.mouse.move(x, y)
    expect(page.locator(".pb-readout")).to_contain_text(bar["order"])
    page.mouse.down()
    page.mouse.move(x + 12, y, steps=3)
    page.mouse.move(x, y + 46 * (other - lane), steps=6)
    expect(panel).to_contain_text("Late orders", timeout=CALCULATOR_STARTS_MS)
    expect(panel).to_contain_text("Set-ups")
    expect(panel).to_contain_text(data["lanes"][other]["id"])
    page.keyboard.press("Escape")
    expect(panel).to_contain_text("Drag a bar")
    page.mouse.up()
    expect(page.get_by_text("Nothing changed yet")).to_be_visible()

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y, steps=3)
    page.mouse.move(x, y + 46 * (other - lane), steps=6)
    expect(panel).to_contain_text("Operations that move")
    page.mouse.up()
    expect(panel).to_contain_text(f"{bar['order']} ")
    expect(panel).to_contain_text("is moved")
    changes = page.locator("section", has=page.get_by_role("heading", name="Changes in this draft"))
    expect(changes).to_contain_text(bar["order"])
    expect(changes.get_by_role("button", name="Take the last move back")).to_be_visible()

    page.get_by_role("button", name="Publish").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.get_by_text(": Published")).to_be_visible()
    expect(page.locator(".pb-board canvas").first).to_be_visible()
    page.get_by_role("link", name="What is different").click()
    moved = page.locator("section", has=page.get_by_role("heading", name="Operations"))
    expect(moved).to_contain_text(f"{bar['lane']} → {data['lanes'][other]['id']}")
    expect(moved).to_contain_text(bar["order"])


def test_a_bar_is_moved_by_keys_alone(browse):
    page = browse("planner", "/schedule/board/?version=1")
    data = draft_board(page)
    bar, lane, other = choice(data)
    board, panel = page.locator(".pb-gantt-box"), page.locator(".pb-board-panel")
    board.focus()
    index = sorted(
        (one for one in data["bars"] if one["lane"] == bar["lane"]), key=lambda one: one["from_us"]
    ).index(bar)
    for _ in range(lane):
        board.press("ArrowDown")
    board.press("Home")
    for _ in range(index):
        board.press("ArrowRight")
    expect(page.locator(".pb-readout")).to_contain_text(bar["order"])
    board.press("m")
    expect(panel).to_contain_text("is lifted")
    board.press("ArrowDown" if other > lane else "ArrowUp")
    expect(panel).to_contain_text("Operations that move", timeout=CALCULATOR_STARTS_MS)
    board.press("Escape")
    expect(panel).to_contain_text("Drag a bar")
    board.press("m")
    board.press("ArrowDown" if other > lane else "ArrowUp")
    expect(panel).to_contain_text("Operations that move")
    board.press("Enter")
    expect(panel).to_contain_text("is moved")


def middle(page: Page, data: dict, bar: dict, lane: int) -> tuple[float, float]:
    page.locator(".pb-board").scroll_into_view_if_needed()
    return point(page, data, lane, (bar["from_us"] + bar["to_us"]) // 2)


def test_a_long_press_lifts_a_bar_and_the_finger_carries_it(browse):
    page = browse("planner", "/schedule/board/?version=1", touch=True)
    data = draft_board(page)
    panel, fingers = page.locator(".pb-board-panel"), Fingers(page)
    bar, lane, other = choice(data)
    x, y = middle(page, data, bar, lane)
    fingers.down((x, y))
    expect(panel).to_contain_text("is lifted")
    there = (x, y + 46 * (other - lane))
    fingers.move(there)
    expect(panel).to_contain_text("Operations that move", timeout=CALCULATOR_STARTS_MS)
    # The system takes the finger away: nothing has happened.
    fingers.cancel()
    expect(panel).to_contain_text("Drag a bar")
    expect(page.get_by_text("Nothing changed yet")).to_be_visible()
    fingers.down((x, y))
    expect(panel).to_contain_text("is lifted")
    fingers.move(there)
    expect(panel).to_contain_text("Operations that move")
    fingers.up()
    expect(panel).to_contain_text("is moved")


def view(page: Page) -> tuple[float, float, float]:
    """How wide the whole plan is drawn, and how far the board is scrolled: px."""
    return tuple(
        page.locator(".pb-gantt-box").evaluate("(box) => [box.scrollWidth, box.scrollLeft, box.scrollTop]")
    )


@pytest.mark.parametrize("tuned", [False, True])
def test_two_fingers_zoom_the_board_where_they_are_and_pan_it(browse, tuned):
    page = browse("planner", "/schedule/board/?version=1", touch=True)
    page.set_viewport_size({"width": 1280, "height": LOW_PX})
    if tuned:
        draft_board(page)
    page.locator(".pb-board").scroll_into_view_if_needed()
    box, fingers = page.locator(".pb-board canvas").bounding_box(), Fingers(page)
    assert box is not None
    x, y = box["x"] + 500, box["y"] + 200
    wide, left, top = view(page)
    assert left == 0
    fingers.down((x - 60, y), (x + 60, y))
    fingers.move((x - 180, y), (x + 180, y))
    zoomed, there, _top = view(page)
    names = min(150, box["width"] * 0.3)
    assert zoomed == pytest.approx((wide - names) * 3 + names, rel=0.02)
    # What was between the fingers is there still.
    assert (there + 500 - names) / (zoomed - names) == pytest.approx((500 - names) / (wide - names), abs=0.02)
    fingers.move((x - 280, y - 60), (x + 80, y - 60))
    as_wide, further, lower = view(page)
    assert as_wide == pytest.approx(zoomed, rel=0.01)
    assert further == pytest.approx(there + 100, abs=12)
    assert lower == pytest.approx(top + 60, abs=6)
    fingers.up()
    # Neither finger was a long press: no bar is lifted.
    page.wait_for_timeout(LONGER_THAN_A_PRESS_MS)
    assert page.locator(".is-lifting").count() == 0


def test_one_finger_pans_and_lifts_nothing(browse):
    page = browse("planner", "/schedule/board/?version=1", touch=True)
    data = draft_board(page)
    for _ in range(3):
        page.get_by_role("button", name="Zoom in").click()
    page.locator(".pb-board").scroll_into_view_if_needed()
    box, fingers = page.locator(".pb-board canvas").bounding_box(), Fingers(page)
    assert box is not None
    _wide, left, _top = view(page)
    x, y = box["x"] + 600, box["y"] + 50 + 46 * min(2, len(data["lanes"]) - 1)
    fingers.down((x, y))
    fingers.move((x - 200, y))
    fingers.up()
    page.wait_for_function(f"() => document.querySelector('.pb-gantt-box').scrollLeft > {left + 100}")
    assert page.locator(".is-lifting").count() == 0
    expect(page.locator(".pb-board-panel")).to_contain_text("Drag a bar")


@pytest.mark.requirement("R009")
def test_a_rush_order_shows_who_becomes_late_and_is_accepted(browse):
    page = browse("planner", "/schedule/board/?version=1")
    draft_board(page)
    page.get_by_role("link", name="Rush order").click()
    page.get_by_label("Item").fill("DISH-500")
    page.get_by_label("Quantity").fill("3000")
    due = page.evaluate("() => new Date(Date.now() + 3 * 86400e3).toISOString().slice(0, 16)")
    page.get_by_label("Due").fill(due)
    page.get_by_role("button", name="Show the ways").last.click()
    soonest = page.locator("section", has=page.get_by_role("heading", name="As soon as possible"))
    expect(soonest).to_contain_text("Late orders")
    assert [one for one in axe_violations(page) if "serious" in one or "critical" in one] == []
    soonest.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("is in the draft.")).to_be_visible()
    changes = page.locator("section", has=page.get_by_role("heading", name="Changes in this draft"))
    expect(changes).to_contain_text("Rush order")


def test_on_a_phone_an_operation_is_moved_with_a_form(browse):
    page = browse("planner", "/schedule/board/?version=1", width=390)
    page.get_by_role("button", name="Tune this schedule").click()
    page.wait_for_url(lambda url: "version=" in url and not url.endswith("version=1"))
    expect(page.locator(".pb-board canvas")).to_be_hidden()
    page.get_by_role("link", name="Move WO-").last.click()
    page.get_by_role("button", name="Show what it does").click()
    expect(page.get_by_role("heading", name="What it does")).to_be_visible()
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_text("is moved.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_board_has_no_serious_violations(browse, theme):
    page = browse("planner", "/schedule/board/?version=1", theme=theme)
    draft_board(page)
    assert [one for one in axe_violations(page) if "serious" in one or "critical" in one] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
