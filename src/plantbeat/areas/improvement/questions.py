"""What can be asked of improvement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site


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
    return [
        ActionOnList(
            f"{ImprovementAction.type_code()}:{row.pk}", row.due, row.line_id, row.raised_us, row.settled_us
        )
        for row in rows.order_by("due", "pk")
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
