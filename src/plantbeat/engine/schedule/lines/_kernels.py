"""Insertion of one order at every place of a line's sequence: what each place costs."""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import NEVER, Row, after_work
from plantbeat.engine.schedule._kernels import begin_of
from plantbeat.engine.schedule.lines.rows import (
    FLOW,
    HEADS,
    LENGTH,
    MAKESPAN,
    ONLY_LATE,
    OVERRUN,
    SETUPS,
    TAILS,
    Line,
    Search,
)
from plantbeat.engine.schedule.rows import Shop


@kernel
def setups_between(line: Line, before: int, after: int) -> int:
    """Set-up minutes between two orders, over all machines."""
    m, total = line.sizes[1], 0
    for k in range(m):
        total += line.setup[line.cell_from[before * m + k] + line.cell_to[after * m + k]]
    return total


@kernel
def order_cost(line: Line, order: int, done: int) -> int:
    """What one order adds to the objective when it ends at `done`."""
    late, over = done - line.due[order], done - line.deadline[order]
    cost: int = line.weights[FLOW] * (done - line.counted_from[order])
    if late > 0:
        cost += line.late[order] * late + line.late_once[order]
    if over > 0:
        cost += line.weights[OVERRUN] * over
    return cost


@kernel
def renew_heads(line: Line, search: Search) -> None:
    """Ends of the sequence as it is, from the first place on at which it has changed."""
    minutes, cell_from, cell_to, setup = line.minutes, line.cell_from, line.cell_to, line.setup
    sequence, heads, counters, release = search.sequence, search.heads, search.counters, line.release
    n, m, has_setups = line.sizes[0], line.sizes[1], line.sizes[2]
    for place in range(counters[HEADS], counters[LENGTH]):
        j, row = sequence[place], place * m
        before = sequence[place - 1] if place > 0 else n
        end = release[j]
        for k in range(m):
            free = heads[row + k]
            if has_setups:
                free += setup[cell_from[before * m + k] + cell_to[j * m + k]]
            end = max(end, free) + minutes[j * m + k]
            heads[row + m + k] = end
    counters[HEADS] = counters[LENGTH]


@kernel
def renew_tails(line: Line, search: Search) -> None:
    """Minutes from the start of each operation to the end of the sequence, from the end of it."""
    minutes, cell_from, cell_to, setup = line.minutes, line.cell_from, line.cell_to, line.setup
    sequence, tails, counters, soonest = search.sequence, search.tails, search.counters, search.soonest
    m, has_setups, length = line.sizes[1], line.sizes[2], counters[LENGTH]
    for behind in range(counters[TAILS], length):
        j, row = sequence[length - 1 - behind], behind * m
        after = sequence[length - behind] if behind > 0 else -1
        tail = 0
        for i in range(m):
            k = m - 1 - i
            follows = tails[row + k]
            if has_setups and after >= 0:
                follows += setup[cell_from[j * m + k] + cell_to[after * m + k]]
            tail = max(tail, follows) + minutes[j * m + k]
            tails[row + m + k] = tail
        soonest[behind + 1] = max(soonest[behind], line.release[j] + tail)
    counters[TAILS] = length


@kernel
def insertion_ends(line: Line, search: Search, j: int) -> None:
    """Cost of order j at every place where only the last end and set-ups count.

    The end is the longest way through the new order, head + order + tail (Taillard, European Journal of
    Operational Research 47, 1990), with set-ups as in Ruiz & Stützle (EJOR 187, 2008), or the way from the
    release of a later order.
    """
    renew_heads(line, search)
    renew_tails(line, search)
    minutes, cell_from, cell_to, setup = line.minutes, line.cell_from, line.cell_to, line.setup
    sequence, heads, tails = search.sequence, search.heads, search.tails
    cost, behind, release = search.cost, search.behind, line.release[j]
    n, m, has_setups, length = line.sizes[0], line.sizes[1], line.sizes[2], search.counters[LENGTH]
    makespan, setups, total = line.weights[MAKESPAN], line.weights[SETUPS], 0
    if setups:
        for place in range(length):
            total += setups_between(line, sequence[place - 1] if place > 0 else n, sequence[place])
    own = j * m
    for place in range(length + 1):
        before = sequence[place - 1] if place > 0 else n
        end, last, head, tail = release, search.soonest[length - place], place * m, (length - place) * m
        if not has_setups:
            for k in range(m):
                free = heads[head + k]
                end = max(end, free) + minutes[own + k]
                last = max(last, end + tails[tail + k])
        elif place == length:
            was = before * m
            for k in range(m):
                free = heads[head + k] + setup[cell_from[was + k] + cell_to[own + k]]
                end = max(end, free) + minutes[own + k]
                last = max(last, end)
        else:
            was, then = before * m, sequence[place] * m
            for k in range(m):
                free = heads[head + k] + setup[cell_from[was + k] + cell_to[own + k]]
                end = max(end, free) + minutes[own + k]
                last = max(last, end + setup[cell_from[own + k] + cell_to[then + k]] + tails[tail + k])
        cost[place], behind[place] = makespan * last, 0
        if setups:
            more = setups_between(line, before, j)
            if place < length:
                more += setups_between(line, j, sequence[place])
                more -= setups_between(line, before, sequence[place])
            cost[place] += setups * (total + more)


@kernel
def advance(ends: Row, upstream: Row, setup: int, minutes: int, count: int) -> None:
    """One operation behind what stands in each of `count` lanes; all of them at once in machine code."""
    for lane in range(count):
        free, ready = ends[lane] + setup, upstream[lane]
        ends[lane] = (ready if ready > free else free) + minutes


@kernel
def advance_first(ends: Row, release: int, setup: int, minutes: int, count: int) -> None:
    """The first operation of an order in each lane."""
    for lane in range(count):
        free = ends[lane] + setup
        ends[lane] = (release if release > free else free) + minutes


@kernel
def charge_late(cost: Row, ends: Row, due: int, late: int, count: int) -> None:
    """The cost of lateness in each lane."""
    for lane in range(count):
        minutes = ends[lane] - due
        cost[lane] += late * (minutes if minutes > 0 else 0)


@kernel
def charge(
    cost: Row, ends: Row, due: int, late: int, once: int, deadline: int, overrun: int, flow: int, count: int
) -> None:
    """The cost of an order in each lane; `deadline` and `overrun` cost 0 where there is none."""
    for lane in range(count):
        done = ends[lane]
        minutes, over = done - due, done - deadline
        cost[lane] += (
            flow * done
            + late * (minutes if minutes > 0 else 0)
            + (once if minutes > 0 else 0)
            + overrun * (over if over > 0 else 0)
        )


@kernel
def add_up(total: Row, ends: Row, count: int) -> None:
    """Sum of rows, lane by lane."""
    for lane in range(count):
        total[lane] += ends[lane]


@kernel
def insertion_sums(line: Line, search: Search, j: int) -> None:
    """Cost of order j at every place where every order's end counts.

    All places are computed side by side: lane i holds the ends of the sequence with j at place i. Between
    equal costs the place that leaves the machines free earlier is better.
    """
    minutes, cell_from, cell_to, setup = line.minutes, line.cell_from, line.cell_to, line.setup
    sequence, cost, behind, lanes, head = (
        search.sequence,
        search.cost,
        search.behind,
        search.lanes,
        search.heads,
    )
    n, m, has_setups, length = line.sizes[0], line.sizes[1], line.sizes[2], search.counters[LENGTH]
    makespan, setups, flow, overrun = (
        line.weights[MAKESPAN],
        line.weights[SETUPS],
        line.weights[FLOW],
        line.weights[OVERRUN],
    )
    only_late, own, spent = line.weights[ONLY_LATE], j * m, 0
    for k in range(m):
        head[k] = 0
    for place in range(length + 1):
        before = sequence[place - 1] if place > 0 else n
        b = sequence[place] if place < length else j
        was, then, end = before * m, b * m, line.release[j]
        more = 0
        for k in range(m):
            free, between = head[k], 0
            if has_setups:
                between = setup[cell_from[was + k] + cell_to[own + k]]
            end = max(end, free + between) + minutes[own + k]
            lanes[k][place] = end
            if has_setups:
                more += between
                if place < length:
                    change = setup[cell_from[own + k] + cell_to[then + k]]
                    change -= setup[cell_from[was + k] + cell_to[then + k]]
                    lanes[k][place] = end + change
                    more += change
        cost[place] = spent + order_cost(line, j, end) + setups * more
        if place == length:
            break
        count, release = place + 1, line.release[b]
        end = release
        for k in range(m):
            between, run = 0, minutes[then + k]
            if has_setups:
                between = setup[cell_from[was + k] + cell_to[then + k]]
            end = max(end, head[k] + between) + run
            head[k] = end
            spent += setups * between
            if k == 0:
                advance_first(lanes[0], release, between, run, count)
            else:
                advance(lanes[k], lanes[k - 1], between, run, count)
        if setups and has_setups:
            passed = setups * setups_between(line, before, b)
            for lane in range(count):
                cost[lane] += passed
        if only_late:
            charge_late(cost, lanes[m - 1], line.due[b], line.late[b], count)
        else:
            fixed = flow * line.counted_from[b]
            for lane in range(count):
                cost[lane] -= fixed
            charge(
                cost,
                lanes[m - 1],
                line.due[b],
                line.late[b],
                line.late_once[b],
                line.deadline[b],
                overrun,
                flow,
                count,
            )
        spent += order_cost(line, b, end)
    for place in range(length + 1):
        behind[place] = 0
        cost[place] += makespan * lanes[m - 1][place]
    for k in range(m):
        add_up(behind, lanes[k], length + 1)


@kernel
def place_order(line: Line, shop: Shop, heads: Row, at: int, before: int, j: int, ends: Row, to: int) -> int:
    """Ends of order j behind ends heads[at:], with calendars, into ends[to:]; returns the last, or NEVER."""
    m, done = line.sizes[1], 0
    for k in range(m):
        o, ready = j * m + k, line.release[j]
        for i in range(shop.pred_ptr[o], shop.pred_ptr[o + 1]):
            ready = max(ready, ends[to + shop.pred[i] - j * m])
        lo, hi, minutes = shop.opens_lo[k], shop.opens_hi[k], line.minutes[o]
        between = line.setup[line.cell_from[before * m + k] + line.cell_to[o]]
        start = begin_of(
            lo,
            hi,
            shop.opens,
            shop.closes,
            shop.before,
            ready,
            heads[at + k],
            between,
            minutes,
            shop.divisible[o],
        )
        end = after_work(lo, hi, shop.opens, shop.closes, shop.before, start, minutes)
        if end >= NEVER:
            return NEVER
        ends[to + k] = end
        done = max(done, end)
    return done


@kernel
def insertion_with_calendars(line: Line, shop: Shop, search: Search, j: int) -> None:
    """Cost of order j at every place, with calendars; a place that cannot be the best costs NEVER.

    `behind` holds the cost and the last end of the sequence before each place, from the first one on.
    """
    sequence, cost, heads, trial, counters = (
        search.sequence,
        search.cost,
        search.heads,
        search.trial,
        search.counters,
    )
    n, m, length = line.sizes[0], line.sizes[1], counters[LENGTH]
    makespan, setups = line.weights[MAKESPAN], line.weights[SETUPS]
    spent, last, best = 0, 0, NEVER
    for k in range(m):
        heads[k] = 0
    for place in range(length + 1):
        if place > 0:
            b, before = sequence[place - 1], sequence[place - 2] if place > 1 else n
            done = place_order(line, shop, heads, 0, before, b, trial, 0)
            for k in range(m):
                heads[k] = trial[k]
            last = max(last, done)
            if done < NEVER:
                spent += order_cost(line, b, done) + setups * setups_between(line, before, b)
        search.behind[place], cost[place] = 0, NEVER
        if last >= NEVER:
            continue
        total, final, at, before = spent, last, 0, sequence[place - 1] if place > 0 else n
        for k in range(m):
            trial[k] = heads[k]
        for i in range(place, length + 1):
            b = j if i == place else sequence[i - 1]
            done = place_order(line, shop, trial, at, before, b, trial, m - at)
            final = max(final, done)
            if final >= NEVER:
                break
            total += order_cost(line, b, done) + setups * setups_between(line, before, b)
            if total + makespan * final > best:
                break
            at, before = m - at, b
        else:
            cost[place] = total + makespan * final
            best = min(best, cost[place])
