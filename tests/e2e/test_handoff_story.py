"""Two people hand a shift over: one edits and signs out, the other reads on the phone and signs in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from handoff_to_sign import PASSWORD
from playwright.sync_api import Page, expect

from browser import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R147", "R018")]


@pytest.fixture(scope="module")
def number(installation) -> str:
    script = Path(__file__).with_name("handoff_to_sign.py")
    done = subprocess.run(
        [sys.executable, str(script)],
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def test_a_shift_is_handed_over_by_two_signatures(browse, number):
    ann: Page = browse("ann", "/handoff/")
    assert axe_violations(ann) == []
    ann.goto(f"/handoff/{number}/")
    assert axe_violations(ann) == []
    result = ann.locator(".pb-handoff-items li").filter(has_text="L1").first
    result.get_by_text("Put it differently").click()
    result.get_by_role("textbox").fill("L1 waits for caps, they come at six")
    ann.get_by_label("Sentence 1", exact=True).fill("Forklift 2 leaks oil at door 4")
    ann.get_by_role("checkbox", name="unsafe").first.check()
    ann.get_by_label("Sign with your password or PIN").fill("guessed")
    ann.get_by_role("button", name="Sign out", exact=True).click()
    expect(ann.get_by_text("password or PIN is wrong")).to_be_visible()
    expect(ann.get_by_label("Sentence 1", exact=True)).to_have_value("Forklift 2 leaks oil at door 4")
    expect(ann.get_by_role("checkbox", name="unsafe").first).to_be_checked()
    ann.get_by_label("Sign with your password or PIN").fill(PASSWORD)
    ann.get_by_role("button", name="Sign out", exact=True).click()
    expect(ann.get_by_text("Signed out. Whoever takes over signs it in.")).to_be_visible()
    expect(ann.get_by_text("you have signed it out yourself")).to_be_visible()
    assert axe_violations(ann) == []

    ben: Page = browse("ben", "/handoff/", width=390)
    ben.get_by_role("link", name=f"Read and sign in {number}").click()
    unsafe = ben.locator(".pb-handoff-unsafe")
    expect(unsafe).to_contain_text("Forklift 2 leaks oil at door 4")
    expect(ben.get_by_text("L1 waits for caps, they come at six")).to_be_visible()
    assert ben.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_violations(ben) == []
    ben.get_by_label("Questions").fill("Who has the key?")
    ben.get_by_label("Sign with your password or PIN").fill(PASSWORD)
    ben.get_by_role("button", name="Sign in", exact=True).click()
    expect(ben.get_by_text("Signed in. The shift is yours.")).to_be_visible()
    paper = ben.request.get(f"/handoff/{number}/paper.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF")
    ben.goto("/handoff/?q=forklift")
    expect(ben.get_by_role("link", name=number, exact=True)).to_be_visible()
