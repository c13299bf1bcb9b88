"""Taking back the last tap: a correction of the facts it wrote, which stay."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plantbeat.facts.incoming import NewFact
from plantbeat.facts.tables import Fact
from plantbeat.facts.taps.ledger import Outcome, Tap
from plantbeat.facts.taps.registry import KINDS, TapIn, tap
from plantbeat.kernel.access import FLOOR, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused

WITHIN_US = 10_000_000
"""How long after a tap its operator may take it back without a reason."""

_GRACE_US = 2_000_000


def declare_undo() -> None:
    """Make `undo` a kind of tap: `{"seq": 7}`, and `session` where the tap was one of another page."""
    tap("undo", by=FLOOR)(_undo)


def _undo(tap_in: TapIn, site: Site, by: Actor) -> None:
    target = _target(tap_in, site)
    if target is None or target.operator != by.pseudonym:
        raise Refused(Problem(_("only the one who tapped can take it back"), "seq"), Kind.forbidden)
    if target.outcome != Outcome.done:
        return  # the plant did nothing of it: that is what was wanted
    kind = KINDS.get(target.kind)
    if kind is None or not kind.undo:
        raise Refused(Problem(_("this cannot be taken back; ask your lead"), "seq"), Kind.state)
    if not 0 <= tap_in.at_us - target.tapped_us <= WITHIN_US + _GRACE_US:
        allowed = _("within 10 seconds; later your lead corrects it")
        raise Refused(Problem(_("too late to take it back"), "seq", None, allowed), Kind.state)
    facts = list(Fact.objects.filter(lsn__in=target.facts).select_related("asset").order_by("lsn"))
    if Fact.objects.filter(reverses__in=target.facts).exists():
        raise Refused(Problem(_("it has been taken back already"), "seq"), Kind.state)
    why = _("taken back on the terminal")
    back = [
        NewFact(asset=one.asset.code, t_us=one.t_us, kind="correction", reverses=one.lsn, reason=why)
        for one in facts
    ]
    if back:
        tap_in.append(back, site, by)


def _target(tap_in: TapIn, site: Site) -> Tap | None:
    session = tap_in.text("session", 40) if "session" in tap_in.data else tap_in.session
    seq = tap_in.whole("seq", 1, 2**62)
    found = Tap.objects.filter(session=session, session__site=site, seq=seq)
    return found.exclude(outcome=Outcome.conflict).first()
