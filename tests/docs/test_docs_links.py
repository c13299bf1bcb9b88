"""No link of the written side leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from doc_pages import DOCS, PAGES, name_of, prose

_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


def targets(page: Path) -> list[str]:
    return [match["target"] for match in _LINK.finditer(prose(page))]


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in addresses."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    words = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in _HEADING.findall(text))
    return {re.sub(r"[\s]+", "-", one.strip()) for one in words}


@pytest.mark.parametrize("page", [page for page in PAGES if targets(page)], ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page):
    for target in targets(page):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _hash, anchor = target.partition("#")
        assert not path.startswith("/"), f"{target}: addresses are relative"
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{target} is not there"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{target}: no such heading"


def test_the_documentation_keeps_to_itself():
    """The site is built from docs/ alone, so its pages link to nothing beside it."""
    for page in DOCS.rglob("*.md"):
        for target in targets(page):
            if not target.startswith(("http://", "https://", "#")):
                assert (page.parent / target.partition("#")[0]).resolve().is_relative_to(DOCS), (
                    f"{page}: {target}"
                )


def test_the_readme_leads_into_each_room_of_the_documentation():
    text = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    for room in ("tutorials", "how-to", "reference", "explanation"):
        assert f"(docs/{room}/" in text
