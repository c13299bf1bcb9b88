"""Which target holds where, and how a value stands to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.target import Target
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Direction
from plantbeat.facts.views.rules_at_hand import answered_once
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor, visible


class Status(StrEnum):
    """How a value stands to its target; without a target or a value there is no status, never a green one."""

    good = "good"
    watch = "watch"
    act = "act"
    none = "none"


@dataclass(frozen=True, slots=True)
class TargetInForce:
    """A target as it holds on a day, with who answers for it."""

    value: Decimal
    watch: Decimal | None
    owner: str
    reference: str


class Targets:
    """The targets of a site on a day; one query, for all days of a page, then look-ups."""

    def __init__(self, site_id: int, day: date, by: Actor) -> None:
        known = answered_once(("targets", site_id, by), lambda: _by_validity(site_id, by))
        self._rows = {row.place: row.target for row in known if row.target.valid_from <= day}

    def of(self, measure: str, scope: Scope) -> TargetInForce | None:
        """The target of a measure in a scope; that of the site holds for no part of it."""
        row = self._rows.get((measure, str(scope.level), scope.code))
        if row is None:
            return None
        return TargetInForce(row.value, row.watch, row.owner.name, f"{row.type_code()}:{row.pk}")


class _Placed(NamedTuple):
    """A target with its measure, and level and code of where it holds."""

    place: tuple[str, str, str]
    target: Target


def _by_validity(site_id: int, by: Actor) -> list[_Placed]:
    """All targets of a site, the latest last."""
    rows = visible(Target, by).filter(site=site_id).select_related("area", "line", "machine", "owner")
    return [_Placed((row.measure, *_place(row)), row) for row in rows.order_by("valid_from")]


def _place(row: Target) -> tuple[str, str]:
    found = ((level, record.code) for level, record in _scopes(row) if record is not None)
    return next(found, (AssetLevel.site.value, ""))


def _scopes(row: Target) -> list[tuple[str, Area | Line | Machine | None]]:
    return [
        (AssetLevel.area.value, row.area),
        (AssetLevel.line.value, row.line),
        (AssetLevel.machine.value, row.machine),
    ]


def status_of(value: float | None, target: TargetInForce | None, direction: Direction) -> Status:
    """Good at the target or better, watch up to the value to watch from, else act."""
    if value is None or target is None:
        return Status.none
    sign = 1 if direction is Direction.higher_is_better else -1
    if sign * value >= sign * float(target.value):
        return Status.good
    if target.watch is not None and sign * value >= sign * float(target.watch):
        return Status.watch
    return Status.act
