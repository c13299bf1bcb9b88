"""Somebody who moves only by what the pages offer, and whose taps are counted."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from browser import axe_violations


class Tapping:
    """A page, and how often it was tapped, clicked, dragged on, or a field of it filled."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0
        self.met: list[str] = []

    def tap(self, what: Locator) -> None:
        """Tap once."""
        what.click()
        self.taps += 1

    def write(self, field: Locator, text: str) -> None:
        """Fill a field: one tap, however long the text."""
        field.fill(text)
        self.taps += 1

    def choose(self, field: Locator, label: str) -> None:
        """Choose from a list: one tap."""
        field.select_option(label=label)
        self.taps += 1

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag by mouse or finger: one tap."""
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(start[0] + 12, start[1], steps=3)
        mouse.move(*end, steps=6)
        self.taps += 1

    def link(self, name: str, *, within: str = "main") -> Locator:
        """A link by its name."""
        return self.page.locator(within).get_by_role("link", name=name)

    def button(self, name: str) -> Locator:
        """A button of the page by its name."""
        return self.page.locator("main").get_by_role("button", name=name, exact=True)

    def sees(self, heading: str) -> None:
        """The page has this heading, and no serious violation of accessibility."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        found = axe_violations(self.page, least="serious")
        assert found == [], f"{self.page.url}: {found}"
        self.met.append(heading)
