"""The dimension of assets: what the plant publishes, so that facts know what they are about."""

from __future__ import annotations

from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.kernel.writing import writing


def publish_asset(
    site_id: int,
    code: str,
    name: str,
    level: AssetLevel | str = AssetLevel.machine,
    *,
    ref: str = "",
    line: str = "",
    valid_from_us: int | None = None,
    valid_to_us: int | None = None,
) -> FactAsset:
    """Make or update the asset behind a record of the plant, in the caller's transaction.

    `ref` is the record's stable name (`plant.Machine:12`; left out, the code): under it the history stays one
    when the code changes. `line` is the code of the line it belongs to now. It exists from `valid_from_us` to
    `valid_to_us` (None: always, still); facts of other times go to quarantine. An asset is never removed: one
    that is no longer used ends.
    """
    values = {
        "code": code, "name": name, "level": str(level), "line": line,
        "valid_from_us": valid_from_us, "valid_to_us": valid_to_us,
    }  # fmt: skip
    with writing():
        asset, _made = FactAsset.objects.update_or_create(site_id=site_id, ref=ref or code, defaults=values)
    return asset
