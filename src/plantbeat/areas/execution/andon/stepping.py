"""What a step of a call does beside its new state: its fact, and the rungs that are due from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
from django.utils.translation import gettext as _

from plantbeat.areas.execution.andon import folding
from plantbeat.areas.execution.andon.folding import Told
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, own_source
from plantbeat.facts.questions import facts_in_force
from plantbeat.kernel import clock
from plantbeat.kernel.access import LEADERS, Actor, Role, visible
from plantbeat.kernel.accounts import Device
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Record

if TYPE_CHECKING:
    from plantbeat.areas.execution.records.andon_call import AndonCall

READER = Actor.system("andon")
LINE_LEADERS = LEADERS | {Role.line_lead}
HOUR_US = 3_600_000_000
LATEST_TAP_US = 72 * HOUR_US
"""A tap made offline may be so old."""
SIGNED_ON_US = 16 * HOUR_US
"""Nobody is still at a station who signed on longer ago."""

KIND_OF = {
    "acknowledge": "andon_ack",
    "arrive": "andon_arrive",
    "contain": "andon_contain",
    "resolve": "andon_resolve",
    "confirm": "andon_confirm",
    "reopen": "andon_reopen",
}
_WITH_NOTE = {"contain", "resolve", "confirm", "reopen"}
_FOLDED = (
    "category", "note", "raised_us", "raised_by", "is_test", "state", "acknowledged_us", "arrived_us",
    "contained_us", "resolved_us", "confirmed_us", "reopened_us", "reopened", "taken_by", "resolved_by",
    "done",
)  # fmt: skip


def tapped_us(at_us: int | None) -> int:
    """When something was tapped: now, or some time ago on a tablet without a network.

    Raises `Refused` for the future and for what is older than three days.
    """
    now_us = clock.now_us()
    if at_us is None:
        return now_us
    if not now_us - LATEST_TAP_US <= at_us <= now_us + HOUR_US // 60:
        allowed = _("an instant of the last three days, not of the future")
        raise Refused(Problem(_("this time cannot be believed"), "at_us", at_us, allowed))
    return min(at_us, now_us)


def told(verb: str, record: Record, by: Actor, data: dict[str, Any]) -> None:
    """Append the fact of a step and let the record say what its facts say."""
    call = cast("AndonCall", record)
    tell(call, verb, by, tapped_us(data.get("at_us")), str(data.get("said") or ""))
    follow(call)


def tell(call: AndonCall, verb: str, by: Actor, at_us: int, note: str = "") -> None:
    """Append the fact of a step; its time does not lie before the call."""
    body = {"call": call.call}
    if verb in _WITH_NOTE and note.strip():
        body["note"] = note.strip()[:2000]
    at_us = max(at_us, call.reopened_us or call.raised_us)
    fact = NewFact(asset=call.asset, t_us=at_us, kind=KIND_OF[verb], body=body)
    append([fact], by, own_source(call.site))


def facts_of(call: AndonCall) -> list[Told]:
    """The facts in force of a call, in the order of their times."""
    rows = facts_in_force(READER).filter(
        asset__site=call.site_id, asset__code=call.asset, t_us__gte=call.raised_us, kind__in=folding.KINDS
    )
    read = (as_told(*row) for row in rows.values_list("t_us", "lsn", "kind", "actor", "body"))
    return sorted(one for name, one in read if name == call.call)


def as_told(t_us: int, lsn: int, kind: str, actor: str, body: str) -> tuple[str, Told]:
    """The id of the call that a stored fact is about, and what it says."""
    said = msgspec.json.decode(body)
    more = said.get("category", ""), said.get("note") or "", bool(said.get("test"))
    return said["call"], Told(t_us, lsn, kind, actor, *more)


def follow(call: AndonCall) -> None:
    """Let a record say what the facts of its call say."""
    found = folding.folded(facts_of(call))
    if found is not None:
        take_over(call, found)


def take_over(call: AndonCall, found: folding.Call) -> None:
    """Give a record what a fold has found."""
    if found.reopened != call.reopened:
        call.rung = 0
    for name in _FOLDED:
        setattr(call, name, getattr(found, name))


def values_of(found: folding.Call) -> dict[str, Any]:
    """What a fold has found, as values of a record."""
    return {name: getattr(found, name) for name in _FOLDED}


def may_confirm(call: AndonCall, by: Actor) -> bool:
    """Whoever raised the call, works at that station now, or leads the line; never the helper alone."""
    if by.trusted or (call.raised_by and by.pseudonym == call.raised_by):
        return True
    if call.resolved_by and by.pseudonym == call.resolved_by:
        return False
    return by.holds(LINE_LEADERS, call.site_id) or works_there(call, by)


def works_there(call: AndonCall, by: Actor) -> bool:
    """True for the tablet of the line, and for who has signed on at one of its machines and not off again."""
    line = call.line.code if call.line is not None else call.asset
    if by.device_id is not None:
        return visible(Device, READER).filter(pk=by.device_id, site=call.site_id, place=line).exists()
    now_us = clock.now_us()
    rows = facts_in_force(READER).filter(
        asset__site=call.site_id, asset__code=call.asset, kind__in=("operator_on", "operator_off"),
        t_us__gt=now_us - SIGNED_ON_US, t_us__lte=now_us,
    )  # fmt: skip
    latest = ""
    for kind, body in rows.order_by("t_us", "lsn").values_list("kind", "body"):
        if msgspec.json.decode(body)["person"] == by.pseudonym:
            latest = kind
    return latest == "operator_on"


def follow_up(call: AndonCall, verb: str) -> None:
    """Keep the due rows of a call right after a write, in its transaction."""
    from plantbeat.areas.execution.andon.planning_rungs import keep_rungs

    if verb != "climb":
        keep_rungs(call, is_new=verb == "create")
