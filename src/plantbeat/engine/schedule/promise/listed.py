"""An order put into the list that a coupled plant is placed from; what comes behind it is placed anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.construct import Construction
from plantbeat.engine.schedule.coupled.method import PlacedList
from plantbeat.engine.schedule.coupled.placing import Coupling
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.promise.standing import Rows, found, steps_of, task_of
from plantbeat.engine.schedule.rows import PYTHON_BELOW

PLACES = 14
"""Places tried for each block one by one from the earliest on, and as many more spread over the rest."""

Key = Callable[[int, Ints], tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class _Trial:
    """A list that was placed: the rows, and the end of what was put into it last."""

    blocks: list[int]
    rows: Rows
    end: int
    late: Ints


class ListInsertion:
    """One coupled plant, in which an order goes to different places of the list; the others keep their
    machines and their sequence in the list.
    """

    def __init__(self, problem: Problem, rows: Rows, order: int) -> None:
        self.problem, self.order = problem, order
        self.steps = steps_of(problem, order)
        self._task = task_of(problem, compiled=problem.operations >= PYTHON_BELOW)
        self._coupling = Coupling.of(problem, self._task.shop)
        start = np.where(rows.machine < 0, NEVER, rows.start)
        start[self.steps] = NEVER
        of, listed = self._coupling.blocks.of, self._coupling.listed(start).tolist()
        own = {int(of[o]) for o in self.steps if problem.pin_machine[o] == NOT_PINNED}
        self.own = [block for block in listed if block in own]
        self.others = [block for block in listed if block not in own]
        self._begin = np.full(len(self._coupling.blocks.ptr) - 1, NEVER, np.int64)
        np.minimum.at(self._begin, of, start)
        self._forced = np.full(problem.operations, -1, np.int64)
        modes = np.repeat(np.arange(problem.operations), np.diff(problem.mode_ptr))
        for k in np.flatnonzero(problem.mode_machine == rows.machine[modes]).tolist():
            if modes[k] not in self.steps:
                self._forced[modes[k]] = k

    def inserted(self, key: Key) -> Rows | None:
        """Block after block of the order where the key (end of the block, minutes late of each other order)
        is least; None where one finds no room.
        """
        trial: _Trial | None = None
        blocks, arrival = self.others, max(0, int(self.problem.release[self.order]))
        for block in self.own:
            after = blocks.index(self.own[self.own.index(block) - 1]) + 1 if block != self.own[0] else 0
            tries = [
                one
                for place in self._places(blocks, block, after, arrival)
                if (one := self._tried([*blocks[:place], block, *blocks[place:]], block)) is not None
            ]
            if not tries:
                return None
            trial = min(tries, key=lambda one: key(one.end, one.late))
            blocks, arrival = trial.blocks, trial.end
        return trial.rows if trial else None

    def without(self) -> Rows | None:
        """The others alone; None where one finds no room."""
        return found(self._placed(self.others))

    def _placed(self, blocks: list[int]) -> Construction:
        listed = np.array(blocks, np.int64)
        return PlacedList(self._task, self._coupling, listed, forced=self._forced).construction()

    def _places(self, blocks: list[int], block: int, after: int, arrival: int) -> list[int]:
        """Before each block that wants the same machines, people or tools and begins after the arrival."""
        wanted = self._wanted(block)
        rivals = [
            place
            for place, other in enumerate(blocks)
            if place >= after and self._begin[other] >= arrival and not wanted.isdisjoint(self._wanted(other))
        ]
        spread = max(1, len(rivals) // PLACES)
        return sorted({*rivals[:PLACES], *rivals[::spread], len(blocks)})

    def _wanted(self, block: int) -> set[tuple[str, int]]:
        p, blocks = self.problem, self._coupling.blocks
        wanted = set[tuple[str, int]]()
        for o in blocks.operations[blocks.ptr[block] : blocks.ptr[block + 1]].tolist():
            wanted |= {("work centre", int(p.work_centre[o]))}
            wanted |= {("pool", int(p.secondary.need_pool[i])) for i in p.secondary.needs(o)}
        return wanted

    def _tried(self, blocks: list[int], block: int) -> _Trial | None:
        made = self._placed(blocks)
        if (rows := found(made)) is None:
            return None
        of, end = self._coupling.blocks.of, made.result.end
        completion = np.maximum.reduceat(end, self.problem.order_ptr[:-1])
        late = np.maximum(completion - self.problem.due, 0)
        late[self.order] = 0
        return _Trial(blocks, rows, int(end[of == block].max()), late)
