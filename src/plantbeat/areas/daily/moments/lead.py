"""Where "Now" leads: by role, then by the time of the day."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from plantbeat.areas.daily.moments.day import moments_of
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.safety import questions as safety
from plantbeat.areas.safety.records.hazard import Hazard
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site
from plantbeat.surfaces.addresses import address

BY_THE_MOMENT = frozenset({Role.manager, Role.supervisor, Role.quality})
PAGES_OF: dict[Role, str] = {
    Role.planner: "schedule",
    Role.maintenance: "andon",
    Role.analyst: "kpis",
}
"""Pages of the roles that look at one thing all day; who sees to safety looks at what is open."""

LINE_PAGES: dict[Role, str] = {Role.line_lead: "line_hours", Role.operator: "terminal"}
"""Pages of the roles at a line; without a home line the overview."""


def now_address(site: Site, by: Actor) -> str:
    """The address that "Now" opens for somebody: the moment for who runs the day, else what their role needs.

    Of several roles the one that reaches furthest decides. Who has none of these sees the overview.
    """
    roles = by.roles_at(site.pk)
    if roles & BY_THE_MOMENT:
        return reverse(moments_of(site, clock.now_us(), by).now.page)
    if Role.ehs in roles:
        return f"{address(Hazard)}?{urlencode([('state', state) for state in safety.OPEN])}"
    for role, page in PAGES_OF.items():
        if role in roles:
            return reverse(page)
    for role, page in LINE_PAGES.items():
        if role in roles and (line := _home_line(site, by)):
            return reverse(page, kwargs={"code": line})
    return reverse("overview")


def _home_line(site: Site, by: Actor) -> str:
    """Code of the line somebody is at home on; empty for none."""
    rows = visible(Person, by).filter(site=site, user=by.user_id) if by.user_id is not None else None
    codes = rows.values_list("home_line__code", flat=True)[:1] if rows is not None else ()
    return next(iter(codes), "") or ""
