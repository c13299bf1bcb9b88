"""Load against capacity: what the open orders ask of each work centre, week by week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from plantbeat.areas.planning.questions import open_orders, operations_of
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.areas.plant.shift_calendars import SiteCalendars
from plantbeat.engine.calendars import local_day_window, week_start
from plantbeat.engine.mrp import Bucket, CentreLoad, Need, Step, needs_back_from_due, rough_cut_load
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

MOST_WEEKS = 26
WEEK = timedelta(weeks=1)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CapacityTable:
    """Weeks by their first day (the first one from now on), and the load of each work centre in them.

    `beyond` is load that is needed after the last week; `left_out` are open orders without a load, and why.
    """

    as_of_us: int
    weeks: list[date]
    centres: dict[str, str]
    loads: dict[str, list[CentreLoad]]
    beyond: list[Need]
    left_out: list[tuple[WorkOrder, str]]
    orders: dict[str, WorkOrder]


def load_and_capacity(site: Site, weeks: int, by: Actor) -> CapacityTable:
    """Machine time the open orders need per work centre and week, beside what shifts and machines offer.

    Steps are needed so much before the due date as the steps and queues after them take (infinite capacity).
    Raises ValueError for a number of weeks that is not 1 to 26, and for a shift pattern that cannot be read.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise ValueError(f"weeks: 1 to {MOST_WEEKS}")
    now_us, zone = clock.now_us(), ZoneInfo(site.zone)
    first = week_start(clock.from_us(now_us).astimezone(zone).date())
    days = [first + number * WEEK for number in range(weeks + 1)]
    edges = [now_us, *(local_day_window(day, zone).start_us for day in days[1:])]
    buckets = _buckets(site, edges, days, by)
    orders, needs, left_out = _needs(site, by)
    loads, beyond = rough_cut_load(needs, buckets)
    names = dict(visible(WorkCentre, by).filter(site=site).values_list("code", "name"))
    return CapacityTable(now_us, days[:-1], names, loads, beyond, left_out, orders)


def _buckets(site: Site, edges: list[int], days: list[date], by: Actor) -> list[Bucket]:
    offered: list[dict[str, int]] = [defaultdict(int) for _start in edges[:-1]]
    calendars, whole = SiteCalendars(site), [(edges[0], edges[-1])]
    first, last = days[0] - timedelta(days=2), days[-1] + timedelta(days=1)
    machines = visible(Machine, by).filter(site=site, work_centre__isnull=False)
    for machine in machines.select_related("work_centre", "line__shift_pattern"):
        spans = calendars.open_spans(machine.line, machine, first, last)
        spans = whole if spans is None else spans
        used = _in_use(machine, edges, ZoneInfo(site.zone))
        for place, (start_us, end_us) in enumerate(pairwise(edges)):
            time_us = _overlap(spans, max(start_us, used[0]), min(end_us, used[1]))
            offered[place][machine.work_centre.code] += time_us  # type: ignore[union-attr]
    return [
        Bucket(start_us, end_us, dict(available))
        for (start_us, end_us), available in zip(pairwise(edges), offered, strict=True)
    ]


def _in_use(machine: Machine, edges: list[int], zone: ZoneInfo) -> Span:
    since = local_day_window(machine.valid_from, zone).start_us if machine.valid_from else edges[0]
    until = local_day_window(machine.valid_to, zone).end_us if machine.valid_to else edges[-1]
    return since, until


def _overlap(spans: Iterable[Span], start_us: int, end_us: int) -> int:
    return sum(max(0, min(end, end_us) - max(begin, start_us)) for begin, end in spans)


def _needs(site: Site, by: Actor) -> tuple[dict[str, WorkOrder], list[Need], list[tuple[WorkOrder, str]]]:
    routings = operations_of(site, by)
    orders: dict[str, WorkOrder] = {}
    needs: list[Need] = []
    left_out: list[tuple[WorkOrder, str]] = []
    for order in open_orders(site, by):
        operations = routings.get(order.item_id)
        if not operations:
            why = _("item %(item)s has no routing with operations") % {"item": order.item.code}
            left_out.append((order, why))
            continue
        steps = [
            Step(one.work_centre.code, int(one.run * order.quantity) + one.setup, one.queue)
            for one in operations
        ]
        orders[order.number] = order
        needs += needs_back_from_due(order.number, clock.to_us(order.due), steps)
    return orders, needs, left_out
