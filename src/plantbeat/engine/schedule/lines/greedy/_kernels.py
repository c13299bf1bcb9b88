"""Iterated greedy over one sequence, in steps of one order, so that it can stop and go on anywhere."""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import NEVER, Row, after_work
from plantbeat.engine.schedule._kernels import begin_of
from plantbeat.engine.schedule.improve._kernels import draw
from plantbeat.engine.schedule.improve.rows import EXPONENTIAL_BITS
from plantbeat.engine.schedule.lines._kernels import (
    insertion_ends,
    insertion_sums,
    insertion_with_calendars,
    order_cost,
    place_order,
    setups_between,
)
from plantbeat.engine.schedule.lines.rows import (
    BEST,
    CALENDARS,
    COST,
    ENDS,
    FRUITLESS,
    HEADS,
    INCUMBENT,
    LENGTH,
    MAKESPAN,
    MOVES,
    PHASE,
    PLACED,
    POINTER,
    SETUPS,
    TAILS,
    Line,
    Search,
)
from plantbeat.engine.schedule.rows import Result, Shop

DESTROY, POLISH_PART, REBUILD, POLISH = range(4)


@kernel
def insertion_costs(line: Line, shop: Shop, search: Search, j: int) -> None:
    """What order j costs at each place of the sequence, into `cost` and `behind`."""
    computed = line.sizes[3]
    if computed == ENDS:
        insertion_ends(line, search, j)
    elif computed == CALENDARS:
        insertion_with_calendars(line, shop, search, j)
    else:
        insertion_sums(line, search, j)


@kernel
def take_out(search: Search, place: int) -> int:
    """Take the order at a place out of the sequence; returns it."""
    sequence, counters = search.sequence, search.counters
    length = counters[LENGTH]
    order: int = sequence[place]
    for i in range(place, length - 1):
        sequence[i] = sequence[i + 1]
    counters[LENGTH] = length - 1
    counters[HEADS] = min(counters[HEADS], place)
    counters[TAILS] = min(counters[TAILS], length - 1 - place)
    return order


@kernel
def put_in(search: Search, place: int, order: int) -> None:
    """Put an order into the sequence at a place."""
    sequence, counters = search.sequence, search.counters
    length = counters[LENGTH]
    for i in range(length - place):
        sequence[length - i] = sequence[length - i - 1]
    sequence[place] = order
    counters[LENGTH] = length + 1
    counters[HEADS] = min(counters[HEADS], place)
    counters[TAILS] = min(counters[TAILS], length - place)


@kernel
def best_of(search: Search) -> int:
    """The place that costs least; between equal ones `behind` decides, then one is drawn at random."""
    cost, behind, counters = search.cost, search.behind, search.counters
    best, equal = 0, 1
    for place in range(1, counters[LENGTH] + 1):
        if cost[place] > cost[best]:
            continue
        if cost[place] < cost[best] or behind[place] < behind[best]:
            best, equal = place, 1
        elif behind[place] == behind[best]:
            equal += 1
            if draw(counters, equal) == 0:
                best = place
    return best


@kernel
def build(line: Line, shop: Shop, search: Search, given: Row) -> int:
    """Insert orders one after the other, in the given order, each where it costs least; returns the cost.

    NEH: Nawaz, Enscore & Ham, Omega 11 (1983).
    """
    counters = search.counters
    counters[LENGTH] = counters[HEADS] = counters[TAILS] = 0
    for i in range(len(given)):
        insertion_costs(line, shop, search, given[i])
        place = best_of(search)
        counters[COST] = search.cost[place]
        put_in(search, place, given[i])
    cost: int = counters[COST]
    return cost


@kernel
def sequence_cost(line: Line, shop: Shop, search: Search, sequence: Row) -> int:
    """Objective of a complete sequence with calendars; NEVER if an order finds no room."""
    n, m, trial = line.sizes[0], line.sizes[1], search.trial
    total, last, at = 0, 0, 0
    for k in range(m):
        trial[k] = 0
    for i in range(n):
        b, before = sequence[i], sequence[i - 1] if i > 0 else n
        done = place_order(line, shop, trial, at, before, b, trial, m - at)
        if done >= NEVER:
            return NEVER
        total += order_cost(line, b, done) + line.weights[SETUPS] * setups_between(line, before, b)
        last, at = max(last, done), m - at
    cost: int = total + line.weights[MAKESPAN] * last
    return cost


@kernel
def start_from(search: Search, given: Row, cost: int) -> None:
    """Take a sequence of known cost as the one to go on from."""
    counters = search.counters
    for i in range(len(given)):
        search.incumbent[i] = search.sequence[i] = given[i]
    counters[INCUMBENT] = counters[COST] = cost
    counters[LENGTH], counters[HEADS], counters[TAILS] = len(given), 0, 0
    if cost < counters[BEST]:
        counters[BEST] = cost
        for i in range(len(given)):
            search.best[i] = given[i]
    begin_polish(search, POLISH)


@kernel
def begin_polish(search: Search, phase: int) -> None:
    """Local search begins: every placed order in a random turn."""
    counters, turn = search.counters, search.turn
    for i in range(counters[LENGTH]):
        turn[i] = search.sequence[i]
    for i in range(counters[LENGTH] - 1):
        other = i + draw(counters, counters[LENGTH] - i)
        turn[i], turn[other] = turn[other], turn[i]
    counters[PHASE], counters[POINTER], counters[FRUITLESS] = phase, 0, 0


@kernel
def polish(line: Line, shop: Shop, search: Search) -> None:
    """One order of local search: out, and back in where it costs least."""
    counters, length = search.counters, search.counters[LENGTH]
    order, place = search.turn[counters[POINTER]], 0
    while search.sequence[place] != order:
        place += 1
    take_out(search, place)
    insertion_costs(line, shop, search, order)
    best = best_of(search)
    if search.cost[best] < search.cost[place]:
        counters[FRUITLESS] = 0
    else:
        counters[FRUITLESS] += 1
    counters[COST] = search.cost[best]
    put_in(search, best, order)
    counters[POINTER] = (counters[POINTER] + 1) % length


@kernel
def accept(search: Search, temperature: float) -> None:
    """Go on from the new sequence if it is not much worse, else from the one before."""
    counters, sequence, incumbent = search.counters, search.sequence, search.incumbent
    limit = temperature * search.exponential[draw(counters, 1 << EXPONENTIAL_BITS)]
    if counters[COST] - counters[INCUMBENT] <= limit:
        counters[INCUMBENT] = counters[COST]
        for i in range(counters[LENGTH]):
            incumbent[i] = sequence[i]
        return
    counters[HEADS] = counters[TAILS] = 0
    for i in range(counters[LENGTH]):
        sequence[i] = incumbent[i]


@kernel
def search_on(
    line: Line, shop: Shop, search: Search, limit: int, bound: int, taken_out: int, temperature: float
) -> None:
    """Go on until the next step would pass `limit` moves in all, or the bound is reached.

    A move is one place tried for one order. Ruiz & Stützle, European Journal of Operational Research 177
    (2007) and 187 (2008); local search of the partial sequence: Dubois-Lacoste, Pagnozzi & Stützle,
    Computers & Operations Research 81 (2017).
    """
    counters, n = search.counters, line.sizes[0]
    while counters[BEST] > bound:
        phase, length = counters[PHASE], counters[LENGTH]
        if phase == DESTROY:
            for i in range(taken_out):
                search.removed[i] = take_out(search, draw(counters, counters[LENGTH]))
            counters[PLACED] = 0
            begin_polish(search, POLISH_PART)
            continue
        if counters[MOVES] + length + 1 > limit:
            return
        if phase == REBUILD:
            order = search.removed[counters[PLACED]]
            insertion_costs(line, shop, search, order)
            place = best_of(search)
            # Now and then anywhere: a short line would otherwise come back to the same sequence for ever.
            if draw(counters, 4 * n) == 0:
                place = draw(counters, length + 1)
            counters[COST] = search.cost[place]
            put_in(search, place, order)
            counters[MOVES] += length + 1
            counters[PLACED] += 1
            if counters[PLACED] == taken_out:
                begin_polish(search, POLISH)
        else:
            polish(line, shop, search)
            counters[MOVES] += length
        if counters[LENGTH] == n and counters[COST] < counters[BEST]:
            counters[BEST] = counters[COST]
            for i in range(n):
                search.best[i] = search.sequence[i]
        if counters[FRUITLESS] >= counters[LENGTH] and phase != REBUILD:
            if counters[LENGTH] < n:
                counters[PHASE] = REBUILD
            else:
                accept(search, temperature)
                counters[PHASE] = DESTROY


@kernel
def timetable(line: Line, shop: Shop, search: Search, sequence: Row, out: Result) -> int:
    """Earliest times of a sequence; returns an operation that finds no room, or -1."""
    n, m, free = line.sizes[0], line.sizes[1], search.trial
    for k in range(m):
        free[k] = 0
    for i in range(n):
        j, before = sequence[i], sequence[i - 1] if i > 0 else n
        for k in range(m):
            o, ready = j * m + k, line.release[j]
            for place in range(shop.pred_ptr[o], shop.pred_ptr[o + 1]):
                ready = max(ready, out.end[shop.pred[place]])
            lo, hi, minutes = shop.opens_lo[k], shop.opens_hi[k], line.minutes[o]
            setup = line.setup[line.cell_from[before * m + k] + line.cell_to[o]]
            start = begin_of(
                lo,
                hi,
                shop.opens,
                shop.closes,
                shop.before,
                ready,
                free[k],
                setup,
                minutes,
                shop.divisible[o],
            )
            end = after_work(lo, hi, shop.opens, shop.closes, shop.before, start, minutes)
            if end >= NEVER:
                stuck: int = o
                return stuck
            out.machine[o], out.start[o], out.end[o], out.setup[o] = k, start, end, setup
            free[k] = end
    return -1
