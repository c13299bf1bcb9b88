"""The start of a shift: attendance by exception, and a green start-up in three taps."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R026", "R016", "R133", "R134", "R143")]


@pytest.fixture(scope="module")
def crew_of_the_story(installation) -> None:
    """Ten people at the story's line, on shift now, and the same need; attendance is not taken."""
    seed = Path(__file__).with_name("small_crew.py")
    done = subprocess.run(
        [sys.executable, str(seed)], env=installation.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def story_row(page: Page):
    return page.get_by_role("row").filter(has_text="Story line")


@pytest.mark.usefixtures("crew_of_the_story")
def test_attendance_by_exception_then_all_others_present(browse):
    page = browse("chief", "/attendance/", width=390)
    expect(story_row(page)).to_contain_text("Not taken")
    expect(story_row(page)).not_to_contain_text("Worker")
    assert axe_violations(page, least="serious") == []
    story_row(page).get_by_role("link", name="Take").click()
    worker = page.get_by_role("group", name="Worker 03")
    box = worker.locator(".pb-choice", has_text="Absent").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 48
    worker.get_by_role("radio", name="Absent").check()
    page.get_by_role("group", name="Worker 05").get_by_role("radio", name="Late").check()
    page.get_by_label("Minutes late, Worker 05").fill("12")
    assert axe_violations(page, least="serious") == []
    page.get_by_role("button", name="All others present").click()
    expect(story_row(page)).to_contain_text("1 short")
    expect(story_row(page)).to_contain_text("Worker 03")
    # A role that does not take attendance sees the number and no name.
    other = browse("operator", "/attendance/", width=390)
    expect(story_row(other)).to_contain_text("1 short")
    expect(story_row(other)).not_to_contain_text("Worker")
    # It is corrected: nobody was absent after all.
    story_row(page).get_by_role("link", name="Correct").click()
    page.get_by_role("group", name="Worker 03").get_by_role("radio", name="Present").check()
    page.get_by_role("button", name="Correct: all others present").click()
    expect(story_row(page)).to_contain_text("All there")


@pytest.mark.usefixtures("crew_of_the_story")
def test_a_green_start_up_takes_at_most_three_taps(browse):
    page = browse("chief", "/start-up/")
    expect(page.get_by_role("heading", name="Start-up", exact=True)).to_be_visible()
    for letter in ("S", "Q", "D", "C", "M"):
        expect(page.get_by_role("heading", name=re.compile(rf"^{letter} · "))).to_be_visible()
    assert axe_violations(page, least="serious") == []
    taps = 0
    present = page.get_by_role("button", name="All present")
    if present.count():
        present.click()
        taps += 1
    steps = page.locator(".pb-step")
    expect(steps.filter(has_text="Attendance")).to_contain_text("Taken")
    expect(steps.filter(has_text="Handoff")).to_contain_text("Nothing waits")
    page.get_by_role("button", name="Nothing needs help first").click()
    taps += 1
    expect(steps.filter(has_text="Who gets help first")).to_contain_text("Decided")
    assert taps <= 3
    expect(page.get_by_role("heading", name=re.compile("^Last shift|No shift was worked"))).to_be_visible()


def test_a_hazard_is_reported_on_a_phone_in_four_taps(browse):
    page = browse("operator", "/hazards/report/", width=390)
    assert axe_violations(page, least="serious") == []
    page.get_by_role("radio", name="Tripping hazard").check()
    page.get_by_role("radio", name="L1", exact=True).check()
    page.get_by_role("radio", name="Injury with treatment or lost days").check()
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_text(re.compile(r"HZ-\d{6} is reported"))).to_be_visible()


def test_now_opens_what_the_role_needs_and_the_bar_has_the_day(browse):
    page = browse("planner", "/")
    expect(page).to_have_url(re.compile(r"/schedule/$"))
    bar = page.get_by_role("navigation", name="Moments of the day")
    expect(bar.get_by_role("link")).to_have_count(9)
    for width in (390, 1920):
        narrow = browse("chief", "/results/", width=width)
        assert narrow.evaluate("document.documentElement.scrollWidth") <= width
        assert axe_violations(narrow, least="serious") == []
