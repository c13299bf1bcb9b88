"""Sums over the cube: one statement per question, grouped by what it is cut by and by state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import connection

from plantbeat.engine.oee import CubeRow, Elements, State
from plantbeat.engine.oee.cube import MEASURES
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.state_words import STATE_NAMED
from plantbeat.facts.views.tables import AssetHour

Key = Any
"""What a part of a cut is called: an asset or shift name, a day, an hour (µs), or a code; None for none."""


SHIFT_ID = "shift_id"
"""Groups by shift instance where `Cut.shift` groups by the name of the shift."""


class Cut(StrEnum):
    """What a measure may be cut by; never a person."""

    line = "line"
    machine = "machine"
    shift = "shift"
    crew = "crew"
    product = "product"
    order = "order"
    reason = "reason"
    defect = "defect"
    hour = "hour"
    day = "day"


_COLUMNS: dict[Cut | str, str] = {
    SHIFT_ID: "h.shift_id",
    Cut.line: "h.asset_id",
    Cut.machine: "h.asset_id",
    Cut.shift: "s.shift",
    Cut.crew: "s.crew",
    Cut.product: "h.product",
    Cut.order: "h.order_number",
    Cut.reason: "h.reason",
    Cut.defect: "h.defect",
    Cut.hour: "h.hour_us",
    Cut.day: "h.production_day",
}
_SUMS = ", ".join(f"SUM(h.{name})" for name in MEASURES)


@dataclass(frozen=True, slots=True)
class CubeQuestion:
    """Which rows are summed, and what they are grouped by beside their state.

    `where` narrows to one part of a cut: {Cut.shift: "early", Cut.product: "P-100"}; None: to what has none.
    `states` leaves out the time in all other states.
    """

    rules: SiteRules
    assets: Sequence[int]
    period: Period
    cuts: Sequence[Cut | str] = ()
    where: Mapping[Cut, Any] = field(default_factory=dict)
    states: Collection[State] = ()


def cube_sums(asked: CubeQuestion) -> dict[tuple[Key, ...], list[CubeRow]]:
    """Rows summed by state, by the keys of the cuts asked for."""
    found: dict[tuple[Key, ...], list[CubeRow]] = defaultdict(list)
    if not asked.assets:
        return found
    columns = [_COLUMNS[cut] for cut in asked.cuts]
    grouped = ", ".join([*columns, "h.state"])
    condition, values = conditions(asked)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {grouped}, {_SUMS} FROM asset_hour h"  # noqa: S608  (our own columns)
            f" LEFT JOIN fact_shift s ON s.id = h.shift_id WHERE {condition} GROUP BY {grouped}",
            values,
        )
        rows = cursor.fetchall()
    n = len(columns)
    for row in rows:
        keys, sums = row[:n], row[n + 1 :]
        if Cut.day in asked.cuts:
            keys = tuple(map(_plain, keys))
        if type(sums[0]) is not int:  # PostgreSQL sums whole numbers as decimals
            sums = tuple(map(int, sums))
        found[keys].append(CubeRow(0, None, None, None, STATE_NAMED[row[n]], None, None, *sums))
    return found


def conditions(asked: CubeQuestion) -> tuple[str, list[Any]]:
    """The rows of a question as a condition over `asset_hour h` and `fact_shift s`, and its values."""
    start_us, end_us = asked.period.bounds_us(asked.rules)
    places = ", ".join(["%s"] * len(asked.assets))
    parts = [f"h.asset_id IN ({places})", "h.hour_us >= %s", "h.hour_us < %s"]
    values: list[Any] = [*asked.assets, start_us, end_us]
    if asked.period.shift_id is not None:
        parts.append("h.shift_id = %s")
        values.append(asked.period.shift_id)
    else:
        parts.append("h.production_day >= %s AND h.production_day <= %s")
        values += [asked.period.first.isoformat(), asked.period.last.isoformat()]
    for cut, value in asked.where.items():
        if value is None:
            parts.append(f"{_COLUMNS[cut]} IS NULL")
        else:
            parts.append(f"{_COLUMNS[cut]} = %s")
            values.append(value)
    if asked.states:
        parts.append(f"h.state IN ({', '.join(['%s'] * len(asked.states))})")
        values += [state.value for state in asked.states]
    return " AND ".join(parts), values


def _plain(key: Key) -> Key:
    """A day as text on both databases."""
    return key.isoformat() if isinstance(key, date) else key


def elements_of(rows: Iterable[AssetHour]) -> Elements:
    """Elements of stored cells."""
    return Elements.of(cell_of(row) for row in rows)


def cell_of(row: AssetHour) -> CubeRow:
    """A stored cell as the engine takes it."""
    cut = (row.hour_us, row.shift_id, row.order_number, row.product)
    sums = (getattr(row, name) for name in MEASURES)
    return CubeRow(*cut, STATE_NAMED[row.state], row.reason, row.defect, *sums)
