"""Real cycle times of a line's machines, beside the ideal cycle and the standard of the routing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Operation
from plantbeat.engine.kpi.cycle import CountedHour, CycleTimes, cycle_times
from plantbeat.engine.oee import Elements
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, cube_sums
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.questions import lines_of

HOUR_US = 3_600_000_000
LEAST_PRODUCTION_US = HOUR_US // 6
"""Counts come in lumps: in less production time than this their edges say more than the machine."""


@dataclass(frozen=True, slots=True)
class CycleOf:
    """One item on one machine; `ideal_us` and `standard_us` are None where nobody has set them."""

    machine: str
    machine_name: str
    item: str
    real: CycleTimes
    ideal_us: int | None
    standard_us: int | None


def cycle_times_of_line(site: Site, code: str, period: Period, by: Actor) -> list[CycleOf]:
    """Real cycles of the machines of a line by machine and item, from hours that are over.

    Raises `Refused` for a code that is none.
    """
    floor = Floor(site, by)
    line = floor.line(code)
    machines = floor.rules.machines_of.get(line.pk, []) or [line.pk]
    asked = CubeQuestion(floor.rules, machines, period, [Cut.machine, Cut.product, Cut.hour])
    hours: dict[tuple[int, str], list[CountedHour]] = defaultdict(list)
    for (asset_id, item, hour_us), cells in cube_sums(asked).items():
        elements = Elements.of(cells)
        is_over = hour_us + HOUR_US <= floor.now_us
        if item is not None and is_over and elements.apt_us >= LEAST_PRODUCTION_US:
            hours[asset_id, item].append(CountedHour(elements.apt_us, elements.produced))
    standards = _standards(site, by)
    _start_us, end_us = period.bounds_us(floor.rules)
    found = []
    for (asset_id, item), counted in hours.items():
        real = cycle_times(counted)
        if real is None:
            continue
        asset = floor.rules.assets[asset_id]
        ideal_us = floor.rules.ideals(asset_id).at(item, min(end_us, floor.now_us))
        found.append(CycleOf(asset.code, asset.name, item, real, ideal_us, standards.get((item, asset.code))))
    return sorted(found, key=lambda one: (machines.index(floor.asset(one.machine).pk), one.item))


def _standards(site: Site, by: Actor) -> dict[tuple[str, str], int]:
    """Run time per unit by item and machine; of several steps at one machine the longest."""
    machines: dict[int, list[str]] = defaultdict(list)
    for centre, code in visible(Machine, by).filter(site=site).values_list("work_centre", "code"):
        machines[centre].append(code)
    found: dict[tuple[str, str], int] = {}
    rows = lines_of(Operation, by).filter(routing__site=site).select_related("routing__item")
    for row in rows:
        named = row.machine_codes()
        for code in machines[row.work_centre_id]:
            if not named or code in named:
                key = (row.routing.item.code, code)
                found[key] = max(found.get(key, 0), row.run)
    return found
