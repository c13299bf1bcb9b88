"""Follow-through of actions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plantbeat.engine.kpi.ratio import Ratio, Unit


@dataclass(frozen=True, slots=True)
class Action:
    """An action with its due day (None: nobody set one) and the day it was closed (None: open)."""

    due: date | None
    closed: date | None = None


@dataclass(frozen=True, slots=True)
class OpenActions:
    """The share of open actions that are on time, and how many have no due day to be judged by."""

    ratio: Ratio
    without_due: int


def open_actions_on_time(actions: Iterable[Action], as_of: date) -> OpenActions:
    """Open actions not past their due day / open actions with a due day, at the end of `as_of`.

    Unit: %. Direction: higher is better. Source: site practice.
    Page: docs/reference/kpi/open_actions_on_time.md
    """
    still_open = [row for row in actions if row.closed is None or row.closed > as_of]
    dated = [row.due for row in still_open if row.due is not None]
    on_time = sum(due >= as_of for due in dated)
    return OpenActions(Ratio(on_time, len(dated), Unit.percent), len(still_open) - len(dated))


def actions_closed_on_time(actions: Iterable[Action], first: date, last: date) -> Ratio:
    """Actions closed by their due day / actions due in `first` to `last`, open ones included.

    Unit: %. Direction: higher is better. Source: site practice.
    Page: docs/reference/kpi/actions_closed_on_time.md
    """
    due = [(row.due, row.closed) for row in actions if row.due is not None and first <= row.due <= last]
    on_time = sum(closed is not None and closed <= day for day, closed in due)
    return Ratio(on_time, len(due), Unit.percent)
