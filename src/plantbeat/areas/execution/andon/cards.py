"""A call as a card: what it is, its timers, and the big buttons of those who may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.execution.andon import folding, questions
from plantbeat.areas.execution.andon.questions import CallNow
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.permission import may

BUTTONS = {
    folding.RAISED: ("acknowledge", "arrive"),
    folding.ACKNOWLEDGED: ("arrive", "resolve"),
    folding.ON_SITE: ("resolve", "contain"),
    folding.CONTAINED: ("resolve",),
    folding.RESOLVED: ("confirm", "reopen"),
    folding.CONFIRMED: (),
}
"""What is offered in a state, the usual step first."""


def cards(site: Site, found: Iterable[CallNow], by: Actor) -> list[dict[str, Any]]:
    """Cards of calls; buttons only for steps that the actor may take now."""
    shown = list(found)
    rows = visible(AndonCall, by).filter(pk__in=[one.id for one in shown]).select_related("site", "line")
    records = {row.pk: row for row in rows}
    return [_card(one, records[one.id], by) for one in shown if one.id in records]


def card_of(site: Site, record: AndonCall, by: Actor) -> dict[str, Any]:
    """The card of one call."""
    return _card(questions.calls_as_answers(site, [record])[0], record, by)


def _card(one: CallNow, record: AndonCall, by: Actor) -> dict[str, Any]:
    buttons = [_button(record, verb) for verb in BUTTONS[one.state] if not may(record, verb, by)]
    why_not = ""
    if one.state == folding.RESOLVED and not any(button["verb"] == "confirm" for button in buttons):
        why_not = _(
            "Confirmed by who called, who works there now, or the line lead; not by the helper alone."
        )
    return {
        "call": one,
        "place": one.asset if one.asset == one.line or not one.line else f"{one.line} · {one.asset}",
        "url": reverse("andon_call", args=[one.number]),
        "raised": clock.from_us(one.raised_us),
        "is_open": one.state in folding.OPEN,
        "limit": _("to be taken") if one.state == folding.RAISED else _("to be resolved"),
        "buttons": buttons,
        "why_not": why_not,
    }


def _button(record: AndonCall, verb: str) -> dict[str, str]:
    step = AndonCall.steps()[verb]
    address = reverse("andon_step", args=[record.number, verb])
    main = verb == BUTTONS[record.state][0]
    return {"verb": verb, "label": str(step.label), "url": address, "main": "yes" if main else ""}
