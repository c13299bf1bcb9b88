"""What people do for safety: report a hazard, hold the huddle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.safety.records.hazard import Hazard
from plantbeat.areas.safety.records.huddle import Huddle
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import forbidden, writes
from plantbeat.kernel.problems import Kind, Refused

ANONYMOUS = Actor.system("anonymous report")


def report_hazard(site: Site, says: Mapping[str, Any], by: Actor, *, anonymous: bool) -> Hazard:
    """Report a hazard at a site. An anonymous report keeps no trace of who made it, in the log neither.

    `says` are values of the record's fields. Raises `Refused` for who may not write at the site.
    """
    if not writes(by, site.pk):
        raise Refused(forbidden(_("report a hazard")), Kind.forbidden)
    who, pseudonym = (ANONYMOUS, "") if anonymous else (by, by.pseudonym)
    return act(Hazard, "create", who, {**says, "site": site, "reported_by": pseudonym})


def hold_huddle(site: Site, day: date, shift: str, topic: str, attended: int | None, by: Actor) -> Huddle:
    """Write down that the huddle of a shift was held. Raises `Refused` if it was, and for who may not."""
    says = {"site": site, "day": day, "shift": shift, "topic": topic[:200], "attended": attended}
    return act(Huddle, "create", by, says)
