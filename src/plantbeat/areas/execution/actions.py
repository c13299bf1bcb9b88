"""What people on the floor do about what happened: give a stop its reason."""

from __future__ import annotations

import logging

from django.db import DatabaseError
from django.utils.translation import gettext as _

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.answers import Stop
from plantbeat.facts.batch import Receipt
from plantbeat.facts.bodies import Reason
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, own_source
from plantbeat.facts.views.feeds import timing_asset
from plantbeat.facts.views.recompute import recompute_asset
from plantbeat.facts.views.rules import SiteRules
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused

logger = logging.getLogger("plantbeat.execution")


def explain_stop(site: Site, code: str, stop: Stop, reason: str, by: Actor) -> Receipt:
    """Give a stop of a line or machine its reason; the latest reason of a moment holds.

    A line's stop is one of its bottleneck, so the fact is about that machine, and machine and line agree.
    The days it touches are computed before this returns. Raises `Refused` for a reason that is none.
    """
    rules, now_us = SiteRules(site.pk), clock.now_us()
    day = rules.day_at(stop.start_us)
    offered = {one.code for one in questions.reasons_offered(site, by)}
    if reason not in offered:
        allowed = _("one of: %(codes)s") % {"codes": ", ".join(sorted(offered))}
        raise Refused(Problem(_("there is no such downtime reason"), "reason", reason, allowed))
    asset = rules.assets[timing_asset(rules, questions.asset_id(site, code, by), day)]
    body = Reason(reason, stop.start_us, None if stop.open else stop.end_us)
    fact = NewFact(asset=asset.code, t_us=now_us, kind="reason", body=body)
    receipt = append([fact], by, own_source(site))
    try:
        recompute_asset(asset.pk, {day, rules.day_at(stop.end_us - 1), rules.day_at(now_us)})
    except DatabaseError:
        logger.warning("the reason of a stop is recorded; the worker will compute its day", exc_info=True)
    return receipt
