"""What operations need beside a machine: people with skills, fitters for set-ups, tools, fixtures.

Everybody and everything is a unit with a calendar of its own, and belongs to one pool or to several: a person
to one pool for each skill, a tool to the pool of its kind. A need takes one unit of a pool for some phases of
an operation; two welders are two needs. A skill of which three people are there by day and two at night is a
pool of three units, one of them with the calendar of the day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import Ints

SETUP, RUN, TEARDOWN = 1, 2, 4
ANY_UNIT = -1


def _no_row() -> Any:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False, kw_only=True)
class Secondary:
    """Flat int64 rows in CSR form; U units, P pools, n operations.

    `unit_calendar` (U) is an index into the problem's calendars. Pool p consists of the units
    pool_unit[pool_ptr[p]:pool_ptr[p + 1]]. Operation o has the needs need_ptr[o]:need_ptr[o + 1]: one unit of
    the pool `need_pool` in the phases `need_phase` (SETUP + RUN + TEARDOWN, at least one; the same unit in
    all of them, which is busy from the first to the end of the last). `need_unit` is the unit itself, for
    pinned operations and where somebody is asked for by name; ANY_UNIT leaves it open.
    """

    unit_calendar: Ints = field(default_factory=_no_row)
    pool_ptr: Ints = field(default_factory=_no_row)
    pool_unit: Ints = field(default_factory=_no_row)
    need_ptr: Ints = field(default_factory=_no_row)
    need_pool: Ints = field(default_factory=_no_row)
    need_phase: Ints = field(default_factory=_no_row)
    need_unit: Ints = field(default_factory=_no_row)
    unit_names: tuple[str, ...] = ()
    pool_names: tuple[str, ...] = ()

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.unit_calendar)

    @property
    def pools(self) -> int:
        """Number of pools."""
        return max(len(self.pool_ptr) - 1, 0)

    def filled(self, operations: int) -> Secondary:
        """The same with the rows that were left out, all as int64."""
        rows = {name: np.asarray(getattr(self, name), np.int64) for name in _ROWS}
        if not len(rows["need_ptr"]):
            rows["need_ptr"] = np.zeros(operations + 1, np.int64)
        if not len(rows["pool_ptr"]):
            rows["pool_ptr"] = np.zeros(1, np.int64)
        if not len(rows["need_unit"]):
            rows["need_unit"] = np.full(len(rows["need_pool"]), ANY_UNIT)
        for row in rows.values():
            row.flags.writeable = False
        return Secondary(**rows, unit_names=self.unit_names, pool_names=self.pool_names)

    def pool(self, pool: int) -> list[int]:
        """Units of a pool."""
        return list(map(int, self.pool_unit[self.pool_ptr[pool] : self.pool_ptr[pool + 1]]))

    def needs(self, operation: int) -> range:
        """Needs of an operation, as places in the rows of needs."""
        return range(int(self.need_ptr[operation]), int(self.need_ptr[operation + 1]))

    def unit_label(self, unit: int) -> str:
        """Name of a unit, or its index."""
        return self.unit_names[unit] if self.unit_names else str(unit)

    def pool_label(self, pool: int) -> str:
        """Name of a pool, or its index."""
        return self.pool_names[pool] if self.pool_names else str(pool)


_ROWS = tuple(name for name in Secondary.__dataclass_fields__ if not name.endswith("_names"))
