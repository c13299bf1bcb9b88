"""Live values: what a frame changes, what greys out, what happens when the connection goes."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R158")]

STALE = re.compile(r"\bis-stale\b")
OEE = "[data-live-key='line-1.oee']"


def live_page(open_page, gallery, path=""):
    page = open_page(path)
    expect(page.locator("[data-live-status]").first).to_have_text("live")
    return page


def test_the_page_watches_its_topic_at_its_own_site(open_page, gallery):
    live_page(open_page, gallery)
    assert gallery.asked == ["/live/?watch=line%2FL1&site=BRN&lang=en-us"]


def test_a_frame_changes_number_status_word_shape_and_age(open_page, gallery):
    page = live_page(open_page, gallery)
    tile = page.locator(OEE)
    before = tile.locator("time").inner_text()
    frame = {"text": "86.4", "status": "good", "status_word": "On target", "at_us": gallery.now_us()}
    gallery.send({"line-1.oee": frame})
    expect(tile.locator("[data-live-field='text']")).to_have_text("86.4")
    expect(tile).to_have_attribute("data-status", "good")
    expect(tile.locator(".pb-badge")).to_have_attribute("data-status", "good")
    expect(tile.locator("[data-live-word]")).to_have_text("On target")
    assert tile.locator("use").first.get_attribute("href").endswith("#status-good")
    expect(tile.locator("time")).not_to_have_text(before)
    expect(tile.locator("time")).to_contain_text("as of 14:03:")


def test_a_status_without_a_word_of_its_own_gets_the_catalogue_word(open_page, gallery):
    page = live_page(open_page, gallery)
    gallery.send({"line-1.oee": {"text": "60.0", "status": "act", "at_us": gallery.now_us()}})
    expect(page.locator(f"{OEE} [data-live-word]")).to_have_text("Act")


def test_a_state_chip_follows_the_machine(open_page, gallery):
    page = live_page(open_page, gallery)
    chip = page.locator(".pb-state[data-live-key='line-1.state']")
    gallery.send({"line-1.state": {"state": "running", "reason": "", "at_us": gallery.now_us()}})
    expect(chip).to_have_attribute("data-state", "running")
    expect(chip.locator("[data-live-word]")).to_have_text("Running")
    assert chip.locator("use").get_attribute("href").endswith("#state-running")


def test_a_key_that_is_gone_shows_no_value_and_never_green(open_page, gallery):
    page = live_page(open_page, gallery)
    gallery.send({"line-1.oee": None})
    expect(page.locator(f"{OEE} [data-live-field='text']")).to_have_text("–")
    expect(page.locator(OEE)).to_have_attribute("data-status", "none")
    expect(page.locator(f"{OEE} [data-live-word]")).to_have_text("no value")


def test_a_value_older_than_its_limit_greys_out_and_says_since_when(open_page, gallery):
    page = live_page(open_page, gallery)
    tile = page.locator(OEE)
    expect(tile).not_to_have_class(STALE)
    gallery.send({"line-1.oee": {"text": "70.0", "at_us": gallery.now_us() - 31_000_000}})
    expect(tile).to_have_class(STALE)
    expect(tile.locator("time")).to_contain_text("stale: 14:02:")


def test_the_age_counts_on_without_any_frame(open_page, gallery):
    page = live_page(open_page, gallery)
    age = page.locator("[data-status='act'] time[data-age]").first
    before = age.inner_text()
    expect(age).not_to_have_text(before, timeout=2500)
    assert before.split(",")[0] == age.inner_text().split(",")[0]


def test_a_silent_server_greys_every_live_value_after_five_seconds(open_page, gallery):
    page = live_page(open_page, gallery)
    gallery.silent = True
    tile = page.locator(OEE)
    expect(tile).to_have_class(STALE, timeout=9000)
    expect(page.locator("[data-live-status]").first).to_have_text("no connection since 14:03")
    gallery.silent = False
    expect(page.locator("[data-live-status]").first).to_have_text("live", timeout=4000)
    expect(tile).not_to_have_class(STALE)


def test_a_restarted_server_is_found_again_and_its_snapshot_shown(open_page, gallery):
    page = live_page(open_page, gallery)
    gallery.snapshot = {"line-1.oee": {"text": "55.5", "status": "act", "at_us": gallery.now_us()}}
    gallery.drop()
    expect(page.locator(f"{OEE} [data-live-field='text']")).to_have_text("55.5")
    assert len(gallery.asked) == 2


def test_what_a_snapshot_does_not_hold_any_more_is_gone(open_page, gallery):
    page = live_page(open_page, gallery)
    gallery.send({"line-1.oee": {"text": "86.4", "status": "good", "at_us": gallery.now_us()}})
    expect(page.locator(f"{OEE} [data-live-field='text']")).to_have_text("86.4")
    chip = page.locator(".pb-state[data-live-key='line-1.state']")
    gallery.snapshot = {key: {} for key in gallery.snapshot if not key.startswith("line-1.")}
    gallery.drop()
    expect(page.locator(f"{OEE} [data-live-field='text']")).to_have_text("–")
    expect(page.locator(OEE)).to_have_attribute("data-status", "none")
    expect(chip).to_have_attribute("data-state", "no_data")
    expect(chip.locator("[data-live-word]")).to_have_text("No data")


def test_after_a_refusal_the_page_asks_again_by_itself(open_page, gallery):
    gallery.refuse_live = True
    page = open_page()
    page.wait_for_timeout(400)
    gallery.refuse_live = False
    expect(page.locator("[data-live-status]").first).to_have_text("live")
    assert len(gallery.asked) >= 2
    refused = [said for said in open_page.complaints if "503" in said]
    assert refused
    for said in refused:
        open_page.complaints.remove(said)


def test_the_servers_clock_counts_not_the_devices(open_page, gallery):
    page = live_page(open_page, gallery)
    page.wait_for_timeout(1200)
    assert page.locator(f"{OEE} time").inner_text().startswith("as of 14:03:12, ")


def test_a_demonstration_at_sixty_times_the_speed_is_not_called_stale(open_page, gallery):
    page = live_page(open_page, gallery)
    start_us, started_s = gallery.now_us(), gallery.started_s

    def fast_us() -> int:
        return start_us + int((time.monotonic() - started_s) * 60_000_000)

    gallery.now_us = fast_us
    page.wait_for_timeout(4500)
    gallery.send({"line-1.oee": {"text": "77.0", "at_us": gallery.now_us()}})
    page.wait_for_timeout(1500)
    tile = page.locator(OEE)
    assert tile.locator("[data-live-field='text']").inner_text() == "77.0"
    assert not STALE.search(tile.get_attribute("class"))
