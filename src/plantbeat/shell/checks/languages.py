"""What operators read stands in every language of the product, complete and with the same places to fill in.

`python -m plantbeat.shell.checks.languages` writes new texts into the catalogues, and takes out what nobody
says any more.
"""

import io
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import PACKAGE, Tree

CATALOGUES = PACKAGE + "locale/*/LC_MESSAGES/django.po"
OPERATOR_SCREENS = (
    "areas/daily/handoffs/*.py",
    "areas/daily/records/handoff.py",
    "areas/daily/templates/daily/_handoff*.html",
    "areas/daily/templates/daily/handoff.html",
    "areas/execution/andon/[!m]*.py",
    "areas/execution/live.py",
    "areas/execution/records/andon_call.py",
    "areas/daily/walls/*.py",
    "areas/daily/start_up/cells.py",
    "areas/daily/tiers/showing.py",
    "areas/execution/hours/plan_*.py",
    "areas/execution/hours/wording.py",
    "areas/execution/kpis/evidence.py",
    "areas/execution/kpis/wording.py",
    "areas/execution/one_fact/*.py",
    "areas/execution/walls/*.py",
    "areas/execution/templates/execution/_hour_part*.html",
    "areas/execution/templates/execution/fact.html",
    "areas/execution/templates/execution/hours_plan.html",
    "areas/execution/templates/execution/wall.html",
    "areas/execution/templates/execution/_andon*.html",
    "areas/execution/templates/execution/andon*.html",
    "areas/execution/templates/execution/terminal/_*.html",
    "areas/execution/templates/execution/terminal/terminal.html",
    "areas/execution/templates/execution/terminal/lines.html",
    "areas/execution/terminal/andon_taps.py",
    "areas/execution/terminal/pages.py",
    "areas/execution/terminal/taps.py",
    "areas/plant/records/downtime_reason.py",
    "facts/taps/*.py",
    "facts/views/measure_codes.py",
    "facts/views/state_words.py",
    "kernel/access.py",
    "kernel/act.py",
    "kernel/lifecycle.py",
    "kernel/permission.py",
    "shell/operator_sign_in.py",
    "shell/terminal_sign_in.py",
    "shell/templates/account/operator.html",
    "shell/templates/devices/*.html",
    "shell/templates/refused.html",
    "shell/templates/error.html",
    "surfaces/templates/base.html",
    "surfaces/templates/wall.html",
    "surfaces/templates/components/*.html",
)
"""Sources, below the package, whose texts a screen for operators can show."""

KEYWORDS: dict[str, Any] = {
    "_": None, "_now": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "plural": (1, 2), "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
_PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(?:n?p?gettext)\({_LITERAL}(?:, ?{_LITERAL})*(?:, ?\w+)?\)")
_LONGEST_LINE = 110


def untranslated(tree: Tree) -> list[Finding]:
    """Texts of operator screens that a language lacks, or says with other places to fill in."""
    said = spoken(tree)
    findings = []
    for path in tree.files:
        if fnmatch(path, CATALOGUES):
            known = _read(tree, path)
            told = {message.id: message for message in known if message.id}
            for text in sorted(said.keys() - told.keys(), key=str):
                findings.append(Finding(path, 0, f"{_short(text)} is missing (said in {said[text]})"))
            for text in sorted(told.keys() - said.keys(), key=str):
                findings.append(Finding(path, 0, f"{_short(text)} is said nowhere"))
            findings += [Finding(path, 0, fault) for one in told.values() for fault in _faults(one)]
    return findings


def spoken(tree: Tree) -> dict[Any, str]:
    """Texts of operator screens, each with the first source that says it; a plural is a pair."""
    said: dict[Any, str] = {}
    for path in tree.files:
        if any(fnmatch(path, PACKAGE + pattern) for pattern in OPERATOR_SCREENS):
            for text in _texts(path, tree.text(path)):
                said.setdefault(text, path)
    return said


def _texts(path: str, source: str) -> Iterator[Any]:
    from babel.messages.extract import extract

    if path.endswith(".html"):
        from django.utils.translation.template import templatize

        source = templatize(source, origin=path)
        # Only the calls: what stands between them is no Python, and comments would swallow what follows.
        source = "\n".join(call.group() for call in _CALL.finditer(source))
    found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS)
    for _line, text, _comments, _context in found:
        yield text


def _faults(message: Any) -> Iterator[str]:
    given = message.string if isinstance(message.string, tuple) else (message.string,)
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    if message.fuzzy or not all(given):
        yield f"{_short(message.id)} has no translation"
    wanted = set(_PLACES.findall(ids[-1]))
    for text in filter(None, given):
        if set(_PLACES.findall(text)) != wanted:
            yield f"{_short(message.id)} has other places to fill in than its translation “{text}”"


def _short(text: Any) -> str:
    first = text[0] if isinstance(text, tuple) else text
    return f"“{first if len(first) <= 60 else first[:57] + '...'}”"


def _read(tree: Tree, path: str) -> Any:
    from babel.messages.pofile import read_po

    return read_po(io.StringIO(tree.text(path)), locale=Path(path).parts[-3])


def write_catalogues(root: Path) -> None:
    """Add what is new to each catalogue, without a translation, and take out what is said nowhere."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    tree = Tree(root)
    said = spoken(tree)
    for path in tree.files:
        if fnmatch(path, CATALOGUES):
            known = {message.id: message.string for message in _read(tree, path) if message.id}
            language = Path(path).parts[-3]
            fresh = Catalog(locale=language)
            for text in said:
                fresh.add(text, known.get(text, ""))
            written = io.BytesIO()
            write_po(written, fresh, width=_LONGEST_LINE, omit_header=True, sort_output=True)
            header = _HEADER.format(language=language, plural=fresh.plural_forms)
            (root / path).write_text(header + written.getvalue().decode(), encoding="utf-8")


_HEADER = """\
# Texts of operator screens.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural}\\n"

"""


if __name__ == "__main__":
    write_catalogues(Path(__file__).parents[4])
