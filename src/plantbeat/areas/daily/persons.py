"""Who somebody is among the people of a site, and who can be asked to do something."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from plantbeat.areas.people.records.person import Person
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site


def person_of(site: Site, by: Actor) -> Person | None:
    """The person at a site who has signed in; None for a sign-in without a person."""
    if by.user_id is None:
        return None
    return visible(Person, by).filter(site=site, user=by.user_id).order_by("pk").first()


def people_here(site: Site, by: Actor, day: date | None = None) -> QuerySet[Person]:
    """People who have not left by a day (today), by name."""
    left = day or clock.now().date()
    rows = visible(Person, Actor.system("people here")).filter(Q(left=None) | Q(left__gte=left), site=site)
    return visible(Person, by).filter(pk__in=rows.values("pk")).order_by("name", "number")


def person_named(site: Site, number: str, by: Actor) -> Person | None:
    """Somebody by their personnel number, or by “number name” as suggestions spell it."""
    return visible(Person, by).filter(site=site, number=number.strip().split(" ")[0]).first()
