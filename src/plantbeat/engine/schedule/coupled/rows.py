"""Coupled plants in the form the kernels take, and the state of placing operations one after the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints, Row
from plantbeat.engine.schedule.coupled.blocks import Blocks
from plantbeat.engine.schedule.coupled.meets import Meets
from plantbeat.engine.schedule.coupled.pinned import Pins
from plantbeat.engine.schedule.problem import Problem

SETUP_BEGIN, START, END, CLEAR, SETUP_MIN, NEXT_PIN, CALENDAR, TIMES = range(8)
"""Places in `Scratch.times`: what a trial of an operation found."""


class Side(NamedTuple):
    """What a kernel reads of a coupled plant beside `Shop`."""

    link_least: Row  # along with the predecessors
    link_most: Row
    link_batch: Row
    quantity: Row  # per order
    teardown: Row  # per operation
    need_ptr: Row
    need_pool: Row  # per need
    need_phase: Row
    need_unit: Row
    pool_ptr: Row
    pool_unit: Row
    kind: Row  # per unit: its column in `meet`
    kinds: Row  # one value: columns of `meet`
    machine_calendar: Row
    meet: Row
    lo: Row  # per calendar, met ones too
    hi: Row
    opens: Row
    closes: Row
    before: Row
    pin_end: Row  # per operation, of those that are pinned
    pin_clear: Row
    pin_calendar: Row  # calendar of the set-up of a pinned operation
    busy_ptr: Row  # per unit: spans taken by pinned operations, sorted
    busy_from: Row
    busy_to: Row
    block_ptr: Row  # operations that are placed together
    block_op: Row
    block_of: Row
    wait_ptr: Row  # blocks that each block waits for, and those that wait for it
    wait: Row
    next_ptr: Row
    next: Row


def side_of(p: Problem, meets: Meets, pins: Pins, blocks: Blocks) -> Side:
    """Flat rows of what couples the operations of a problem, as arrays."""
    s, work = p.secondary, meets.calendars
    return Side(
        link_least=p.link_least,
        link_most=p.link_most,
        link_batch=p.link_batch,
        quantity=p.quantity,
        teardown=p.teardown_min,
        need_ptr=s.need_ptr,
        need_pool=s.need_pool,
        need_phase=s.need_phase,
        need_unit=s.need_unit,
        pool_ptr=s.pool_ptr,
        pool_unit=s.pool_unit,
        kind=meets.kind,
        kinds=np.array([meets.kinds]),
        machine_calendar=p.machine_calendar,
        meet=meets.table,
        lo=work.ptr[:-1],
        hi=work.ptr[1:],
        opens=work.opens,
        closes=work.closes,
        before=work.before,
        pin_end=pins.end,
        pin_clear=pins.clear,
        pin_calendar=pins.setup_calendar,
        busy_ptr=pins.busy_ptr,
        busy_from=pins.busy_from,
        busy_to=pins.busy_to,
        block_ptr=blocks.ptr,
        block_op=blocks.operations,
        block_of=blocks.of,
        wait_ptr=blocks.wait_ptr,
        wait=blocks.wait,
        next_ptr=blocks.next_ptr,
        next=blocks.next,
    )


class Placed(NamedTuple):
    """Where each operation was put; one value per operation, `unit` one per need."""

    machine: Row
    start: Row
    end: Row
    setup: Row
    setup_begin: Row
    minutes: Row
    calendar: Row  # of its run
    unit: Row


def nothing_placed(p: Problem) -> Placed:
    """Rows to be filled."""
    n = p.operations
    sizes = dict.fromkeys(Placed._fields, n) | {"unit": len(p.secondary.need_pool)}
    rows = {name: np.full(size, -1 if name in ("machine", "unit") else 0) for name, size in sizes.items()}
    return Placed(**rows)


class State(NamedTuple):
    """Machines and units while operations are placed."""

    free: Row  # per machine: from when on it is free, what it is set up for, its next pinned operation
    family: Row
    next_pin: Row
    unit_free: Row


def empty_state(p: Problem, pin_ptr: Ints) -> State:
    """Nothing placed yet."""
    return State(
        np.zeros(p.machines, np.int64),
        p.initial_family.astype(np.int64),
        pin_ptr[:-1].astype(np.int64),
        np.zeros(p.secondary.units, np.int64),
    )


class Scratch(NamedTuple):
    """Working rows of one trial and of one block."""

    times: Row
    pick: Row  # unit of each need of the operation on trial
    best_pick: Row
    best_times: Row
    bumped: Row  # per unit: free only from then on in this trial, if its stamp is the trial's
    stamp: Row
    stamps: Row  # one value: the trial's stamp
    floor: Row  # per operation: not before this minute
    log_machine: Row  # what to put back when a block is tried again
    log_free: Row
    log_family: Row
    log_pin: Row
    log_unit: Row
    log_unit_free: Row
    logged: Row  # lengths of the two logs


def scratch_of(p: Problem) -> Scratch:
    """Working rows of a problem's size."""
    s, n = p.secondary, p.operations
    most = int(np.diff(s.need_ptr).max(initial=0))
    trials, blocks = (TIMES, most, most, TIMES, s.units, s.units, 1, n), (n, n, n, n)
    needs = len(s.need_pool)
    return Scratch(*(np.zeros(size, np.int64) for size in (*trials, *blocks, needs, needs, 2)))


class Listing(NamedTuple):
    """A list of blocks under search: the list is the decision, the schedule follows from it."""

    blocks: Row  # the list
    place: Row  # per block: its place in the list
    forced: Row  # per operation: the mode it must take, -1 = the one that ends first
    exponential: Row  # quantiles of the exponential distribution
    counters: Row


class Marks(NamedTuple):
    """The state before every `stride`-th place of the list, one row after the other."""

    stride: Row  # one value
    free: Row
    family: Row
    next_pin: Row
    unit_free: Row


def marks_of(p: Problem, blocks: int) -> Marks:
    """Marks for a list of blocks."""
    stride = max(8, round(2 * blocks**0.5))
    count = blocks // stride + 2
    machines, units = p.machines * count, p.secondary.units * count
    return Marks(
        np.array([stride]), *(np.zeros(size, np.int64) for size in (machines, machines, machines, units))
    )


RISES, TRIED = 6, 7
"""Counters of a list beside those of every search: by how much moves were dearer, and how many were."""
NOT_POSSIBLE = NEVER
"""Cost of a list that cannot be carried out."""
