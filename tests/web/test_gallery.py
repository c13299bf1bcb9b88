"""Every component in Chromium, from the real templates, under the strict content policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import axe_violations

pytestmark = pytest.mark.browser

PAGES = ["", "strips/", "forms/", "operator/", "error/"]
WALLS = [f"wall-{distance}-{theme}/" for distance in (3, 6, 10) for theme in ("dark", "light")]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_to_complain_about(open_page, path, theme):
    page = open_page(path, theme=theme)
    assert axe_violations(page) == []


@pytest.mark.parametrize("path", ["", "forms/"])
def test_axe_finds_nothing_on_a_phone_either(open_page, path):
    page = open_page(path, width=390, height=844)
    assert axe_violations(page) == []


def test_axe_finds_nothing_in_open_menus_dialogs_and_search_results(open_page):
    page = open_page()
    page.click("summary:has-text('Okafor')")
    page.keyboard.press("/")
    page.keyboard.type("47")
    page.wait_for_selector(".pb-result")
    assert axe_violations(page) == []
    page.click("[data-dialog='#order-new']")
    assert page.locator("#order-new").evaluate("dialog => dialog.open")
    assert axe_violations(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_never_scrolls_sideways(open_page, path):
    page = open_page(path, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", WALLS)
@pytest.mark.requirement("X5")
def test_a_wall_board_fits_its_screen_and_its_smallest_text_is_read_from_afar(open_page, path):
    page = open_page(path, width=1920, height=1080)
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    # 55-inch screen, 1,218 mm wide; Inter's capitals are 0.727 em; ISO 9241-303 allows 16 minutes.
    smallest_px = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('body *')]
            .filter(e => e.offsetParent && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .filter(e => !e.closest('.visually-hidden'))
            .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
    )
    distance_mm = int(path.split("-")[1]) * 1000
    capital_mm = smallest_px * 0.727 * 1218 / 1920
    assert capital_mm / distance_mm * 3437.75 >= 16
    clipped = page.evaluate(
        """() => {
            const outside = (part, tile) => {
                const [a, b] = [part.getBoundingClientRect(), tile.getBoundingClientRect()];
                return a.width && !part.closest('svg, .visually-hidden')
                    && (a.right > b.right + 1 || a.bottom > b.bottom + 1);
            };
            return [...document.querySelectorAll('.pb-tile')]
                .filter(tile => [...tile.querySelectorAll('*')].some(part => outside(part, tile)))
                .map(tile => tile.innerText);
        }"""
    )
    assert clipped == []


@pytest.mark.requirement("X5", "R156")
def test_an_operator_with_gloves_meets_only_large_targets(open_page):
    page = open_page("operator/", width=390, height=844)
    small = page.evaluate(
        """() => [...document.querySelectorAll('main :is(button, a, input), .pb-bottom :is(button, a)')]
            .map(e => [e.innerText, e.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < 48 || box.width < 48)).map(([text]) => text)"""
    )
    assert small == []
    assert page.locator(".pb-touch").count() == 10


def test_the_theme_is_chosen_before_the_first_paint_and_remembered(open_page):
    page = open_page(theme="dark")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.click("summary:has-text('Okafor')")
    page.locator("[data-set-theme='light']").first.click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    assert page.locator("[data-set-theme='light']").first.get_attribute("aria-pressed") == "true"


def test_a_wall_board_keeps_the_theme_it_came_with(open_page):
    page = open_page("wall-3-light/", theme="dark")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"


def test_paper_shows_the_filters_and_the_time_and_no_navigation(open_page):
    page = open_page(theme="dark")
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    assert page.locator(".pb-print-head").inner_text().startswith("Plantbeat · Braunfels plant · as of 20")
    assert "Filters: line 1, early shift" in page.locator(".pb-print-head").inner_text()
    for hidden in (".pb-top", ".pb-bottom", ".pb-actions", ".pb-filters", ".pb-pages", ".pb-foot"):
        assert not page.locator(hidden).first.is_visible(), hidden
    page.emulate_media(media="screen")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_status_and_state_are_never_told_by_colour_alone(open_page):
    page = open_page()
    for selector, group in ((".pb-badge", "status"), (".pb-state", "state")):
        marks = page.locator(selector).all()
        assert len(marks) >= 8
        for mark in marks:
            assert f"#{group}-" in mark.locator("use").get_attribute("href")
            assert mark.inner_text().strip()


def test_every_shape_that_is_used_is_in_the_sprite(open_page):
    page = open_page()
    missing = page.evaluate(
        """async () => {
            const uses = [...document.querySelectorAll('use')].map(use => use.getAttribute('href'));
            const text = await (await fetch(uses[0].split('#')[0])).text();
            const sprite = new DOMParser().parseFromString(text, 'image/svg+xml');
            return [uses.length, uses.filter(href => !sprite.getElementById(href.split('#')[1]))];
        }"""
    )
    assert missing[0] > 50
    assert missing[1] == []


def test_a_chart_is_fetched_only_where_there_is_one(open_page):
    page = open_page("operator/")
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert not [name for name in loaded if "/echarts" in name]
    page = open_page("")
    page.wait_for_selector(".pb-chart canvas")
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert len([name for name in loaded if "/echarts" in name]) == 1
