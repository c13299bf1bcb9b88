"""What the lines were to make in the shifts of the last days, as it was frozen when each shift began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from plantbeat.areas.plant.records.line import Line
from plantbeat.engine.calendars.civil import local_day_at
from plantbeat.facts.views import dimensions, readings, shifts
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.writing import writing
from plantbeat.shell.demo import catalogue
from plantbeat.shell.demo.campaigns import STANDARD
from plantbeat.shell.demo.line_plan import HOUR_US, MINUTE_US, SECOND_US
from plantbeat.shell.demo.order_book import PastOrder

BY = Actor.system("demo plant")
SETUP_US = 30 * MINUTE_US
USUAL = 1.35
"""What an order really takes, over its ideal time; to tell how far one is that is still being made."""
SOON_US = 4 * HOUR_US
_CYCLE_S = {product.code: product.cycle_s for product in catalogue.PRODUCTS}


def freeze_past_plans(site: Site, orders: Iterable[PastOrder], from_us: int, until_us: int) -> int:
    """Freeze the plan of every shift of the filling lines that began in a time; how many there were."""
    zone = ZoneInfo(site.zone)
    shifts.ensure(site.pk, local_day_at(from_us, zone).day, local_day_at(until_us, zone).day)
    by_line: dict[str, list[PastOrder]] = defaultdict(list)
    for order in sorted(orders, key=lambda one: one.start_us):
        by_line[order.line].append(order)
    worked = readings.shifts_between(site.pk, from_us, until_us)
    count = 0
    with writing():
        for code, pattern in _patterns(site).items():
            for shift in worked:
                if shift.pattern == pattern and from_us <= shift.start_us:
                    count += _freeze(site, code, shift, planned_runs(by_line[code], shift))
    return count


def _patterns(site: Site) -> Mapping[str, str]:
    """Shift pattern of each filling line."""
    rows = visible(Line, BY).filter(site=site, code__in=catalogue.CENTRE_OF_LINE)
    return dict(rows.values_list("code", "shift_pattern__code"))


def _freeze(site: Site, line: str, shift: FactShift, runs: Sequence[PlannedRun]) -> int:
    asset = dimensions.asset_with_code(site.pk, line)
    if asset is None or not runs:
        return 0
    with clock.at(shift.start_us):
        freeze_plan(asset, shift, runs, f"{shift.owner_day:%m-%d} {shift.shift}", BY)
    return 1


def planned_runs(orders: Sequence[PastOrder], shift: FactShift) -> list[PlannedRun]:
    """What was to be made in a shift at the standard rate: the order in work first, then those after it."""
    open_share = shift.planned_us / (shift.end_us - shift.start_us)
    at_us, runs = shift.start_us, []
    for order in orders:
        left = order.quantity * (1 - _done_share(order, shift.start_us))
        if left < 1 or order.start_us > shift.end_us + SOON_US:
            continue
        if order.start_us > shift.start_us:
            at_us += SETUP_US
        if at_us >= shift.end_us:
            break
        piece_us = _CYCLE_S[order.item] * STANDARD * SECOND_US / open_share
        pieces = int(min(left, (shift.end_us - at_us) / piece_us))
        at_us += round(left * piece_us)
        if pieces:
            runs.append(PlannedRun(order.number, order.item, pieces, at_us))
    return runs


def _done_share(order: PastOrder, at_us: int) -> float:
    if order.start_us >= at_us:
        return 0.0
    usual_us = order.start_us + order.quantity * _CYCLE_S[order.item] * USUAL * SECOND_US
    return min(1.0, (at_us - order.start_us) / ((order.end_us or usual_us) - order.start_us))
