"""What can be asked of the fact log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.db.models import Count, Max, Min

from plantbeat.facts.models import Fact, FactSource, Quarantine
from plantbeat.facts.quarantine import Fault
from plantbeat.facts.tables import FactAsset
from plantbeat.kernel.access import ALL_SITES, Actor, visible

M = TypeVar("M", bound=models.Model)


def quarantined(by: Actor, state: str = "open") -> models.QuerySet[Quarantine]:
    """Facts in quarantine that the actor may see, the latest first."""
    rows = visible(Quarantine, by).filter(state=state)
    return rows.select_related("source").order_by("-received_us", "-pk")


@dataclass(frozen=True, slots=True)
class FaultCount:
    """How many facts wait in quarantine for one reason, and when they were received."""

    fault: Fault
    n: int
    first_us: int
    last_us: int


def quarantined_by_fault(by: Actor, site_id: int) -> list[FaultCount]:
    """What waits in quarantine at a site, by reason, the most frequent first; one query."""
    rows = visible(Quarantine, by).filter(site=site_id, state="open").order_by().values("fault")
    counted = rows.annotate(n=Count("pk"), first=Min("received_us"), last=Max("received_us"))
    found = [FaultCount(Fault(row["fault"]), row["n"], row["first"], row["last"]) for row in counted]
    return sorted(found, key=lambda one: (-one.n, one.fault))


def sources(by: Actor) -> models.QuerySet[FactSource]:
    """Sources of the sites the actor may see."""
    return visible(FactSource, by).order_by("name")


def assets(by: Actor) -> models.QuerySet[FactAsset]:
    """Assets of the sites the actor may see."""
    return _at_sites(FactAsset.objects.order_by("site_id", "code"), "site", by)


def facts_as_written(by: Actor) -> models.QuerySet[Fact]:
    """Every fact of the sites the actor may see, in the order of the log, those taken back included."""
    return _at_sites(Fact.objects.order_by("lsn"), "asset__site", by)


def facts_in_force(by: Actor) -> models.QuerySet[Fact]:
    """The facts without those taken back, and without the corrections that did so."""
    back = Fact.objects.filter(reverses=models.OuterRef("lsn"))
    return facts_as_written(by).exclude(kind="correction").filter(~models.Exists(back))


def last_heard_us() -> int | None:
    """When any source was last heard; None if none ever was."""
    heard: int | None = FactSource.objects.aggregate(at=models.Max("last_heard_us"))["at"]
    return heard


def _at_sites(rows: models.QuerySet[M], path: str, by: Actor) -> models.QuerySet[M]:
    allowed = by.sites()
    return rows if allowed is ALL_SITES else rows.filter(**{f"{path}__in": allowed})
