"""mkdocs hook: a navigation entry that is a folder (ends in "/") stands for its pages, the index first."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    """Write out the folders of the navigation before mkdocs reads it."""
    config.nav = [_written_out(entry, Path(config.docs_dir)) for entry in config.nav]
    return config


def _written_out(entry: Any, docs: Path) -> Any:
    if not isinstance(entry, dict):
        return entry
    ((title, target),) = entry.items()
    if isinstance(target, list):
        return {title: [_written_out(part, docs) for part in target]}
    return {title: pages_in(docs / target, docs)} if target.endswith("/") else entry


def pages_in(folder: Path, docs: Path) -> list[str]:
    """Addresses of the pages of a folder; their titles are their own first headings."""
    found = sorted(folder.glob("*.md"), key=lambda page: (page.name != "index.md", page.name))
    return [page.relative_to(docs).as_posix() for page in found]
