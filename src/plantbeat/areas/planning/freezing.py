"""Freezing the plan of each shift as it begins, from the schedule version that was in force then.

Adherence and takt are judged by it. A worker that was away freezes late, but by the version of that time.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from threading import Event

from django.db import DatabaseError, close_old_connections, connection

from plantbeat.areas.planning.publishing import open_spans_of, planned_by
from plantbeat.areas.planning.questions import planned_operations, version_at
from plantbeat.areas.planning.records.results import PlannedOperation
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.plant.publishing import asset_of
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

logger = logging.getLogger("plantbeat.planning")

PLANNER = Actor.system("planning")
LATEST_US = 24 * 3_600_000_000
"""A shift that began longer ago than this is not frozen any more."""
EVERY_S = 20.0


_settled: set[int] = set()
"""Shifts this process has looked at: which version was in force as they began changes no more."""


def freeze_plans(stop: Event) -> None:
    """Freeze what begins until told to stop; for a thread of the worker."""
    while not stop.is_set():
        try:
            close_old_connections()
            for site in visible(Site, PLANNER).order_by("pk"):
                freeze_begun_shifts(site)
        except DatabaseError:
            logger.exception("the plans of shifts cannot be frozen now")
        stop.wait(EVERY_S)
    connection.close()


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
    frozen, count = {(plan.asset_id, plan.shift_id) for plan in plans}, 0
    for shift in begun:
        _settled.add(shift.pk)
        version = version_at(site, shift.start_us, PLANNER)
        if version is None:
            continue
        for asset_id, runs in _runs(version, shift).items():
            if (asset_id, shift.pk) not in frozen and _works(rules, asset_id, shift):
                freeze_plan(rules.assets[asset_id], shift, runs, version.number, PLANNER)
                count += 1
    return count


def _works(rules: SiteRules, asset_id: int, shift: FactShift) -> bool:
    pattern = rules.reading(asset_id, shift.owner_day).pattern
    return bool(worked_by([shift], pattern, rules.line_of(asset_id)))


def _runs(version: Schedule, shift: FactShift) -> dict[int, list[PlannedRun]]:
    """What each line (or machine that belongs to none) is to make in a shift, in the planned sequence.

    An order that goes over several machines of a line counts once, where it leaves the line.
    """
    rows = planned_operations(version).filter(start_us__lt=shift.end_us, end_us__gt=shift.start_us)
    last: dict[tuple[int, int], PlannedOperation] = {}
    for one in rows:
        place = one.machine.line_id or -one.machine_id, one.order_id
        if place not in last or (last[place].step, last[place].end_us) < (one.step, one.end_us):
            last[place] = one
    operations = sorted(last.values(), key=lambda one: (one.start_us, one.pk))
    spans = open_spans_of(version.site, operations) if operations else {}
    found: dict[int, list[PlannedRun]] = defaultdict(list)
    for one in operations:
        asset = asset_of(one.machine.line or one.machine)
        by_end, by_start = (
            planned_by(one, spans[one.machine_id], at_us) for at_us in (shift.end_us, shift.start_us)
        )
        if asset is not None and (pieces := int(by_end - by_start)):
            found[asset.pk].append(PlannedRun(one.order.number, one.order.item.code, pieces, one.end_us))
    return dict(found)
