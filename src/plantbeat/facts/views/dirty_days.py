"""Marking computed days to be computed again, for causes other than a new fact."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date

from django.db import connection

from plantbeat.facts.tables import DirtyDay
from plantbeat.facts.views.dimension_tables import BEGINNING

_CHUNK = 400


def new_mark() -> int:
    """A value for `DirtyDay.lsn` that no fact has and nobody has read yet.

    Whoever recomputes deletes a mark only if it is the one they began with, so each cause needs its own.
    """
    return -secrets.randbits(62) - 1


def touch(assets: Iterable[int], first: date = BEGINNING, last: date = date.max) -> None:
    """Mark the days of assets that have been computed, from `first` to `last`, both included."""
    ids, mark = sorted(assets), new_mark()
    with connection.cursor() as cursor:
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            places = ", ".join(["%s"] * len(part))
            cursor.execute(
                "INSERT INTO fact_dirty_day (asset_id, day, lsn)"  # noqa: S608  (placeholders only)
                " SELECT asset_id, day, %s FROM fact_asset_day"
                f" WHERE asset_id IN ({places}) AND day >= %s AND day <= %s"
                " ON CONFLICT (asset_id, day) DO UPDATE SET lsn = excluded.lsn",
                [mark, *part, first.isoformat(), last.isoformat()],
            )


def mark_days(days: Iterable[tuple[int, date]]) -> None:
    """Mark (asset, day) pairs, computed before or not."""
    mark = new_mark()
    rows = [DirtyDay(asset_id=asset_id, day=day, lsn=mark) for asset_id, day in sorted(set(days))]
    DirtyDay.objects.bulk_create(
        rows, batch_size=200, update_conflicts=True, unique_fields=["asset", "day"], update_fields=["lsn"]
    )


def marked_before(day: date) -> int:
    """How many days of assets before a day are still to be computed."""
    return DirtyDay.objects.filter(day__lt=day).count()


def settle(marks: Iterable[DirtyDay]) -> None:
    """Remove marks whose days have been computed; one that was made anew meanwhile stays."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM fact_dirty_day WHERE asset_id = %s AND day = %s AND lsn = %s",
            [(mark.asset_id, mark.day.isoformat(), mark.lsn) for mark in marks],
        )
