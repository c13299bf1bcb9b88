"""What can be asked of improvement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, QuerySet

from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.plant.records.line import Line
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, among, visible
from plantbeat.kernel.accounts import Site

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class ActionOnList:
    """An action as its measures need it; `line` is the id of its line, `settled_us` None while it is open."""

    reference: str
    due: date
    line: int | None
    raised_us: int
    settled_us: int | None


def actions_known(site_id: int, until_us: int, by: Actor) -> list[ActionOnList]:
    """Actions raised before an instant, by due day, whatever became of them."""
    rows = visible(ImprovementAction, by).filter(site=site_id, raised_us__lt=until_us)
    told = rows.order_by("due", "pk").values_list("pk", "due", "line_id", "raised_us", "settled_us")
    return [
        ActionOnList(f"{ImprovementAction.type_code()}:{pk}", due, line, raised_us, settled_us)
        for pk, due, line, raised_us, settled_us in told
    ]


def overdue_actions(site: Site, today: date, by: Actor) -> QuerySet[ImprovementAction]:
    """Open actions whose day has passed, the oldest first."""
    rows = visible(ImprovementAction, by).filter(site=site, settled_us=None, due__lt=today)
    return rows.select_related("owner", "line").order_by("due", "pk")


def actions_from(reference: str, by: Actor) -> QuerySet[ImprovementAction]:
    """Actions that came from one record (`type code:id`), open or not, by due day."""
    return (
        visible(ImprovementAction, by).filter(source=reference).select_related("owner").order_by("due", "pk")
    )


def open_actions(site: Site, by: Actor) -> QuerySet[ImprovementAction]:
    """Actions that are not settled, by due day."""
    rows = visible(ImprovementAction, by).filter(site=site, settled_us=None)
    return rows.select_related("owner", "line").order_by("due", "pk")


def actions_of(sources: Iterable[str], by: Actor) -> dict[str, list[ImprovementAction]]:
    """Actions by what they came from (references such as `daily.TierMeeting:7`), oldest due day first."""
    found: dict[str, list[ImprovementAction]] = defaultdict(list)
    rows = visible(ImprovementAction, by).select_related("owner", "line").order_by("due", "pk")
    for row in among(rows, "source", sorted(set(sources))):
        found[row.source].append(row)
    return found


def actions_named(references: Iterable[str], by: Actor) -> dict[str, ImprovementAction]:
    """Actions by their own reference (`improvement.ImprovementAction:7`)."""
    code = f"{ImprovementAction.type_code()}:"
    ids = {int(one.removeprefix(code)) for one in references if one.startswith(code)}
    rows = visible(ImprovementAction, by).select_related("owner", "line")
    return {f"{code}{row.pk}": row for row in among(rows, "pk", sorted(ids))}


def settled_actions(site: Site, since_us: int, until_us: int, by: Actor) -> QuerySet[ImprovementAction]:
    """Actions that were closed or dropped in a time, the latest first."""
    rows = visible(ImprovementAction, by).filter(site=site, settled_us__gte=since_us, settled_us__lt=until_us)
    return rows.select_related("owner", "line").order_by("-settled_us", "pk")


def days_since_last_action(site: Site, by: Actor) -> list[tuple[str, int | None]]:
    """(code, whole days since an action was last raised) of every line; never first, then the longest ago."""
    lines = visible(Line, by).filter(site=site)
    raised = lines.annotate(last_us=Max("improvementaction__raised_us")).values_list("code", "last_us")
    now_us = clock.now_us()
    found = [(code, None if last is None else (now_us - last) // DAY_US) for code, last in raised]
    return sorted(found, key=lambda one: (one[1] is not None, -(one[1] or 0), one[0]))
