"""The chance that a line misses the plan of its shift, from what it made in its own past shifts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.review.site_shifts import SiteShift
from plantbeat.engine.calendars.civil import HOUR_US
from plantbeat.engine.oee import Elements
from plantbeat.engine.outlook import Outlook, PastShift, outlook
from plantbeat.facts.views import readings
from plantbeat.facts.views.cube_query import SHIFT_ID, CubeQuestion, Cut, cube_sums
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

LOOK_BACK_DAYS = 14
"""Past shifts of the line that are taken as like this one: those of two weeks, whatever their crew."""


@dataclass(frozen=True, slots=True)
class LineOutlook:
    """What is to be expected of a line in a shift.

    `plan` is the frozen plan in pieces, None where none was frozen; `outlook` None without a plan.
    `planned_us` is the length of the shift less its breaks, the time the plan was made for.
    """

    line: str
    plan: int | None
    made: int
    planned_us: int
    outlook: Outlook | None

    @property
    def percent(self) -> float | None:
        """Chance of missing the plan; None without a plan or with too few like shifts."""
        return self.outlook.percent if self.outlook is not None else None

    @property
    def minutes_at_risk(self) -> float | None:
        """What is missing on average, as time of the plan: pieces short / pieces planned × planned time."""
        if self.percent is None or self.outlook is None or not self.plan:
            return None
        return self.outlook.short / self.plan * self.planned_us / 60_000_000


def plan_outlooks(site: Site, shift: SiteShift, by: Actor) -> list[LineOutlook]:
    """Every line that works a shift, by code; four queries. Raises `Refused` without a role at the site."""
    floor = Floor(site, by)
    ids = {floor.rules.line_ids[code]: code for code in shift.lines}
    first = shift.day - timedelta(days=LOOK_BACK_DAYS)
    begin_us = floor.rules.midnight_us(first - timedelta(days=1))
    rows = {
        row.pk: row
        for row in readings.shifts_between(site.pk, begin_us, shift.end_us)
        if row.owner_day >= first
    }
    plans: dict[tuple[int, int], int] = defaultdict(int)
    for plan in readings.plans_for(list(ids), list(rows)):
        plans[plan.asset_id, plan.shift_id] += plan.planned
    made = _made(floor, list(ids), Period.of_days(first, max(shift.day, floor.today)))
    found = []
    for pk, code in sorted(ids.items(), key=lambda item: item[1]):
        shift_id = shift.id_of(code)
        here = rows.get(shift_id) if shift_id is not None else None
        if here is None:
            continue
        due, good = plans.get((pk, here.pk)), sum(made.get((pk, here.pk), {}).values())
        expected = None
        if due:
            elapsed_us = min(max(0, floor.now_us - here.start_us), here.end_us - here.start_us)
            expected = outlook(due, good, _past(pk, here, rows, plans, made, elapsed_us))
        found.append(LineOutlook(code, due, good, here.planned_us, expected))
    return found


_Made = dict[tuple[int, int], dict[int, int]]


def _made(floor: Floor, lines: list[int], period: Period) -> _Made:
    """Good pieces of lines by shift and hour."""
    found: _Made = defaultdict(dict)
    for (line, shift_id, hour_us), cells in cube_sums(
        CubeQuestion(floor.rules, lines, period, [Cut.line, SHIFT_ID, Cut.hour])
    ).items():
        if shift_id is not None:
            found[line, shift_id][hour_us] = Elements.of(cells).good
    return found


def _past(
    line: int,
    here: FactShift,
    rows: Mapping[int, FactShift],
    plans: Mapping[tuple[int, int], int],
    made: _Made,
    elapsed_us: int,
) -> list[PastShift]:
    """The line's shifts before this one that had a frozen plan, cut after the same time."""
    return [
        PastShift(plan, _by(hours, rows[shift_id].start_us + elapsed_us), sum(hours.values()))
        for (asset, shift_id), plan in plans.items()
        if asset == line and plan > 0 and rows[shift_id].end_us <= here.start_us
        and (hours := made.get((asset, shift_id)))
    ]  # fmt: skip


def _by(hours: Mapping[int, int], until_us: int) -> int:
    """Pieces by an instant; within its hour in proportion to time."""
    pieces = 0
    for hour_us, good in hours.items():
        share_us = min(max(0, until_us - hour_us), HOUR_US)
        pieces += good * share_us // HOUR_US
    return pieces
