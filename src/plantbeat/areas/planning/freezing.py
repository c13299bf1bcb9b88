"""Freezing the plan of each shift as it begins, from the schedule version that was in force then.

Adherence and takt are judged by it. A worker that was away freezes late, but by the version of that time.
"""

from __future__ import annotations

from plantbeat.areas.due_rows import DueRows
from plantbeat.areas.planning.questions import version_at
from plantbeat.areas.planning.runs.questions import runs_of_shift
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

PLANNER = Actor.system("planning")
LATEST_US = 24 * 3_600_000_000
"""A shift that began longer ago than this is not frozen any more."""

SHIFTS = DueRows("freezing the plan of shift", again_s=20.0)
_settled: set[int] = set()
"""Shifts this process has looked at: which version was in force as they began changes no more."""


def freeze_begun_shifts(site: Site) -> int:
    """Freeze the plans of the shifts that have begun lately and have none yet; returns how many."""
    now_us = clock.now_us()
    begun = [
        shift
        for shift in readings.shifts_between(site.pk, now_us - LATEST_US, now_us + 1)
        if now_us - LATEST_US <= shift.start_us <= now_us and shift.pk not in _settled
    ]
    if not begun:
        return 0
    rules = SiteRules(site.pk)
    plans = readings.plans_for(rules.assets, [shift.pk for shift in begun])
    frozen = {(plan.asset_id, plan.shift_id) for plan in plans}
    counts: list[int] = []

    def freeze(shift: FactShift) -> None:
        version = version_at(site, shift.start_us, PLANNER)
        if version is not None:
            for asset_id, runs in runs_of_shift(version, shift).items():
                if (asset_id, shift.pk) not in frozen and _works(rules, asset_id, shift):
                    plan = [PlannedRun(run.order, run.item, run.pieces, run.end_us) for run in runs]
                    freeze_plan(rules.assets[asset_id], shift, plan, version.number, PLANNER)
                    counts.append(1)
        _settled.add(shift.pk)  # at the end, so that a shift which could not be frozen is tried again

    SHIFTS.each(begun, freeze)
    return len(counts)


def _works(rules: SiteRules, asset_id: int, shift: FactShift) -> bool:
    pattern = rules.reading(asset_id, shift.owner_day).pattern
    return bool(worked_by([shift], pattern, rules.line_of(asset_id)))
