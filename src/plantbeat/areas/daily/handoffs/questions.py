"""What can be asked of handoffs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse

from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Text
from plantbeat.kernel.questions import names_of

SHOWN_BEFORE_US = 60 * 60_000_000
"""So long before its boundary a draft waits to be signed out."""
SEARCHED = timedelta(days=366)
MOST_FOUND = 100


@dataclass(frozen=True, slots=True)
class HandoffWaiting:
    """A handoff that waits for a signature: `sign` is `out` or `in`, `reference` as in `daily.Handoff:12`."""

    sign: str
    area: str
    area_name: str
    shift: str
    next_shift: str
    boundary_us: int
    due_us: int | None
    overdue: bool
    escalated_us: int | None
    escalated_to: str
    number: str
    state_word: Text
    reference: str
    url: str


def handoffs_waiting(site: Site, by: Actor) -> list[HandoffWaiting]:
    """What waits to be signed out or in, the oldest first; drafts of shifts that go on are not due yet."""
    states, now_us = Handoff.State, clock.now_us()
    rows = visible(Handoff, by).filter(site=site).select_related("area", "site")
    drafted = Q(state=str(states.drafted), boundary_us__lte=now_us + SHOWN_BEFORE_US)
    rows = rows.filter(drafted | Q(state=str(states.signed_out))).order_by("boundary_us", "place")
    return [_waiting(row, now_us) for row in rows]


def _waiting(row: Handoff, now_us: int) -> HandoffWaiting:
    return HandoffWaiting(
        sign="out" if row.state == str(Handoff.State.drafted) else "in",
        area=row.place,
        area_name=row.where,
        shift=row.shift,
        next_shift=row.next_shift,
        boundary_us=row.boundary_us,
        due_us=row.due_us,
        overdue=row.due_us is not None and row.due_us < now_us,
        escalated_us=row.escalated_us,
        escalated_to=row.escalated_to,
        number=row.number,
        state_word=Handoff.states()[row.state].label,
        reference=f"{Handoff.type_code()}:{row.pk}",
        url=reverse("handoff", kwargs={"number": row.number}),
    )


def last_handoff(site: Site, area: str, before_us: int, by: Actor) -> Handoff | None:
    """The latest signed handoff of an area whose boundary lies before an instant, or at it."""
    rows = visible(Handoff, by).filter(site=site, place=area, boundary_us__lte=before_us)
    rows = rows.exclude(state=str(Handoff.State.drafted)).select_related("area", "site")
    return rows.order_by("-boundary_us").first()


def handoff_numbered(site: Site, number: str, by: Actor) -> Handoff | None:
    """A handoff by its number."""
    return visible(Handoff, by).filter(site=site, number=number).select_related("area", "site").first()


def drafts(site: Site, by: Actor) -> QuerySet[Handoff]:
    """Handoffs that nobody has signed, by time."""
    rows = visible(Handoff, by).filter(site=site, state=str(Handoff.State.drafted))
    return rows.select_related("area", "site").order_by("boundary_us", "place")


def handoffs_saying(site: Site, text: str, by: Actor, area: str = "") -> list[Handoff]:
    """Handoffs of the last year that hold every word of a text, the newest first; at most a hundred."""
    since_us = clock.to_us(clock.now() - SEARCHED)
    rows = visible(Handoff, by).filter(site=site, boundary_us__gte=since_us)
    if area:
        rows = rows.filter(place=area)
    for word in text.split():
        rows = rows.filter(
            Q(text__icontains=word) | Q(note__icontains=word) | Q(questions__icontains=word)
            | Q(number__icontains=word) | Q(shift__icontains=word)
        )  # fmt: skip
    rows = rows.select_related("area", "site").defer("draft")
    return list(rows.order_by("-boundary_us", "place")[:MOST_FOUND])


def signers(handoffs: list[Handoff], by: Actor) -> dict[str, str]:
    """Names behind the signatures: as people is kept, else as they sign in; erased people are missing."""
    codes = {code for one in handoffs for code in (one.signed_out_by, one.signed_in_by) if code}
    found = names_of(codes)
    people = visible(Person, by).filter(user__pseudonym__in=codes)
    return found | dict(people.values_list("user__pseudonym", "name"))


def handoff_at(site: Site, area: str, boundary_us: int, by: Actor) -> Handoff | None:
    """The handoff of an area at a boundary, in whatever state."""
    rows = visible(Handoff, by).filter(site=site, place=area, boundary_us=boundary_us)
    return rows.select_related("area", "site").first()
