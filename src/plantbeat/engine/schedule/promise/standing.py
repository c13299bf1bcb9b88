"""Everything else as it stands: an order put into what is left free, or behind everybody."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.construct import Construction
from plantbeat.engine.schedule.coupled.method import PlacedList
from plantbeat.engine.schedule.coupled.pinned import pins_of
from plantbeat.engine.schedule.coupled.placing import Coupling
from plantbeat.engine.schedule.coupled.rows import State
from plantbeat.engine.schedule.method import Task
from plantbeat.engine.schedule.problem import NOT_PINNED, Bools, Problem
from plantbeat.engine.schedule.rows import shop_of
from plantbeat.engine.schedule.schedule import Schedule


@dataclass(frozen=True, eq=False)
class Rows:
    """Machine and start per operation (machine -1: in no place yet), and the unit of each need."""

    machine: Ints
    start: Ints
    unit: Ints


def steps_of(problem: Problem, order: int) -> range:
    """Operations of an order."""
    return range(int(problem.order_ptr[order]), int(problem.order_ptr[order + 1]))


def task_of(problem: Problem, *, compiled: bool) -> Task:
    """What placing asks for: a task without a budget."""
    return Task(problem, shop_of(problem), problem.objective, 0, 1, compiled, 0, None)


def found(construction: Construction) -> Rows | None:
    """Rows of what was placed; None where an operation found no room."""
    if construction.stuck >= 0:
        return None
    return Rows(construction.result.machine, construction.result.start, construction.unit)


class Standing:
    """A plant in which nothing moves but one order.

    Raises ProblemError where the others cannot stay where they are without that order: the set-up from the
    one before it to the one after it may be longer than what lies between them.
    """

    def __init__(self, problem: Problem, rows: Rows, order: int) -> None:
        s, mine = problem.secondary, np.zeros(problem.operations, np.bool_)
        mine[steps_of(problem, order)] = True
        theirs = ~np.repeat(mine, np.diff(s.need_ptr))
        held = replace(
            problem,
            pin_machine=np.where(mine, problem.pin_machine, rows.machine),
            pin_start=np.where(mine, problem.pin_start, rows.start),
            secondary=replace(s, need_unit=np.where(theirs, rows.unit, s.need_unit)),
        )
        self._task = task_of(held, compiled=False)
        self._coupling = Coupling.of(held, self._task.shop)
        self._blocks = self._coupling.listed(np.arange(held.operations))

    def completion(self) -> Ints:
        """Completion of each order as it stands; 0 for the one that has no place."""
        p, ends = self._task.problem, self._coupling.side.pin_end
        return np.maximum.reduceat(np.where(p.pin_machine != NOT_PINNED, ends, 0), p.order_ptr[:-1])

    def in_gaps(self) -> Rows | None:
        """Each step as early as the gaps between the others allow; None where the calendars end before."""
        return found(PlacedList(self._task, self._coupling, self._blocks).construction())

    def behind_all(self) -> Rows | None:
        """Each step behind everything that its machine and its people and tools have so far."""
        placed = PlacedList(self._task, self._coupling, self._blocks, state=self._after_all())
        return found(placed.construction())

    def _after_all(self) -> State:
        p, shop = self._task.problem, self._coupling.shop
        pins = pins_of(p, self._coupling.meets)
        free, family = np.zeros(p.machines, np.int64), p.initial_family.copy()
        for m in range(p.machines):
            mine = shop.pin_list[shop.pin_ptr[m] : shop.pin_ptr[m + 1]]
            if len(mine):
                free[m], family[m] = pins.clear[mine[-1]], p.family[mine[-1]]
        until = [
            int(pins.busy_to[pins.busy_ptr[u] : pins.busy_ptr[u + 1]].max(initial=0))
            for u in range(p.secondary.units)
        ]
        return State(free, family, shop.pin_ptr[1:].astype(np.int64), np.array(until, np.int64))


def rows_of(problem: Problem, schedule: Schedule, order: int) -> Rows:
    """Rows of a schedule in the problem's operations, those of the order empty but where it is pinned.

    Raises ValueError where the schedule is of another problem, or where more than the order has no place.
    """
    theirs = problem.pin_machine != NOT_PINNED
    theirs[problem.order_of != order] = True
    needs = np.repeat(theirs, np.diff(problem.secondary.need_ptr))
    given = ((schedule.machine, theirs), (schedule.start, theirs), (schedule.unit, needs))
    machine, start, unit = (_filled(row, keep) for row, keep in given)
    if (missing := np.flatnonzero((machine < 0) & theirs)).size:
        raise ValueError(f"schedule: {problem.operation_label(int(missing[0]))} has no machine")
    return Rows(machine, np.where(theirs, start, 0), unit)


def _filled(row: Ints, keep: Bools) -> Ints:
    if len(row) not in (len(keep), int(keep.sum())):
        allowed = f"allowed are {len(keep)}, or {int(keep.sum())} without the order"
        raise ValueError(f"schedule: it has {len(row)} rows; {allowed}")
    full = np.full(len(keep), -1, np.int64)
    full[keep] = row[keep] if len(row) == len(keep) else row
    return full
