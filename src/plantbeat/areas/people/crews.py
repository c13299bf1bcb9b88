"""How many people the crews have, for figures that must not speak of single persons."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count, Q

from plantbeat.areas.people.records.person import Person
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible


def crew_sizes(site_id: int, lines: frozenset[str] | None) -> Mapping[str, int]:
    """People of each crew, by its letter in the shift pattern; with lines, those at home there."""
    rows = visible(Person, Actor.system("crew sizes")).filter(site=site_id, crew__isnull=False)
    rows = rows.filter(Q(left=None) | Q(left__gte=clock.now().date()))
    if lines is not None:
        rows = rows.filter(home_line__code__in=lines)
    return dict(rows.order_by().values_list("crew__letter").annotate(Count("pk")))
