"""Templates: no script or style in the page (the content policy refuses them), all text translatable."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import PACKAGE, Tree

# Stands for what a tag or variable puts there; a private character, so neither a letter nor white space.
_PUT = "\ue000"
_CSRF_MARK = "\ue001"
_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}", re.DOTALL)
_TRANSLATED = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
_CSRF = re.compile(r"\{%\s*csrf_token\s*%\}")
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_NOT_PROSE = {"code", "kbd", "samp"}
_SPOKEN = {"alt", "aria-label", "aria-description", "placeholder", "title"}
_PRODUCT = re.compile(r"\bPlantbeat\b")
# What a block gives to a tag of the page it extends: class="wall" data-distance="3".
_ATTRIBUTE = r"[\w:.@-]+(?:=\"[^\"]*\")?"
_ATTRIBUTES = re.compile(rf"{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*")
_GIVEN = re.compile(r"([\w:.@-]+)=\"([^\"]*)\"")
_WORD = re.compile(r"[^\W\d_]{2,}")


def templates(tree: Tree) -> list[Finding]:
    """Inline script and style, untranslated text, images without alt and POST forms without a token."""
    findings = []
    for path in tree.files:
        if path.startswith(PACKAGE) and path.endswith(".html"):
            reader = _Reader()
            reader.feed(_plain(tree.text(path)))
            reader.close()
            findings += [Finding(path, line, message) for line, message in reader.faults]
    return findings


def _plain(template: str) -> str:
    """The page with each template tag replaced by a mark; line numbers stay."""

    def mark(sign: str) -> Callable[[re.Match[str]], str]:
        return lambda match: f" {sign} " + "\n" * match.group().count("\n")

    for pattern, sign in ((_COMMENT, ""), (_TRANSLATED, _PUT), (_CSRF, _CSRF_MARK), (_TAG, _PUT)):
        template = pattern.sub(mark(sign), template)
    return template


class _Reader(HTMLParser):
    """Collects (line, sentence) while it walks through a page."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[tuple[int, str]] = []
        self.open: list[tuple[str, bool]] = []  # element, and whether its text is to be translated
        self.is_data = False  # inside a script element that holds JSON
        self.form_line = 0  # of an open POST form that has no token yet

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.strip(_PUT + _CSRF_MARK): value or "" for name, value in attrs}
        for name, value in given.items():
            self._attribute(tag, name, value)
        if tag == "img" and "alt" not in given:
            self._fault('<img> without alt; alt="" if it only decorates')
        if tag == "form" and given.get("method", "").lower() == "post":
            self.form_line = self.getpos()[0]
        if tag not in _VOID:
            self.is_data = tag == "script" and given.get("type") == "application/json"
            prose = tag not in _NOT_PROSE and given.get("translate") != "no"
            self.open.append((tag, prose and all(inner for _, inner in self.open)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form_line:
            self._fault("POST form without {% csrf_token %}", self.form_line)
            self.form_line = 0
        for depth in range(len(self.open) - 1, -1, -1):
            if self.open[depth][0] == tag:
                del self.open[depth:]
                break

    def handle_data(self, data: str) -> None:
        if _CSRF_MARK in data:
            self.form_line = 0
        element, prose = self.open[-1] if self.open else ("", True)
        if not data.strip():
            return
        if element in {"script", "style"}:
            if not self.is_data:
                self._fault(f"<{element}> with content; put it into a file under web/src")
            return
        if not prose:
            return
        plain = data.replace(_PUT, "").strip()
        if _GIVEN.search(plain) and _ATTRIBUTES.fullmatch(plain):
            line = self.getpos()[0] + data[: data.index(plain[:1])].count("\n")
            for name, value in _GIVEN.findall(plain):
                self._attribute("", name, value, line)
            return
        word = _WORD.search(_PRODUCT.sub("", data))
        if word:
            line = self.getpos()[0] + data[: data.index(word.group())].count("\n")
            text = " ".join(plain.split())
            self._fault(f'text "{text[:60]}" is not translatable; wrap it in {{% translate %}}', line)

    def _attribute(self, tag: str, name: str, value: str, line: int = 0) -> None:
        if name == "style":
            self._fault("style= in a page is refused by the content policy; use a class", line)
        elif name.startswith(("hx-on", "data-hx-on")) or (name.startswith("on") and name.isalpha()):
            self._fault(f"{name}= is script in a page; listen for the event in web/src", line)
        elif value.strip().lower().startswith(("javascript:", "js:")):
            self._fault(f"{name}= holds script; put it into a file under web/src", line)
        spoken = name in _SPOKEN or (tag == "input" and name == "value")
        if spoken and _WORD.search(_PRODUCT.sub("", value)):
            self._fault(f'{name}="{value.strip()}" is not translatable; use {{% translate %}}', line)

    def _fault(self, message: str, line: int = 0) -> None:
        self.faults.append((line or self.getpos()[0], message))
