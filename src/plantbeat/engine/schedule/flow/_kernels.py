"""The schedule of one sequence through the stages, and annealing over the sequence."""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import Row
from plantbeat.engine.schedule.flow.rows import BEST, COST, MOVES, Search, Stages
from plantbeat.engine.schedule.improve._kernels import draw
from plantbeat.engine.schedule.improve.rows import EXPONENTIAL_BITS

SWAPS = 3
"""Of ten moves, how many swap two orders; the others take one out and put it elsewhere."""


@kernel
def last_end(stages: Stages, search: Search, limit: int) -> int:
    """End of the schedule of a sequence; limit + 1 as soon as it is sure to end after `limit`.

    The first stage takes the orders in their sequence, each later one as they arrive, each time on the
    machine that is free first.
    """
    minutes, tail, count = stages.minutes, stages.tail, stages.count
    sequence, arrival, queue, free, starts = (
        search.sequence,
        search.arrival,
        search.queue,
        search.free,
        search.start,
    )
    n, last = len(sequence), 0
    for i in range(n):
        queue[i] = sequence[i]
        arrival[sequence[i]] = 0
    for stage in range(len(count)):
        row, machines = stage * n, count[stage]
        for machine in range(machines):
            free[machine] = 0
        for i in range(1, n):
            j, place = queue[i], i - 1
            while place >= 0 and arrival[queue[place]] > arrival[j]:
                queue[place + 1] = queue[place]
                place -= 1
            queue[place + 1] = j
        for i in range(n):
            j, chosen = queue[i], 0
            for machine in range(1, machines):
                if free[machine] < free[chosen]:
                    chosen = machine
            start = max(free[chosen], arrival[j])
            end = start + minutes[row + j]
            if end + tail[row + j] > limit:
                return limit + 1
            starts[row + j], free[chosen], arrival[j] = start, end, end
            last = max(last, end)
    return last


@kernel
def shift(sequence: Row, at: int, to: int) -> None:
    """Take the order at one place out and put it in at another."""
    order, step = sequence[at], 1 if to > at else -1
    while at != to:
        sequence[at] = sequence[at + step]
        at += step
    sequence[to] = order


@kernel
def anneal(
    stages: Stages, search: Search, moves: int, bound: int, temperature: float, cooling: float
) -> float:
    """Try moves of the sequence; returns the temperature they end with.

    Kirkpatrick, Gelatt & Vecchi, Science 220 (1983); what a move may cost is drawn before it is timed, so
    that a schedule is given up as soon as it is sure to cost more.
    """
    sequence, counters, n = search.sequence, search.counters, len(search.sequence)
    for _ in range(moves):
        if counters[BEST] <= bound:
            break
        counters[MOVES] += 1
        at, to, swaps = draw(counters, n), draw(counters, n - 1), draw(counters, 10) < SWAPS
        to += to >= at
        more = int(temperature * search.exponential[draw(counters, 1 << EXPONENTIAL_BITS)])
        temperature *= cooling
        if swaps:
            sequence[at], sequence[to] = sequence[to], sequence[at]
        else:
            shift(sequence, at, to)
        limit = counters[COST] + more
        end = last_end(stages, search, limit)
        if end <= limit:
            counters[COST] = end
            if end < counters[BEST]:
                counters[BEST] = end
                for i in range(n):
                    search.best[i] = sequence[i]
        elif swaps:
            sequence[at], sequence[to] = sequence[to], sequence[at]
        else:
            shift(sequence, to, at)
    return temperature
