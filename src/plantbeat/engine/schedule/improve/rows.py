"""The state of local search as flat rows: sequences, exact times, a topological order, an undo log."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from plantbeat.engine.calendars.worktime import Row
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Result, Shop

COST, MAKESPAN, BEST, MOVES, SEED_A, SEED_B, LOGGED, TOUCHED, UNSAVED, TIMED, STALE = range(11)
NOISE, CHOSEN_MODE, CHOSEN_AFTER, FIRST_RANK, END_RANK, COUNTERS = range(11, 17)
KNOTS = 4
"""Points of a curve of delay, per operation."""
EXPONENTIAL_BITS = 12


class Plan(NamedTuple):
    """A complete schedule under search; one value per operation unless said otherwise."""

    machine: Row
    mode: Row
    start: Row
    end: Row
    setup: Row
    previous: Row  # on its machine; -1 at the ends
    following: Row
    rank: Row  # place in a topological order of routings and machine sequences
    ranked: Row  # operation at each rank
    place: Row  # index within its machine's sequence
    sequence: Row  # operations of each machine, one slice per machine
    sequence_base: Row  # per machine
    sequence_len: Row
    done: Row  # per order
    heap: Row  # ranks of operations to re-time
    queued: Row
    log_operation: Row  # operations re-timed by the move under trial, and their times before it
    log_start: Row
    log_end: Row
    log_setup: Row
    pending: Row  # minutes by which a queued operation is about to start later (or earlier)
    later: Row  # cost of an operation's delay at KNOTS lengths, KNOTS values per operation
    onward: Row  # the same by its routing alone
    sooner: Row  # what one minute's advance of an operation saves
    sooner_onward: Row  # the same by its routing alone
    touched: Row  # orders whose completion the move may change
    touched_done: Row
    is_touched: Row  # per order
    stale: Row  # operations that may have changed since the best schedule was last saved
    is_stale: Row
    best_machine: Row
    best_start: Row
    exponential: Row  # quantiles of the exponential distribution
    counters: Row  # the whole numbers named above


def exponential_quantiles() -> list[float]:
    """-log(u) at evenly spaced u, rounded to 2^-20 so that every platform gives the same search."""
    count, scale = 1 << EXPONENTIAL_BITS, 1 << 20
    return [round(-math.log((i + 0.5) / count) * scale) / scale for i in range(count)]


def plan_of(p: Problem, shop: Shop, result: Result, cost: int, seed: int) -> Plan:
    """The state of search at a complete schedule, as arrays; the times are taken over as they are."""
    n, machine = p.operations, result.machine
    modes_of = np.repeat(np.arange(n), np.diff(p.mode_ptr))
    mode = np.flatnonzero(p.mode_machine == machine[modes_of])
    ranked = np.lexsort((np.arange(n), result.end, result.start))
    rank = np.empty(n, np.int64)
    rank[ranked] = np.arange(n)
    room = np.bincount(p.mode_machine, minlength=p.machines)
    base = np.concatenate(([0], np.cumsum(room)))[:-1]
    length = np.bincount(machine, minlength=p.machines)
    sequence, place = np.zeros(int(room.sum()), np.int64), np.zeros(n, np.int64)
    previous, following = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    filled = np.zeros(p.machines, np.int64)
    for o in ranked.tolist():
        m = int(machine[o])
        place[o] = filled[m]
        if filled[m]:
            before = sequence[base[m] + filled[m] - 1]
            previous[o], following[before] = before, o
        sequence[base[m] + filled[m]] = o
        filled[m] += 1
    done = np.maximum.reduceat(result.end, p.order_ptr[:-1])
    counters = np.zeros(COUNTERS, np.int64)
    counters[[COST, MAKESPAN, BEST]] = cost, int(done.max()), cost
    counters[END_RANK] = n
    counters[[SEED_A, SEED_B]] = 1 + seed % 2147483562, 1 + (seed // 2147483562) % 2147483398
    counters[NOISE] = (seed * 2654435761 + 1) % 4294967296
    zeros = {name: np.zeros(n, np.int64) for name in _PER_OPERATION}
    prices = {name: np.zeros(n * values) for name, values in _PRICES.items()}
    orders = {name: np.zeros(p.orders, np.int64) for name in ("touched", "touched_done", "is_touched")}
    return Plan(
        machine=machine.copy(),
        mode=mode,
        start=result.start.copy(),
        end=result.end.copy(),
        setup=result.setup.copy(),
        previous=previous,
        following=following,
        rank=rank,
        ranked=ranked,
        place=place,
        sequence=sequence,
        sequence_base=base,
        sequence_len=length,
        done=done,
        best_machine=machine.copy(),
        best_start=result.start.copy(),
        exponential=np.array(exponential_quantiles()),
        counters=counters,
        **(zeros | prices | orders),
    )


_PER_OPERATION = (
    "heap",
    "queued",
    "log_operation",
    "log_start",
    "log_end",
    "log_setup",
    "pending",
    "stale",
    "is_stale",
)
_PRICES = {"later": KNOTS, "onward": KNOTS, "sooner": 1, "sooner_onward": 1}
