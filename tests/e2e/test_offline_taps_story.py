"""A tablet under another name over HTTPS: taps made without a network arrive once, by whom they were made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from second_host import Plant, lose_the_first_answer
from small_plant import PASSWORD
from terminal_plant import LINE, OPERATORS, PIN

from browser import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.requirement("R156", "R146", "X4")]

ARRIVES_WITHIN_MS = 30_000


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    made = Plant(tmp_path_factory.mktemp("plant"), "terminal_plant.py")
    yield made
    made.stop()


@pytest.fixture
def tablet(plant: Plant, tmp_path: Path, chromium: Browser) -> Iterator[Tablet]:
    """A tablet that knows the plant under its second name, and trusts its certificate."""
    context = plant.browser(chromium, tmp_path / "profile", viewport={"width": 1280, "height": 800})
    made = Tablet(plant, context)
    made.pair()
    yield made
    context.close()
    assert made.complaints == []


class Tablet:
    """A terminal in the hands of operators."""

    def __init__(self, plant: Plant, context: BrowserContext) -> None:
        self.plant, self.context = plant, context
        self.complaints: list[str] = []
        self.page = self._opened()

    def _opened(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def pair(self) -> None:
        """Show a code, have it typed in by somebody who leads, and open the terminal."""
        self.page.goto("/screen/")
        code = self.page.locator(".pb-tile-value").inner_text()
        lead = self._opened()
        lead.goto("/accounts/login/")
        lead.get_by_label("Sign-in name").fill("chief")
        lead.get_by_label("Password").fill(PASSWORD)
        lead.get_by_role("button", name="Sign in").click()
        lead.wait_for_url("**/")
        lead.goto("/devices/pair/")
        lead.get_by_label("Six digits on the screen").fill(code)
        lead.get_by_label("Name of the screen").fill(f"Tablet {code}")
        lead.get_by_label("Kind").select_option("tablet")
        lead.get_by_label("Code of the line it shows").fill(LINE)
        lead.get_by_role("button", name="Pair").click()
        lead.wait_for_url("**/r/kernel/devices/")
        lead.goto("/")
        lead.locator("summary", has_text="Chief").click()
        lead.get_by_role("button", name="Sign out").first.click()
        lead.wait_for_url("**/accounts/login/**")
        lead.close()
        self.page.wait_for_url(f"**/terminal/{LINE}/")
        self.ready()
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.reload()
        self.ready()

    def ready(self) -> None:
        self.page.wait_for_selector("[data-terminal][data-ready]")

    def sign_in(self, who: str, shown: str) -> None:
        """Scan a badge: a reader types it and ends with Enter."""
        self.page.locator("[data-who-open]").click()
        self.page.get_by_label("Scan your badge").fill(OPERATORS[who])
        self.page.keyboard.press("Enter")
        expect(self.page.locator("[data-who]")).to_have_text(shown, timeout=ARRIVES_WITHIN_MS)

    def sign_off(self) -> None:
        self.page.locator("[data-who-open]").click()
        self.page.get_by_role("button", name="Sign off").click()
        expect(self.page.locator("[data-who]")).to_have_text("Scan your badge")

    def tap(self, *names: str) -> None:
        for name in names:
            self.page.get_by_role("button", name=name, exact=True).click()
            expect(self.page.locator("[data-undo]")).to_be_visible()

    def stays(self, why: str) -> None:
        """Open the terminal again, without a network: it works and looks as it should."""
        self.page.reload()
        self.ready()
        rules = self.page.evaluate("document.styleSheets[0].cssRules.length")
        assert rules > 0, why

    def style(self) -> str:
        """Address of the style of the page shown."""
        return str(self.page.locator("link[rel=stylesheet]").first.get_attribute("href"))

    def answers(self, address: str) -> bool:
        """Whether a file is there for the page shown."""
        return bool(self.page.evaluate("address => fetch(address).then(one => one.ok, () => false)", address))

    def says(self, text: str) -> None:
        expect(self.page.locator("[data-queue-text]")).to_have_text(text, timeout=ARRIVES_WITHIN_MS)


def test_eight_taps_without_a_network_arrive_exactly_once(tablet, plant):
    page = tablet.page
    assert page.evaluate("isSecureContext && Boolean(navigator.serviceWorker.controller)")
    tablet.sign_in("ann", "Ann")
    tablet.context.set_offline(True)
    tablet.tap("+1 piece", "+24 pack", "Other defect")
    page.get_by_role("button", name="No material", exact=True).click()
    tablet.says("4 saved here, not yet at the plant")
    page.reload()
    tablet.ready()
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted < 1000, f"first paint after {painted} ms"
    tablet.says("4 saved here, not yet at the plant")
    expect(page.locator("[data-as-of]")).to_contain_text("as of")
    tablet.sign_off()
    tablet.sign_in("bob", "badge …452")
    tablet.tap("+1 piece", "+24 pack", "+960 pallet", "It stands")
    tablet.says("8 saved here, not yet at the plant")
    page.locator("[data-queue-open]").click()
    expect(page.locator("[data-queue-list] li")).to_have_count(8)
    page.locator("[data-term-dialog=queue] [data-close]").click()

    lost = lose_the_first_answer(tablet.context)
    tablet.context.set_offline(False)
    tablet.says("All at the plant")
    assert lost == [200]
    told = plant.script("told")
    assert told["outcomes"] == {"done": 8}
    facts = told["facts"]
    assert sorted(body["good"] for kind, body in facts if kind == "count") == [1, 1, 24, 24, 960]
    assert [kind for kind, _body in facts if kind in ("scrap", "reason", "state")] == [
        "scrap",
        "reason",
        "state",
    ]
    assert len(facts) == 8
    assert axe_violations(page, least="serious") == []


def test_the_role_at_the_tap_decides_and_a_refusal_is_shown_to_its_operator(tablet, plant):
    before = plant.script("told")["outcomes"]
    page = tablet.page
    page.locator("[data-who-open]").click()
    page.get_by_label("Sign-in name").fill("ann")
    for digit in PIN:
        page.locator(f"[data-keypad=term-pin] [data-key='{digit}']").click()
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("[data-who]")).to_have_text("Ann", timeout=ARRIVES_WITHIN_MS)
    tablet.context.set_offline(True)
    tablet.tap("+24 pack")
    plant.script("ann", "none")
    plant.script("bob", "none")
    tablet.sign_off()
    tablet.sign_in("bob", "badge …452")
    tablet.tap("+960 pallet")
    tablet.says("2 saved here, not yet at the plant")
    tablet.context.set_offline(False)
    tablet.says("All at the plant")
    refused = page.locator("[data-refused]")
    expect(refused).to_contain_text("+960 good")
    expect(refused).to_contain_text("badge alone does not sign in")
    after = plant.script("told")["outcomes"]
    assert (after["done"] - before.get("done", 0), after["refused"] - before.get("refused", 0)) == (1, 1)
    refused.get_by_role("button", name="Seen").click()
    expect(refused).to_be_hidden()
    plant.script("ann", "roles")
    plant.script("bob", "roles")


def test_the_last_tap_is_undone_and_a_new_token_keeps_the_queue(tablet, plant):
    before = len(plant.script("told")["facts"])
    tablet.sign_in("ann", "Ann")
    tablet.tap("+960 pallet")
    tablet.page.locator("[data-undo-button]").click()
    tablet.says("All at the plant")
    assert len(plant.script("told")["facts"]) == before


def test_a_new_version_of_the_app_is_told_and_keeps_the_queue(tablet, plant):
    page, context = tablet.page, tablet.context
    before = plant.script("told")["outcomes"].get("done", 0)
    tablet.sign_in("ann", "Ann")
    context.route("**/taps/", lambda route: route.abort())
    tablet.tap("+1 piece", "+24 pack", "Other defect")
    tablet.says("3 saved here, not yet at the plant")
    old_style = tablet.style()
    plant.serve_next_build()
    page.reload()
    tablet.ready()
    told = page.locator("[data-new-version]")
    expect(told).to_contain_text("A new version is ready", timeout=ARRIVES_WITHIN_MS)
    tablet.says("3 saved here, not yet at the plant")
    assert page.evaluate("document.documentElement.dataset.build ?? null") is None, "not under a hand"
    context.set_offline(True)
    tablet.stays("while the page is of the new version and its worker of the old one")
    context.set_offline(False)
    tablet.tap("+1 piece")
    told.get_by_role("button", name="Load it now").click()
    page.wait_for_selector("html[data-build=next] [data-terminal][data-ready]", timeout=ARRIVES_WITHIN_MS)
    expect(page.locator("[data-new-version]")).to_be_hidden()
    expect(page.locator("[data-who]")).to_have_text("Ann")
    context.set_offline(True)
    tablet.stays("with the new version")
    assert tablet.answers("/static/0123456789abcdef/dist/app.css"), "for a page of a version before both"
    assert tablet.answers(old_style), "for a page of the version before"
    context.set_offline(False)
    tablet.says("4 saved here, not yet at the plant")
    context.unroute("**/taps/")
    page.locator("[data-queue-open]").click()
    page.locator("[data-queue-now]").click()
    tablet.says("All at the plant")
    assert plant.script("told")["outcomes"]["done"] - before == 4
