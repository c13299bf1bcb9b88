"""Who is rostered on a line in a shift: its home crew, those lent to it in, those lent away out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from plantbeat.areas.people.records.line_loan import LineLoan
from plantbeat.areas.people.records.person import Person
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

READER = Actor.system("roster")


@dataclass(slots=True)
class Roster:
    """People by the code of the line they work on in a shift."""

    people: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    lent_in: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    lent_away: dict[str, list[tuple[Person, str]]] = field(default_factory=lambda: defaultdict(list))


def roster_of_shift(site: Site, shift: FactShift, lines: Iterable[str]) -> Roster:
    """Who is rostered on lines in a shift; two queries. Ask permission first: it knows everybody."""
    wanted, day = set(lines), shift.owner_day
    employed = (Q(left=None) | Q(left__gte=day)) & (Q(joined=None) | Q(joined__lte=day))
    at_home = visible(Person, READER).filter(
        employed, site=site, crew__letter=shift.crew, crew__pattern__code=shift.pattern,
        home_line__code__in=wanted,
    )  # fmt: skip
    loans = visible(LineLoan, READER).filter(site=site, day=day, shift=shift.shift)
    away = {loan.person_id: loan for loan in loans.select_related("person__home_line", "line")}
    found = Roster()
    for person in at_home.select_related("home_line").order_by("name", "number"):
        home = person.home_line.code if person.home_line else ""
        if person.pk in away:
            found.lent_away[home].append((person, away[person.pk].line.code))
        else:
            found.people[home].append(person)
    for loan in away.values():
        if loan.line.code in wanted:
            found.people[loan.line.code].append(loan.person)
            found.lent_in[loan.line.code].append(loan.person)
    return found
