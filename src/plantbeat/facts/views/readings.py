"""Reading the computed views: days, intervals, shifts, plans and kept facts, for the questions of the areas.

Whoever calls has asked `scopes.allowed_at` first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db.models import Count, Max, Q, Sum

from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views.carry import Carry, read_carry
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.spans import Shown
from plantbeat.facts.views.tables import AssetDay, FactEvent, FactInterval, ShiftPlan
from plantbeat.kernel import clock

_ONE_DAY = timedelta(days=1)
_DAY_US = 25 * 3_600_000_000
"""No interval is longer: it is cut at every midnight."""

_read_shown = msgspec.json.Decoder(Shown | None).decode


def latest_days(assets: Collection[int], today: date) -> dict[int, AssetDay]:
    """The last computed day of each asset, of today and the day before; one query."""
    rows = AssetDay.objects.filter(asset__in=assets, day__gte=today - timedelta(days=1), day__lte=today)
    return {row.asset_id: row for row in rows.order_by("day")}


class Written(NamedTuple):
    """How the asset-days of one day stand: their number, and sums that change whenever one is written."""

    days: int
    versions: int
    ids: int
    last_id: int


def written_days(assets: Collection[int], start_us: int, end_us: int) -> dict[int, Written]:
    """How the days of assets stand that begin in a span, by their begin (µs); one query."""
    # Only the day is in an index: without it every day the assets ever had is read.
    first, last = clock.from_us(start_us).date() - _ONE_DAY, clock.from_us(end_us).date() + _ONE_DAY
    rows = AssetDay.objects.filter(
        asset__in=assets, day__gte=first, day__lte=last, start_us__gte=start_us, start_us__lt=end_us
    )
    sums = rows.order_by().values_list("start_us").annotate(Count("pk"), Sum("version"), Sum("pk"), Max("pk"))
    return {start: Written(*map(int, found)) for start, *found in sums}


def shown_of(row: AssetDay) -> Shown | None:
    """What held on an asset when its day was last computed."""
    shown: Shown | None = _read_shown(row.shown)
    return shown


def carry_of(row: AssetDay) -> Carry:
    """Where an asset stood when its day was last computed."""
    return read_carry(row.carry)


def shifts_between(site_id: int, start_us: int, end_us: int) -> list[FactShift]:
    """Shifts of a site that share time with a span, by start."""
    rows = FactShift.objects.filter(site=site_id, start_us__lt=end_us, end_us__gt=start_us)
    return list(rows.order_by("start_us", "shift", "crew"))


def days_of_shifts(site_id: int, start_us: int, end_us: int) -> set[tuple[date, str]]:
    """(production day, pattern) of the shifts of a site that share time with a span; one query."""
    rows = FactShift.objects.filter(site=site_id, start_us__lt=end_us, end_us__gt=start_us)
    return set(rows.order_by().values_list("owner_day", "pattern").distinct())


def shift_with_id(site_id: int, shift_id: int) -> FactShift | None:
    """A shift of a site."""
    return FactShift.objects.filter(site=site_id, pk=shift_id).first()


def intervals_between(assets: Collection[int], start_us: int, end_us: int) -> list[FactInterval]:
    """Intervals of assets that share time with a span, by asset and start."""
    rows = FactInterval.objects.filter(
        asset__in=assets, start_us__gt=start_us - _DAY_US, start_us__lt=end_us, end_us__gt=start_us
    )
    return list(rows.order_by("asset_id", "start_us", "end_us"))


def intervals_at(assets: Collection[int], at_us: int) -> list[FactInterval]:
    """The interval of each asset that an instant lies in."""
    return intervals_between(assets, at_us, at_us + 1)


def intervals_by_record(
    site_id: int, refs: Collection[str], start_us: int, end_us: int
) -> dict[str, list[FactInterval]]:
    """Intervals that share time with a span, by the stable name of the record they are about."""
    assets = dict(FactAsset.objects.filter(site=site_id, ref__in=refs).values_list("pk", "ref"))
    found: dict[str, list[FactInterval]] = defaultdict(list)
    for row in intervals_between(assets, start_us, end_us):
        found[assets[row.asset_id]].append(row)
    return found


def intervals_of(asset: int, period: Period, rules: SiteRules) -> list[FactInterval]:
    """Intervals of an asset that belong to a period, by start."""
    return intervals_of_many([asset], period, rules).get(asset, [])


def intervals_of_many(
    assets: Collection[int], period: Period, rules: SiteRules
) -> dict[int, list[FactInterval]]:
    """Intervals of assets that belong to a period, by asset, each by start; one query."""
    start_us, end_us = period.bounds_us(rules)
    rows = FactInterval.objects.filter(asset__in=assets, start_us__gte=start_us, start_us__lt=end_us)
    if period.shift_id is not None:
        rows = rows.filter(shift=period.shift_id)
    else:
        first_us = rules.midnight_us(period.first)
        last_us = rules.midnight_us(period.last + timedelta(days=1))
        outside = Q(shift=None, start_us__gte=first_us, start_us__lt=last_us)
        rows = rows.filter(Q(shift__owner_day__gte=period.first, shift__owner_day__lte=period.last) | outside)
    found: dict[int, list[FactInterval]] = defaultdict(list)
    for row in rows.order_by("start_us", "end_us"):
        found[row.asset_id].append(row)
    return found


def plans_for(assets: Collection[int], shifts: Iterable[int]) -> list[ShiftPlan]:
    """Frozen plans of assets for shifts, in the planned sequence."""
    rows = ShiftPlan.objects.filter(asset__in=assets, shift__in=list(shifts))
    return list(rows.order_by("asset_id", "shift_id", "position"))


def orders_started(assets: Collection[int], since_us: int) -> set[tuple[int, str]]:
    """(asset, order) of every start since an instant."""
    rows = FactEvent.objects.filter(asset__in=assets, kind="order_start", t_us__gte=since_us)
    return {
        (asset, msgspec.json.decode(body)["order"]) for asset, body in rows.values_list("asset_id", "body")
    }


class KeptFact(NamedTuple):
    """A fact of a kind that is counted one by one, its body read."""

    asset_id: int
    t_us: int
    kind: str
    said: dict[str, Any]
    lsn: int


def facts_kept(assets: Collection[int], kinds: Collection[str], start_us: int, end_us: int) -> list[KeptFact]:
    """Kept facts of some kinds about assets in a span of time, in the order they happened; one query."""
    rows = FactEvent.objects.filter(asset__in=assets, kind__in=kinds, t_us__gte=start_us, t_us__lt=end_us)
    return [
        KeptFact(asset, t_us, kind, msgspec.json.decode(body), lsn)
        for asset, t_us, kind, body, lsn in rows.order_by("t_us", "lsn").values_list(
            "asset_id", "t_us", "kind", "body", "lsn"
        )
    ]


class _OrderEnd(msgspec.Struct):
    """What of the end of an order its departure needs."""

    order: str
    complete: bool = True


_read_end = msgspec.json.Decoder(_OrderEnd).decode


class Departure(NamedTuple):
    """When an order left an asset complete, and the fact that said so."""

    at: datetime
    lsn: int


def orders_left(assets: Collection[int], since_us: int, until_us: int) -> dict[str, Departure]:
    """When each order last left one of the assets complete."""
    rows = FactEvent.objects.filter(asset__in=assets, kind="order_end", t_us__gte=since_us, t_us__lt=until_us)
    found: dict[str, Departure] = {}
    for t_us, body, lsn in rows.order_by("t_us").values_list("t_us", "body", "lsn"):
        said = _read_end(body)
        if said.complete:
            found[said.order] = Departure(clock.from_us(t_us), lsn)
    return found
