"""Additive sums over cube rows: the elements from which every OEE figure is one division away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import add, attrgetter
from typing import Any

from plantbeat.engine.kpi.pieces import Pieces
from plantbeat.engine.oee.cube import CubeRow
from plantbeat.engine.oee.states import State


@dataclass(frozen=True, slots=True)
class Elements:
    """Sums of a cut: line, shift, product, month or a network of plants. Add them to roll up.

    Times and ideal times are µs. The first thirteen fields are the time per state and add up to the time of
    the cut. `stops` and `micro_stops` are stops that began in the cut; `ideal_unexplained_us` is the ideal
    time of pieces made in unexplained time; `produced_outside_pbt` are first-pass pieces counted outside
    planned busy time; `without_ideal` those for which no ideal cycle was in force.
    """

    running_us: int = 0
    slow_us: int = 0
    micro_stop_us: int = 0
    setup_us: int = 0
    own_stop_us: int = 0
    starved_us: int = 0
    blocked_us: int = 0
    no_data_us: int = 0
    unexplained_us: int = 0
    planned_stop_us: int = 0
    no_order_us: int = 0
    break_us: int = 0
    off_shift_us: int = 0
    stops: int = 0
    micro_stops: int = 0
    good: int = 0
    scrap: int = 0
    rework: int = 0
    recovered: int = 0
    scrapped_after_rework: int = 0
    setup_pieces: int = 0
    ideal_all_us: int = 0
    ideal_good_us: int = 0
    ideal_scrap_us: int = 0
    ideal_setup_us: int = 0
    ideal_unexplained_us: int = 0
    produced_outside_pbt: int = 0
    without_ideal: int = 0

    @classmethod
    def of(cls, rows: Iterable[CubeRow]) -> Elements:
        """Elements of cube rows, whatever asset, hour, shift, order or product they were cut by."""
        sums = dict.fromkeys(_NAMES, 0)
        for row in rows:
            state = row.state
            sums[_TIME_OF[state]] += row.us
            for name in _COUNTED:
                sums[name] += getattr(row, name)
            if state is State.own_stop:
                sums["stops"] += row.starts
            elif state is State.micro_stop:
                sums["micro_stops"] += row.starts
            elif state is State.unexplained:
                sums["ideal_unexplained_us"] += row.ideal_all_us
            if not state.in_pbt:
                sums["produced_outside_pbt"] += row.good + row.scrap + row.rework
        return cls(**sums)

    def __add__(self, other: Elements) -> Elements:
        return Elements(*map(add, _values(self), _values(other)))

    @property
    def apt_us(self) -> int:
        """Actual production time."""
        return self.running_us + self.slow_us

    @property
    def pbt_us(self) -> int:
        """Planned busy time: shift time less breaks, planned maintenance and no order."""
        return (
            self.apt_us
            + self.micro_stop_us
            + self.setup_us
            + self.own_stop_us
            + self.starved_us
            + self.blocked_us
            + self.no_data_us
            + self.unexplained_us
        )

    @property
    def covered_us(self) -> int:
        """Planned busy time of which something is known."""
        return self.pbt_us - self.no_data_us

    @property
    def planned_us(self) -> int:
        """Planned operation time: all shift time."""
        return self.pbt_us + self.planned_stop_us + self.no_order_us + self.break_us

    @property
    def total_us(self) -> int:
        """All the time of the cut."""
        return self.planned_us + self.off_shift_us

    @property
    def produced(self) -> int:
        """Pieces that entered, each once, at their first pass."""
        return self.good + self.scrap + self.rework

    @property
    def pieces(self) -> Pieces:
        """What the yield and scrap formulas take."""
        return Pieces(self.good, self.scrap, self.rework, self.recovered, self.scrapped_after_rework)


_NAMES = tuple(field.name for field in fields(Elements))
_values: Any = attrgetter(*_NAMES)
_TIME_OF = {state: f"{state.value}_us" for state in State}
_COUNTED = tuple(field.name for field in fields(CubeRow) if field.name in _NAMES)
