"""What is still open is an issue of the roadmap; a note in the code may only point to one."""

import io
import re
import tokenize
from pathlib import PurePosixPath

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import Tree

ROADMAP = "docs/ROADMAP.md"
_NOTE = re.compile(r"\b(TODO|FIXME)\b(?:\(([^)]*)\))?")
_HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)
_CODE = {".py", ".js", ".mjs", ".ts", ".css", ".html", ".toml", ".sh", ".typ"}


def open_notes(tree: Tree) -> list[Finding]:
    """TODO and FIXME that do not name, in brackets, a heading of docs/ROADMAP.md."""
    text = tree.text(ROADMAP) if tree.exists(ROADMAP) else ""
    headings = {heading.casefold() for heading in _HEADING.findall(text)}
    findings = []
    for path in tree.texts():
        if PurePosixPath(path).suffix not in _CODE:
            continue
        for number, note in _notes(path, tree.text(path)):
            word, heading = note.group(1), (note.group(2) or "").strip()
            if heading.casefold() not in headings:
                message = f'{word} must name an issue of {ROADMAP}, as in "{word}(heading of the issue)"'
                findings.append(Finding(path, number, message))
    return findings


def _notes(path: str, text: str) -> list[tuple[int, re.Match[str]]]:
    """Line and match of each note; in Python only comments count, so that a test may hold one in a string."""
    if not path.endswith(".py"):
        lines = list(enumerate(text.splitlines(), 1))
    elif _NOTE.search(text):
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        except (tokenize.TokenError, SyntaxError):
            return []
        lines = [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
    else:
        return []
    return [(number, note) for number, line in lines for note in _NOTE.finditer(line)]
