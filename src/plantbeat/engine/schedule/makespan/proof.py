"""CP-SAT for small shops: a proof, or a better schedule, in the last part of the time."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.timing import run_minutes

LARGEST_PROOF = 300
"""Operations up to which CP-SAT is asked."""
MARGIN_S = 0.15
"""What CP-SAT needs to notice that its time is over."""


class Model:
    """The problem in CP-SAT's words: a start per operation, a choice per machine where there is one."""

    def __init__(self, problem: Problem, machine: Ints, start: Ints, bound: int) -> None:
        from ortools.sat.python import cp_model

        self._makespan = int((start + run_minutes(problem, machine)).max())
        self.model = cp_model.CpModel()
        self.begins: list[Any] = []
        self.choices: list[dict[int, Any]] = []
        self._ends: list[Any] = []
        self._machines: list[list[Any]] = [[] for _ in range(problem.machines)]
        last = self.model.new_int_var(bound, self._makespan, "")
        for o in range(problem.operations):
            self._operation(problem, o, int(machine[o]), int(start[o]))
            self.model.add(last >= self._ends[o])
        for intervals in self._machines:
            self.model.add_no_overlap(intervals)
        self.model.minimize(last)

    def _operation(self, problem: Problem, o: int, machine: int, start: int) -> None:
        release, model = int(problem.not_before[o]), self.model
        begin, end = (model.new_int_var(release, self._makespan, "") for _ in range(2))
        model.add_hint(begin, start)
        modes, choice = problem.modes(o), {}
        for m, minutes in modes.items():
            if len(modes) == 1:
                self._machines[m].append(model.new_interval_var(begin, minutes, end, ""))
                continue
            choice[m] = model.new_bool_var("")
            model.add_hint(choice[m], m == machine)
            self._machines[m].append(model.new_optional_interval_var(begin, minutes, end, choice[m], ""))
        if choice:
            model.add_exactly_one(choice.values())
        for before in problem.predecessors(o):
            model.add(begin >= self._ends[before])
        self.begins.append(begin)
        self._ends.append(end)
        self.choices.append(choice)


def prove(
    problem: Problem, machine: Ints, start: Ints, bound: int, until: float, *, workers: int, seed: int
) -> tuple[Ints, Ints, int]:
    """Machine and start of a schedule at least as good as the given one, and a bound at least as high.

    Ends at the stopwatch's `until` or, where that cannot be kept, gives back what it was given.
    """
    from ortools.sat.python import cp_model

    built, solver = Model(problem, machine, start, bound), cp_model.CpSolver()
    left = until - perf_counter() - MARGIN_S
    if left <= 0:
        return machine, start, bound
    solver.parameters.max_time_in_seconds = left
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed % 2**31
    status = solver.solve(built.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return machine, start, bound
    bound = max(bound, round(solver.best_objective_bound))
    if solver.objective_value < int((start + run_minutes(problem, machine)).max()):
        start = np.array([solver.value(begin) for begin in built.begins], np.int64)
        machine = machine.copy()
        for o, choice in enumerate(built.choices):
            for m, chosen in choice.items():
                if solver.value(chosen):
                    machine[o] = m
    return machine, start, bound
