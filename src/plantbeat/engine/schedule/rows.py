"""A problem in the form the kernels take: lists for plain Python, int64 arrays for compiled code."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, Ints, Row
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem

PYTHON_BELOW = 200
"""Below this number of operations plain Python is used: compiling would take longer than it saves."""


class Shop(NamedTuple):
    """Everything a kernel reads of a problem; minutes, indices and weights as whole numbers."""

    release: Row  # per order
    due: Row
    deadline: Row
    weight: Row
    order_ptr: Row
    order_of: Row  # per operation
    not_before: Row
    work_centre: Row
    family: Row
    divisible: Row
    pred_ptr: Row
    pred: Row
    succ_ptr: Row
    succ: Row
    mode_ptr: Row
    mode_machine: Row
    mode_min: Row
    machine_work_centre: Row  # per machine
    initial_family: Row
    opens_lo: Row  # per machine: its slice of the interval rows
    opens_hi: Row
    opens: Row  # per interval
    closes: Row
    before: Row
    always_open: Row  # per machine: one interval from minute 0 for ever
    open_min: Row  # per machine: open minutes of the whole calendar
    centre_ptr: Row  # machines of each work centre
    centre_machine: Row
    setup_base: Row
    family_count: Row
    setup_min: Row
    pinned: Row  # per operation: its machine is fixed; its end is in pin_end
    started: Row
    pin_machine: Row
    pin_start: Row
    pin_end: Row
    pin_ptr: Row  # pinned operations of each machine in the order they run
    pin_list: Row


class Weights(NamedTuple):
    """Weights of an objective as the kernels take them."""

    weighted_tardiness: int
    makespan: int
    setup_minutes: int
    weighted_late_orders: int
    flow_time: int
    deadline_overrun: int


def weights(objective: Objective) -> Weights:
    """The weights of an objective as plain numbers."""
    return Weights(**vars(objective))


def as_rows(arrays: Any, *, compiled: bool) -> Any:
    """The same named tuple with lists (plain Python) or int64 or float64 arrays (compiled code)."""
    if not compiled:
        return type(arrays)(*(row.tolist() for row in arrays))
    kinds = (np.float64 if row.dtype.kind == "f" else np.int64 for row in arrays)
    return type(arrays)(*(np.array(row, kind) for row, kind in zip(arrays, kinds, strict=True)))


def _grouped(groups: Ints, count: int) -> tuple[Ints, Ints]:
    ptr = np.concatenate(([0], np.cumsum(np.bincount(groups, minlength=count))))
    return ptr, np.argsort(groups, kind="stable")


def _pin_ends(p: Problem) -> Ints:
    ends = np.zeros(p.operations, np.int64)
    for o in np.flatnonzero(p.pin_machine != NOT_PINNED).tolist():
        m = int(p.pin_machine[o])
        ends[o] = p.calendars.after_work(int(p.machine_calendar[m]), int(p.pin_start[o]), p.modes(o)[m])
    return ends


def shop_of(p: Problem) -> Shop:
    """Flat rows of a problem, as arrays."""
    work, calendar = p.calendars, p.machine_calendar
    succ_ptr, by_pred = _grouped(p.pred, p.operations)
    successor = np.repeat(np.arange(p.operations), np.diff(p.pred_ptr))
    centre_ptr, centre_machine = _grouped(p.machine_work_centre, p.work_centres)
    lo, hi = work.ptr[calendar], work.ptr[calendar + 1]
    pinned, pin_end = p.pin_machine != NOT_PINNED, _pin_ends(p)
    pins = np.lexsort((pin_end, p.pin_start, p.pin_machine))
    pins = pins[pinned[pins]]
    return Shop(
        release=p.release,
        due=p.due,
        deadline=p.deadline,
        weight=p.weight,
        order_ptr=p.order_ptr,
        order_of=p.order_of,
        not_before=p.not_before,
        work_centre=p.work_centre,
        family=p.family,
        divisible=p.divisible,
        pred_ptr=p.pred_ptr,
        pred=p.pred,
        succ_ptr=succ_ptr,
        succ=successor[by_pred],
        mode_ptr=p.mode_ptr,
        mode_machine=p.mode_machine,
        mode_min=p.mode_min,
        machine_work_centre=p.machine_work_centre,
        initial_family=p.initial_family,
        opens_lo=lo,
        opens_hi=hi,
        opens=work.opens,
        closes=work.closes,
        before=work.before,
        always_open=(hi - lo == 1) & (work.opens[lo] <= 0) & (work.closes[lo] >= FOREVER),
        open_min=work.before[hi - 1] + work.closes[hi - 1] - work.opens[hi - 1],
        centre_ptr=centre_ptr,
        centre_machine=centre_machine,
        setup_base=p.setup_base,
        family_count=p.family_count,
        setup_min=p.setup_min,
        pinned=pinned,
        started=p.started,
        pin_machine=p.pin_machine,
        pin_start=p.pin_start,
        pin_end=pin_end,
        pin_ptr=np.searchsorted(p.pin_machine[pins], np.arange(p.machines + 1)),
        pin_list=pins,
    )


class Result(NamedTuple):
    """What a kernel writes per operation: machine, start, end, set-up minutes before it."""

    machine: Row
    start: Row
    end: Row
    setup: Row


class Floor(NamedTuple):
    """State of the shop floor while a list schedule is built."""

    free_at: Row  # per machine: end of its last operation
    family_at: Row
    wake_at: Row
    next_pin: Row
    idle: Row
    missing: Row  # per operation: predecessors without an end
    ready: Row
    queue: Row  # waiting operations, one slice per work centre
    queue_base: Row
    queue_len: Row  # per work centre
    stirred: Row
    left_now: Row  # per machine: open minutes left in its calendar from now, and from its last end
    left_free: Row
    waiting: Row  # work centres stirred by the events of one minute
    heap: Row  # minute x codes + code; a code is an operation that arrives, or n + machine


class Rule(NamedTuple):
    """A dispatching rule as tables, so that kernels only add and compare."""

    value: Row  # per mode: log(weight / minutes)
    latest: Row  # per operation: latest end that keeps its order on time
    setup_cost: Row  # per cell of setup_min
    scales: Row  # [1 / (k1 x mean minutes), cost of one minute's idle machine]


def no_units() -> Ints:
    """The row of units of a schedule whose operations need none."""
    return np.empty(0, np.int64)


def empty_result(p: Problem) -> Result:
    """A result to be filled."""
    return Result(*(np.full(p.operations, value, np.int64) for value in (-1, 0, 0, 0)))


def floor_of(p: Problem, shop: Shop) -> Floor:
    """An empty shop floor at minute 0, as arrays."""
    n, machines, centres = p.operations, p.machines, p.work_centres
    events = 2 * n + 4 * machines + 16
    per_centre = np.bincount(p.work_centre, minlength=centres)
    ended = np.zeros(n, np.int64)
    np.add.at(ended, shop.succ, np.repeat(shop.pinned, np.diff(shop.succ_ptr)).astype(np.int64))
    ready = shop.not_before.copy()
    for o in np.flatnonzero(shop.pinned).tolist():
        after = shop.succ[shop.succ_ptr[o] : shop.succ_ptr[o + 1]]
        ready[after] = np.maximum(ready[after], shop.pin_end[o])
    return Floor(
        free_at=np.zeros(machines, np.int64),
        family_at=p.initial_family.copy(),
        wake_at=np.full(machines, -1, np.int64),
        next_pin=shop.pin_ptr[:-1].copy(),
        idle=np.zeros(machines, np.int64),
        missing=np.diff(p.pred_ptr) - ended,
        ready=ready,
        queue=np.zeros(n, np.int64),
        queue_base=np.concatenate(([0], np.cumsum(per_centre)))[:-1],
        queue_len=np.zeros(centres, np.int64),
        stirred=np.zeros(centres, np.int64),
        left_now=np.zeros(machines, np.int64),
        left_free=np.zeros(machines, np.int64),
        waiting=np.zeros(centres, np.int64),
        heap=np.zeros(events, np.int64),
    )


def log_ratio(weight: Ints, minutes: Ints) -> list[float]:
    """log(weight / minutes) rounded to 2^-20, so that every platform's logarithm gives the same schedule."""
    scale = 1 << 20
    pairs = zip(weight.tolist(), minutes.tolist(), strict=True)
    return [round(math.log(max(w, 1e-3) / max(d, 1)) * scale) / scale for w, d in pairs]
