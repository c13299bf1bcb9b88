"""Comparable times: the shifts of one name, days or runs of days before the time looked at.

The blocks of a look are as long as the look itself and end where it begins: a day is compared with days,
seven days with runs of seven days. Block 0 is the look, block 1 the one before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from plantbeat.areas.execution.losses.looking import Looking
from plantbeat.engine.calendars.civil import HOUR_US
from plantbeat.engine.oee import CubeRow, Elements, State
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, Key, cube_sums

HISTORY_DAYS = 42
"""Days before a look of one day or shift that hold its comparable times."""
MOST_HISTORY_DAYS = 70
MOST_BLOCKS = 30

_IN_LOOK = 0


class Counted(NamedTuple):
    """How often something began, and how long it lasted (µs)."""

    starts: int
    us: int


def history_days(looking: Looking) -> int:
    """How many days before the look are compared with it: whole blocks of its length."""
    if looking.days == 1:
        return HISTORY_DAYS
    return MOST_HISTORY_DAYS // looking.days * looking.days


def block_of(looking: Looking, day: str) -> int:
    """The block of a production day: 0 in the look, else counted backwards."""
    ago = (looking.first - date.fromisoformat(day)).days
    return _IN_LOOK if ago <= 0 else 1 + (ago - 1) // looking.days


@dataclass(frozen=True, slots=True)
class LineBlocks:
    """Elements of lines, and their scrapped pieces by defect, block by block."""

    of: dict[int, dict[int, Elements]]
    defects: dict[tuple[int, str], dict[int, int]]

    def at(self, line: int | None) -> dict[int, Elements]:
        """Elements of a line by block; nothing for none."""
        return self.of.get(line, {}) if line is not None else {}


def line_blocks(looking: Looking, lines: Sequence[int]) -> LineBlocks:
    """Everything counted and timed on lines by block; one query."""
    cells_of: dict[int, dict[int, list[CubeRow]]] = defaultdict(lambda: defaultdict(list))
    defects: dict[tuple[int, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (line, day, defect), cells in _sums(looking, lines, [Cut.line, Cut.day, Cut.defect]).items():
        block = block_of(looking, day)
        cells_of[line][block] += cells
        if defect is not None:
            pieces = sum(cell.scrap + cell.scrapped_after_rework for cell in cells)
            defects[line, defect][block] += pieces
    of = {line: {b: Elements.of(rows) for b, rows in blocks.items()} for line, blocks in cells_of.items()}
    return LineBlocks(of, defects)


def stop_blocks(looking: Looking, machines: Sequence[int]) -> dict[tuple[int, Key], dict[int, Counted]]:
    """Own stops of machines by reason and block; one query."""
    found: dict[tuple[int, Key], dict[int, Counted]] = defaultdict(dict)
    cuts = [Cut.machine, Cut.day, Cut.reason]
    for (machine, day, reason), cells in _sums(looking, machines, cuts, (State.own_stop,)).items():
        of, block = found[machine, reason], block_of(looking, day)
        starts, us = of.get(block, Counted(0, 0))
        of[block] = Counted(starts + sum(c.starts for c in cells), us + sum(c.us for c in cells))
    return found


def exposed(blocks: dict[int, Elements]) -> list[int]:
    """Blocks before the look in which a line was to work, the latest first; at most thirty."""
    known = sorted(block for block, part in blocks.items() if block > 0 and part.pbt_us > 0)
    return known[:MOST_BLOCKS]


def hours(part: Elements) -> float:
    """Planned busy time in hours."""
    return part.pbt_us / HOUR_US


def _sums(
    looking: Looking, assets: Sequence[int], cuts: Sequence[Cut], states: tuple[State, ...] = ()
) -> dict[tuple[Key, ...], list[CubeRow]]:
    period = looking.before(history_days(looking))
    return cube_sums(CubeQuestion(looking.floor.rules, assets, period, cuts, looking.where, states))
