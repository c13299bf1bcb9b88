"""A schedule as a graph: loading one, moving an operation, and exact heads and tails after it."""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import NEVER, Row
from plantbeat.engine.schedule._kernels import pop, push
from plantbeat.engine.schedule.improve._kernels import draw
from plantbeat.engine.schedule.makespan.rows import MAKESPAN, Graph, Net


@kernel
def load(net: Net, graph: Graph) -> None:
    """Make the graph of the modes in `mode` and the topological order in `ranked`, with all times."""
    mode, ranked, rank, machine = graph.mode, graph.ranked, graph.rank, graph.machine
    sequence, base, length, place = graph.sequence, graph.base, graph.length, graph.place
    previous, following = graph.previous, graph.following
    for m in range(len(length)):
        length[m] = 0
    for r in range(len(ranked)):
        o = ranked[r]
        m = net.mode_machine[mode[o]]
        machine[o], graph.minutes[o], rank[o] = m, net.mode_min[mode[o]], r
        place[o], previous[o], following[o] = length[m], -1, -1
        if length[m] > 0:
            before = sequence[base[m] + length[m] - 1]
            previous[o], following[before] = before, o
        sequence[base[m] + length[m]] = o
        length[m] += 1
        graph.stirred[r] = 1
    time_heads(net, graph, 0, len(ranked) - 1)
    for r in range(len(ranked)):
        graph.stirred[r] = 1
    time_tails(net, graph, len(ranked) - 1, 0)
    graph.counters[MAKESPAN] = last_end(graph)


@kernel
def time_heads(net: Net, graph: Graph, first: int, last: int) -> None:
    """Time anew what is stirred between two ranks, and whatever that changes after it."""
    pred_ptr, pred, succ_ptr, succ, release = net.pred_ptr, net.pred, net.succ_ptr, net.succ, net.release
    previous, following, minutes, head = graph.previous, graph.following, graph.minutes, graph.head
    rank, ranked, ready, stirred = graph.rank, graph.ranked, graph.ready, graph.stirred
    r = first
    while r <= last:
        if stirred[r] == 0:
            r += 1
            continue
        o = ranked[r]
        again = stirred[r]
        stirred[r] = 0
        start = release[o]
        for i in range(pred_ptr[o], pred_ptr[o + 1]):
            start = max(start, head[pred[i]] + minutes[pred[i]])
        ready[o] = start
        before = previous[o]
        if before >= 0:
            start = max(start, head[before] + minutes[before])
        if start != head[o] or again == 2:
            head[o] = start
            if following[o] >= 0:
                s = rank[following[o]]
                stirred[s] = max(stirred[s], 1)
                last = max(last, s)
            for i in range(succ_ptr[o], succ_ptr[o + 1]):
                s = rank[succ[i]]
                stirred[s] = max(stirred[s], 1)
                last = max(last, s)
        r += 1


@kernel
def time_tails(net: Net, graph: Graph, first: int, last: int) -> None:
    """The same for tails, from a rank down to another one, and whatever that changes before it."""
    pred_ptr, pred, succ_ptr, succ = net.pred_ptr, net.pred, net.succ_ptr, net.succ
    previous, following, minutes, tail = graph.previous, graph.following, graph.minutes, graph.tail
    rank, ranked, onward, stirred = graph.rank, graph.ranked, graph.onward, graph.stirred
    r = first
    while r >= last:
        if stirred[r] == 0:
            r -= 1
            continue
        o = ranked[r]
        again = stirred[r]
        stirred[r] = 0
        rest = 0
        for i in range(succ_ptr[o], succ_ptr[o + 1]):
            rest = max(rest, tail[succ[i]] + minutes[succ[i]])
        onward[o] = rest
        after = following[o]
        if after >= 0:
            rest = max(rest, tail[after] + minutes[after])
        if rest != tail[o] or again == 2:
            tail[o] = rest
            if previous[o] >= 0:
                s = rank[previous[o]]
                stirred[s] = max(stirred[s], 1)
                last = min(last, s)
            for i in range(pred_ptr[o], pred_ptr[o + 1]):
                s = rank[pred[i]]
                stirred[s] = max(stirred[s], 1)
                last = min(last, s)
        r -= 1


@kernel
def last_end(graph: Graph) -> int:
    """The makespan: the latest end of the machines' last operations."""
    latest = 0
    for m in range(len(graph.length)):
        if graph.length[m] > 0:
            o = graph.sequence[graph.base[m] + graph.length[m] - 1]
            latest = max(latest, graph.head[o] + graph.minutes[o])
    return latest


@kernel
def relink(graph: Graph, o: int, m: int, place: int) -> None:
    """Take an operation out of its machine's sequence and put it at a place of another (or the same) one."""
    sequence, base, length, places = graph.sequence, graph.base, graph.length, graph.place
    previous, following, was = graph.previous, graph.following, graph.machine[o]
    before, after = previous[o], following[o]
    if before >= 0:
        following[before] = after
    if after >= 0:
        previous[after] = before
    at, end = places[o], length[was] - 1
    if was == m and place >= at:
        end = place
    if was != m or place >= at:
        for i in range(at, end):
            other = sequence[base[was] + i + 1]
            sequence[base[was] + i], places[other] = other, i
    if was != m:
        length[was] -= 1
        at = length[m]
        length[m] += 1
    for i in range(at, place, -1):
        other = sequence[base[m] + i - 1]
        sequence[base[m] + i], places[other] = other, i
    sequence[base[m] + place], places[o], graph.machine[o] = o, place, m
    before, after = -1, -1
    if place > 0:
        before = sequence[base[m] + place - 1]
        following[before] = o
    if place < length[m] - 1:
        after = sequence[base[m] + place + 1]
        previous[after] = o
    previous[o], following[o] = before, after


@kernel
def rank_anew(net: Net, graph: Graph, o: int) -> int:
    """Bring the topological order up to date after `o` was relinked; 0 if there is none (a circle).

    Operations between the old rank and the one that the new neighbour asks for are parted into those that
    must now come after (before) `o`, and the rest; both keep their order.
    """
    rank, ranked, aside, stirred = graph.rank, graph.ranked, graph.aside, graph.stirred
    previous, following = graph.previous, graph.following
    pred_ptr, pred, succ_ptr, succ = net.pred_ptr, net.pred, net.succ_ptr, net.succ
    low, high, count = rank[o], rank[o], 0
    if previous[o] >= 0:
        high = max(high, rank[previous[o]])
    if following[o] >= 0:
        low = min(low, rank[following[o]])
    sound = 1
    if high > rank[o]:
        to = low
        for r in range(low, high + 1):
            other, beside = ranked[r], previous[ranked[r]]
            bound = other == o or (beside >= 0 and stirred[rank[beside]] == 3)
            if not bound:
                for i in range(pred_ptr[other], pred_ptr[other + 1]):
                    if stirred[rank[pred[i]]] == 3:
                        bound = True
            if bound:
                stirred[r], aside[count] = 3, other
                count += 1
        for i in range(count):
            if aside[i] == previous[o]:
                sound = 0
        for r in range(low, high + 1):
            if stirred[r] == 3:
                stirred[r] = 0
            elif sound:
                other = ranked[r]
                ranked[to], rank[other] = other, to
                to += 1
        if sound:
            for i in range(count):
                ranked[to + i], rank[aside[i]] = aside[i], to + i
    elif low < rank[o]:
        to = high
        for r in range(high, low - 1, -1):
            other, beside = ranked[r], following[ranked[r]]
            bound = other == o or (beside >= 0 and stirred[rank[beside]] == 3)
            if not bound:
                for i in range(succ_ptr[other], succ_ptr[other + 1]):
                    if stirred[rank[succ[i]]] == 3:
                        bound = True
            if bound:
                stirred[r], aside[count] = 3, other
                count += 1
        for i in range(count):
            if aside[i] == following[o]:
                sound = 0
        for r in range(high, low - 1, -1):
            if stirred[r] == 3:
                stirred[r] = 0
            elif sound:
                other = ranked[r]
                ranked[to], rank[other] = other, to
                to -= 1
        if sound:
            for i in range(count):
                ranked[to - i], rank[aside[i]] = aside[i], to - i
    return sound


@kernel
def move(net: Net, graph: Graph, o: int, mode: int, place: int) -> int:
    """Run an operation in another mode or at another place of its machine and time all that follows; 0 (and
    nothing changed) if routings forbid it.
    """
    previous, following, rank, stirred = graph.previous, graph.following, graph.rank, graph.stirred
    was, was_mode, was_place = graph.machine[o], graph.mode[o], graph.place[o]
    old_before, old_after = previous[o], following[o]
    relink(graph, o, net.mode_machine[mode], place)
    if rank_anew(net, graph, o) == 0:
        relink(graph, o, was, was_place)
        return 0
    graph.mode[o], graph.minutes[o] = mode, net.mode_min[mode]
    first, last = rank[o], rank[o]
    stirred[rank[o]] = 1 + (mode != was_mode)
    for other in (old_after, following[o]):
        if other >= 0:
            first, last = min(first, rank[other]), max(last, rank[other])
            stirred[rank[other]] = 1
    time_heads(net, graph, first, last)
    first, last = rank[o], rank[o]
    stirred[rank[o]] = 1 + (mode != was_mode)
    for other in (old_before, previous[o]):
        if other >= 0:
            first, last = max(first, rank[other]), min(last, rank[other])
            stirred[rank[other]] = 1
    time_tails(net, graph, first, last)
    graph.counters[MAKESPAN] = last_end(graph)
    return 1


@kernel
def dispatch(net: Net, graph: Graph, heap: Row, key: Row, missing: Row, free: Row, noise: int) -> None:
    """Write a schedule into `mode` and `ranked`: first ready, first served, but for up to `noise` minutes
    drawn at random; each on the machine that ends it first.
    """
    pred_ptr, succ_ptr, succ, ranked = net.pred_ptr, net.succ_ptr, net.succ, graph.ranked
    mode_machine, mode_min, mode_ptr, ready = net.mode_machine, net.mode_min, net.mode_ptr, graph.ready
    n, size, r = len(ranked), 0, 0
    for m in range(len(free)):
        free[m] = 0
    for o in range(n):
        missing[o], ready[o] = pred_ptr[o + 1] - pred_ptr[o], net.release[o]
        if missing[o] == 0:
            size = push(heap, size, (ready[o] + draw(graph.dice, noise + 1)) * n + o)
    while size > 0:
        o = pop(heap, size) % n
        size -= 1
        ranked[r], first, chosen, found = o, 0, -1, 0
        r += 1
        for mode in range(mode_ptr[o], mode_ptr[o + 1]):
            end = max(ready[o], free[mode_machine[mode]]) + mode_min[mode]
            if chosen < 0 or end < first:
                first, chosen, found = end, mode, 1
            elif end == first:
                found += 1
                if draw(graph.dice, found) == 0:
                    chosen = mode
        graph.mode[o], free[mode_machine[chosen]] = chosen, first
        for i in range(succ_ptr[o], succ_ptr[o + 1]):
            follower = succ[i]
            missing[follower] -= 1
            ready[follower] = max(ready[follower], first)
            if missing[follower] == 0:
                wish = ready[follower] + draw(graph.dice, noise + 1)
                size = push(heap, size, wish * n + follower)


@kernel
def preemptive_end(order: Row, heads: Row, minutes: Row, tails: Row, heap: Row, left: Row) -> int:
    """Jackson's preemptive schedule of one machine (operations sorted by head): no schedule ends earlier.

    Carlier & Pinson, Management Science 35, 1989.
    """
    count, size, i, t, latest = len(order), 0, 0, 0, 0
    while i < count or size > 0:
        if size == 0:
            t = max(t, heads[order[i]])
        while i < count and heads[order[i]] <= t:
            left[i] = minutes[order[i]]
            size = push(heap, size, (NEVER // count - tails[order[i]]) * count + i)
            i += 1
        at = heap[0] % count
        span = left[at]
        if i < count:
            span = min(span, heads[order[i]] - t)
        t += span
        left[at] -= span
        if left[at] == 0:
            pop(heap, size)
            size -= 1
            latest = max(latest, t + tails[order[at]])
    return latest
