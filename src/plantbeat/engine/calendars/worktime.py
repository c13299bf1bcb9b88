"""Working-time arithmetic: how much open time lies between two minutes, and when a given work content is
done.

A calendar is a list of open intervals [opens, closes) in whole minutes, sorted, disjoint and not touching.
With W(t) = open minutes before t, kept cumulated per interval, every question is a binary search: O(log
intervals). After its last interval a calendar is closed for good: what does not fit returns `NEVER` ("the
horizon is too short"). A calendar that never closes again says so by closing its last interval at
`FOREVER`.

The functions take flat rows and the slice [lo, hi) of one calendar, so that compiled kernels can call them;
`WorkTime` is the same arithmetic for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from plantbeat.engine._kernel_cache import kernel

Ints: TypeAlias = npt.NDArray[np.int64]
Row: TypeAlias = Any
"""A flat row of whole numbers: a list in plain Python, an int64 array in compiled code."""

FOREVER = 1 << 52
"""Closing minute of an interval that never ends."""
NEVER = 1 << 60
"""The answer when the calendar has no such minute."""


@kernel
def interval_at(lo: int, hi: int, opens: Row, t: int) -> int:
    """Index of the last interval that opens at or before `t`; lo - 1 when `t` lies before the first."""
    below, above = lo - 1, hi
    while above - below > 1:
        middle = (below + above) // 2
        if opens[middle] <= t:
            below = middle
        else:
            above = middle
    return below


@kernel
def worked(lo: int, hi: int, opens: Row, closes: Row, before: Row, t: int) -> int:
    """W(t): open minutes of the calendar before minute `t`."""
    i = interval_at(lo, hi, opens, t)
    if i < lo:
        return 0
    minutes: int = before[i] + min(t, closes[i]) - opens[i]
    return minutes


@kernel
def first_open(lo: int, hi: int, opens: Row, closes: Row, t: int) -> int:
    """First minute at or after `t` in which work can go on; NEVER after the last interval."""
    i = interval_at(lo, hi, opens, t)
    if i >= lo and t < closes[i]:
        return t
    opening: int = opens[i + 1] if i + 1 < hi else NEVER
    return opening


@kernel
def after_work(lo: int, hi: int, opens: Row, closes: Row, before: Row, t: int, minutes: int) -> int:
    """Minute at which `minutes` of work that may begin at `t` are done, closed time skipped; NEVER if they
    do not fit.

    With `minutes` = 0 the answer is `t` itself, open or not.
    """
    if minutes == 0 or t >= NEVER:
        return t
    i = interval_at(lo, hi, opens, t)
    if i >= lo and t + minutes <= closes[i]:
        return t + minutes
    target = minutes
    if i >= lo:
        target += before[i] + min(t, closes[i]) - opens[i]
    below, above = max(i, lo), hi
    while above - below > 1:
        middle = (below + above) // 2
        if before[middle] < target:
            below = middle
        else:
            above = middle
    if below >= hi or target - before[below] > closes[below] - opens[below]:
        return NEVER
    done: int = opens[below] + target - before[below]
    return done


@kernel
def latest_begin(lo: int, hi: int, opens: Row, closes: Row, before: Row, t: int, minutes: int) -> int:
    """Latest minute at which work of `minutes` can begin and be done by `t`; -NEVER if there is not enough
    open time.

    With `minutes` = 0 the answer is `t` itself.
    """
    if minutes == 0:
        return t
    target = worked(lo, hi, opens, closes, before, t) - minutes
    if target < 0:
        return -NEVER
    below, above = lo, hi
    while above - below > 1:
        middle = (below + above) // 2
        if before[middle] <= target:
            below = middle
        else:
            above = middle
    begin: int = opens[below] + target - before[below]
    return begin


@kernel
def block_begin(lo: int, hi: int, opens: Row, closes: Row, t: int, minutes: int) -> int:
    """First minute at or after `t` from which `minutes` fit into one open interval; NEVER if none."""
    i = interval_at(lo, hi, opens, t)
    if i >= lo and t < closes[i] and t + minutes <= closes[i]:
        return t
    i += 1
    while i < hi and opens[i] + minutes > closes[i]:
        i += 1
    begin: int = opens[i] if i < hi else NEVER
    return begin


def merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same open time as sorted, disjoint, not touching intervals; empty ones are dropped."""
    joined: list[tuple[int, int]] = []
    for opening, closing in sorted(intervals):
        if closing <= opening:
            continue
        if joined and opening <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closing, joined[-1][1]))
        else:
            joined.append((opening, closing))
    return joined


@dataclass(frozen=True, eq=False)
class WorkTime:
    """Calendars compiled to cumulated open minutes.

    Calendar c owns the intervals ptr[c]:ptr[c + 1] of `opens` and `closes` (minutes); `before` holds the open
    minutes of that calendar before each interval. All int64.
    """

    ptr: Ints
    opens: Ints
    closes: Ints
    before: Ints

    @classmethod
    def of(cls, calendars: Sequence[Sequence[tuple[int, int]]]) -> WorkTime:
        """Compile calendars given as open intervals (opening minute, closing minute), sorted and not
        touching.
        """
        ptr = np.cumsum([0, *(len(intervals) for intervals in calendars)], dtype=np.int64)
        flat = np.array([pair for intervals in calendars for pair in intervals], np.int64).reshape(-1, 2)
        return cls.from_rows(ptr, flat[:, 0].copy(), flat[:, 1].copy())

    @classmethod
    def from_rows(cls, ptr: Ints, opens: Ints, closes: Ints) -> WorkTime:
        """Compile calendars already in CSR form: int64 rows `ptr` (calendars + 1), `opens` and `closes`
        (minutes).
        """
        before = np.zeros(len(opens), np.int64)
        for lo, hi in zip(ptr[:-1].tolist(), ptr[1:].tolist(), strict=True):
            before[lo + 1 : hi] = np.cumsum(closes[lo : hi - 1] - opens[lo : hi - 1]) if hi > lo else 0
        return cls(ptr, opens, closes, before)

    def intervals(self, calendar: int) -> list[tuple[int, int]]:
        """Open intervals of one calendar as (opening minute, closing minute)."""
        lo, hi = self._slice(calendar)
        return list(zip(self.opens[lo:hi].tolist(), self.closes[lo:hi].tolist(), strict=True))

    def worked(self, calendar: int, t: int) -> int:
        """W(t): open minutes before `t`."""
        return int(worked(*self._slice(calendar), self.opens, self.closes, self.before, t))

    def first_open(self, calendar: int, t: int) -> int:
        """First open minute at or after `t`, or NEVER."""
        return int(first_open(*self._slice(calendar), self.opens, self.closes, t))

    def after_work(self, calendar: int, t: int, minutes: int) -> int:
        """Minute at which `minutes` of work that may begin at `t` are done, or NEVER."""
        return int(after_work(*self._slice(calendar), self.opens, self.closes, self.before, t, minutes))

    def latest_begin(self, calendar: int, t: int, minutes: int) -> int:
        """Latest minute at which work of `minutes` can begin and be done by `t`, or -NEVER."""
        return int(latest_begin(*self._slice(calendar), self.opens, self.closes, self.before, t, minutes))

    def block_begin(self, calendar: int, t: int, minutes: int) -> int:
        """First minute at or after `t` from which `minutes` fit without a break, or NEVER."""
        return int(block_begin(*self._slice(calendar), self.opens, self.closes, t, minutes))

    def longest_block(self, calendar: int) -> int:
        """Longest open interval of the calendar in minutes (0 for a calendar that never opens)."""
        lo, hi = self._slice(calendar)
        return int((self.closes[lo:hi] - self.opens[lo:hi]).max(initial=0))

    def _slice(self, calendar: int) -> tuple[int, int]:
        return int(self.ptr[calendar]), int(self.ptr[calendar + 1])
