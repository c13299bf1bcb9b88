"""What can be asked about incident rooms: the open ones, for the overview, handoffs and the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from plantbeat.areas.daily.records.incident import IncidentDecision, IncidentRoom
from plantbeat.areas.improvement.questions import actions_of
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site


@dataclass(frozen=True, slots=True)
class RoomOpen:
    """An open room in one line."""

    number: str
    title: str
    line: str
    lead: str
    opened_us: int
    people: int
    url: str

    @property
    def opened(self) -> datetime:
        """When it was opened, in UTC."""
        return clock.from_us(self.opened_us)


def rooms(site: Site, by: Actor) -> QuerySet[IncidentRoom]:
    """Every room of a site, the latest first, with how many people are in (`people`)."""
    here = Count("members", filter=Q(members__state="here"))
    rows = visible(IncidentRoom, by).filter(site=site).select_related("line", "lead")
    return rows.annotate(people=here).order_by("-opened_us", "-pk")


def open_rooms(site: Site, by: Actor) -> list[RoomOpen]:
    """Rooms that are open, the latest first."""
    return [_in_one_line(row) for row in rooms(site, by).filter(state=str(IncidentRoom.State.open))]


def _in_one_line(row: Any) -> RoomOpen:
    line, lead = row.line.code if row.line else "", row.lead.name if row.lead else ""
    url = reverse("incident", kwargs={"pk": row.pk})
    return RoomOpen(row.number, row.title, line, lead, row.opened_us, row.people, url)


def decisions_of(room: IncidentRoom, by: Actor) -> list[tuple[IncidentDecision, ImprovementAction]]:
    """What was decided in a room, in order, each with the action it made."""
    rows = visible(IncidentDecision, by).filter(room=room).select_related("owner")
    decisions = list(rows.order_by("decided_us", "pk"))
    made = actions_of([f"{one.type_code()}:{one.pk}" for one in decisions], by)
    return [
        (one, action) for one in decisions for action in made.get(f"{one.type_code()}:{one.pk}", [])
    ]  # fmt: skip
