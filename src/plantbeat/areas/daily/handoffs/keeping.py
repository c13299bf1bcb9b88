"""The draft of a handoff and what people may do to it: everything but take out, or reword, what is unsafe.

The draft is kept beside the sentences. After every edit, whatever door it came by, the sentences are compared
with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import msgspec
from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs.wording import Value, spoken
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import place_of, write_lines

if TYPE_CHECKING:
    from plantbeat.areas.daily.records.handoff import Handoff, HandoffItem


@dataclass(frozen=True, slots=True)
class Sentence:
    """One drafted sentence: what it is about, from which fact or record, and the page that opens it.

    `code` stays the same from draft to draft, so that what somebody wrote beside it stays too. `drafted` and
    `source` are in the installation's language; `said` and `told_from` speak that of whoever reads it (None:
    drafted before they were kept).
    """

    code: str
    kind: str
    drafted: str
    source: str
    opens: str
    unsafe: bool = False
    said: Value | None = None
    told_from: Value | None = None

    @property
    def words(self) -> str:
        """What it says, in the language of the reader."""
        return spoken(self.said) if self.said is not None else self.drafted

    @property
    def source_words(self) -> str:
        """From which fact or record, in the language of the reader."""
        return spoken(self.told_from) if self.told_from is not None else self.source


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything the product has to say about a shift."""

    sentences: Sequence[Sentence]
    at_us: int


def new_code() -> str:
    """Code of a sentence that somebody adds."""
    return f"hand-{secrets.token_hex(6)}"


def draft_of(handoff: Handoff) -> dict[str, Sentence]:
    """The sentences drafted last, by code."""
    if not handoff.draft:
        return {}
    return {one.code: one for one in msgspec.json.decode(handoff.draft, type=list[Sentence])}


def put_draft(handoff: Handoff, draft: Draft) -> None:
    """Put a new draft into a handoff: the words people wrote stay, and what they took out stays out.

    What is unsafe comes back in any case. A sentence that is drafted no longer stays if somebody has put it
    into own words. Called within the act that refreshes the handoff, which logs it.
    """
    before, kept = draft_of(handoff), {item.code: item for item in handoff.items.all()}
    sentences, rows = list(draft.sentences), []
    for one in sentences:
        item = kept.pop(one.code, None)
        if item is None and one.code in before and not one.unsafe:
            continue
        rows.append(row_of(one, item.text if item is not None else ""))
    for item in kept.values():
        if item.text:
            unsafe = item.unsafe and item.by_hand
            rows.append({"code": item.code, "kind": item.kind, "text": item.text, "unsafe": unsafe})
    (lines,) = write_lines([handoff], [{"items": rows}])
    handoff.draft = draft_text(sentences)
    handoff.drafted_us = draft.at_us
    handoff.text = _words(cast("list[HandoffItem]", sorted(lines["items"], key=place_of)))


def row_of(one: Sentence, text: str = "") -> dict[str, object]:
    """A drafted sentence as a line of a handoff."""
    return {
        "code": one.code, "kind": one.kind, "drafted": one.drafted, "text": text, "source": one.source,
        "opens": one.opens, "unsafe": one.unsafe,
    }  # fmt: skip


def draft_text(sentences: Sequence[Sentence]) -> str:
    """A draft as the handoff keeps it."""
    return msgspec.json.encode(list(sentences)).decode()


def said(handoff: Handoff) -> str:
    """All sentences in one text, as the search reads it."""
    return _words(handoff.items.order_by("code"))


def _words(items: Iterable[HandoffItem]) -> str:
    return "\n".join(item.words for item in items)


def refuse_changed_draft(handoff: Handoff) -> None:
    """Refuse an edit of a signed handoff, and one that takes out or changes what was drafted as unsafe."""
    if handoff.state != str(type(handoff).State.drafted):
        raise Refused(_("it is signed and stays as it is; write a note into the next one"), Kind.state)
    if not handoff.draft:  # recorded by the product without a draft; nothing to compare with
        return
    items = {item.code: item for item in handoff.items.all()}
    if problems := list(_faults(draft_of(handoff), items)):
        raise Refused(problems)


def _faults(draft: dict[str, Sentence], items: dict[str, HandoffItem]) -> Iterator[Problem]:
    for one in draft.values():
        item = items.get(one.code)
        if item is None:
            if one.unsafe:
                message = _("is unsafe and open; it cannot be taken out of a handoff, only be put right")
                yield Problem(message, "items", one.drafted)
        elif (item.kind, item.drafted, item.source, item.opens, item.unsafe) != (
            one.kind, one.drafted, one.source, one.opens, one.unsafe,
        ):  # fmt: skip
            message = _("what was drafted stays as it is; write your own words beside it")
            yield Problem(message, "items", one.drafted)
    for code, item in items.items():
        if code in draft:
            continue
        if item.drafted or item.source or item.opens:
            yield Problem(_("only the product drafts; say it in own words"), "items", item.words)
        elif not item.text.strip():
            yield Problem(_("a sentence that is added says something"), "items", code)
