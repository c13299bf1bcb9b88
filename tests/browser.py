"""Chromium for the browser tests.

A conftest takes the fixture over with `from browser import chromium  # noqa: F401`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from debian_package import install

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
]
AXE = Path(__file__).parents[1] / "web" / "dist" / "axe.min.js"


def chromium_path() -> str:
    """Where Chromium is; installs Debian's with PLANTBEAT_TEST_INSTALL=1, else skips, naming the reason."""
    found = _on_path()
    if found is None and install("chromium"):
        found = _on_path()
    if found is None:
        pytest.skip("no Chromium on the PATH (set PLANTBEAT_TEST_INSTALL=1 to install Debian's)")
    return found


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless Chromium for all tests of a session; each test opens its own context."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


def axe_violations(page: Page, *, least: str = "minor") -> list[str]:
    """What axe-core finds on a page, one line each; `least` leaves out what is milder."""
    order = ["minor", "moderate", "serious", "critical"]
    if not AXE.exists():
        pytest.fail(f"{AXE} is missing: run `python hatch_build.py --force`")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: "
        + "; ".join(
            f"{' '.join(node['target'])} {node.get('failureSummary', '')}" for node in found["nodes"][:4]
        )
        for found in result["violations"]
        if order.index(found["impact"] or "minor") >= order.index(least)
    ]
