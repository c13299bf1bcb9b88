"""What the cube says of each production day; of days that are over from memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from plantbeat.engine.oee import CubeRow, Elements, State
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, Key, cube_sums
from plantbeat.facts.views.kept_days import Wanted, kept_by_day
from plantbeat.facts.views.periods import Period

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
    def read(period: Period) -> dict[date, T]:
        question = CubeQuestion(wanted.rules, wanted.assets, period, [Cut.day, *cuts], wanted.where, states)
        made: dict[str, Cells] = defaultdict(list)
        for (day, *keys), cells in cube_sums(question).items():
            made[str(day)].append((tuple(keys), cells))
        return {date.fromisoformat(day): make(cells) for day, cells in made.items()}

    return kept_by_day(wanted, name, read, make([]))
