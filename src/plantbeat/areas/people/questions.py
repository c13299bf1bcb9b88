"""What can be asked of people. Each question takes who asks."""

from __future__ import annotations

from collections.abc import Sequence

from plantbeat.areas.people.duty import Duty, OnDuty
from plantbeat.facts.views.readings import shifts_between
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

__all__ = ["OnDuty", "on_duty", "on_duty_in"]


def on_duty(site: Site, role: str, at_us: int, by: Actor, *, area: str = "", line: str = "") -> list[OnDuty]:
    """Who is on duty in a role at an instant: people whose crew works then, and the on-call list.

    Those at home on the line come first, then those of the area, then all others. Nobody is an empty list.
    Raises `Refused` for an actor without a role at the site.
    """
    return Duty(site, by).answering(role, at_us, area=area, line=line)


def on_duty_in(site: Site, roles: Sequence[str], at_us: int, by: Actor) -> list[OnDuty]:
    """Who is on duty in any of several roles, in the order of the roles; everybody once.

    Raises `Refused` for an actor without a role at the site.
    """
    duty, found = Duty(site, by), dict[int, OnDuty]()
    shifts = shifts_between(site.pk, at_us, at_us + 1)
    for role in roles:
        for one in duty.answering(role, at_us, shifts=shifts):
            found.setdefault(one.person_id, one)
    return list(found.values())
