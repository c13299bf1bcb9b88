"""What people do with a draft: put sentences into own words, add some, leave safe ones out, sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs.keeping import new_code
from plantbeat.areas.daily.handoffs.reading import read_items
from plantbeat.areas.daily.records.handoff import SIGNERS, Handoff, HandoffItem, ItemKind
from plantbeat.kernel.access import Actor
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import forbidden
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing


@dataclass(frozen=True, slots=True)
class Edit:
    """Changes of a draft by code: own words, what is left out, what is added (words, whether it is unsafe).

    `seen` are the codes of the sentences the writer had in front of them.
    """

    note: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    added: Sequence[tuple[str, bool]] = ()
    seen: frozenset[str] = frozenset()


def edit_handoff(handoff: Handoff, edit: Edit, by: Actor) -> Handoff:
    """Apply an edit to the sentences as they stand now, so that a draft made anew in between loses nothing.

    Raises `Refused` where something unsafe would be left out, for a signed handoff, and without the role.
    """
    items = list(handoff.items.order_by("code"))
    rows = [_row(item, edit.words.get(item.code)) for item in items if item.code not in edit.left_out]
    rows += [
        {"code": new_code(), "kind": str(ItemKind.note), "text": words.strip(), "unsafe": unsafe}
        for words, unsafe in edit.added
        if words.strip()
    ]
    same = rows == [_row(item, None) for item in items] and edit.note.strip() == handoff.note
    return handoff if same else act(handoff, "edit", by, {"note": edit.note.strip(), "items": rows})


def _row(item: HandoffItem, words: str | None) -> dict[str, object]:
    text = item.text if words is None else words.strip()
    return {
        "code": item.code, "kind": item.kind, "drafted": item.drafted, "source": item.source,
        "opens": item.opens, "unsafe": item.unsafe,
        "text": "" if text == item.drafted else text,
    }  # fmt: skip


def sign_out(handoff: Handoff, edit: Edit, by: Actor, secret: str) -> Handoff:
    """Edit and sign out in one go: both, or nothing is changed.

    Refused where something unsafe stands in the draft now that the signer has not had before them.
    """
    if not by.holds(SIGNERS, handoff.site_id):
        raise Refused(forbidden(Handoff.steps()["sign_out"].label), Kind.forbidden)
    with writing():
        edited = edit_handoff(handoff, edit, by)
        unsafe = (item for item in read_items(edited) if item.unsafe and item.drafted)
        if unseen := [item.drafted for item in unsafe if item.code not in edit.seen]:
            why = _("since you opened this page it has come up: %(what)s; read it, then sign")
            raise Refused(Problem(why % {"what": " ".join(unseen)}, "items"), Kind.conflict)
        return act(edited, "sign_out", by, secret=secret)
