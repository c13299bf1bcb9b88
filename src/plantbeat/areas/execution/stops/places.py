"""Whose stop it is: the stop of a line's bottleneck is the line's own."""

from __future__ import annotations

from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.records.stop import Stop as StopRecord
from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.facts.views.feeds import timing_asset
from plantbeat.kernel.access import visible


def place_of(floor: Floor, code: str, at_us: int) -> FactAsset:
    """The line or machine whose stop it is. Raises `Refused` for a code that is none."""
    asset = floor.asset(code)
    line_id = floor.rules.line_of(asset.pk)
    if asset.level == AssetLevel.line or line_id is None:
        return asset
    timed = timing_asset(floor.rules, line_id, floor.rules.day_at(at_us))
    return floor.rules.assets[line_id] if timed == asset.pk else asset


def line_of(floor: Floor, asset: FactAsset) -> FactAsset | None:
    """The line a place belongs to; itself for a line."""
    line_id = floor.rules.line_of(asset.pk)
    return floor.rules.assets[line_id] if line_id is not None else None


def record_id(asset: FactAsset, type_code: str) -> int | None:
    """Id of the plant's record that an asset stands for, if it is of a type."""
    code, _colon, pk = asset.ref.partition(":")
    return int(pk) if code == type_code and pk.isdecimal() else None


def record_within(floor: Floor, asset: FactAsset, start_us: int, end_us: int) -> StopRecord | None:
    """The record of a stop: the first one whose instant lies within it."""
    rows = visible(StopRecord, floor.by).filter(
        site=floor.site, start_us__gte=start_us, start_us__lt=max(end_us, start_us + 1)
    )
    machine = record_id(asset, "plant.Machine")
    if asset.level == AssetLevel.line:
        rows = rows.filter(line=record_id(asset, "plant.Line"), machine=None)
    else:
        rows = rows.filter(machine=machine)
    return rows.select_related("line", "machine").order_by("start_us", "pk").first()
