"""Attendance and a walk on a phone without a network: kept, shown, and done exactly once when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from second_host import Plant, lose_the_first_answer
from small_plant import PASSWORD

from browser import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.requirement("R026", "R144", "R156")]

ARRIVES_WITHIN_MS = 60_000


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    made = Plant(tmp_path_factory.mktemp("plant"), "walk_plant.py")
    yield made
    made.stop()


@pytest.fixture
def phone(plant: Plant, tmp_path: Path, chromium: Browser) -> Iterator[Page]:
    """The phone of somebody who leads, signed in."""
    size = {"width": 390, "height": 844}
    context = plant.browser(chromium, tmp_path / "profile", viewport=size, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.set_default_navigation_timeout(ARRIVES_WITHIN_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page)
    yield page
    context.close()
    assert complaints == []


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Sign-in name").fill("chief")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def sign_out(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/start-up/")
    page.locator("summary", has_text="Chief").click()
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/accounts/login/**")


def kept(page: Page, address: str) -> None:
    """Open a page until its worker keeps it."""
    page.goto(address)
    ready(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("url => caches.match(url)", arg=page.url)


def ready(page: Page) -> None:
    page.wait_for_selector("[data-queued-page][data-ready]")


def says(page: Page, text: str) -> None:
    expect(page.locator("[data-queue-text]")).to_have_text(text, timeout=ARRIVES_WITHIN_MS)


def sheet_of(page: Page) -> str:
    page.goto("/attendance/")
    found = page.locator("tr", has_text="STORY").first.get_by_role("link").last.get_attribute("href")
    assert found is not None
    return found


def mark(page: Page, worker: str, how: str) -> None:
    page.get_by_role("group", name=worker).get_by_role("radio", name=how).check()


def as_it_should_be(page: Page, seen: int) -> None:
    """Tap at the stop behind those seen, once it is shown."""
    stop = page.locator("[data-stop]").nth(seen)
    expect(stop).to_be_visible()
    stop.get_by_role("button", name="As it should be").click()
    expect(stop).to_be_hidden()


def test_attendance_and_a_walk_without_a_network_are_done_exactly_once(phone, plant):
    page, context = phone, phone.context
    sheet = sheet_of(page)
    kept(page, sheet)
    assert page.evaluate("isSecureContext")
    page.goto("/gemba/")
    page.get_by_role("button", name="Start this walk").click()
    ready(page)
    walk = page.url
    kept(page, walk)
    stops = page.locator("[data-stop]").count() - 1
    assert stops >= 2

    context.set_offline(True)
    page.goto(sheet)
    ready(page)
    mark(page, "Worker 03", "Absent")
    page.get_by_role("button", name="All others present").click()
    says(page, "1 saved here, not yet at the plant")
    mark(page, "Worker 04", "Late")
    page.get_by_label("Minutes late, Worker 04").fill("12")
    page.get_by_role("button", name="All others present").click()
    says(page, "2 saved here, not yet at the plant")

    page.goto(walk)
    ready(page)
    page.get_by_role("button", name="Fixed now").click()
    expect(page.locator("textarea:visible:invalid")).to_have_count(1)
    page.locator("textarea:visible").fill("Guard was open")
    page.get_by_role("button", name="Assign").click()
    says(page, "3 saved here, not yet at the plant")
    for seen in range(1, stops):
        as_it_should_be(page, seen)
    page.get_by_role("button", name="End the walk").click()
    says(page, f"{stops + 3} saved here, not yet at the plant")
    page.locator("[data-queued-page] summary").click()
    expect(page.locator("[data-queue-list] li")).to_have_count(stops + 3)
    assert axe_violations(page, least="serious") == []

    lost = lose_the_first_answer(context)
    context.set_offline(False)
    expect(page.locator("[data-queued-page]")).to_have_count(0, timeout=ARRIVES_WITHIN_MS)
    assert lost == [200]
    told = plant.script("told")
    assert told["taps"] == {"attendance done": 2, "gemba_seen done": stops, "gemba_end done": 1}
    assert (told["present"], told["walks"], told["actions"]) == (9, {"done": 1}, ["Guard was open"])
    assert told["stops"] == {"assigned": 1, "as_it_should": stops - 1}
    page.goto("/attendance/")
    expect(page.locator("tr", has_text="STORY").first).to_contain_text("1 short")


def test_somebody_who_was_faster_is_told_in_a_sentence_and_the_queue_survives_a_sign_out(phone, plant):
    page, context = phone, phone.context
    page.goto("/gemba/")
    page.get_by_role("button", name="Start this walk").click()
    ready(page)
    walk = page.url
    kept(page, walk)
    stops = page.locator("[data-stop]").count() - 1
    context.route("**/taps/**", lambda route: route.abort())
    for seen in range(stops):
        as_it_should_be(page, seen)
    says(page, f"{stops} saved here, not yet at the plant")
    plant.script("others")
    sign_out(page)
    assert not page.evaluate("caches.has('plantbeat-own-pages')")
    context.unroute("**/taps/**")
    sign_in(page)
    page.goto(walk)
    says(page, "All at the plant")
    refused = page.locator("[data-refused]")
    expect(refused).to_contain_text("not possible while the state is", timeout=ARRIVES_WITHIN_MS)
    assert axe_violations(page, least="serious") == []
    refused.get_by_role("button", name="Seen").click()
    expect(refused).to_be_hidden()
    assert plant.script("told")["taps"]["gemba_seen refused"] == 1


def test_two_who_take_attendance_are_told_of_each_other(phone, plant):
    page, context = phone, phone.context
    kept(page, sheet_of(page))
    context.set_offline(True)
    mark(page, "Worker 05", "Absent")
    page.get_by_role("button", name="All others present").click()
    says(page, "1 saved here, not yet at the plant")
    plant.script("others")
    context.set_offline(False)
    refused = page.locator("[data-refused]")
    expect(refused).to_contain_text("attendance was taken again after this", timeout=ARRIVES_WITHIN_MS)
    assert plant.script("told")["present"] == 10
