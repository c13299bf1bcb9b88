"""What the cube says of each production day, kept in memory until one of its asset-days is computed anew.

A look compares with weeks that are over. Their sums are read and added up once per process; every question
then asks only how often the days were written (one small query) and reads what has changed since.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from plantbeat.engine.oee import CubeRow, Elements, State
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, Key, cube_sums
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.readings import Written, written_days
from plantbeat.facts.views.rules import SiteRules

MOST_KEPT = 3_000
"""Days kept in memory at most, those longest unused leave first; one is some KB."""
_ONE_DAY = timedelta(days=1)

T = TypeVar("T")
Cells = list[tuple[tuple[Key, ...], list[CubeRow]]]
"""Rows of one production day with the keys of their other cuts."""


class Counted(NamedTuple):
    """How often something began, and how long it lasted (µs)."""

    starts: int
    us: int


@dataclass(frozen=True, slots=True)
class LineDay:
    """Elements of lines on a day, and their scrapped pieces by defect."""

    of: Mapping[int, Elements]
    defects: Mapping[tuple[int, str], int]


StopDay = Mapping[tuple[int, Key], Counted]
"""Own stops that began on a day, by asset and reason."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The assets and production days that are asked for; `where` narrows them to shifts of one name."""

    rules: SiteRules
    assets: Sequence[int]
    period: Period
    where: Mapping[Cut, Any]

    def days(self) -> Iterator[date]:
        """Each production day."""
        for number in range((self.period.last - self.period.first).days + 1):
            yield self.period.first + number * _ONE_DAY


_kept: OrderedDict[tuple[object, ...], tuple[object, Any]] = OrderedDict()
_lock = threading.Lock()


def forget_day_sums() -> None:
    """Read everything anew: for one who has put another database in the place of this one."""
    with _lock:
        _kept.clear()


def line_days(wanted: Wanted) -> dict[date, LineDay]:
    """Everything counted and timed on lines by production day."""
    return _by_day(wanted, "lines", [Cut.line, Cut.defect], (), _line_day)


def stop_days(wanted: Wanted) -> dict[date, StopDay]:
    """Own stops of lines or machines by production day."""
    return _by_day(wanted, "stops", [Cut.machine, Cut.reason], (State.own_stop,), _stop_day)


def _line_day(cells: Cells) -> LineDay:
    rows: dict[int, list[CubeRow]] = defaultdict(list)
    defects: dict[tuple[int, str], int] = defaultdict(int)
    for (line, defect), found in cells:
        rows[line] += found
        if defect is not None:
            defects[line, defect] += sum(cell.scrap + cell.scrapped_after_rework for cell in found)
    return LineDay({line: Elements.of(found) for line, found in rows.items()}, dict(defects))


def _stop_day(cells: Cells) -> StopDay:
    return {
        (asset, reason): Counted(sum(cell.starts for cell in found), sum(cell.us for cell in found))
        for (asset, reason), found in cells
    }


def _by_day(
    wanted: Wanted, name: str, cuts: Sequence[Cut], states: tuple[State, ...], make: Callable[[Cells], T]
) -> dict[date, T]:
    """What is made of each day's rows: as kept where no asset-day was written since, else read anew."""
    if not wanted.assets:
        return {}
    # What was written is read before the sums: sums that are newer than it are only read once too often.
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
        made = _read(wanted, period, cuts, states)
        with _lock:
            for day in Wanted(wanted.rules, (), period, {}).days():
                found[day] = make(made[day.isoformat()])
                _kept[*about, day] = written[day], found[day]
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return {day: found[day] for day in wanted.days()}


def _read(wanted: Wanted, period: Period, cuts: Sequence[Cut], states: tuple[State, ...]) -> dict[str, Cells]:
    question = CubeQuestion(wanted.rules, wanted.assets, period, [Cut.day, *cuts], wanted.where, states)
    made: dict[str, Cells] = defaultdict(list)
    for (day, *keys), cells in cube_sums(question).items():
        made[day].append((tuple(keys), cells))
    return made


def _written(wanted: Wanted) -> dict[date, tuple[Written | None, ...]]:
    """How the local days stand that a production day can lie in; a shift may begin the day before."""
    start_us, end_us = wanted.period.bounds_us(wanted.rules)
    by_start = written_days(wanted.assets, start_us, end_us)
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
