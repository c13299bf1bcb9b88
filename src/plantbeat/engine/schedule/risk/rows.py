"""A schedule as a graph in the form the replay takes: what each operation follows, and in which calendars."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints, Row
from plantbeat.engine.schedule.coupled.meets import Meets, meets_of
from plantbeat.engine.schedule.coupled.pinned import busy_span, phase_calendar
from plantbeat.engine.schedule.problem import NOT_PINNED, Problem
from plantbeat.engine.schedule.schedule import Schedule
from plantbeat.engine.schedule.secondary import RUN, SETUP, TEARDOWN
from plantbeat.engine.schedule.timing import Timing, timing


class Graph(NamedTuple):
    """What never changes from run to run; per operation unless said otherwise."""

    order: Row  # operations, each behind all that it follows
    order_of: Row
    machine: Row
    minutes: Row  # planned
    divisible: Row
    floor: Row  # not before this minute
    planned_start: Row
    planned_end: Row
    setup: Row
    teardown: Row
    previous: Row  # on the machine, -1 = none
    run_at: Row  # calendars
    setup_at: Row
    teardown_at: Row
    pred_ptr: Row
    pred: Row
    link_least: Row
    link_most: Row
    link_batch: Row
    quantity: Row  # per order
    need_ptr: Row
    need_phase: Row  # per need
    need_before: Row  # per need: operation that has the unit before, -1 = none, and its phases
    need_before_phase: Row
    lo: Row  # per calendar
    hi: Row
    opens: Row
    closes: Row
    before: Row


def graph_of(p: Problem, schedule: Schedule, *, ahead: bool) -> Graph:
    """The graph of a schedule, as arrays; with `ahead`, work begins as soon as it can, else not before its
    planned start. Raises ValueError for a schedule that is not one of the problem.
    """
    machine, start = np.asarray(schedule.machine, np.int64), np.asarray(schedule.start, np.int64)
    if len(machine) != p.operations or len(start) != p.operations:
        text = f"has {len(machine)} operations; the problem has {p.operations}"
        raise ValueError(f"schedule: it {text}")
    times, s, meets = timing(p, machine, start, schedule.unit), p.secondary, meets_of(p)
    at = {phase: _calendars(p, meets, times, phase) for phase in (SETUP, RUN, TEARDOWN)}
    work, teardown = meets.calendars, p.teardown_min.tolist()
    cleared = zip(at[TEARDOWN].tolist(), times.end.tolist(), teardown, strict=True)
    clear = np.array([work.after_work(*one) for one in cleared], np.int64)
    before, before_phase = _unit_chains(p, times, clear)
    return Graph(
        order=_sorted(p, times, before),
        order_of=p.order_of,
        machine=machine,
        minutes=times.minutes,
        divisible=p.divisible,
        floor=_floors(p, start, ahead=ahead),
        planned_start=start,
        planned_end=times.end,
        setup=times.setup_min,
        teardown=p.teardown_min,
        previous=times.previous,
        run_at=at[RUN],
        setup_at=at[SETUP],
        teardown_at=at[TEARDOWN],
        pred_ptr=p.pred_ptr,
        pred=p.pred,
        link_least=p.link_least,
        link_most=p.link_most,
        link_batch=p.link_batch,
        quantity=p.quantity,
        need_ptr=s.need_ptr,
        need_phase=s.need_phase,
        need_before=before,
        need_before_phase=before_phase,
        lo=work.ptr[:-1],
        hi=work.ptr[1:],
        opens=work.opens,
        closes=work.closes,
        before=work.before,
    )


def _calendars(p: Problem, meets: Meets, times: Timing, phase: int) -> Ints:
    """Calendar of a phase of each operation."""
    machine = times.machine.tolist()
    found = [phase_calendar(p, meets, o, machine[o], times.unit, phase) for o in range(p.operations)]
    return np.array(found, np.int64)


def _floors(p: Problem, start: Ints, *, ahead: bool) -> Ints:
    """Earliest starts: release and pins; the plan's where it puts work off so that a wait is kept short."""
    if not ahead:
        return start
    floor = p.not_before.copy()
    floor[p.pred[p.link_most < NEVER]] = start[p.pred[p.link_most < NEVER]]
    floor[p.pin_machine != NOT_PINNED] = start[p.pin_machine != NOT_PINNED]
    return floor


def _unit_chains(p: Problem, times: Timing, clear: Ints) -> tuple[Ints, Ints]:
    """Per need: the operation that has its unit before, and in which phases."""
    s, spans = p.secondary, dict[int, list[tuple[int, int, int, int]]]()
    before, phase = np.full(len(s.need_pool), -1, np.int64), np.zeros(len(s.need_pool), np.int64)
    for o in range(p.operations):
        for i in s.needs(o):
            at = int(times.setup_start[o]), int(times.start[o]), int(times.end[o]), int(clear[o])
            begin, end = busy_span(int(s.need_phase[i]), *at)
            if begin < end:
                spans.setdefault(int(times.unit[i]), []).append((begin, end, o, i))
    for chain in spans.values():
        chain.sort()
        for (_, _, ahead, need), (_, _, _, i) in pairwise(chain):
            before[i], phase[i] = ahead, s.need_phase[need]
    return before, phase


def _sorted(p: Problem, times: Timing, unit_before: Ints) -> Ints:
    """A topological order; should units wait for each other in a circle, the planned start decides."""
    n = p.operations
    after: list[list[int]] = [[] for _ in range(n)]
    missing = [0] * n
    for o in range(n):
        ahead = {*p.predecessors(o), int(times.previous[o])}
        ahead |= {int(unit_before[i]) for i in p.secondary.needs(o)}
        for before in ahead - {-1, o}:
            after[before].append(o)
            missing[o] += 1
    planned = np.lexsort((np.arange(n), times.end, times.start)).tolist()
    done, order = [False] * n, list[int]()
    stack = [o for o in reversed(planned) if missing[o] == 0]
    for first in planned:
        while stack:
            o = stack.pop()
            if done[o]:
                continue
            done[o] = True
            order.append(o)
            for follower in after[o]:
                missing[follower] -= 1
                if missing[follower] == 0:
                    stack.append(follower)
        if not done[first]:
            stack.append(first)
    while stack:
        order.append(stack.pop())
    return np.array(order, np.int64)
