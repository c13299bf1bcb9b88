"""What people do with actions: raise one out of whatever is being talked about."""

from __future__ import annotations

from datetime import date

from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act


def raise_action(
    site: Site,
    title: str,
    owner: Person | None,
    due: date | None,
    by: Actor,
    *,
    source: str = "",
    line: Line | None = None,
    note: str = "",
) -> str:
    """A new action on the one list; its reference. Raises `Refused` without a title, an owner or a date."""
    data = {"site": site, "title": title.strip(), "source": source, "line": line, "note": note}
    made = act(ImprovementAction, "create", by, data | {"owner": owner, "due": due})
    return f"{ImprovementAction.type_code()}:{made.pk}"
