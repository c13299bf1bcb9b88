"""Open calls for help, and handoffs nobody has signed, as a live frame of wall boards."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.execution.andon.questions import CallNow, open_calls
from plantbeat.areas.execution.andon.subjects import Unseen, unseen
from plantbeat.areas.execution.live import Frame, site_in_view
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.live.topics import Message
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.problems import Kind, Refused

MOST_CALLS = 5
SHOWN = (
    "record:execution.AndonCall", "record:execution.EscalationStep", "record:daily.Handoff",
    "record:plant.Line",
)  # fmt: skip


@rules_read_once()
def calls_frame(key: str, by: Actor) -> Frame:
    """What waits longest, of a site or (`SITE@AREA`) an area: calls for help, then unsigned handoffs.

    The oldest handoff has a place of its own; test calls are none.
    """
    site, (code, _at, area) = site_in_view(by), key.partition("@")
    if code != site.code:
        raise Refused(_("there is no such site here"), Kind.missing)
    lines = None
    if area:
        lines = frozenset(visible(Line, by).filter(site=site, area__code=area).values_list("code", flat=True))
    calls = [one for one in open_calls(site, by, lines=lines) if not one.is_test and one.resolved_us is None]
    unsigned = [one for one in unseen(site, clock.now_us(), by) if area in ("", one.area)]
    shown = [*map(_call, calls[: MOST_CALLS - min(len(unsigned), 1)]), *map(_unsigned, unsigned)]
    frame: dict[str, dict[str, Any]] = {}
    for place in range(MOST_CALLS):
        frame[f"{key}.call{place + 1}"] = shown[place] if place < len(shown) else _none(place)
    text = _("Calls for help that are open: %(n)s") % {"n": len(calls)}
    if unsigned:
        text = f"{text} · {unsigned[0].brief}: {len(unsigned)}"
    frame[f"{key}.more"] = {"text": text, "url": reverse("andon")}
    return frame


def _call(call: CallNow) -> dict[str, Any]:
    return {
        "name": call.line or call.asset,
        "text": call.category_name,
        "unit": "",
        "status": "act" if call.overdue or call.unanswered else "watch",
        "status_word": call.state_word,
        "detail": call.owner or _("nobody has taken it"),
        "at_us": call.raised_us,
        "url": reverse("andon_call", kwargs={"number": call.number}),
    }


def _unsigned(one: Unseen) -> dict[str, Any]:
    return {
        "name": one.area or one.brief,
        "text": one.brief,
        "unit": "",
        "status": "act",
        "status_word": _("past its limit"),
        "detail": "",
        "at_us": one.since_us,
        "url": one.url,
    }


def _none(place: int) -> dict[str, Any]:
    is_first = place == 0
    return {
        "name": _("Calls for help") if is_first else "–",
        "text": "0" if is_first else None,
        "unit": "",
        "status": "good" if is_first else "none",
        "status_word": _("no call is open") if is_first else _("free"),
        "detail": "",
        "at_us": None,
        "url": reverse("andon"),
    }


def concerns_calls(message: Message, _key: str) -> bool:
    """Calls with the facts that make them, and handoffs past their time."""
    if message.topic == "fact":
        return str(message.payload.get("kind", "")).startswith("andon_")
    return message.topic.startswith(SHOWN)
