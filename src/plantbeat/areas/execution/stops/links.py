"""What points at a stop from other areas: actions. They meet by reference alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from plantbeat.areas.execution.stops.answers import ActionOfStop
from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor, visible

ACTION = "improvement.ImprovementAction"
CLOSED = frozenset({"closed", "dropped"})


def action_type() -> Any:
    """The record type of actions, which belongs to improvement."""
    return registry.record(ACTION)


def actions_of(references: Iterable[str], by: Actor) -> dict[str, tuple[ActionOfStop, ...]]:
    """Actions that came from records, by the reference of the record, the next due first; one query."""
    wanted = sorted({one for one in references if one})
    if not wanted:
        return {}
    model = action_type()
    rows = visible(model, by).filter(source__in=wanted).select_related("owner").order_by("due", "pk")
    words = model.states()
    found: dict[str, list[ActionOfStop]] = defaultdict(list)
    for row in rows:
        found[row.source].append(
            ActionOfStop(
                row.number, row.title, row.owner.name, row.due, row.state, str(words[row.state].label),
                row.state not in CLOSED, f"{ACTION}:{row.pk}", row.pk,
            )
        )  # fmt: skip
    return {reference: tuple(actions) for reference, actions in found.items()}
