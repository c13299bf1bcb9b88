"""The formula pages of the documentation, read into plain blocks that a page of the product can show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_BESIDE = Path(__file__).with_name("formulas")
_IN_CHECKOUT = Path(__file__).parents[5] / "docs" / "reference" / "kpi"
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(slots=True)
class Block:
    """A heading, a paragraph, a list, a table (its first row the header) or code."""

    kind: str
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)


@cache
def formula_blocks(page: str) -> tuple[Block, ...]:
    """The blocks of a formula page without its title; empty if an installation has no such page.

    An installed wheel carries the pages beside this module, a checkout has them in its documentation.
    """
    folder = _BESIDE if _BESIDE.is_dir() else _IN_CHECKOUT
    file = folder / f"{Path(page).name}.md"
    return tuple(_blocks(file.read_text(encoding="utf-8"))) if file.is_file() else ()


def _blocks(text: str) -> Iterator[Block]:
    code: list[str] | None = None
    last: Block | None = None
    for line in _COMMENT.sub("", text).splitlines():
        if line.startswith("```"):
            if code is not None:
                yield Block("code", "\n".join(code))
            code, last = ([], None) if code is None else (None, None)
        elif code is not None:
            code.append(line)
        elif line.startswith("# ") or not line.strip():
            last = None
        else:
            added = _read(line, last)
            if added is not None:
                last = added
                yield added


def _read(line: str, last: Block | None) -> Block | None:
    """A new block, or None where the line goes on with the last one."""
    if line.startswith("#"):
        return Block("heading", _words(line.lstrip("# ")))
    if line.startswith("|"):
        cells = [_words(cell) for cell in line.strip().strip("|").split("|")]
        if last is not None and last.kind == "table":
            if set("".join(cells)) - set("-: "):
                last.rows.append(cells)
            return None
        return Block("table", rows=[cells])
    if line.startswith("- "):
        if last is not None and last.kind == "list":
            last.rows.append([_words(line[2:])])
            return None
        return Block("list", rows=[[_words(line[2:])]])
    if last is not None and last.kind in ("paragraph", "list"):
        if last.kind == "list":
            last.rows[-1][0] += f" {_words(line)}"
        else:
            last.text += f" {_words(line)}"
        return None
    return Block("paragraph", _words(line))


def _words(text: str) -> str:
    return _LINK.sub(r"\1", text).replace("`", "").replace("**", "").strip()
