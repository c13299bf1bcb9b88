"""The one list of actions as people follow it: mine, my team's, everybody's; overdue first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.areas.improvement.questions import open_actions
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Text


class Whose(StrEnum):
    """Whose actions are listed."""

    mine = "mine"
    team = "team"
    all = "all"


WHOSE_WORDS: dict[Whose, Text] = {
    Whose.mine: gettext_lazy("Mine"),
    Whose.team: gettext_lazy("My team's"),
    Whose.all: gettext_lazy("Everybody's"),
}
NO_SOURCE = "none"


@dataclass(frozen=True, slots=True)
class Group:
    """Actions that are due at about the same time."""

    code: str
    name: str
    rows: list[ImprovementAction]


@dataclass(frozen=True, slots=True)
class ActionList:
    """What is listed; `counts` by whose, `sources` by type code with how many of them."""

    whose: Whose
    source: str
    groups: list[Group]
    counts: dict[Whose, int]
    overdue: int
    sources: list[tuple[str, str, int]]


def team_of(person: Person | None, by: Actor) -> set[int]:
    """Everybody who stands below a person, over all levels; the person is not among them."""
    if person is None:
        return set()
    rows = visible(Person, by).filter(site=person.site, reports_to__isnull=False)
    below: dict[int, list[int]] = {}
    for pk, above in rows.order_by().values_list("pk", "reports_to"):
        below.setdefault(above or 0, []).append(pk)
    found, todo = set[int](), [person.pk]
    while todo:
        for pk in below.get(todo.pop(), ()):
            if pk not in found:
                found.add(pk)
                todo.append(pk)
    return found - {person.pk}


def action_list(site: Site, by: Actor, today: date, whose: str = "", source: str = "") -> ActionList:
    """Open actions, the overdue first. Without a choice: mine, or everybody's where I have none."""
    me = None
    if by.user_id is not None:
        me = visible(Person, by).filter(site=site, user=by.user_id).order_by("pk").first()
    team, rows = team_of(me, by), list(open_actions(site, by))
    owned = {
        Whose.mine: [row for row in rows if me is not None and row.owner_id == me.pk],
        Whose.team: [row for row in rows if row.owner_id in team],
        Whose.all: rows,
    }
    known = whose in set(Whose)
    chosen = Whose(whose) if known else Whose.mine if owned[Whose.mine] else Whose.all
    listed = owned[chosen]
    kinds = Counter(_kind(row.source) for row in listed)
    if source:
        listed = [row for row in listed if _kind(row.source) == source]
    overdue = sum(row.due < today for row in listed)
    named = sorted((code, _name(code), count) for code, count in kinds.items())
    counts = {one: len(found) for one, found in owned.items()}
    return ActionList(chosen, source, _grouped(listed, today), counts, overdue, named)


def _kind(source: str) -> str:
    return source.partition(":")[0] or NO_SOURCE


def _name(code: str) -> str:
    return _("no source named") if code == NO_SOURCE else str(registry.record(code)._meta.verbose_name)


def _grouped(rows: Iterable[ImprovementAction], today: date) -> list[Group]:
    week = today + timedelta(days=7)
    groups = [
        Group("overdue", _("Overdue"), []),
        Group("today", _("Due today"), []),
        Group("week", _("Due within a week"), []),
        Group("later", _("Later"), []),
    ]
    for row in rows:
        place = 0 if row.due < today else 1 if row.due == today else 2 if row.due <= week else 3
        groups[place].rows.append(row)
    return [group for group in groups if group.rows]
