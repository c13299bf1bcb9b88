"""A value that no sequence of a flow line can go below."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.bound import lower_bound
from plantbeat.engine.schedule.lines.rows import CALENDARS, COMPUTED, HAS_SETUPS, SETUPS, Line
from plantbeat.engine.schedule.method import Task
from plantbeat.engine.schedule.objective import Objective

ASSIGNED_BELOW = 500
"""Below this number of orders the set-ups are bounded by an assignment, which takes about a cube of it."""
ONLY_MAKESPAN = Objective(weighted_tardiness=0, deadline_overrun=0)


def line_bound(task: Task, line: Line) -> int:
    """Lower bound: every order alone; each machine's work between the shortest ways there and on; set-ups.

    A machine that never closes takes, from its first start to its last end, the work of all orders and the
    set-ups between them, which are at least those of the cheapest assignment of orders to followers. Returns
    NEVER when an order cannot end within the calendars.
    """

    def without_line(objective: Objective) -> int:
        return lower_bound(task.problem, task.shop, objective, compiled=task.compiled)

    if (other := without_line(replace(task.objective, makespan=0))) >= NEVER:
        return other
    assigned = task.compiled and task.problem.orders < ASSIGNED_BELOW
    if line.sizes[HAS_SETUPS] and line.weights[SETUPS]:
        least = sum(
            _least_setups(line, k, from_state=True, assigned=assigned) for k in range(task.problem.machines)
        )
        other += int(line.weights[SETUPS]) * least
    if not task.objective.makespan:
        return other
    last = without_line(ONLY_MAKESPAN)
    if line.sizes[COMPUTED] != CALENDARS:
        last = max(last, _last_end(line, assigned=assigned))
    return other + task.objective.makespan * last


def _last_end(line: Line, *, assigned: bool) -> int:
    minutes = line.minutes.reshape(-1, line.sizes[1])
    ends = np.cumsum(minutes, axis=1)
    heads = line.release[:, None] + ends - minutes
    tails = ends[:, -1:] - ends
    busy = minutes.sum(axis=0)
    if line.sizes[HAS_SETUPS]:
        least = [_least_setups(line, k, from_state=False, assigned=assigned) for k in range(minutes.shape[1])]
        busy = busy + np.array(least, np.int64)
    return int((heads.min(axis=0) + busy + tails.min(axis=0)).max())


def _least_setups(line: Line, k: int, *, from_state: bool, assigned: bool) -> int:
    """No sequence has fewer set-up minutes on machine k; those from its initial state only if asked for."""
    n, m = int(line.sizes[0]), int(line.sizes[1])
    cell_from, cell_to = line.cell_from.reshape(-1, m)[:, k], line.cell_to.reshape(-1, m)[:, k]
    between: Ints = line.setup[cell_from[:, None] + cell_to[None, :]]
    if not from_state:
        between[n] = 0
    never = int(between.max()) * (n + 1) + 1
    np.fill_diagonal(between, never)
    if assigned:
        from scipy.optimize import linear_sum_assignment

        square = np.concatenate((between, np.zeros((n + 1, 1), np.int64)), axis=1)
        square[n, n] = never
        return int(square[linear_sum_assignment(square)].sum())
    least = between.min(axis=0)
    return int(least.sum()) if from_state else int(least.sum() - least.max())
