"""CP-SAT for small shops: a proof, or a better schedule, in the last part of the time."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.timing import run_minutes

LARGEST_PROOF = 300
"""Operations up to which CP-SAT is asked."""
MARGIN_S = 0.15
"""What CP-SAT needs to notice that its time is over."""


def prove(
    problem: Problem, machine: Ints, start: Ints, bound: int, until: float, *, workers: int, seed: int
) -> tuple[Ints, Ints, int]:
    """Machine and start of a schedule at least as good as the given one, and a bound at least as high.

    Stops at the stopwatch's `until`, at the latest.
    """
    from ortools.sat.python import cp_model

    makespan = int((start + run_minutes(problem, machine)).max())
    model = cp_model.CpModel()
    begins: list[cp_model.IntVar] = []
    ends: list[cp_model.IntVar] = []
    last = model.new_int_var(bound, makespan, "")
    chosen: list[dict[int, cp_model.IntVar]] = []
    per_machine: list[list[cp_model.IntervalVar]] = [[] for _ in range(problem.machines)]
    for o in range(problem.operations):
        release = max(0, int(problem.release[problem.order_of[o]]))
        begin, end = (model.new_int_var(release, makespan, "") for _ in range(2))
        modes, flags = problem.modes(o), {}
        model.add_hint(begin, int(start[o]))
        for m, minutes in modes.items():
            if len(modes) == 1:
                per_machine[m].append(model.new_interval_var(begin, minutes, end, ""))
                continue
            flags[m] = model.new_bool_var("")
            model.add_hint(flags[m], m == machine[o])
            per_machine[m].append(model.new_optional_interval_var(begin, minutes, end, flags[m], ""))
        if flags:
            model.add_exactly_one(flags.values())
        for before in problem.predecessors(o):
            model.add(begin >= ends[before])
        model.add(last >= end)
        begins.append(begin)
        ends.append(end)
        chosen.append(flags)
    for intervals in per_machine:
        model.add_no_overlap(intervals)
    model.minimize(last)
    solver = cp_model.CpSolver()
    left = until - perf_counter() - MARGIN_S
    if left <= 0:
        return machine, start, bound
    solver.parameters.max_time_in_seconds = left
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed % 2**31
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        bound = max(bound, round(solver.best_objective_bound))
        if solver.objective_value < makespan:
            start = np.array([solver.value(begin) for begin in begins], np.int64)
            for o, flags in enumerate(chosen):
                for m, flag in flags.items():
                    if solver.value(flag):
                        machine = machine.copy()
                        machine[o] = m
    elif status == cp_model.UNKNOWN:
        bound = max(bound, min(makespan, round(solver.best_objective_bound)))
    return machine, start, bound
