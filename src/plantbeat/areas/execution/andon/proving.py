"""A test call in each shift proves that help can be reached; it says who could not be, and counts nowhere."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.utils.translation import gettext as _

from plantbeat.areas.execution.andon import actions, folding
from plantbeat.areas.execution.andon.ladder import categories, rule_of
from plantbeat.areas.execution.andon.subjects import ANDON
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.areas.execution.records.notice import Channel, Notice
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.readings import shifts_between
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Refused

logger = logging.getLogger("plantbeat.andon")


@dataclass(frozen=True, slots=True)
class Proof:
    """What the last test call has shown. `proved` is None while it goes on; `why` says what was missing."""

    number: str
    at_us: int
    proved: bool | None
    why: tuple[str, ...] = ()


def prove(site: Site) -> int:
    """Make the test calls that are due, end those that have shown what they can; how many were made."""
    for call in visible(AndonCall, ANDON).filter(site=site, is_test=True, state=folding.RAISED):
        _end(call)
    rule = rule_of(site)
    if rule is None or rule.test_after is None:
        return 0
    now_us, made = clock.now_us(), 0
    for shift in shifts_between(site.pk, now_us, now_us + 1):
        due_us = shift.start_us + rule.test_after
        if due_us <= now_us:  # late where no worker ran, but once in each shift
            made += _test(site, shift)
    return made


def _test(site: Site, shift: FactShift) -> bool:
    """Call for help as a test from the first line that works the shift; once, whoever asks."""
    name = f"test-{shift.pk}-{shift.start_us}"
    if visible(AndonCall, ANDON).filter(site=site, call=name).exists():
        return False
    rules = rules_of(site.pk)
    lines = (rules.assets[pk] for _code, pk in sorted(rules.line_ids.items()))
    for line in lines:
        pattern = rules.reading(line.pk, shift.owner_day).pattern
        if worked_by([shift], pattern, line.pk):
            try:
                actions.raise_call(site, line.code, categories(site)[0].code, ANDON, call=name, is_test=True)
            except Refused:
                logger.exception("no test call could be made on %s", line.code)
                return False
            return True
    return False


def _end(call: AndonCall) -> None:
    """Close a test call whose notices have all come to an end, with what it has shown."""
    proof = judged(call)
    if proof.proved is None:
        return
    words = _("The way to help is proved.") if proof.proved else " ".join((_("Not proved:"), *proof.why))
    resolved = actions.resolve(call, ANDON, note=words)
    actions.confirm(resolved, ANDON)


def last_proof(site: Site, by: Actor) -> Proof | None:
    """What the last test call of a site has shown; None without any."""
    rows = visible(AndonCall, by).filter(site=site, is_test=True)
    last = rows.order_by("-raised_us").first()
    return judged(last) if last is not None else None


def judged(call: AndonCall) -> Proof:
    """What a test call has shown: proved is what told somebody by every channel of its rung."""
    steps = list(visible(EscalationStep, ANDON).filter(call=call))
    notices = list(visible(Notice, ANDON).filter(escalation__call=call).select_related("person"))
    is_over = call.state == folding.CONFIRMED
    if not is_over and any(one.state == "waiting" for one in (*steps, *notices)):
        return Proof(call.number, call.raised_us, None)
    why = [_problem(one) for one in notices if one.state in ("nobody", "failed", "not_set_up")]
    if not steps:
        why.append(_("the ladder has no rung"))
    elif not notices:
        why.append(_("nobody was told"))
    return Proof(call.number, call.raised_us, not why, tuple(dict.fromkeys(why)))


def _problem(notice: Notice) -> str:
    role = str(notice.get_role_display())
    if notice.state == "nobody":
        return _("nobody is on duty as %(role)s.") % {"role": role}
    channel = str(Channel(notice.channel).label)
    return _("%(channel)s to %(role)s: %(result)s.") % {
        "channel": channel, "role": role, "result": notice.result,
    }  # fmt: skip
