"""Local days after the zone of a site was changed.

Instants are in UTC and stay; only where a day begins and ends is another now. Days cut in two ways would hold
some hours twice and others not at all, so all days of the site are forgotten and computed again.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Min

from plantbeat.engine.calendars import local_day_at, local_day_window
from plantbeat.facts.views.dirty_days import mark_days
from plantbeat.facts.views.tables import AssetDay, AssetHour, FactEvent, FactInterval, FactReach
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.writing import writing

_seen: dict[int, str] = {}
"""Zone in which this process has last found the days of a site to be cut, to look only once."""


def follow_zone(site: Site) -> None:
    """Forget and mark the computed days of a site that are cut in another zone than it has now."""
    if _seen.get(site.pk) == site.zone:
        return
    zone = ZoneInfo(site.zone)
    of_site = AssetDay.objects.filter(asset__site=site)
    last_days = of_site.values("asset_id").annotate(
        last=Max("day"), first=Min("start_us"), until=Max("until_us")
    )
    for row in list(last_days):
        asset_id, day = row["asset_id"], row["last"]
        stored = AssetDay.objects.filter(asset=asset_id, day=day).values_list("start_us", flat=True).first()
        if stored != local_day_window(day, zone).start_us:
            _recut(asset_id, row["first"], row["until"], zone)
    _seen[site.pk] = site.zone


def _recut(asset_id: int, first_us: int, until_us: int, zone: ZoneInfo) -> None:
    """One asset in one transaction: whoever is stopped between two assets goes on with the next."""
    first, last = local_day_at(first_us, zone).day, local_day_at(until_us - 1, zone).day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    with writing():
        for table in (AssetHour, FactInterval, FactEvent, FactReach, AssetDay):
            table.objects.filter(asset=asset_id).delete()
        mark_days((asset_id, day) for day in days)
