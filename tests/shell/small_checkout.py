"""A source tree of a few files, for the checks."""

from pathlib import Path

from plantbeat.shell.checks.tree import Tree

PAGES = "src/plantbeat/areas/daily/pages.py"

UV_LOCK = """
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.pythonhosted.org/packages/1f/x.tar.gz", hash = "sha256:1" }
source = { editable = "." }
"""


class Checkout:
    """A small source tree on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> Tree:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return Tree(self.root)
