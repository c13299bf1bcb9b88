"""What is made of production days, kept in memory until one of their asset-days is computed anew.

Whoever looks at weeks reads the days that are over once per process; every question then asks only how often
the days were written (one small query) and reads what has changed since.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.readings import Written, written_days
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import answered_once

MOST_KEPT = 5_000
"""Days kept in memory at most, those longest unused leave first; one is some KB."""
_ONE_DAY = timedelta(days=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The assets and production days that are asked for; `where` narrows them to shifts of one name."""

    rules: SiteRules
    assets: Sequence[int]
    period: Period
    where: Mapping[Cut, Any] = field(default_factory=dict)

    def days(self) -> Iterator[date]:
        """Each production day."""
        for number in range((self.period.last - self.period.first).days + 1):
            yield self.period.first + number * _ONE_DAY


_kept: OrderedDict[tuple[object, ...], tuple[object, Any]] = OrderedDict()
_lock = threading.Lock()


def forget_kept_days() -> None:
    """Read everything anew: for one who has put another database in the place of this one."""
    with _lock:
        _kept.clear()


def is_half_full() -> bool:
    """True once what is read ahead would take the place of what somebody has looked at."""
    return len(_kept) >= MOST_KEPT // 2


def kept_by_day(
    wanted: Wanted, name: Hashable, read: Callable[[Period], Mapping[date, T]], nothing: T
) -> dict[date, T]:
    """What is made of each day: as kept where no asset-day was written since, else read anew.

    `read` makes the days of a run of production days; `nothing` stands for a day it does not have. What is
    kept is shared: nobody changes it.
    """
    if not wanted.assets:
        return {}
    # What was written is read before the days: days that are newer than it are only read once too often.
    written = _written(wanted)
    about = (wanted.rules.site_id, name, tuple(wanted.assets), tuple(sorted(wanted.where.items())))
    found: dict[date, T] = {}
    missing = []
    with _lock:
        for day in wanted.days():
            known = _kept.get((*about, day))
            if known is not None and known[0] == written[day]:
                found[day] = known[1]
                _kept.move_to_end((*about, day))
            else:
                missing.append(day)
    for period in _runs(missing):
        made = read(period)
        with _lock:
            for day in Wanted(wanted.rules, (), period).days():
                found[day] = made.get(day, nothing)
                _kept[*about, day] = written[day], found[day]
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return {day: found[day] for day in wanted.days()}


def _written(wanted: Wanted) -> dict[date, tuple[Written | None, ...]]:
    """How the local days stand that a production day can lie in; a shift may begin the day before."""
    start_us, end_us = wanted.period.bounds_us(wanted.rules)
    assets = tuple(wanted.assets)
    by_start = answered_once(
        ("written", assets, start_us, end_us), lambda: written_days(assets, start_us, end_us)
    )
    midnights = [
        wanted.rules.midnight_us(wanted.period.first + number * _ONE_DAY)
        for number in range(-1, (wanted.period.last - wanted.period.first).days + 2)
    ]
    local = [by_start.get(midnight_us) for midnight_us in midnights]
    return {day: tuple(local[place : place + 3]) for place, day in enumerate(wanted.days())}


def _runs(days: Sequence[date]) -> Iterator[Period]:
    """Days that follow each other, as periods."""
    first = last = None
    for day in days:
        if last is not None and first is not None and day - last > _ONE_DAY:
            yield Period.of_days(first, last)
            first = None
        first, last = first or day, day
    if first is not None and last is not None:
        yield Period.of_days(first, last)
