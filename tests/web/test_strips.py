"""State strips, schedule bars and the time axis under them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

BERLIN = ZoneInfo("Europe/Berlin")


def us(*civil: int, zone: ZoneInfo = BERLIN) -> int:
    return int(dt.datetime(*civil, tzinfo=zone).timestamp()) * 1_000_000


@pytest.fixture
def strips(open_page) -> Page:
    page = open_page("strips/")
    page.wait_for_selector(".pb-gantt canvas")
    return page


def readout(page: Page, nth: int = 0) -> str:
    return page.locator(".pb-readout").nth(nth).inner_text()


@pytest.mark.requirement("R082")
def test_every_state_can_be_read_by_keys_alone(strips):
    strips.locator(".pb-strip canvas").first.focus()
    strips.keyboard.press("Home")
    assert readout(strips).startswith("Running\n06:00:00 – 06:45:06")
    strips.keyboard.press("ArrowRight")
    assert "Set-up" in readout(strips)
    assert "Change to 0.5 l" in readout(strips)
    strips.keyboard.press("ArrowLeft")
    assert readout(strips).startswith("Running")
    strips.keyboard.press("End")
    assert "since 13:" in readout(strips)
    strips.keyboard.press("Escape")
    assert readout(strips) == "Point at the strip, or use the arrow keys, to read each state."


def test_up_and_down_change_the_machine_and_keep_the_time(strips):
    strips.locator(".pb-strip canvas").nth(1).focus()
    for _ in range(4):
        strips.keyboard.press("ArrowRight")
    strips.keyboard.press("ArrowDown")
    assert "Hurco 01" in readout(strips, 1)
    strips.keyboard.press("ArrowUp")
    assert "Mazak 01" in readout(strips, 1)


def test_enter_opens_the_facts_of_a_state(strips):
    strips.locator(".pb-strip canvas").first.focus()
    strips.keyboard.press("Home")
    with strips.expect_request("**/facts/**") as asked:
        strips.keyboard.press("Enter")
    assert asked.value.url.endswith(f"/facts/{us(2026, 3, 11, 6)}/")


def test_the_mouse_reads_and_the_wheel_zooms_only_with_the_focus(strips):
    canvas = strips.locator(".pb-strip canvas").first
    box = canvas.bounding_box()
    strips.mouse.move(box["x"] + 30, box["y"] + 45)
    assert readout(strips).startswith("Running")
    before = strips.evaluate("scrollY")
    strips.mouse.wheel(0, 120)
    strips.wait_for_timeout(200)
    assert strips.evaluate("scrollY") > before
    strips.evaluate("scrollTo(0, 0)")
    canvas.focus()
    picture = canvas.screenshot()
    strips.mouse.wheel(0, -400)
    strips.wait_for_timeout(200)
    assert strips.evaluate("scrollY") == 0
    assert canvas.screenshot() != picture


def test_minutes_of_a_23_and_a_25_hour_day_add_up_to_the_day(strips):
    for nth, hours in ((2, 23), (3, 25)):
        legend = strips.locator(".pb-strip .pb-legend").nth(nth).locator(".pb-number").all_inner_texts()
        minutes = sum(int(text.removesuffix(" min").replace(",", "")) for text in legend)
        assert abs(minutes - hours * 60) <= len(legend) / 2


def test_machines_in_series_are_not_summed_in_the_legend(strips):
    assert strips.locator(".pb-strip .pb-legend").nth(1).locator(".pb-number").count() == 0
    assert strips.locator(".pb-strip .pb-legend").nth(1).locator("li").count() >= 5


def test_a_live_state_ends_the_open_span_and_starts_its_own(strips, gallery):
    expect(strips.locator("[data-live-status]").first).to_have_text("live")
    gallery.send(
        {"line-1.state": {"state": "blocked", "reason": "Palletiser full", "at_us": gallery.now_us()}}
    )
    strips.wait_for_timeout(300)
    strips.locator(".pb-strip canvas").first.focus()
    strips.keyboard.press("End")
    assert readout(strips).startswith("Blocked\nPalletiser full\nsince 14:03:")


@pytest.mark.requirement("R002")
def test_the_schedule_is_read_and_zoomed_by_keys(strips):
    box = strips.locator(".pb-gantt-box").first
    box.focus()
    strips.keyboard.press("ArrowRight")
    first = readout(strips, 4)
    assert first.startswith("WO-4700 op 20\nLathe 01\n06:00 – ")
    strips.keyboard.press("ArrowDown")
    assert "\nPacker 02\n" in readout(strips, 4)
    width = box.evaluate("e => e.scrollWidth")
    strips.keyboard.press("+")
    assert box.evaluate("e => e.scrollWidth") > 1.4 * width
    strips.keyboard.press("End")
    assert box.evaluate("e => e.scrollLeft") > 0
    strips.keyboard.press("0")
    assert box.evaluate("e => e.scrollWidth - e.clientWidth") <= 1


def test_five_thousand_bars_are_drawn_again_within_a_frame_while_scrolling(strips):
    took_ms = strips.evaluate(
        """async () => {
            const box = document.querySelectorAll('.pb-gantt-box')[1];
            const frames = [];
            for (let i = 0; i < 30; i++) {
                box.scrollTop = i * 20;
                await new Promise(requestAnimationFrame);
                const start = performance.now();
                document.dispatchEvent(new CustomEvent('pb:theme'));
                frames.push(performance.now() - start);
            }
            return frames.sort((a, b) => a - b)[15];
        }"""
    )
    # In this time all strips of the page and both schedules are drawn.
    assert took_ms < 60


def ticks(page: Page, from_us: int, to_us: int, most: int, zone: str) -> list[dict]:
    call = "([a, b, n, z]) => import('/src/time-axis.js').then(m => m.timeTicks(a, b, n, z))"
    return page.evaluate(call, [from_us, to_us, most, zone])


@pytest.mark.requirement("X8")
def test_the_hour_that_comes_twice_is_named_and_the_missing_one_is_not_there(strips):
    long = ticks(strips, us(2026, 10, 25), us(2026, 10, 26), 26, "Europe/Berlin")
    assert len(long) == 25
    assert [tick["text"] for tick in long[2:4]] == ["02:00 GMT+2", "02:00 GMT+1"]
    short = ticks(strips, us(2026, 3, 29), us(2026, 3, 30), 26, "Europe/Berlin")
    assert len(short) == 23
    assert "02:00" not in [tick["text"] for tick in short]


@pytest.mark.requirement("X8")
def test_ticks_stand_on_full_local_steps_in_any_zone(strips):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(
            [
                "UTC",
                "Europe/Berlin",
                "America/New_York",
                "Asia/Kathmandu",
                "Australia/Lord_Howe",
                "America/St_Johns",
            ]
        ),
        st.integers(us(2020, 1, 1), us(2035, 1, 1)),
        st.sampled_from([3_600, 8 * 3_600, 86_400, 7 * 86_400]),
        st.integers(4, 30),
    )
    def check(zone, from_us, length_s, most):
        to_us = from_us + length_s * 1_000_000
        found = ticks(strips, from_us, to_us, most, zone)
        assert [tick["us"] for tick in found] == sorted({tick["us"] for tick in found})
        for tick in found:
            assert from_us <= tick["us"] < to_us
            local = dt.datetime.fromtimestamp(tick["us"] / 1e6, ZoneInfo(zone))
            assert (local.second, local.microsecond) == (0, 0)
            assert tick["strong"] == (local.hour == local.minute == 0)

    check()
