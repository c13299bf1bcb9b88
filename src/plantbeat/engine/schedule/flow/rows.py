"""A hybrid flow shop as flat rows, forwards or backwards in time, and the state of a search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints, Row
from plantbeat.engine.schedule.improve.rows import SEED_A, SEED_B, exponential_quantiles
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem

COST, BEST, MOVES = range(3)
"""Counters; the seeds of the random numbers have places of their own behind them."""
COUNTERS = max(SEED_A, SEED_B) + 1


class Stages(NamedTuple):
    """Stages in the order in which they are passed; per stage and order (stage x orders + order)."""

    minutes: Row
    tail: Row  # minutes that must still follow
    count: Row  # machines of each stage


class Search(NamedTuple):
    """State of a search over the sequence of orders at the first stage."""

    sequence: Row
    best: Row
    arrival: Row  # of each order at the stage that is being filled; in the end its completion
    queue: Row  # orders by arrival
    free: Row  # per machine of a stage
    start: Row  # per stage and order
    exponential: Row
    counters: Row


def stage_centres(p: Problem) -> Ints | None:
    """Work centre of each stage; None unless all orders pass the same ones, each once, on any machine."""
    stages = len(p.work_centre) // p.orders
    if not np.array_equal(p.order_ptr, np.arange(p.orders + 1) * stages):
        return None
    centres = p.work_centre.reshape(p.orders, stages)
    machines = np.bincount(p.machine_work_centre, minlength=p.work_centres)
    modes = np.diff(p.mode_ptr)
    alike = np.maximum.reduceat(p.mode_min, p.mode_ptr[:-1]) == np.minimum.reduceat(
        p.mode_min, p.mode_ptr[:-1]
    )
    follows = np.ones(p.operations, np.int64)
    follows[p.order_ptr[:-1]] = 0
    same = (
        (centres == centres[0]).all()
        and len(set(centres[0].tolist())) == stages
        and np.array_equal(modes, machines[p.work_centre])
        and alike.all()
        and np.array_equal(np.diff(p.pred_ptr), follows)
        and np.array_equal(p.pred, np.flatnonzero(follows) - 1)
    )
    return centres[0] if same else None


def only_last_end(p: Problem, objective: Objective) -> bool:
    """Whether nothing but the makespan can cost anything."""
    late = (objective.weighted_tardiness or objective.weighted_late_orders) and p.weight.any()
    overrun = objective.deadline_overrun and (p.deadline < NEVER).any()
    return bool(objective.makespan and not (late or overrun or objective.flow_time))


def free_of_rules(p: Problem) -> bool:
    """Whether no set-up, pin, line, later release or late material stands in the way."""
    return not (p.setup_min.any() or p.lines or (p.pin_machine != NOT_PINNED).any() or p.not_before.any())


def stages_of(p: Problem, centres: Ints) -> tuple[Stages, Stages]:
    """The stages of a problem forwards and backwards, as int64 arrays."""
    minutes = p.mode_min[p.mode_ptr[:-1]].reshape(p.orders, -1).T
    machines = np.bincount(p.machine_work_centre, minlength=p.work_centres)[centres]
    return _one_way(minutes, machines), _one_way(minutes[::-1], machines[::-1])


def _one_way(minutes: Ints, machines: Ints) -> Stages:
    tail = np.cumsum(minutes[::-1], axis=0)[::-1] - minutes
    return Stages(minutes.reshape(-1).copy(), tail.reshape(-1), machines.copy())


def search_of(stages: Stages, orders: int, seed: int) -> Search:
    """The state before a search, as arrays."""
    counters = np.zeros(COUNTERS, np.int64)
    mixed = np.random.SeedSequence(seed).generate_state(2)
    counters[SEED_A], counters[SEED_B] = 1 + mixed[0] % 2147483562, 1 + mixed[1] % 2147483398
    counters[COST] = counters[BEST] = NEVER
    return Search(
        sequence=np.arange(orders),
        best=np.arange(orders),
        arrival=np.zeros(orders, np.int64),
        queue=np.zeros(orders, np.int64),
        free=np.zeros(int(stages.count.max()), np.int64),
        start=np.zeros(len(stages.minutes), np.int64),
        exponential=np.array(exponential_quantiles()),
        counters=counters,
    )
