"""A call becomes a room with one tap: two people speak in it live, decide, and close it with a summary."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R155", "R152")]

WITHIN_MS = 15_000


def entry(page: Page, text: str):
    return page.locator(".pb-incident-entries li").filter(has_text=text).first


def test_a_room_from_a_call_is_live_for_everybody_and_ends_with_a_summary(browse):
    phone = browse("operator", "/lines/L1/call/", width=390)
    phone.get_by_role("button", name="Maintenance").first.click()
    phone.wait_for_url(re.compile(r"/andon/AC-"))
    call = phone.url.rstrip("/").rsplit("/", 1)[1]
    phone.get_by_role("button", name="Incident room").click()
    phone.wait_for_url(re.compile(r"/incidents/\d+/"))
    room = phone.url
    expect(entry(phone, call)).to_be_visible()
    assert axe_violations(phone, least="serious") == []

    desk = browse("planner", room)
    desk.get_by_role("textbox", name="Message").fill("half written")
    phone.get_by_role("textbox", name="Message").fill("The seal leaks, we need a fitter")
    phone.get_by_role("button", name="Send").click()
    expect(entry(desk, "The seal leaks")).to_be_visible(timeout=WITHIN_MS)
    expect(desk.get_by_role("textbox", name="Message")).to_have_value("half written")

    owner = desk.locator("#pb-owners option").first.get_attribute("value")
    desk.get_by_label("What is decided").fill("Change the seal after this batch")
    desk.get_by_label("Who does it").fill(owner)
    desk.get_by_role("button", name="Decide").click()
    expect(desk.get_by_role("link", name=re.compile(r"^A-\d+ Change the seal")).first).to_be_visible()
    expect(entry(phone, "Change the seal")).to_be_visible(timeout=WITHIN_MS)
    assert axe_violations(desk, least="serious") == []

    sync = browse("planner", "/sync-now/", width=390)
    expect(sync.get_by_role("link", name=re.compile("Change the seal"))).to_be_visible()
    assert axe_violations(sync, least="serious") == []

    desk.locator("#close summary").click()
    desk.get_by_label("What happened, and how did it end?").fill("Seal leaked; runs until the batch ends.")
    desk.locator("#close").get_by_role("button", name="Close").click()
    expect(desk.get_by_text("Seal leaked; runs until")).to_be_visible()
    expect(desk.get_by_role("button", name="Send")).to_have_count(0)
    desk.goto("/incidents/")
    assert axe_violations(desk, least="serious") == []
