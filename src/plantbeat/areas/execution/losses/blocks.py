"""Comparable times: the shifts of one name, days or runs of days before the time looked at.

The blocks of a look are as long as the look itself and end where it begins: a day is compared with days,
seven days with runs of seven days. Block 0 is the look, block 1 the one before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plantbeat.areas.execution.losses.day_sums import Counted, line_days, stop_days
from plantbeat.areas.execution.losses.looking import Looking
from plantbeat.engine.calendars.civil import HOUR_US
from plantbeat.engine.oee import Elements
from plantbeat.facts.views.cube_query import Key
from plantbeat.facts.views.kept_days import Wanted

HISTORY_DAYS = 42
"""Days before a look of one day or shift that hold its comparable times."""
MOST_HISTORY_DAYS = 70
MOST_BLOCKS = 30

_IN_LOOK = 0
_NONE = Counted(0, 0)


def history_days(looking: Looking) -> int:
    """How many days before the look are compared with it: whole blocks of its length."""
    if looking.days == 1:
        return HISTORY_DAYS
    return MOST_HISTORY_DAYS // looking.days * looking.days


def block_of(looking: Looking, day: date) -> int:
    """The block of a production day: 0 in the look, else counted backwards."""
    ago = (looking.first - day).days
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
    """Everything counted and timed on lines by block; two queries."""
    of: dict[int, dict[int, Elements]] = defaultdict(dict)
    defects: dict[tuple[int, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for day, part in line_days(_wanted(looking, lines)).items():
        block = block_of(looking, day)
        for line, elements in part.of.items():
            known = of[line].get(block)
            of[line][block] = elements if known is None else known + elements
        for key, pieces in part.defects.items():
            defects[key][block] += pieces
    return LineBlocks(dict(sorted(of.items())), dict(sorted(defects.items())))


def stop_blocks(looking: Looking, machines: Sequence[int]) -> dict[tuple[int, Key], dict[int, Counted]]:
    """Own stops of machines by reason and block; two queries."""
    found: dict[tuple[int, Key], dict[int, Counted]] = defaultdict(dict)
    for day, part in stop_days(_wanted(looking, machines)).items():
        block = block_of(looking, day)
        for key, counted in part.items():
            starts, us = found[key].get(block, _NONE)
            found[key][block] = Counted(starts + counted.starts, us + counted.us)
    return dict(sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or "")))


def exposed(blocks: dict[int, Elements]) -> list[int]:
    """Blocks before the look in which a line was to work, the latest first; at most thirty."""
    known = sorted(block for block, part in blocks.items() if block > 0 and part.pbt_us > 0)
    return known[:MOST_BLOCKS]


def hours(part: Elements) -> float:
    """Planned busy time in hours."""
    return part.pbt_us / HOUR_US


def _wanted(looking: Looking, assets: Sequence[int]) -> Wanted:
    return Wanted(looking.floor.rules, assets, looking.before(history_days(looking)), looking.where)
