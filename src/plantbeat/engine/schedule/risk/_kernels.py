"""Replays of a schedule: machines, sequences and people stay, minutes are drawn anew in every run."""

from __future__ import annotations

from typing import NamedTuple

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import NEVER, Row, after_work, block_begin, first_open, worked
from plantbeat.engine.schedule.coupled._kernels import busy_to, share
from plantbeat.engine.schedule.improve._kernels import draw
from plantbeat.engine.schedule.improve.rows import SEED_A, SEED_B
from plantbeat.engine.schedule.risk.rows import Graph
from plantbeat.engine.schedule.secondary import RUN, SETUP

BITS, HALF, TABLE = 20, 1 << 19, 1 << 12


class Chances(NamedTuple):
    """Tables of factors in 2^-20 and which of them each operation has; breakdowns per machine, 0 = none."""

    duration: Row
    duration_of: Row
    scrap: Row
    scrap_of: Row
    exponential: Row
    between: Row  # minutes
    repair: Row
    seed_a: Row  # per run
    seed_b: Row
    due: Row  # per order
    weight: Row
    order_ptr: Row


class Floor(NamedTuple):
    """One run under way, per operation unless said otherwise."""

    counters: Row
    life: Row  # per machine: minutes of running to the next breakdown
    minutes: Row
    start: Row
    end: Row
    clear: Row
    arrival: Row  # minute from which it could begin, but for calendars
    bound: Row  # the operation that it then waited for, -1 = none


class Outcome(NamedTuple):
    """What the runs came to."""

    completion: Row  # runs x orders
    blame: Row  # runs x machines: weighted minutes late
    waits: Row  # per run: limited waits that were exceeded


@kernel
def done_at(lo: int, hi: int, opens: Row, closes: Row, before: Row, t: int, minutes: int) -> int:
    """Minute at which work is done; after its last closing a calendar is taken as open."""
    done = after_work(lo, hi, opens, closes, before, t, minutes)
    if done < NEVER:
        return done
    if lo == hi:
        return t + minutes
    left: int = before[hi - 1] + closes[hi - 1] - opens[hi - 1] - worked(lo, hi, opens, closes, before, t)
    end: int = max(t, closes[hi - 1]) + minutes - left
    return end


@kernel
def begun_at(lo: int, hi: int, opens: Row, closes: Row, t: int, minutes: int, divisible: int) -> int:
    """Minute at which work of planned minutes begins; after its last closing a calendar is taken as open."""
    begin = first_open(lo, hi, opens, closes, t)
    if not divisible:
        begin = block_begin(lo, hi, opens, closes, t, minutes)
    if begin < NEVER:
        return begin
    late: int = max(t, closes[hi - 1]) if hi > lo else t
    return late


@kernel
def drawn(table: Row, which: int, counters: Row) -> int:
    """A factor in 2^-20 from one of the tables."""
    factor: int = table[which * TABLE + draw(counters, TABLE)]
    return factor


@kernel
def with_repairs(chances: Chances, floor: Floor, m: int, minutes: int) -> int:
    """Minutes of an operation and of the repairs while it runs."""
    if chances.between[m] == 0:
        return minutes
    total, left, counters = minutes, minutes, floor.counters
    while floor.life[m] < left:
        left -= floor.life[m]
        total += (chances.repair[m] * drawn(chances.exponential, 0, counters) + HALF) >> BITS
        floor.life[m] = max(1, (chances.between[m] * drawn(chances.exponential, 0, counters) + HALF) >> BITS)
    floor.life[m] -= left
    return total


@kernel
def draw_minutes(graph: Graph, chances: Chances, floor: Floor) -> None:
    """Minutes of every operation, scrap made again included, and the first breakdown of each machine.

    Each operation takes two draws whatever its tables, so that schedules of one problem meet the same luck.
    """
    counters = floor.counters
    for o in range(len(graph.minutes)):
        factor = drawn(chances.duration, chances.duration_of[o], counters)
        again = drawn(chances.scrap, chances.scrap_of[o], counters)
        run = (graph.minutes[o] * factor + HALF) >> BITS
        floor.minutes[o] = run + ((run * again + HALF) >> BITS)
    for m in range(len(floor.life)):
        if chances.between[m] > 0:
            life = (chances.between[m] * drawn(chances.exponential, 0, counters) + HALF) >> BITS
            floor.life[m] = max(1, life)


@kernel
def follow(graph: Graph, chances: Chances, floor: Floor, o: int) -> int:
    """Time one operation behind all that it follows; returns how many limited waits it exceeds."""
    opens, closes, before = graph.opens, graph.closes, graph.before
    m, planned = graph.machine[o], graph.minutes[o]
    minutes = with_repairs(chances, floor, m, floor.minutes[o])
    floor.minutes[o] = minutes
    arrival, bound, previous = graph.floor[o], -1, graph.previous[o]
    batched = 0
    run_lo, run_hi = graph.lo[graph.run_at[o]], graph.hi[graph.run_at[o]]
    for i in range(graph.pred_ptr[o], graph.pred_ptr[o + 1]):
        ahead, batch = graph.pred[i], graph.link_batch[i]
        there = floor.end[ahead] + graph.link_least[i]
        if batch > 0:
            c, quantity = graph.run_at[ahead], graph.quantity[graph.order_of[o]]
            lot = share(floor.minutes[ahead], batch, quantity)
            there = done_at(graph.lo[c], graph.hi[c], opens, closes, before, floor.start[ahead], lot)
            batched = 1
        if there > arrival:
            arrival, bound = there, ahead
    setup, prepared, setup_from = graph.setup[o], 0, 0
    if previous >= 0:
        setup_from = floor.clear[previous]
    holder, late_clear = previous, 0
    for i in range(graph.need_ptr[o], graph.need_ptr[o + 1]):
        ahead = graph.need_before[i]
        if ahead < 0:
            continue
        until = busy_to(graph.need_before_phase[i], floor.start[ahead], floor.end[ahead], floor.clear[ahead])
        if graph.need_phase[i] & SETUP and setup > 0:
            if until > setup_from:
                setup_from, holder = until, ahead
        elif graph.need_phase[i] & (RUN + SETUP):
            if until > arrival:
                arrival, bound = until, ahead
        else:
            late_clear = max(late_clear, until)
    at = graph.setup_at[o]
    prepared = done_at(graph.lo[at], graph.hi[at], opens, closes, before, setup_from, setup)
    floor.bound[o], floor.arrival[o] = bound, arrival
    if prepared > arrival:
        floor.bound[o], floor.arrival[o], arrival = holder, setup_from, prepared
    start = begun_at(run_lo, run_hi, opens, closes, arrival, planned, graph.divisible[o])
    end = done_at(run_lo, run_hi, opens, closes, before, start, minutes)
    if batched:
        for i in range(graph.pred_ptr[o], graph.pred_ptr[o + 1]):
            if graph.link_batch[i] > 0:
                lot = share(minutes, graph.link_batch[i], graph.quantity[graph.order_of[o]])
                there = floor.end[graph.pred[i]]
                end = max(end, done_at(run_lo, run_hi, opens, closes, before, there, lot))
    if graph.teardown[o] > 0:
        end = max(end, late_clear)
    at = graph.teardown_at[o]
    floor.start[o], floor.end[o] = start, end
    floor.clear[o] = done_at(graph.lo[at], graph.hi[at], opens, closes, before, end, graph.teardown[o])
    waits = 0
    for i in range(graph.pred_ptr[o], graph.pred_ptr[o + 1]):
        if graph.link_most[i] < NEVER and start - floor.end[graph.pred[i]] > graph.link_most[i]:
            waits += 1
    return waits


@kernel
def blame(graph: Graph, floor: Floor, last: int, late: int, out: Row, base: int) -> None:
    """Share an order's weighted minutes late among the machines of its way back, by the minutes there."""
    o, at, steps = last, floor.end[last], 0
    while o >= 0 and steps < len(floor.end):
        at, o, steps = min(at, floor.arrival[o]), floor.bound[o], steps + 1
    total = floor.end[last] - at
    if total <= 0:
        out[base + graph.machine[last]] += late
        return
    o, at = last, floor.end[last]
    for _ in range(steps):
        arrival = min(at, floor.arrival[o])
        out[base + graph.machine[o]] += late * (at - arrival) / total
        at, o = arrival, floor.bound[o]


@kernel
def replay(graph: Graph, chances: Chances, floor: Floor, out: Outcome, first: int, last: int) -> None:
    """Runs from the `first` up to before the `last`."""
    orders, machines, n = len(chances.due), len(floor.life), len(graph.minutes)
    for run in range(first, last):
        floor.counters[SEED_A], floor.counters[SEED_B] = chances.seed_a[run], chances.seed_b[run]
        draw_minutes(graph, chances, floor)
        for o in range(n):
            floor.start[o], floor.end[o] = graph.planned_start[o], graph.planned_end[o]
            floor.clear[o] = graph.planned_end[o]
        for i in range(n):
            out.waits[run] += follow(graph, chances, floor, graph.order[i])
        for j in range(orders):
            ending = chances.order_ptr[j]
            for o in range(chances.order_ptr[j], chances.order_ptr[j + 1]):
                if floor.end[o] > floor.end[ending]:
                    ending = o
            out.completion[run * orders + j] = floor.end[ending]
            late = chances.weight[j] * max(0, floor.end[ending] - chances.due[j])
            if late > 0:
                blame(graph, floor, ending, late, out.blame, run * machines)
