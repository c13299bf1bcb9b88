"""Andon calls from their facts: how long each waited, and those that nobody answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from plantbeat.areas.execution.andon.ladder import categories
from plantbeat.areas.execution.losses.answers import Unanswered, UnansweredCall
from plantbeat.areas.execution.losses.looking import Looking
from plantbeat.facts.views.catalogue import question
from plantbeat.facts.views.counted import Event, events_at_hand
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

ANSWER_WITHIN_US = 5 * 60_000_000
"""What a call of a kind that nobody has set up is to be acknowledged within."""
_LATER = timedelta(days=3)
"""So long after a call its answers are looked for."""
_RAISED = "andon_raise"
KINDS = (_RAISED, "andon_ack", "andon_arrive", "andon_resolve")


class Call(NamedTuple):
    """A call of a period; instants of its answers None where there is none yet. `shift` by name."""

    line: int | None
    asset: int
    call: str
    category: str
    raised_us: int
    acked_us: int | None
    closed_us: int | None
    now_us: int
    day: str
    shift: str
    lsns: tuple[int, ...]

    @property
    def open_us(self) -> int:
        """Time from raise to close; of an open call so far."""
        return (self.closed_us if self.closed_us is not None else self.now_us) - self.raised_us

    @property
    def waited_us(self) -> int:
        """Time until somebody acknowledged; without, until the call was closed, or so far."""
        until_us = self.acked_us if self.acked_us is not None else self.closed_us
        return (until_us if until_us is not None else self.now_us) - self.raised_us


def calls_in(looking: Looking, period: Period | None = None) -> list[Call]:
    """Calls raised in the time looked at on its lines, by time, tests left out."""
    lines = {line.pk for line in looking.lines()}
    asked = period or looking.period
    followed = Period.of_days(asked.first, asked.last + _LATER)
    scope = Scope.site(looking.site.pk)
    ask = question(MeasureCode.mttr, scope, followed, looking.by, None, looking.where)
    raised, answers = [], defaultdict[tuple[int, str], list[Event]](list)
    for event in events_at_hand(ask, KINDS):
        if event.kind != _RAISED:
            answers[event.asset, str(event.said["call"])].append(event)
        elif (
            ask.rules.line_of(event.asset) in lines
            and not event.said.get("test")
            and event.day(ask.rules) <= asked.last
            and (not looking.shift or (event.shift is not None and event.shift.shift == looking.shift))
        ):
            raised.append(event)
    found, known = [], set()
    for event in raised:
        key = event.asset, str(event.said["call"])
        if key in known:
            continue
        known.add(key)
        found.append(_call(event, answers.get(key, ()), ask.rules.line_of(event.asset), ask.now_us))
    return found


def _call(event: Event, answers: Sequence[Event], line: int | None, now_us: int) -> Call:
    later = [one for one in answers if one.t_us >= event.t_us]
    acked = [one.t_us for one in later if one.kind in ("andon_ack", "andon_arrive")]
    closed = [one.t_us for one in later if one.kind == "andon_resolve"]
    shift = event.shift
    return Call(
        line, event.asset, str(event.said["call"]), str(event.said["category"]), event.t_us,
        acked[0] if acked else None, closed[0] if closed else None, now_us,
        shift.owner_day.isoformat() if shift else "", shift.shift if shift else "",
        (event.lsn, *(one.lsn for one in later)),
    )  # fmt: skip


def answer_limits(site: Site) -> dict[str, int]:
    """Within how many µs a call of each kind is to be acknowledged, by its code; one query."""
    return {kind.code: kind.respond_us for kind in categories(site, every=True)}


def unanswered(
    site: Site,
    period: Period,
    by: Actor,
    *,
    lines: Sequence[str] | None = None,
    limit_us: int | None = None,
) -> Unanswered:
    """Calls of a period that nobody acknowledged within the limit of their kind (or one limit for all).

    Those that nobody acknowledged at all are among them (`never`). A call still waiting counts once it has
    waited longer than its limit.
    """
    looking = Looking(site, by, period, lines)
    calls = calls_in(looking)
    limits = answer_limits(site) if limit_us is None else {}
    usual_us = ANSWER_WITHIN_US if limit_us is None else limit_us
    return Unanswered(period, limits, usual_us, len(calls), unanswered_of(looking, calls, limits, usual_us))


def unanswered_of(
    looking: Looking, calls: Sequence[Call], limits: Mapping[str, int], usual_us: int = ANSWER_WITHIN_US
) -> list[UnansweredCall]:
    """Those of some calls that waited longer than the limit of their kind, the latest first."""
    assets = looking.floor.rules.assets
    found = []
    for call in reversed(calls):
        limit_us = limits.get(call.category, usual_us)
        if call.waited_us > limit_us:
            line = assets[call.line] if call.line is not None else assets[call.asset]
            found.append(
                UnansweredCall(
                    line.code, assets[call.asset].code, call.call, call.category, call.raised_us,
                    call.acked_us, call.closed_us, limit_us, call.waited_us, call.lsns,
                )
            )  # fmt: skip
    return found
