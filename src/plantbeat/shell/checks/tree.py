"""The source tree as the checks read it: each file is read and parsed once."""

import ast
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

PACKAGE = "src/plantbeat/"

_SKIPPED_NAMES = {"__pycache__", "node_modules", "dist"}
_SKIPPED_FOLDERS = {"build", "docs/site"}
_TEXT = {
    ".py",
    ".md",
    ".html",
    ".css",
    ".js",
    ".mjs",
    ".ts",
    ".toml",
    ".typ",
    ".sh",
    ".yml",
    ".yaml",
    ".txt",
    ".svg",
    "",
}
_LARGEST_TEXT = 1_000_000


class Tree:
    """A checkout. Paths are relative to its root, with forward slashes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._texts: dict[str, str] = {}
        self._parsed: dict[str, ast.Module] = {}

    @cached_property
    def files(self) -> list[str]:
        """Every file of the project itself: no environment, cache, lock file or built output."""
        return sorted(self._walk())

    def _walk(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root):
            here = Path(folder).relative_to(self.root)
            folders[:] = [
                name
                for name in folders
                if (not name.startswith(".") or name == ".ci")
                and name not in _SKIPPED_NAMES
                and (here / name).as_posix() not in _SKIPPED_FOLDERS
            ]
            yield from ((here / name).as_posix() for name in names)

    def exists(self, path: str) -> bool:
        return (self.root / path).exists()

    def text(self, path: str) -> str:
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def parsed(self, path: str) -> ast.Module:
        """Syntax tree of a Python file; an empty one where it does not parse, which ruff reports."""
        if path not in self._parsed:
            try:
                self._parsed[path] = ast.parse(self.text(path))
            except SyntaxError:
                self._parsed[path] = ast.Module(body=[], type_ignores=[])
        return self._parsed[path]

    def python(self, *folders: str, migrations: bool = False) -> list[str]:
        """Python files below these folders, migrations only if asked for."""
        return [
            path
            for path in self.files
            if path.endswith(".py")
            and path.startswith(folders)
            and (migrations or "/migrations/" not in path)
        ]

    def texts(self) -> list[str]:
        """Every file that people read and write, lock files and data apart."""
        return [
            path
            for path in self.files
            if Path(path).suffix in _TEXT and (self.root / path).stat().st_size <= _LARGEST_TEXT
        ]
