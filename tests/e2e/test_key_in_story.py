"""A whole shift is keyed in from paper by the number keys, Enter and a few letters."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R180")]

MOST_KEYS = 110
"""At half a second a key, as somebody types who looks at the paper, this is less than a minute."""


class Keys:
    """Types like a person and counts every key."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def type(self, *words: str) -> None:
        """Words, each closed by Enter."""
        for word in words:
            self.page.keyboard.type(word)
            self.page.keyboard.press("Enter")
            self.count += len(word) + 1

    def enter(self) -> None:
        self.page.keyboard.press("Enter")
        self.count += 1


def test_eight_hours_and_three_stops_take_few_keys(browse):
    page: Page = browse("operator", "/key-in/")
    page.get_by_label("Line").select_option("L2")
    shift = page.get_by_label("Shift")
    past = [text for text in shift.locator("option").all_inner_texts() if "L2" in text][1]
    shift.select_option(label=past)
    page.get_by_role("button", name="Open a sheet for it").click()
    first = page.locator("[name='good-1']")
    expect(first).to_be_focused()
    assert axe_violations(page) == []
    hours = page.locator("input[name^='good-']").count()
    begin = int(page.locator("tbody th").first.inner_text()[:2])
    order = page.locator("[name='order-1']")
    if not order.input_value():
        order.fill(page.locator("#orders option").first.get_attribute("value"))
        first.focus()
    keys = Keys(page)
    keys.type(*["480"] * hours)
    expect(page.locator("[name='scrap-1']")).to_be_focused()
    keys.type(*["3", "", "12"], *[""] * (hours - 3))
    expect(page.locator("[name='stop_from-1']")).to_be_focused()
    reason = page.locator("[name='stop_reason-1'] option").nth(1).inner_text()[:1]
    for hour in (1, 2, 4):
        at = (begin + hour) % 24
        keys.type(f"{at}05", f"{at}25", reason)
    keys.enter()
    expect(page.locator("#look-over")).to_be_focused()
    keys.enter()
    write = page.get_by_role("button", name="Key in", exact=True)
    expect(write).to_be_focused()
    expect(page.locator("#preview-facts")).to_contain_text(str(480 * hours))
    assert axe_violations(page) == []
    keys.enter()
    expect(page.get_by_text("is keyed in")).to_be_visible()
    assert keys.count <= MOST_KEYS, keys.count
