"""Calls for help as the ladder reads them."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.execution.andon import folding
from plantbeat.areas.execution.andon.ladder import category_of
from plantbeat.areas.execution.andon.planning_rungs import place_of, round_us
from plantbeat.areas.execution.andon.subjects import ANDON, Message, Subject, declare_subject
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.records.escalation_step import EscalationStep, Limit
from plantbeat.areas.people.duty import OnDuty
from plantbeat.kernel import clock
from plantbeat.kernel.act import act


def declare_calls() -> None:
    """Let calls climb the ladder."""
    declare_subject(
        AndonCall.type_code(),
        Subject(_waits, place_of, round_us, message_of, _told, _title, _address, _brief),
    )


def _waits(call: AndonCall, limit: str) -> bool:
    """Nobody is told of a call that was taken, or resolved, since the rung was due."""
    return call.state in folding.HELPED if limit == Limit.resolve else call.state == folding.RAISED


def _told(call: AndonCall, step: EscalationStep, _people: Sequence[OnDuty]) -> None:
    if step.rung > call.rung:
        act(call, "climb", ANDON, {"rung": step.rung})


def _title(call: AndonCall) -> str:
    return f"{call.number} {category_of(call.site, call.category).name}"


def _brief(call: AndonCall) -> str:
    return str(category_of(call.site, call.category).name)


def _address(call: AndonCall) -> str:
    return reverse("andon_call", args=[call.number])


def message_of(call: AndonCall) -> Message:
    """What a message about a call says; a test call says so."""
    place = " ".join(dict.fromkeys(filter(None, (call.line.code if call.line else "", call.asset))))
    kind = str(category_of(call.site, call.category).name)
    test = _("TEST") + ": " if call.is_test else ""
    subject = f"{test}{kind}: {place} ({call.number})"
    at = clock.from_us(call.raised_us).astimezone(ZoneInfo(call.site.zone))
    parts = [
        subject,
        _("Called at %(time)s, %(site)s.") % {"time": f"{at:%H:%M:%S}", "site": call.site.name},
        call.note,
    ]
    fields = {
        "call": call.number, "asset": call.asset, "line": call.line.code if call.line is not None else "",
        "category": call.category, "raised_us": call.raised_us, "test": call.is_test,
    }  # fmt: skip
    return Message(subject, "\n".join(filter(None, parts)), fields)
