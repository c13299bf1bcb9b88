"""What can be asked of routines: one's own, and how a role keeps them, never of fewer than five people."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from plantbeat.areas.daily.records.routine import Routine, RoutineMark
from plantbeat.engine.kpi.ratio import Ratio
from plantbeat.engine.kpi.routines import Mark, routine_adherence
from plantbeat.facts.views.groups import LEAST
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused

READER = Actor.system("routine adherence")


@dataclass(frozen=True, slots=True)
class Adherence:
    """How a routine was kept: `ratio` is None where it would speak of fewer than five people."""

    routine: Routine
    people: int
    ratio: Ratio | None


def marks_between(site_id: int, first: date, last: date, by: Actor) -> list[tuple[int, Mark]]:
    """Every occurrence of a site in a time with the id of its routine; sums are made of it, nothing else.

    Raises `Refused` without a role at the site.
    """
    if site_id not in by.sites():
        raise Refused(Problem(_("you have no role at this site")), Kind.forbidden)
    rows = visible(RoutineMark, READER).filter(site=site_id, day__gte=first, day__lte=last)
    found = rows.order_by("day", "pk").values_list("routine", "person", "day", "state")
    return [(routine, Mark(person, day, state)) for routine, person, day, state in found]


def adherence(site: Site, first: date, last: date, today: date, by: Actor) -> list[Adherence]:
    """Each routine with how it was kept in a time, by role; groups below five are withheld."""
    marks: dict[int, list[Mark]] = defaultdict(list)
    for routine, mark in marks_between(site.pk, first, last, by):
        marks[routine].append(mark)
    found = []
    for one in visible(Routine, by).filter(site=site).order_by("role", "code"):
        people = len({mark.person for mark in marks[one.pk]})
        ratio = routine_adherence(marks[one.pk], today) if people >= LEAST else None
        found.append(Adherence(one, people, ratio))
    return found


def own_marks(site: Site, today: date, by: Actor, days: int = 28) -> list[RoutineMark]:
    """One's own occurrences of the last days up to today, the latest first."""
    rows = visible(RoutineMark, by).filter(site=site, person__user=by.user_id)
    rows = rows.filter(day__gt=today - timedelta(days=days), day__lte=today)
    return list(rows.select_related("routine", "person").order_by("-day", "routine__code"))
