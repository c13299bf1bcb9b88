"""Which target holds where, and how a value stands to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.target import Target
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Direction
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
    """The targets of a site on a day; one query, then look-ups."""

    def __init__(self, site_id: int, day: date, by: Actor) -> None:
        rows = visible(Target, by).filter(site=site_id, valid_from__lte=day)
        self._rows: dict[tuple[str, str, str], Target] = {}
        for row in rows.select_related("area", "line", "machine", "owner").order_by("valid_from"):
            place = next(
                ((level, record.code) for level, record in _scopes(row) if record is not None), ("site", "")
            )
            self._rows[row.measure, *place] = row

    def of(self, measure: str, scope: Scope) -> TargetInForce | None:
        """The target of a measure in a scope; that of the site holds for no part of it."""
        row = self._rows.get((measure, str(scope.level), scope.code))
        if row is None:
            return None
        return TargetInForce(row.value, row.watch, row.owner.name, f"{row.type_code()}:{row.pk}")


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
