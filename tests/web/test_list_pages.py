"""Lists, forms, dialogs, search and messages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_selected_rows_show_the_bar_for_all_of_them(open_page):
    page = open_page()
    bar = page.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    page.check("tr[data-row='4701'] input")
    page.locator("tr[data-row='4705'] input").click(modifiers=["Shift"])
    expect(bar.locator("[data-bulk-count]")).to_have_text("Selected: 5")
    assert page.locator("[data-select-all]").evaluate("box => box.indeterminate")
    page.check("[data-select-all]")
    expect(bar.locator("[data-bulk-count]")).to_have_text("Selected: 14")
    page.click("[data-select-none]")
    expect(bar).to_be_hidden()


def test_a_list_is_walked_selected_and_opened_by_keys(open_page):
    page = open_page()
    page.evaluate("document.activeElement.blur()")
    for key in ("j", "j", "ArrowDown", "k"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.row") == "4701"
    page.keyboard.press(" ")
    expect(page.locator("tr[data-row='4701']")).to_have_class("is-selected")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.row") == "4713"
    with page.expect_request("**/orders/4713/"):
        page.keyboard.press("Enter")


def test_hidden_columns_stay_hidden_after_a_reload(open_page):
    page = open_page()
    page.click("summary:has-text('Columns')")
    page.uncheck("[data-column='due']")
    expect(page.locator("th[data-col='due']")).to_be_hidden()
    page.reload()
    expect(page.locator("th[data-col='due']")).to_be_hidden()
    expect(page.locator("td[data-col='due']").first).to_be_hidden()
    expect(page.locator("th[data-col='line']")).to_be_visible()


@pytest.mark.requirement("X5")
def test_rows_are_cards_on_a_phone_with_each_value_named(open_page):
    page = open_page(width=390, height=844)
    row = page.locator("tr[data-row='4703']")
    assert row.evaluate("row => getComputedStyle(row).display") == "grid"
    named = row.locator("td[data-label]").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert named == '"Item"'


def test_figures_stand_right_under_a_header_with_the_unit(open_page):
    page = open_page(width=1920, height=1080)
    cell = page.locator("td.pb-number").first
    assert cell.evaluate("cell => getComputedStyle(cell).textAlign") == "end"
    assert cell.evaluate("cell => getComputedStyle(cell).fontVariantNumeric") == "tabular-nums"
    assert page.locator("th.pb-number .pb-unit").first.inner_text() == "pieces"


def test_slash_finds_and_arrows_open_a_result(open_page):
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("47")
    expect(page.locator("[role='option']")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[aria-selected='true']")).to_contain_text("Hurco 01")
    with page.expect_request("**/machines/hurco/"):
        page.keyboard.press("Enter")


def test_escape_leaves_the_search_and_slash_in_a_field_is_a_slash(open_page):
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("4")
    page.wait_for_selector("[role='option']")
    page.keyboard.press("Escape")
    expect(page.locator("[role='option']")).to_have_count(0)
    page.focus("#f-q")
    page.keyboard.type("a/b")
    assert page.input_value("#f-q") == "a/b"


def test_the_search_opens_over_the_page_on_a_phone(open_page):
    page = open_page(width=390, height=844)
    page.locator("[data-search-open]").tap()
    expect(page.locator("[data-search] input")).to_be_focused()
    page.keyboard.type("47")
    page.locator("[role='option']").first.wait_for()
    with page.expect_request("**/orders/4702/"):
        page.locator("[role='option']").first.tap()


def test_a_dangerous_act_asks_first_and_no_means_no(open_page, gallery):
    page = open_page()
    page.click("#delete-form button")
    expect(page.locator("#pb-confirm [data-confirm-text]")).to_have_text(
        "Delete this stop? A correction is kept in the log."
    )
    page.click("#pb-confirm button[value='no']")
    page.wait_for_timeout(200)
    assert gallery.posted == []
    page.click("#delete-form button")
    expect(page.locator("#pb-confirm [data-confirm-button]")).to_have_text("Delete it")
    with page.expect_request("**/slow"):
        page.click("[data-confirm-button]")


def test_two_presses_send_a_form_once(open_page, gallery):
    page = open_page("forms/")
    press = "button => { button.click(); button.click(); }"
    page.locator("#routing .btn-primary").evaluate(press)
    page.wait_for_timeout(400)
    assert len(gallery.posted) == 1


def test_leaving_with_unsaved_changes_asks_the_person(open_page):
    page = open_page("forms/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.fill("#name", "Mill housing, rev. B")
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]


def test_taking_theirs_in_a_conflict_fills_the_field_and_saves_nothing(open_page, gallery):
    page = open_page("forms/")
    assert page.evaluate("document.activeElement.className") == "pb-conflict"
    page.click("[data-take='run']")
    assert page.input_value("#run") == "1.95"
    assert gallery.posted == []


def test_now_is_the_sites_now_whatever_zone_the_device_is_in(open_page):
    page = open_page("forms/", timezone_id="Asia/Tokyo")
    page.click("[data-set-now]")
    assert page.input_value("#start").startswith("2026-03-11T14:0")


def test_a_link_field_suggests_keys_with_names(open_page):
    page = open_page("forms/")
    page.fill("#item", "B")
    expect(page.locator("#item-list option")).to_have_count(2)
    assert page.locator("#item-list option").first.get_attribute("value") == "B-204"


def test_success_is_a_quiet_message_and_failure_one_that_stays_with_its_number(open_page):
    page = open_page()
    page.click("#toast-good")
    expect(page.locator("[data-toasts-calm] .pb-toast")).to_contain_text("Saved.")
    page.click("#toast-fail")
    urgent = page.locator("[data-toasts-urgent] .pb-toast")
    expect(urgent).to_contain_text("That did not work. Nothing was saved. Number for support: req-7f3a")
    urgent.get_by_role("button", name="Close").click()
    expect(urgent).to_have_count(0)
    assert any("500" in said for said in open_page.complaints)
    open_page.complaints.clear()


def test_the_moment_the_sites_clock_is_in_is_marked(open_page):
    page = open_page()
    assert page.locator(".pb-moments .is-now").inner_text().split() == ["14:00", "People"]
    assert page.locator(".pb-moments [aria-current]").inner_text().split() == ["10:00", "Gemba"]


def test_the_day_is_one_tap_away_on_a_phone(open_page):
    page = open_page(width=390, height=844)
    page.locator(".pb-bottom button").first.tap()
    expect(page.locator("#pb-day a")).to_have_count(7)
    expect(page.locator("#pb-day .is-now")).to_contain_text("People")
