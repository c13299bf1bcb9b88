"""Taking taps: each number gets one outcome, in the transaction that does what it says.

The numbers of a session are taken in their order without holes: what lies beyond a gap is left with the
tablet, which is told how far the plant has come. So an undo never arrives before what it takes back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import translation
from django.utils.translation import gettext as _

from plantbeat.engine.stream import iso_utc
from plantbeat.facts.taps.ledger import Outcome, Tap, TapSession
from plantbeat.facts.taps.operators import WrongBadge, operator_of, person_then
from plantbeat.facts.taps.reading import Sent, SentTap
from plantbeat.facts.taps.registry import KINDS, TapIn
from plantbeat.facts.taps.tries import BadgeTries, TooManyTries
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Device, Site, User
from plantbeat.kernel.permission import forbidden
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing

logger = logging.getLogger("plantbeat.taps")

OLDEST_US = 24 * 3_600_000_000
"""How long a tablet may be away: what was tapped earlier is refused, in words."""

AHEAD_US = 120_000_000
"""How far a tablet's clock may be ahead; a tap from within it counts as of its arrival."""

_NOT_OURS_TO_JUDGE = {Kind.busy, Kind.full}

Who = Callable[[int], Actor]
"""The operator of a tap made at an instant, with the roles held then; raises `Refused`."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one tap: `done`, `refused`, or `known` with what became of it when it first came."""

    seq: int
    outcome: str
    at_us: int
    problems: list[dict[str, Any]] = field(default_factory=list)
    first: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As the tablet is told."""
        told = {"seq": self.seq, "outcome": self.outcome, "problems": self.problems, "at_us": self.at_us}
        return told | {"first": self.first} if self.first else told


@dataclass(frozen=True, slots=True)
class TapReceipt:
    """The answer after the commit."""

    results: list[Result]
    committed_up_to: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """A tap on its way: as it was sent, when it was made on the plant's clock, and whose it is.

    `held`: it cannot be judged now, because too many badges were wrong.
    """

    sent: SentTap
    tapped_us: int
    who: Who
    held: Callable[[], bool] = lambda: False


def receive(device: Device, sent: Sent, tries: BadgeTries, *, request_id: str = "") -> TapReceipt:
    """Take the taps of a tablet; one transaction.

    Raises `Refused` for a session of another tablet, and `TooManyTries` where the first tap cannot be judged
    now; such a tap further back stays with the tablet, with all behind it.
    """
    arrived_us = clock.now_us()

    def fresh(one: SentTap) -> Fresh:
        def who(at_us: int) -> Actor:
            try:
                by = operator_of(device, one.given_pass, one.badge, at_us, request_id)
            except WrongBadge:
                tries.was_wrong(one.badge)
                raise
            if not one.given_pass:
                tries.was_right(one.badge)
            return by

        def held() -> bool:
            return bool(one.badge) and not one.given_pass and not tries.may_be_tried(one.badge)

        return Fresh(one, _tapped_us(one, sent, arrived_us), who, held)

    session = TapSession(id=sent.session, site=device.site, device=device, heard_us=arrived_us)
    return _take(session, [fresh(one) for one in sent.taps], arrived_us)


def receive_own(user: User, site: Site, sent: Sent, *, request_id: str = "") -> TapReceipt:
    """Take the taps of somebody signed in on a screen of their own; one transaction.

    Raises `Refused` for numbers of another person.
    """
    arrived_us = clock.now_us()

    def who(at_us: int) -> Actor:
        return person_then(user, at_us, request_id)

    taps = [Fresh(one, _tapped_us(one, sent, arrived_us), who) for one in sent.taps]
    session = TapSession(id=sent.session, site=site, device=None, owner=user.pseudonym, heard_us=arrived_us)
    return _take(session, taps, arrived_us)


def _tapped_us(one: SentTap, sent: Sent, arrived_us: int) -> int:
    """When a tap was made, on the plant's clock: by the difference known then, else by that of now."""
    return one.clock_us + (arrived_us - sent.clock_us if one.offset_us is None else one.offset_us)


def do_tap(kind: str, data: dict[str, Any], site: Site, by: Actor, once: str) -> TapReceipt:
    """The tap of somebody who is signed in on a page of their own, now.

    `once` is a random text of the page: sent twice, it is done once.
    """
    now_us = clock.now_us()
    sent = SentTap(seq=1, kind=kind, clock_us=0, data=data)
    session = TapSession(id=once, site=site, device=None, owner=by.pseudonym, heard_us=now_us)
    return _take(session, [Fresh(sent, now_us, lambda _at_us: by)], now_us)


def _take(session: TapSession, taps: Sequence[Fresh], arrived_us: int) -> TapReceipt:
    with writing(), rules_read_once():
        row = _locked(session)
        known: dict[int, list[Tap]] = {}
        for tap in Tap.objects.filter(session=row, seq__in=[one.sent.seq for one in taps]).order_by("pk"):
            known.setdefault(tap.seq, []).append(tap)
        results = []
        for one in taps:
            before = known.setdefault(one.sent.seq, [])
            if before:
                results.append(_again(row, one, before, arrived_us))
            elif one.sent.seq == row.up_to + 1:
                if one.held():
                    if not results:
                        raise TooManyTries
                    break
                before.append(_judged(row, one, arrived_us))
                results.append(_first(before[0]))
                row.up_to += 1
        row.heard_us = max(row.heard_us, arrived_us)
        row.save(update_fields=["up_to", "heard_us"])
    return TapReceipt(results, row.up_to)


def _locked(session: TapSession) -> TapSession:
    """The row of a session, made when its first tap comes, locked until the commit."""
    begun = {
        "site": session.site,
        "device": session.device,
        "owner": session.owner,
        "heard_us": session.heard_us,
    }
    TapSession.objects.get_or_create(id=session.pk, defaults=begun)
    row = TapSession.objects.select_for_update().get(pk=session.pk)
    same = (
        row.device_id == session.device_id and row.owner == session.owner and row.site_id == session.site_id
    )
    if not same:
        raise Refused(Problem(_("these numbers are another's"), "session", session.pk), Kind.conflict)
    return row


def _judged(row: TapSession, one: Fresh, arrived_us: int) -> Tap:
    """Do a tap or refuse it, and keep what became of it."""
    sent, facts, operator = one.sent, list[int](), ""
    problems: list[Problem] = []
    outcome = Outcome.refused
    with translation.override(translation.get_language()):
        try:
            at_us = believed(one.tapped_us, arrived_us)
            by = one.who(at_us)
            operator = by.pseudonym
            translation.activate(by.language or translation.get_language() or "en")
            tap = TapIn(sent.kind, at_us, sent.data, row.pk, sent.seq, row.device_id, facts)
            with writing():
                _do(tap, row.site, by)
            outcome = Outcome.done
        except Refused as refused:
            if refused.kind in _NOT_OURS_TO_JUDGE:
                raise
            problems, facts = refused.problems, []
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # one tap that cannot be done must not hold up those behind it
            logger.exception("tap %s %s of %s could not be done", row.pk, sent.seq, sent.kind)
            problems = [Problem(_("a fault of the server: this was not done; ask your lead to key it in"))]
            facts = []
        said = [problem.as_dict() for problem in problems]
    return _kept(row, one, arrived_us, outcome, operator, said, facts)


def _do(tap: TapIn, site: Site, by: Actor) -> None:
    kind = KINDS.get(tap.kind)
    if kind is None:
        allowed = ", ".join(sorted(KINDS))
        raise Refused(Problem(_("the plant does not know this kind of tap"), "kind", tap.kind, allowed))
    if not by.holds(kind.by, site.pk):
        raise Refused(forbidden(tap.kind), Kind.forbidden)
    kind.do(tap, site, by)


def believed(tapped_us: int, arrived_us: int) -> int:
    """The instant of a tap as it counts. Raises `Refused` for one that cannot be."""
    if tapped_us > arrived_us + AHEAD_US:
        message = _("the clock of the tablet is ahead: it says %(at)s") % {"at": iso_utc(tapped_us)}
        raise Refused(Problem(message, "at_us", allowed=_("a time that has been")))
    if tapped_us < arrived_us - OLDEST_US:
        message = _("this was tapped more than 24 hours ago: %(at)s") % {"at": iso_utc(tapped_us)}
        raise Refused(Problem(message, "at_us", allowed=_("key it in from paper, or ask your lead")))
    return min(tapped_us, arrived_us)


def _kept(
    row: TapSession, one: Fresh, arrived_us: int, outcome: Outcome, operator: str,
    problems: list[dict[str, Any]], facts: list[int],
) -> Tap:  # fmt: skip
    return Tap.objects.create(
        session=row, seq=one.sent.seq, digest=one.sent.digest, kind=one.sent.kind, operator=operator,
        tapped_us=min(one.tapped_us, arrived_us), arrived_us=arrived_us, outcome=outcome, problems=problems,
        data=one.sent.data, facts=facts,
    )  # fmt: skip


def _again(row: TapSession, one: Fresh, before: list[Tap], arrived_us: int) -> Result:
    """A number that has come before: its first outcome, or, with other content, a conflict that is kept."""
    digest = one.sent.digest
    same = next((tap for tap in before if tap.digest == digest), None)
    if same is None:
        message = _("number %(seq)s of this tablet has come before with other content; this was not done")
        problem = Problem(message % {"seq": one.sent.seq}, "seq", one.sent.seq)
        same = _kept(row, one, arrived_us, Outcome.conflict, "", [problem.as_dict()], [])
        before.append(same)
        return Result(same.seq, "refused", same.tapped_us, same.problems)
    if same.outcome == Outcome.conflict:
        return Result(same.seq, "known", same.tapped_us, same.problems, "refused")
    return Result(same.seq, "known", same.tapped_us, same.problems, same.outcome)


def _first(tap: Tap) -> Result:
    return Result(tap.seq, tap.outcome, tap.tapped_us, tap.problems)
