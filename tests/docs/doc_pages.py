"""The written side as the tests read it: which pages there are, and the blocks of code in them.

A block may be preceded by a comment that says what becomes of it:

    <!-- file: press.csv -->        the block is a file of that name beside the commands of the page
    <!-- run -->                    a console block: each line that starts with `$ plantbeat` is called
    <!-- recipe: name -->           another test takes the block by this name
    <!-- not run: reason -->        nobody runs it

Every other `python` and `pycon` block is run as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
ROOM_PAGES = sorted((REPOSITORY / "src" / "plantbeat" / "areas").glob("*/README.md"))
ROOT_PAGES = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]
PAGES = [*ROOT_PAGES, *sorted(DOCS.rglob("*.md")), *ROOM_PAGES]

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!-- *(?P<word>file|run|recipe|not run)(?:: *(?P<value>[^>]*?))? *-->\s*$")


@dataclass(frozen=True)
class Block:
    """A fenced block with its place; `word` and `value` are of the comment before it."""

    page: Path
    line: int
    language: str
    text: str
    word: str
    value: str


def name_of(page: Path) -> str:
    """The page as a test names it."""
    return page.relative_to(REPOSITORY).as_posix()


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        comment = _COMMENT.search(text[: match.start()])
        word, value = (comment["word"], comment["value"] or "") if comment else ("", "")
        line = text.count("\n", 0, match.start()) + 2
        found.append(Block(page, line, match["language"], match["text"], word, value))
    return found


def recipe(page: Path, name: str) -> str:
    """The text of the block that a page calls by this name."""
    (found,) = [block for block in blocks(page) if (block.word, block.value) == ("recipe", name)]
    return found.text


def prose(page: Path) -> str:
    """The page without its fenced blocks and inline code, in which links and words count."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]*`", "``", text)
