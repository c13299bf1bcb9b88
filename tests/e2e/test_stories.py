"""What people do in the browser, from the first page to the result."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from small_plant import PASSWORD

from browser import axe_violations

pytestmark = [pytest.mark.browser]


@pytest.mark.requirement("X6")
def test_signing_in_wrongly_then_rightly(browse):
    page = browse(path="/r/plant/items/")
    page.get_by_label("Sign-in name").fill("planner")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/r/plant/items/")
    expect(page.get_by_role("heading", name="Items")).to_be_visible()
    page.locator("summary", has_text="Planner").click()
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/accounts/login/**")


@pytest.mark.requirement("X7", "X4")
def test_an_import_with_errors_is_corrected_and_loaded(browse, tmp_path):
    sheet = tmp_path / "new items.csv"
    sheet.write_text(
        "Code,Name,Unit,Kind\nNEW-1,First,pcs,made\nNEW 2,Second,pcs,made\nNEW-3,Third,pcs,stolen\n"
    )
    page = browse("planner", "/r/plant/items/import/")
    page.get_by_label("CSV or Excel file").set_input_files(sheet)
    page.get_by_role("button", name="Show what would happen").click()
    refused_rows = page.locator("tr[data-status=act]")
    expect(refused_rows).to_have_count(2)
    expect(refused_rows.first).to_contain_text("letters, digits")
    expect(refused_rows.last).to_contain_text("one of: made, bought")
    expect(page.get_by_role("button", name="Load all rows")).to_have_count(0)
    with page.expect_download() as refused:
        page.get_by_role("link", name="Refused rows as Excel").click()
    assert refused.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("button", name="Load the good rows").click()
    page.wait_for_url("**/r/plant/items/**")
    expect(page.get_by_text("1 created").first).to_be_visible()
    sheet.write_text(
        "Code,Name,Unit,Kind\nNEW-1,First,pcs,made\nNEW-2,Second,pcs,made\nNEW-3,Third,pcs,bought\n"
    )
    page.goto("/r/plant/items/import/")
    page.get_by_label("CSV or Excel file").set_input_files(sheet)
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("button", name="Load all rows").click()
    page.wait_for_url("**/r/plant/items/**")
    expect(page.get_by_text("2 created").first).to_be_visible()


def test_two_people_editing_one_record_never_overwrite_each_other(browse):
    first = browse("planner", "/r/plant/items/?q=GUIDE")
    first.get_by_role("link", name="GUIDE-L").click()
    first.get_by_role("link", name="Edit").click()
    second = browse("chief", first.url.replace(first.url.split("/r/")[0], ""))
    second.get_by_label("Name").fill("Guide rail, left")
    second.get_by_role("button", name="Save", exact=True).click()
    second.wait_for_url("**/r/plant/items/*/")
    first.get_by_label("Name").fill("Guide rail, long")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_role("alert").first).to_contain_text("somebody else has changed it")
    second.reload()
    expect(second.get_by_role("heading", name="GUIDE-L")).to_be_visible()
    expect(second.get_by_text("Guide rail, left").first).to_be_visible()


@pytest.mark.requirement("R002")
def test_a_planner_publishes_a_schedule(browse):
    page = browse("planner", "/schedule/")
    expect(page.get_by_text("Draft")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.get_by_text(": Published")).to_be_visible()
    page.goto("/schedule/")
    expect(page.get_by_text("Published")).to_be_visible()


def test_an_operator_finds_no_button_for_what_the_role_does_not_allow(browse):
    page = browse("operator", "/r/plant/items/")
    expect(page.get_by_role("link", name="New item")).to_have_count(0)
    page.goto("/schedule/")
    expect(page.get_by_role("button", name="Solve again")).to_have_count(0)


@pytest.mark.requirement("R149")
def test_a_planner_opens_a_measure_down_to_the_facts(browse):
    page = browse("planner", "/kpis/?measure=unplanned_downtime_percent&scope=site&period=7d")
    page.get_by_role("link", name="L1 Line 1").click()
    page.get_by_role("link", name="Seal or leak").click()
    expect(page.get_by_role("link", name="Seal or leak")).to_be_visible()
    expect(page.locator(".pb-division")).to_contain_text("30 min")
    page.get_by_role("link", name="Open the facts").click()
    facts = page.locator("#facts tbody tr")
    expect(facts).to_have_count(2)
    expect(facts.first).to_contain_text("own_stop")
    expect(facts.last).to_contain_text("MECH-SEAL")
    page.get_by_label("Measure").select_option("throughput")
    page.wait_for_url("**measure=throughput**")
    expect(page.get_by_text("cannot be cut by reason")).to_be_visible()
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as file:
        page.get_by_role("link", name="Excel of what is shown").click()
    assert file.value.suggested_filename.startswith("throughput-line-L1-")
    page.get_by_role("link", name="How it is calculated").click()
    expect(page.get_by_role("heading", name="Worked example")).to_be_visible()


@pytest.mark.requirement("R014")
def test_a_chief_sees_what_a_release_would_do_before_it_is_done(browse):
    page = browse("chief", "/quarantine/")
    page.get_by_role("link", name="Q-000001").click()
    page.get_by_label("Asset").fill("L1-PAC")
    page.get_by_role("button", name="Show what a release would do").click()
    expect(page.get_by_text("These days are computed again")).to_be_visible()
    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_text("Q-000001 is released.")).to_be_visible()
    expect(page.get_by_text("Nothing is in quarantine")).to_be_visible()


PAGES = [
    "/overview/",
    "/lines/L1/",
    "/kpis/?scope=line:L1",
    "/kpis/?measure=unplanned_downtime_percent&scope=line:L1&period=7d&cut=reason&facts=1",
    "/kpis/?measure=otd&period=28d&facts=1",
    "/kpis/oee/formula/",
    "/quarantine/",
    "/quarantine/1/",
    "/r/planning/work-orders/",
    "/r/planning/work-orders/1/",
    "/r/planning/work-orders/new/",
    "/r/plant/routings/1/edit/",
    "/r/plant/items/import/",
    "/schedule/",
    "/search/?q=dish",
    "/devices/pair/",
    "/nowhere/",
]


@pytest.mark.requirement("X5")
@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark"), (1920, "light")])
def test_pages_fit_and_hold_to_the_rules_of_access(browse, width, theme):
    page = browse("chief", "/overview/", width=width, theme=theme)
    for path in PAGES:
        page.goto(path)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{path} is {wider} px wider than a screen of {width} px"
        assert axe_violations(page, least="serious") == [], path
