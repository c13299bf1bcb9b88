"""One fact with everything around it: what it takes back or was taken back by, its block, where it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plantbeat.facts.chain import BlockCheck, check_block
from plantbeat.facts.quarantine import Quarantine
from plantbeat.facts.questions import facts_as_written
from plantbeat.facts.tables import AssetLevel, DirtyDay, Fact, FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.feeds import fed_by, feeds
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.shifts import worked_by, working
from plantbeat.facts.views.tables import AssetDay
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site


@dataclass(frozen=True, slots=True)
class AssetDayOfFact:
    """A day of an asset that is computed from a fact.

    `production_day` is that of the shift the asset worked at the time, outside shifts the local day.
    `is_computed` is False while the day waits to be computed (again).
    """

    asset: FactAsset
    day: date
    production_day: date
    is_computed: bool


@dataclass(frozen=True, slots=True)
class OneFact:
    """A fact as its page shows it.

    `speaks_of` is the fact it takes back, for a correction; else the fact itself. `held` is the quarantine it
    was released from.
    """

    fact: Fact
    speaks_of: Fact
    taken_back_by: Fact | None
    held: Quarantine | None
    block: BlockCheck | None
    days: tuple[AssetDayOfFact, ...]


def one_fact(site: Site, lsn: int, by: Actor) -> OneFact | None:
    """A fact of a site by its number in the log; None where there is none that the actor may see."""
    known = facts_as_written(by).filter(asset__site=site).select_related("src", "asset")
    fact = known.filter(lsn=lsn).first()
    if fact is None:
        return None
    reversed_ = known.filter(lsn=fact.reverses).first() if fact.reverses is not None else None
    held = visible(Quarantine, by).filter(site=site, source=fact.src_id, lsn=lsn).first()
    speaks_of = reversed_ or fact
    return OneFact(
        fact, speaks_of, known.filter(reverses=lsn).first(), held, check_block(lsn),
        tuple(_days(rules_of(site.pk), speaks_of, fact.lsn)),
    )  # fmt: skip


def _days(rules: SiteRules, fact: Fact, lsn: int) -> list[AssetDayOfFact]:
    """Days of its own asset and of those that are computed from facts of this kind about it."""
    day = rules.day_at(fact.t_us)
    assets = [fact.asset_id]
    if fact.asset.level in (AssetLevel.line, AssetLevel.cell, AssetLevel.machine):
        others = sorted(fed_by(rules, fact.asset_id, [day]))
        assets += [pk for pk in others if fact.kind in feeds(rules, pk, day).get(fact.asset_id, ())]
    written = dict(AssetDay.objects.filter(asset__in=assets, day=day).values_list("asset", "lsn"))
    dirty = set(DirtyDay.objects.filter(asset__in=assets, day=day).values_list("asset", flat=True))
    shifts = readings.shifts_between(rules.site_id, fact.t_us, fact.t_us + 1)
    found = []
    for pk in assets:
        worked = worked_by(shifts, rules.reading(pk, day).pattern, rules.line_of(pk))
        at_work = working(worked, fact.t_us)
        production_day = at_work[0].owner_day if at_work else day
        # What follows from another day is marked only when that one is computed.
        is_computed = all(one not in dirty and written.get(one, 0) >= lsn for one in (fact.asset_id, pk))
        found.append(AssetDayOfFact(rules.assets[pk], day, production_day, is_computed))
    return found
