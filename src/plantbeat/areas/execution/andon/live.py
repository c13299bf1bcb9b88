"""Calls for help, and unsigned handoffs, on live boards: parts of frames, and the sound of tablets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.execution.andon import folding
from plantbeat.areas.execution.andon.questions import CallNow, open_calls
from plantbeat.areas.execution.andon.subjects import Unseen, unseen
from plantbeat.areas.execution.records.notice import Channel, Notice
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.live.topics import Message
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

Frame = dict[str, dict[str, Any]]
WRITES = (
    "record:execution.AndonCall", "record:execution.Notice", "record:execution.EscalationStep",
    "record:daily.Handoff",
)  # fmt: skip


def andon_parts(site: Site, lines: Iterable[str], by: Actor) -> Frame:
    """`L1.andon` and `L1.andon_sound` of each line, and `andon.calls` of all of them together.

    A part says how many call, the kind of the one that waits longest, and whether a limit is past. The sound
    part has a `ring`: a tablet that hears a new one beeps; None is silence.
    """
    calls, waiting = open_calls(site, by), unseen(site, clock.now_us(), by)
    rings, areas = _rings(calls, by), _areas(site, by) if waiting else {}
    frame: Frame = {}
    for line in lines:
        mine = [call for call in calls if line in (call.line, call.asset)]
        frame[f"{line}.andon"] = _part(mine)
        here = [one.ring for one in waiting if one.ring and areas.get(line, "") == one.area]
        here += [rings[call.id] for call in mine if call.id in rings]
        frame[f"{line}.andon_sound"] = {"ring": max(here, default=None)}
    frame["andon.calls"] = _all(calls, rings, waiting)
    return frame


def _areas(site: Site, by: Actor) -> dict[str, str]:
    rows = visible(Line, by).filter(site=site).values_list("code", "area__code")
    return {code: area or "" for code, area in rows}


def _part(calls: list[CallNow]) -> dict[str, Any]:
    waiting = [call for call in calls if call.state in folding.OPEN]
    first = next(iter(waiting), next(iter(calls), None))
    if first is None:
        return {"text": "", "status": "none", "status_word": _("No call"), "n": 0, "at_us": None}
    late = any(call.overdue for call in waiting)
    word = _("past its limit") if late else first.state_word
    return {
        "text": first.category_name,
        "asset": first.asset,
        "number": first.number,
        "status": "act" if late or first.state == folding.RAISED else first.status,
        "status_word": word,
        "n": len(calls),
        "at_us": first.raised_us,
    }


def _all(calls: list[CallNow], rings: dict[int, int], unsigned: list[Unseen]) -> dict[str, Any]:
    """What a list of calls follows: its `signature` changes with each call, step and limit passed."""
    waiting = [call for call in calls if call.state in folding.OPEN]
    said = [f"{one.id}{one.state}{one.rung}{one.overdue:d}{one.reopened}" for one in calls]
    said += [f"{one.reference}{one.told_us}" for one in unsigned]
    rung = [*rings.values(), *(one.ring for one in unsigned if one.ring)]
    return {
        "signature": " ".join(said) or "none",
        "n": len(waiting),
        "words": ", ".join([_words(len(waiting), len(calls) - len(waiting)), *_longest(unsigned)]),
        "ring": max(rung, default=None),
    }


def _words(waiting: int, resolved: int) -> str:
    said = ngettext("%(n)s call for help", "%(n)s calls for help", waiting) % {"n": waiting}
    return ", ".join([said, *([_("%(n)s to be confirmed") % {"n": resolved}] if resolved else [])])


def _longest(unsigned: list[Unseen]) -> list[str]:
    """What has waited longest beside calls, and how many more there are."""
    more = len(unsigned) - 1
    return [f"{one.title} (+{more})" if more else one.title for one in unsigned[:1]]


def _rings(calls: list[CallNow], by: Actor) -> dict[int, int]:
    """The last sound notice of each call that still waits for somebody."""
    ids = [
        call.id for call in calls if call.state == folding.RAISED or (call.overdue and not call.resolved_us)
    ]
    if not ids:
        return {}
    rows = visible(Notice, by).filter(escalation__call__in=ids, channel=Channel.sound, state="shown")
    return dict(rows.order_by("pk").values_list("escalation__call", "pk"))


def concerns_andon(message: Message) -> bool:
    """True for a write that can change what boards show of calls."""
    return message.topic in WRITES
