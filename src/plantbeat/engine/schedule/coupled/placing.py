"""A coupled plant ready to be placed, list by list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.coupled.blocks import Blocks, blocks_of
from plantbeat.engine.schedule.coupled.meets import Meets, meets_of
from plantbeat.engine.schedule.coupled.pinned import phase_calendar, pins_of
from plantbeat.engine.schedule.coupled.rows import Placed, Side, nothing_placed, side_of
from plantbeat.engine.schedule.problem import NOT_PINNED, Bools, Problem
from plantbeat.engine.schedule.rows import Shop
from plantbeat.engine.schedule.secondary import RUN


@dataclass(frozen=True, eq=False)
class Coupling:
    """What a coupled problem is made into once: meetings of calendars, blocks, and flat rows (arrays)."""

    problem: Problem
    shop: Shop
    meets: Meets
    blocks: Blocks
    side: Side

    @classmethod
    def of(cls, problem: Problem, shop: Shop) -> Coupling:
        """Prepare a problem; raises ProblemError where calendars are too many."""
        meets, blocks = meets_of(problem), blocks_of(problem)
        pins = pins_of(problem, meets)
        shop = shop._replace(pin_end=pins.end)
        return cls(problem, shop, meets, blocks, side_of(problem, meets, pins, blocks))

    def pinned_only(self) -> Placed:
        """Rows in which the pinned operations are placed, as arrays."""
        p, placed = self.problem, nothing_placed(self.problem)
        for o in np.flatnonzero(p.pin_machine != NOT_PINNED).tolist():
            m = int(p.pin_machine[o])
            placed.machine[o], placed.start[o] = m, p.pin_start[o]
            placed.end[o], placed.minutes[o] = self.side.pin_end[o], p.modes(o)[m]
            placed.calendar[o] = phase_calendar(p, self.meets, o, m, p.secondary.need_unit, RUN)
            for i in p.secondary.needs(o):
                placed.unit[i] = p.secondary.need_unit[i]
        return placed

    def listed(self, start: Ints) -> Ints:
        """Blocks in the order in which their operations start by `start`; fully pinned ones are left out."""
        p, blocks = self.problem, self.blocks
        count = len(blocks.ptr) - 1
        free = np.zeros(count, np.bool_)
        free[blocks.of[p.pin_machine == NOT_PINNED]] = True
        begin = np.full(count, NEVER, np.int64)
        np.minimum.at(begin, blocks.of, start)
        return self._in_order([int(b) for b in np.argsort(begin, kind="stable") if free[b]], free)

    def _in_order(self, wanted: list[int], free: Bools) -> Ints:
        """The wanted order, each block behind those it waits for."""
        ptr, wait = self.blocks.wait_ptr.tolist(), self.blocks.wait.tolist()
        done, found = set[int](), list[int]()
        for block in wanted:
            stack = [block]
            while stack:
                top = stack[-1]
                missing = [b for b in wait[ptr[top] : ptr[top + 1]] if free[b] and b not in done]
                if top in done or not missing:
                    stack.pop()
                    if top not in done:
                        done.add(top)
                        found.append(top)
                else:
                    stack += missing
        return np.array(found, np.int64)
