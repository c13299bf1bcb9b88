"""A job shop and a complete schedule of it as flat rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plantbeat.engine.calendars.worktime import Ints, Row
from plantbeat.engine.schedule.improve.rows import COUNTERS as DICE_CELLS
from plantbeat.engine.schedule.improve.rows import SEED_A, SEED_B
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Shop

MAKESPAN, BEST, MOVES, STEP, IDLE_STEPS, PATH, TENURE, FOUND = range(8)
CHOSEN, CHOSEN_MODE, CHOSEN_PLACE, LIMIT, COUNTERS = range(8, 13)
MODULUS = 2147483647
TABU_CELLS = 1 << 13


class Net(NamedTuple):
    """What a search reads of a job shop: one value per operation, except the rows of modes and arcs."""

    release: Row
    pred_ptr: Row
    pred: Row
    succ_ptr: Row
    succ: Row
    mode_ptr: Row
    mode_machine: Row
    mode_min: Row


class Graph(NamedTuple):
    """A complete schedule as a graph of routings and machine sequences; one value per operation unless said
    otherwise.

    `head` is the earliest start, `tail` the minutes that must still pass after the end until all is done.
    """

    machine: Row
    mode: Row
    minutes: Row
    previous: Row  # on its machine; -1 at the ends
    following: Row
    place: Row  # index within its machine's sequence
    sequence: Row  # operations of each machine, one slice per machine
    base: Row  # per machine
    length: Row
    rank: Row  # place in a topological order
    ranked: Row  # operation at each rank
    head: Row
    tail: Row
    ready: Row  # head by release and routing alone
    onward: Row  # tail by routing alone
    stirred: Row  # per rank: to be timed anew
    aside: Row  # room for operations that change rank
    path: Row  # a critical path
    reached: Row  # heads along a trial
    best_mode: Row
    best_ranked: Row
    sign: Row  # random numbers of an operation, and of a machine: what a tabu is known by
    other_sign: Row
    machine_sign: Row
    tabu_key: Row
    tabu_until: Row
    dice: Row  # the cells that `draw` reads
    counters: Row  # the whole numbers named above


def net_of(problem: Problem, shop: Shop) -> Net:
    """The rows of a job shop, as arrays."""
    return Net(
        release=shop.not_before,
        pred_ptr=shop.pred_ptr,
        pred=shop.pred,
        succ_ptr=shop.succ_ptr,
        succ=shop.succ,
        mode_ptr=shop.mode_ptr,
        mode_machine=shop.mode_machine,
        mode_min=shop.mode_min,
    )


def _signs(generator: np.random.Generator, count: int) -> Ints:
    return generator.integers(1, MODULUS, count, np.int64)


def empty_graph(problem: Problem, seed: int) -> Graph:
    """Rows of a graph before a schedule is loaded, as arrays."""
    n, machines = problem.operations, problem.machines
    room = np.bincount(problem.mode_machine, minlength=machines)
    base = np.concatenate(([0], np.cumsum(room)))[:-1]
    generator = np.random.Generator(np.random.PCG64(seed))
    dice = np.zeros(DICE_CELLS, np.int64)
    dice[[SEED_A, SEED_B]] = generator.integers(1, 2147483398, 2)
    zeros = {name: np.zeros(n, np.int64) for name in _PER_OPERATION}
    return Graph(
        sequence=np.zeros(int(room.sum()), np.int64),
        base=base,
        length=np.zeros(machines, np.int64),
        sign=_signs(generator, n),
        other_sign=_signs(generator, n),
        machine_sign=_signs(generator, machines),
        tabu_key=np.full(TABU_CELLS, -1, np.int64),
        tabu_until=np.zeros(TABU_CELLS, np.int64),
        dice=dice,
        counters=np.zeros(COUNTERS, np.int64),
        **zeros,
    )


_PER_OPERATION = (
    "machine",
    "mode",
    "minutes",
    "previous",
    "following",
    "place",
    "rank",
    "ranked",
    "head",
    "tail",
    "ready",
    "onward",
    "stirred",
    "aside",
    "path",
    "reached",
    "best_mode",
    "best_ranked",
)
