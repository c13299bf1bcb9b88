"""The site builds without a warning and asks nothing of anybody else's server."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from doc_pages import DOCS, REPOSITORY

FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


class Fetches(HTMLParser):
    """Addresses a browser fetches by itself to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") in ("canonical", "next", "prev", "alternate"):
            return
        if address := given.get(FETCHED.get(tag, "")):
            self.addresses.append(address)


@pytest.mark.slow
def test_the_strict_build_passes_and_has_every_page(site):
    written = {page.relative_to(DOCS).with_suffix("") for page in DOCS.rglob("*.md")}
    for page in written:
        folder = page.parent if page.name == "index" else page
        assert (site / folder / "index.html").is_file(), page
    assert not list(site.rglob("*.py"))


@pytest.mark.slow
def test_no_page_fetches_anything_from_another_server(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        fetches = Fetches()
        fetches.feed(page.read_text(encoding="utf-8"))
        assert fetches.addresses
        elsewhere = [one for one in fetches.addresses if re.match(r"(https?:)?//", one)]
        assert not elsewhere, f"{page}: {elsewhere}"
    styles = "".join(sheet.read_text(encoding="utf-8") for sheet in site.rglob("*.css"))
    assert not re.search(r"url\([\"']?(https?:)?//", styles)
    assert "@import" not in styles
