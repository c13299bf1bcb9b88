"""A handoff as its page and its paper show it: the same words in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs import questions
from plantbeat.areas.daily.handoffs.keeping import Sentence, draft_of
from plantbeat.areas.daily.records.handoff import SIGNATURES, Handoff, HandoffItem, ItemKind
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.log import Change
from plantbeat.kernel.permission import may
from plantbeat.kernel.problems import Problem, Text
from plantbeat.kernel.questions import changes_of
from plantbeat.kernel.states import State

MOST_ACTS = 400


@dataclass(frozen=True, slots=True)
class Signature:
    """Who has signed what and when; `place` and `hash` are the head of the log as the signature made it."""

    verb: str
    what: str
    who: str
    at: datetime
    meaning: str
    record_hash: str
    place: int
    hash: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One sentence in the language of the reader: `words` are read out, `text` is what somebody wrote."""

    code: str
    kind: str
    unsafe: bool
    by_hand: bool
    words: str
    text: str
    drafted: str
    source: str
    opens: str


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences of one kind."""

    code: str
    name: Text
    items: list[ReadItem]


@dataclass(frozen=True, slots=True)
class ReadHandoff:
    """Everything a reader sees."""

    state: State
    at: datetime
    start: datetime
    next_start: datetime | None
    due: datetime | None
    overdue: bool
    drafted_at: datetime | None
    escalated_at: datetime | None
    unsafe: list[ReadItem]
    groups: list[Group]
    signatures: list[Signature]
    may_edit: bool
    steps: dict[str, list[Problem]]


def read_handoff(handoff: Handoff, by: Actor) -> ReadHandoff:
    """A handoff with its sentences by kind, its signatures, and what the reader may do with it."""
    items, order = read_items(handoff), list(ItemKind.values)
    items.sort(key=lambda item: (order.index(item.kind), item.code))
    is_open = handoff.state == str(Handoff.State.drafted)
    now_us = clock.now_us()
    return ReadHandoff(
        state=Handoff.states()[handoff.state],
        at=clock.from_us(handoff.boundary_us),
        start=clock.from_us(handoff.start_us),
        next_start=_instant(handoff.next_start_us),
        due=_instant(handoff.due_us),
        overdue=handoff.due_us is not None and handoff.due_us < now_us,
        drafted_at=_instant(handoff.drafted_us),
        escalated_at=_instant(handoff.escalated_us),
        unsafe=[item for item in items if item.unsafe],
        groups=_groups([item for item in items if not item.unsafe]),
        signatures=signatures(handoff, by),
        may_edit=is_open and not may(handoff, "edit", by),
        steps={
            verb: may(handoff, verb, by)
            for verb, step in Handoff.steps().items()
            if step.target is not None and handoff.state in step.sources and verb != "refresh"
        },
    )


def read_items(handoff: Handoff) -> list[ReadItem]:
    """The sentences of a handoff, those drafted in the language of the reader."""
    draft = draft_of(handoff)
    return [_read(item, draft.get(item.code)) for item in handoff.items.all()]


def _read(item: HandoffItem, sentence: Sentence | None) -> ReadItem:
    drafted, source = item.drafted, item.source
    if sentence is not None and sentence.drafted == drafted:
        drafted, source = sentence.words, sentence.source_words
    return ReadItem(
        item.code, item.kind, item.unsafe, item.by_hand, item.text or drafted, item.text, drafted, source,
        item.opens,
    )  # fmt: skip


def _instant(us: int | None) -> datetime | None:
    return clock.from_us(us) if us is not None else None


def _groups(items: list[ReadItem]) -> list[Group]:
    return [
        Group(kind.value, kind.label, mine)
        for kind in ItemKind
        if (mine := [item for item in items if item.kind == kind.value])
    ]


def signatures(handoff: Handoff, by: Actor) -> list[Signature]:
    """The signatures under a handoff, the first one first. What history recorded has no proof and says so."""
    rows = [row for row in changes_of(handoff, MOST_ACTS) if row.verb in SIGNATURES]
    names = questions.signers([handoff], by)
    if rows:
        return [_signature(row, names) for row in reversed(rows)]
    recorded = [
        ("sign_out", handoff.signed_out_by, handoff.signed_out_us),
        ("sign_in", handoff.signed_in_by, handoff.signed_in_us),
    ]
    return [
        Signature(
            verb, str(Handoff.steps()[verb].label), names.get(who, who), clock.from_us(at_us), "", "", 0,
            "", "",
        )
        for verb, who, at_us in recorded
        if at_us is not None
    ]  # fmt: skip


def _signature(row: Change, names: dict[str, str]) -> Signature:
    signed: dict[str, Any] = row.signature or {}
    return Signature(
        row.verb, str(Handoff.steps()[row.verb].label), names.get(row.actor, row.actor),
        clock.from_us(row.at_us), str(signed.get("meaning", "")), str(signed.get("record_hash", "")),
        row.place, row.hash, row.reason,
    )  # fmt: skip


def proof_words(one: Signature) -> str:
    """What proves a signature, in words."""
    if not one.record_hash:
        return _("recorded with the history, without an electronic signature")
    return _("“%(meaning)s” · record %(record)s · log place %(place)s, head %(head)s") % {
        "meaning": one.meaning, "record": one.record_hash[:16], "place": one.place, "head": one.hash,
    }  # fmt: skip
