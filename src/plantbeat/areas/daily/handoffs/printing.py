"""A handoff on paper: what the page says, both signatures and where the log proves them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs.reading import ReadItem, proof_words, read_handoff
from plantbeat.areas.daily.paper_rules import paper_of
from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.kernel.access import Actor
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.paper import PAPERS, pdf


def handoff_pdf(handoff: Handoff, by: Actor, paper: str = "") -> bytes:
    """The PDF of a handoff; the paper is the site's unless one is asked for.

    Raises `Refused` for a paper there is not.
    """
    if paper and paper not in PAPERS:
        raise Refused(Problem(_("there is no such paper"), "paper", paper, ", ".join(PAPERS)))
    data = handoff_sheet(handoff, by)
    language = (get_language() or "en").split("-")[0]
    return pdf("handoff", data, paper=paper or paper_of(handoff.site, by), language=language)


def handoff_sheet(handoff: Handoff, by: Actor) -> dict[str, Any]:
    """What the sheet of a handoff takes, as finished words."""
    read, zone = read_handoff(handoff, by), ZoneInfo(handoff.site.zone)
    state = str(read.state.label)
    next_start = _time(read.next_start, zone) if read.next_start else ""
    facts = [
        (_("State"), state), (_("Shift"), handoff.shift), (_("Ends"), _time(read.at, zone)),
        (_("Takes over"), f"{handoff.next_shift or '–'} {next_start}".strip()),
        (_("Zone"), handoff.site.zone),
    ]  # fmt: skip
    if read.drafted_at is not None:
        facts.append((_("Facts as of"), _time(read.drafted_at, zone)))
    unsafe = {
        "name": _("Unsafe and open"),
        "empty": _("Nothing unsafe was open."),
        "items": [_item(item) for item in read.unsafe],
    }
    groups = [
        {"name": str(group.name), "empty": "", "items": [_item(item) for item in group.items]}
        for group in read.groups
    ]
    if handoff.note:
        own = {"unsafe": False, "text": handoff.note, "drafted": "", "source": ""}
        groups.append({"name": _("In own words"), "empty": "", "items": [own]})
    asked = "\n".join(part for part in (handoff.questions, handoff.answers) if part)
    return {
        "words": _words(),
        "title": f"{handoff.number} · {_('Handoff')} {handoff.where}",
        "foot": f"{handoff.site.name} · {handoff.number} · {state}",
        "facts": [list(pair) for pair in facts],
        "groups": [unsafe, *groups],
        "signatures": [
            {
                "what": one.what,
                "who": one.who,
                "proof": proof_words(one) + (f" · {one.reason}" if one.reason else ""),
                "when": _time(one.at, zone),
            }
            for one in read.signatures
        ]
        or [{"what": "–", "who": _("not signed yet"), "proof": "", "when": ""}],
        "questions": asked,
        "log": _(
            "`plantbeat verify-log` proves the places and heads of the log that stand beside the signatures."
        ),
    }


def _words() -> dict[str, str]:
    return {
        "page": _("page"), "unsafe": _("unsafe"), "drafted": _("as drafted:"), "signatures": _("Signatures"),
        "what": _("What"), "who": _("Who"), "when": _("When"), "questions": _("Questions and answers"),
    }  # fmt: skip


def _item(item: ReadItem) -> dict[str, Any]:
    drafted = item.drafted if item.text and item.drafted else ""
    return {"unsafe": item.unsafe, "text": item.words, "drafted": drafted, "source": item.source}


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
