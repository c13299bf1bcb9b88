"""Docstrings and tables as Markdown, for the reference pages that are read off the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import cleandoc

NOTE = "<!-- Written by docs/generate.py from the code. Change the declaration, not this page. -->"


def cell(text: object) -> str:
    """Text that fits into a cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Lines of a table."""
    names = list(heads)
    yield f"| {' | '.join(names)} |"
    yield f"| {' | '.join('---' for _ in names)} |"
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"


def prose(doc: str | None) -> str:
    """A docstring as paragraphs of one line each."""
    return "\n\n".join(" ".join(part.split()) for part in cleandoc(doc or "").split("\n\n"))


def first_paragraph(doc: str | None) -> str:
    """The first paragraph of a docstring."""
    return prose(doc).split("\n")[0]


def first_sentence(doc: str | None) -> str:
    """The first sentence of a docstring, without its full stop."""
    return first_paragraph(doc).split(". ")[0].rstrip(".")


def title(text: object) -> str:
    """Words with a capital first."""
    words = str(text)
    return words[:1].upper() + words[1:]


def page(lines: Iterable[str]) -> str:
    """The text of a page that nobody edits by hand."""
    return "\n".join([*lines, "", NOTE]) + "\n"
