"""Which target holds where, and how a value stands to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

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
        self._rows = {row.place: row.target for row in known if row.valid_from <= day}

    def of(self, measure: str, scope: Scope) -> TargetInForce | None:
        """The target of a measure in a scope; that of the site holds for no part of it."""
        return self._rows.get((measure, str(scope.level), scope.code))


class _Placed(NamedTuple):
    """A target with its measure, level and code of where it holds, and its first day."""

    place: tuple[str, str, str]
    valid_from: date
    target: TargetInForce


def _by_validity(site_id: int, by: Actor) -> list[_Placed]:
    """All targets of a site, the latest last."""
    rows = visible(Target, by).filter(site=site_id).order_by("valid_from")
    told = rows.values_list(
        "pk", "measure", "valid_from", "value", "watch", "owner__name",
        "area__code", "line__code", "machine__code",
    )  # fmt: skip
    return [
        _Placed(
            (measure, *_place(codes)), since,
            TargetInForce(value, watch, owner, f"{Target.type_code()}:{pk}"),
        )
        for pk, measure, since, value, watch, owner, *codes in told
    ]  # fmt: skip


def _place(codes: Sequence[str | None]) -> tuple[str, str]:
    """Level and code of where a target holds, from the codes of its area, line and machine."""
    levels = (AssetLevel.area.value, AssetLevel.line.value, AssetLevel.machine.value)
    found = ((level, code) for level, code in zip(levels, codes, strict=True) if code is not None)
    return next(found, (AssetLevel.site.value, ""))


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
