"""Due rows that a worker does one by one: a row that fails holds back no other, and is never silent.

When a row that failed is tried again is kept in the memory of the process: after a restart each is tried at
once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, models

from plantbeat.kernel import clock

logger = logging.getLogger("plantbeat.worker")

SECOND_US = 1_000_000
LONGEST_AGAIN_S = 600.0
FORGOTTEN_US = 24 * 3_600 * SECOND_US
"""A row that was to be tried again so long ago is there no more."""

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Failed:
    times: int
    again_us: int


class DueRows:
    """The due rows of one kind. One that failed rests for `again_s`, and longer after each failure."""

    def __init__(self, what: str, again_s: float) -> None:
        self._what, self._again_s = what, again_s
        self._failed: dict[Hashable, _Failed] = {}

    def awake(self, rows: models.QuerySet[M]) -> models.QuerySet[M]:
        """Rows without those that rest: for a look that reads only so many."""
        resting: list[Any] = self._resting()
        return rows.exclude(pk__in=resting) if resting else rows

    def forget(self) -> None:
        """Try every row at once again."""
        self._failed.clear()

    def each(
        self, rows: Iterable[T], do: Callable[[T], object], key: Callable[[T], Hashable] | None = None
    ) -> int:
        """Do the rows that do not rest; how many there was something to do for (`do` was true).

        `key` tells rows apart, by their `pk` without it. Raises what says that the database is busy or away,
        which is no fault of the row: the others wait for the database, too.
        """
        resting, count = set(self._resting()), 0
        for row in rows:
            its_key = key(row) if key is not None else getattr(row, "pk", None)
            if its_key in resting:
                continue
            try:
                count += bool(do(row))
            except Exception as error:
                self._rest(its_key, getattr(row, "number", its_key))
                if isinstance(error, InterfaceError | OperationalError):
                    raise
            else:
                if self._failed.pop(its_key, None) is not None:
                    logger.warning("%s %s: done after it had failed", self._what, its_key)
        return count

    def _resting(self) -> list[Hashable]:
        now_us = clock.now_us()
        return [key for key, failed in self._failed.items() if failed.again_us > now_us]

    def _rest(self, key: Hashable, number: object) -> None:
        """Note a failure, and when the row is tried again."""
        known, now_us = self._failed.get(key), clock.now_us()
        times = 1 if known is None else known.times + 1
        pause_s = min(self._again_s * 2.0 ** (times - 1), max(LONGEST_AGAIN_S, self._again_s))
        logger.exception("%s %s failed, %d in a row; again in %g s", self._what, number, times, pause_s)
        gone = [key for key, failed in self._failed.items() if failed.again_us < now_us - FORGOTTEN_US]
        for old in gone:
            del self._failed[old]
        self._failed[key] = _Failed(times, now_us + round(pause_s * SECOND_US))
