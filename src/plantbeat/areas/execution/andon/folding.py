"""What the facts of one call say: a pure fold, the same for taps, machines and what comes late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

RAISED, ACKNOWLEDGED, ON_SITE, CONTAINED, RESOLVED, CONFIRMED = (
    "raised", "acknowledged", "on_site", "contained", "resolved", "confirmed",
)  # fmt: skip
HELPED = frozenset({ACKNOWLEDGED, ON_SITE, CONTAINED})
OPEN = HELPED | {RAISED}
"""States in which somebody still has to help; a resolved call only waits for its confirmation."""

KINDS = (
    "andon_raise", "andon_ack", "andon_arrive", "andon_contain", "andon_resolve", "andon_confirm",
    "andon_reopen",
)  # fmt: skip


class Told(NamedTuple):
    """One fact about a call."""

    t_us: int
    lsn: int
    kind: str
    actor: str
    category: str = ""
    note: str = ""
    test: bool = False


@dataclass(slots=True)
class Call:
    """Where a call stands. After “not solved” the instants are those of the new round."""

    category: str
    note: str
    raised_us: int
    raised_by: str
    is_test: bool = False
    state: str = RAISED
    acknowledged_us: int | None = None
    arrived_us: int | None = None
    contained_us: int | None = None
    resolved_us: int | None = None
    confirmed_us: int | None = None
    reopened_us: int | None = None
    reopened: int = 0
    taken_by: str = ""
    resolved_by: str = ""
    done: str = ""


def folded(facts: Iterable[Told]) -> Call | None:
    """The call that its facts in force describe; None while nobody has raised it.

    Facts count in the order of their times. One that does not fit where the call stands (an arrival after it
    was resolved) changes nothing, so that whatever comes twice or late does no harm.
    """
    told = sorted(facts)
    raised = next((one for one in told if one.kind == "andon_raise"), None)
    if raised is None:
        return None
    call = Call(raised.category, raised.note, raised.t_us, raised.actor, raised.test)
    for one in told:
        if one.kind != "andon_raise" and one.t_us >= raised.t_us:
            _STEPS[one.kind](call, one)
    return call


def _taken(call: Call, one: Told) -> None:
    if call.acknowledged_us is None:
        call.acknowledged_us, call.taken_by = one.t_us, one.actor


def _acknowledge(call: Call, one: Told) -> None:
    if call.state == RAISED:
        _taken(call, one)
        call.state = ACKNOWLEDGED


def _arrive(call: Call, one: Told) -> None:
    if call.state in (RAISED, ACKNOWLEDGED):
        _taken(call, one)
        call.arrived_us, call.state = one.t_us, ON_SITE


def _contain(call: Call, one: Told) -> None:
    if call.state in OPEN and call.state != CONTAINED:
        _taken(call, one)
        call.arrived_us = call.arrived_us if call.arrived_us is not None else one.t_us
        call.contained_us, call.state = one.t_us, CONTAINED


def _resolve(call: Call, one: Told) -> None:
    if call.state in OPEN:
        call.resolved_us, call.resolved_by, call.state = one.t_us, one.actor, RESOLVED
        call.done = one.note


def _confirm(call: Call, one: Told) -> None:
    if call.state == RESOLVED:
        call.confirmed_us, call.state = one.t_us, CONFIRMED


def _reopen(call: Call, one: Told) -> None:
    if call.state in (RESOLVED, CONFIRMED):
        call.state, call.reopened_us, call.reopened = RAISED, one.t_us, call.reopened + 1
        call.acknowledged_us = call.arrived_us = call.contained_us = None
        call.resolved_us = call.confirmed_us = None
        call.taken_by = call.resolved_by = call.done = ""


_STEPS = {
    "andon_ack": _acknowledge,
    "andon_arrive": _arrive,
    "andon_contain": _contain,
    "andon_resolve": _resolve,
    "andon_confirm": _confirm,
    "andon_reopen": _reopen,
}
