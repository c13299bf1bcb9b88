"""The statements by which computed days are replaced, in the two databases' common SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

import msgspec
from django.db import connection

from plantbeat.engine.calendars.civil import LocalDay
from plantbeat.engine.oee.cube import MEASURES, CubeRow
from plantbeat.facts.views.asset_day import DayView, reach_of
from plantbeat.facts.views.spans import DaySpan

_COPY_FROM = 32
"""Rows from which PostgreSQL's COPY is faster than single inserts."""

HOUR_COLUMNS = (
    "asset_id", "hour_us", "day", "production_day", "shift_id", "order_number", "product", "state", "reason",
    "defect", *MEASURES,
)  # fmt: skip
INTERVAL_COLUMNS = ("asset_id", *DaySpan._fields)
EVENT_COLUMNS = ("asset_id", "t_us", "kind", "body", "lsn")
REACH_COLUMNS = ("asset_id", "t_us", "from_us", "until_us", "lsn")
DAY_COLUMNS = (
    "asset_id", "day", "start_us", "end_us", "until_us", "lsn", "version", "carry", "shown", "fault",
)  # fmt: skip
TABLES = {
    "asset_hour": ("hour_us", HOUR_COLUMNS),
    "fact_interval": ("start_us", INTERVAL_COLUMNS),
    "fact_event": ("t_us", EVENT_COLUMNS),
    "fact_reach": ("t_us", REACH_COLUMNS),
}
"""What a day is replaced in: the column that says when, and the columns written."""

Row = Sequence[Any]
_measures = attrgetter(*MEASURES)


@dataclass(frozen=True, slots=True)
class ComputedDay:
    """A day that has been computed, with the time and the lsn it was computed at."""

    asset_id: int
    day: LocalDay
    until_us: int
    lsn: int
    version: int
    view: DayView


def _hour_rows(one: ComputedDay, owner_days: Mapping[int, date]) -> Iterator[Row]:
    day = one.day.day.isoformat()
    for cell in one.view.rows:
        owner = owner_days.get(cell.shift) if isinstance(cell.shift, int) else None
        yield (
            one.asset_id, cell.hour_us, day, owner.isoformat() if owner else day, cell.shift, cell.order,
            cell.product, str(cell.state), cell.reason, cell.defect, *measures_of(cell),
        )  # fmt: skip


def measures_of(cell: CubeRow) -> tuple[int, ...]:
    """The additive fields of a cell, in the order of `MEASURES`."""
    found: tuple[int, ...] = _measures(cell)
    return found


def rows_of(one: ComputedDay, owner_days: Mapping[int, date]) -> dict[str, list[Row]]:
    """What a computed day writes into each of `TABLES`, in the order of their columns."""
    return {
        "asset_hour": list(_hour_rows(one, owner_days)),
        "fact_interval": [(one.asset_id, *span) for span in one.view.spans],
        "fact_event": [(one.asset_id, e.t_us, e.kind, e.body, e.lsn) for e in one.view.events],
        "fact_reach": list(_reach_rows(one)),
    }


def stored_rows(table: str, asset_id: int, start_us: int, end_us: int) -> list[Row]:
    """What stands in one of `TABLES` for an asset and a time, in the order of its columns."""
    when, columns = TABLES[table]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608  (names of columns only)
            f" WHERE asset_id = %s AND {when} >= %s AND {when} < %s",
            [asset_id, start_us, end_us],
        )
        return list(cursor.fetchall())


def plain(row: Row) -> tuple[Any, ...]:
    """A row as both databases and Python spell it: days as text, yes and no as 1 and 0."""
    return tuple(
        value.isoformat() if isinstance(value, date) else int(value) if isinstance(value, bool) else value
        for value in row
    )


def replace_days(days: Sequence[ComputedDay], owner_days: Mapping[int, date]) -> None:
    """Write computed days of assets in place of what was there; inside the caller's transaction."""
    with connection.cursor() as cursor:
        for table, (when, _columns) in TABLES.items():
            cursor.executemany(
                f"DELETE FROM {table} WHERE asset_id = %s AND {when} >= %s AND {when} < %s",  # noqa: S608
                [(one.asset_id, one.day.start_us, one.day.end_us) for one in days],
            )
    written: dict[str, list[Row]] = {table: [] for table in TABLES}
    for one in days:
        for table, rows in rows_of(one, owner_days).items():
            written[table] += rows
    for table, (_when, columns) in TABLES.items():
        insert(table, columns, written[table])
    _write_days(days)


def _reach_rows(one: ComputedDay) -> Iterator[Row]:
    for fact in one.view.reach:
        from_us, until_us = reach_of(fact)
        yield one.asset_id, fact.t_us, from_us, until_us, fact.lsn


def _write_days(days: Iterable[ComputedDay]) -> None:
    rows = [
        (
            one.asset_id, one.day.day.isoformat(), one.day.start_us, one.day.end_us, one.until_us, one.lsn,
            one.version, one.view.carry.text(), msgspec.json.encode(one.view.shown).decode(), one.view.fault,
        )
        for one in days
    ]  # fmt: skip
    kept = ", ".join(f"{name} = excluded.{name}" for name in DAY_COLUMNS[2:])
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO fact_asset_day ({', '.join(DAY_COLUMNS)})"  # noqa: S608  (names of columns only)
            f" VALUES ({', '.join(['%s'] * len(DAY_COLUMNS))})"
            f" ON CONFLICT (asset_id, day) DO UPDATE SET {kept}",
            rows,
        )


def insert(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows to one of the tables of computed days."""
    if not rows:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= _COPY_FROM:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608
