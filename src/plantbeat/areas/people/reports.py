"""Who reports to somebody: the span of control on a person's page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.surfaces.addresses import address_of


@dataclass(frozen=True, slots=True)
class ReportsPanel:
    """People who report to somebody directly, and how many there are over all levels."""

    template: str
    title: str
    rows: list[dict[str, Any]]
    in_all: int


def reports_panel(person: Any, by: Actor) -> ReportsPanel | None:
    """Direct reports with how many stand below each; None for a person nobody reports to."""
    from plantbeat.areas.people.records.person import Person

    here = Q(left=None) | Q(left__gte=clock.now().date())
    people = visible(Person, by).filter(here, site=person.site).select_related("crew", "home_line")
    below: dict[int, list[Any]] = defaultdict(list)
    for one in people.order_by("name", "number"):
        if one.reports_to_id is not None:
            below[one.reports_to_id].append(one)
    if not below[person.pk]:
        return None
    rows = [
        {"person": one, "link": address_of(one), "below": _count(below, one.pk)} for one in below[person.pk]
    ]
    return ReportsPanel("people/_reports.html", _("Reports to them"), rows, _count(below, person.pk))


def _count(below: dict[int, list[Any]], pk: int) -> int:
    return sum(1 + _count(below, one.pk) for one in below.get(pk, ()))
