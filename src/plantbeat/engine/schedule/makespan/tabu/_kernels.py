"""Tabu search: the best move of operations on a critical path by estimate, exact times after it."""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import Row
from plantbeat.engine.schedule.improve._kernels import draw
from plantbeat.engine.schedule.makespan._kernels import move
from plantbeat.engine.schedule.makespan.rows import (
    BEST,
    CHOSEN,
    CHOSEN_MODE,
    CHOSEN_PLACE,
    FOUND,
    IDLE_STEPS,
    LIMIT,
    MAKESPAN,
    MODULUS,
    MOVES,
    PATH,
    STEP,
    TABU_CELLS,
    TENURE,
    Graph,
    Net,
)

FAR = 1 << 60
REACH = 40
"""Farthest that an operation is tried from its place in a block."""


@kernel
def critical_path(net: Net, graph: Graph) -> None:
    """Draw one of the longest paths, first operation first, into `path`."""
    head, minutes, previous, path = graph.head, graph.minutes, graph.previous, graph.path
    pred_ptr, pred, counters, dice = net.pred_ptr, net.pred, graph.counters, graph.dice
    found, o = 0, -1
    for m in range(len(graph.length)):
        if graph.length[m] > 0:
            end = graph.sequence[graph.base[m] + graph.length[m] - 1]
            if head[end] + minutes[end] == counters[MAKESPAN]:
                found += 1
                if found == 1 or draw(dice, found) == 0:
                    o = end
    length = 0
    while o >= 0:
        path[length] = o
        length += 1
        chosen, found = -1, 0
        before = previous[o]
        if before >= 0 and head[before] + minutes[before] == head[o]:
            chosen, found = before, 1
        for i in range(pred_ptr[o], pred_ptr[o + 1]):
            before = pred[i]
            if head[before] + minutes[before] == head[o] and before != chosen:
                found += 1
                if found == 1 or draw(dice, found) == 0:
                    chosen = before
        o = chosen
    for i in range(length // 2):
        path[i], path[length - 1 - i] = path[length - 1 - i], path[i]
    counters[PATH] = length


@kernel
def is_tabu(tabu_key: Row, tabu_until: Row, key: int, step: int) -> bool:
    """Whether what a key stands for may not be made again yet."""
    cell = key % TABU_CELLS
    return bool(tabu_key[cell] == key and tabu_until[cell] > step)


@kernel
def try_block(net: Net, graph: Graph, base: int, first: int, last: int, ends: int, best: int) -> int:
    """Compare the moves within one block, places `first` to `last` of its machine's sequence; returns the
    best estimate.

    One operation goes right behind the block's last or right before its first one, or the first (last) goes
    inside: N7 of Zhang et al. (Computers & Operations Research 34, 2007). `ends` says whether moves to the
    front (1) and to the end (2) can shorten anything. Heads and tails of those that shift are estimated as
    Balas & Vazacopoulos (Management Science 44, 1998) do.
    """
    pred_ptr, pred, succ_ptr, succ = net.pred_ptr, net.pred, net.succ_ptr, net.succ
    sequence, minutes, head, tail = graph.sequence, graph.minutes, graph.head, graph.tail
    ready, onward, reached = graph.ready, graph.onward, graph.reached
    sign, other_sign, counters, dice = graph.sign, graph.other_sign, graph.counters, graph.dice
    tabu_key, tabu_until = graph.tabu_key, graph.tabu_until
    size = last - first + 1
    for trial in range(4 * (size - 1)):
        kind, step = trial // (size - 1), 1 + trial % (size - 1)
        if counters[MOVES] >= counters[LIMIT]:
            break
        if step > REACH or (kind % 2 == 1 and step == size - 1) or (kind >= 2 and step == 1):
            continue
        if ends & (1 + (kind % 3 == 0)) == 0 and step < size - 1:
            continue
        source, target = last - step, last
        if kind == 1:
            source, target = first, first + step
        elif kind == 2:
            source, target = first + step, first
        elif kind == 3:
            source, target = last, last - step
        u, v, allowed = sequence[base + source], sequence[base + target], True
        estimate = 0
        if kind < 2:
            for i in range(succ_ptr[u], succ_ptr[u + 1]):
                s = succ[i]
                if s == v or (head[v] >= head[s] + minutes[s] and tail[s] >= tail[v] + minutes[v]):
                    allowed = False
            if not allowed:
                continue
            end, rest = 0, 0
            if graph.previous[u] >= 0:
                end = head[graph.previous[u]] + minutes[graph.previous[u]]
            for at in range(source + 1, target + 1):
                w = sequence[base + at]
                reached[at - source] = max(ready[w], end)
                end = reached[at - source] + minutes[w]
            if graph.following[v] >= 0:
                rest = tail[graph.following[v]] + minutes[graph.following[v]]
            rest = max(onward[u], rest) + minutes[u]
            estimate = max(ready[u], end) + rest
            for at in range(target, source, -1):
                w = sequence[base + at]
                rest = max(onward[w], rest) + minutes[w]
                estimate = max(estimate, reached[at - source] + rest)
        else:
            for i in range(pred_ptr[u], pred_ptr[u + 1]):
                d = pred[i]
                if d == v or (head[d] >= head[v] + minutes[v] and tail[v] >= tail[d] + minutes[d]):
                    allowed = False
            if not allowed:
                continue
            end, rest = 0, 0
            if graph.following[u] >= 0:
                rest = tail[graph.following[u]] + minutes[graph.following[u]]
            for at in range(source - 1, target - 1, -1):
                w = sequence[base + at]
                reached[source - at] = max(onward[w], rest)
                rest = reached[source - at] + minutes[w]
            if graph.previous[v] >= 0:
                end = head[graph.previous[v]] + minutes[graph.previous[v]]
            end = max(ready[u], end) + minutes[u]
            estimate = end + max(onward[u], rest)
            for at in range(target, source):
                w = sequence[base + at]
                end = max(ready[w], end) + minutes[w]
                estimate = max(estimate, end + reached[source - at])
        counters[MOVES] += 1
        if estimate > best:
            continue
        barred = False
        for at in range(min(source, target), max(source, target) + 1):
            w = sequence[base + at]
            if w != u and estimate >= counters[BEST]:
                key = sign[w] * other_sign[u] % MODULUS
                if kind >= 2:
                    key = sign[u] * other_sign[w] % MODULUS
                barred = barred or is_tabu(tabu_key, tabu_until, key, counters[STEP])
        if barred:
            continue
        if estimate == best:
            counters[FOUND] += 1
            if draw(dice, counters[FOUND]) != 0:
                continue
        else:
            counters[FOUND] = 1
        best = estimate
        counters[CHOSEN], counters[CHOSEN_MODE], counters[CHOSEN_PLACE] = u, graph.mode[u], target
    return best


@kernel
def try_machines(net: Net, graph: Graph, o: int, best: int) -> int:
    """Compare the places of a critical operation on its other machines; returns the best estimate.

    Between the last place that leaves its head and the first that leaves its tail as routing alone gives
    them lies the best one (Mastrolilli & Gambardella, Journal of Scheduling 3, 2000, theorems 2 and 3).
    """
    sequence, minutes, head, tail = graph.sequence, graph.minutes, graph.head, graph.tail
    mode_ptr, mode_machine, mode_min = net.mode_ptr, net.mode_machine, net.mode_min
    base, length, counters, dice = graph.base, graph.length, graph.counters, graph.dice
    soon, rest = graph.ready[o], graph.onward[o]
    for mode in range(mode_ptr[o], mode_ptr[o + 1]):
        m, span = mode_machine[mode], mode_min[mode]
        if mode == graph.mode[o] or soon + span + rest > best:
            continue
        start, below, above = base[m], -1, length[m]
        while above - below > 1:
            middle = (below + above) // 2
            w = sequence[start + middle]
            if head[w] + minutes[w] > soon:
                above = middle
            else:
                below = middle
        early, below, above = above, -1, length[m]
        while above - below > 1:
            middle = (below + above) // 2
            w = sequence[start + middle]
            if tail[w] + minutes[w] > rest:
                below = middle
            else:
                above = middle
        late = above
        key = graph.sign[o] * graph.machine_sign[m] % MODULUS + MODULUS
        barred = is_tabu(graph.tabu_key, graph.tabu_until, key, counters[STEP])
        if early > late:
            early, late = late, early
            if draw(dice, 2):
                early = late
            late = early
        for place in range(early, late + 1):
            begin, after = soon, rest
            if place > 0:
                w = sequence[start + place - 1]
                begin = max(begin, head[w] + minutes[w])
            if place < length[m]:
                w = sequence[start + place]
                after = max(after, tail[w] + minutes[w])
            estimate = begin + span + after
            if counters[MOVES] >= counters[LIMIT]:
                break
            counters[MOVES] += 1
            if estimate > best or (barred and estimate >= counters[BEST]):
                continue
            if estimate == best:
                counters[FOUND] += 1
                if draw(dice, counters[FOUND]) != 0:
                    continue
            else:
                counters[FOUND] = 1
            best = estimate
            counters[CHOSEN], counters[CHOSEN_MODE], counters[CHOSEN_PLACE] = o, mode, place
    return best


@kernel
def choose(net: Net, graph: Graph) -> int:
    """Compare the moves of one critical path's operations and note the best in the counters; 0 if there is
    none.
    """
    path, machine, place, counters = graph.path, graph.machine, graph.place, graph.counters
    mode_ptr = net.mode_ptr
    length, best, i = counters[PATH], FAR, 0
    counters[FOUND], counters[CHOSEN] = 0, -1
    while i < length:
        m, j = machine[path[i]], i
        while j + 1 < length and machine[path[j + 1]] == m and place[path[j + 1]] == place[path[j]] + 1:
            j += 1
        if j > i:
            ends = (i > 0) + 2 * (j < length - 1)
            first = place[path[i]]
            best = try_block(net, graph, graph.base[m], first, first + j - i, ends, best)
        i = j + 1
    for i in range(length):
        o = path[i]
        if mode_ptr[o + 1] - mode_ptr[o] > 1:
            best = try_machines(net, graph, o, best)
    return int(counters[CHOSEN] >= 0)


@kernel
def keep_best(graph: Graph) -> None:
    """Note the present schedule as the best one."""
    for r in range(len(graph.ranked)):
        graph.best_ranked[r], graph.best_mode[r] = graph.ranked[r], graph.mode[r]


@kernel
def bar(net: Net, graph: Graph) -> None:
    """Forbid for a while what would undo the chosen move."""
    counters, sequence, sign, other_sign = graph.counters, graph.sequence, graph.sign, graph.other_sign
    o, mode, target = counters[CHOSEN], counters[CHOSEN_MODE], counters[CHOSEN_PLACE]
    m, source = graph.machine[o], graph.place[o]
    until = counters[STEP] + counters[TENURE] + draw(graph.dice, counters[TENURE] // 2 + 1)
    if mode != graph.mode[o]:
        key = sign[o] * graph.machine_sign[m] % MODULUS + MODULUS
        graph.tabu_key[key % TABU_CELLS], graph.tabu_until[key % TABU_CELLS] = key, until
        return
    for at in range(min(source, target), max(source, target) + 1):
        w = sequence[graph.base[m] + at]
        if w != o:
            key = sign[o] * other_sign[w] % MODULUS
            if target < source:
                key = sign[w] * other_sign[o] % MODULUS
            graph.tabu_key[key % TABU_CELLS], graph.tabu_until[key % TABU_CELLS] = key, until


@kernel
def search(net: Net, graph: Graph, steps: int, patience: int, bound: int) -> int:
    """Up to `steps` steps of tabu search; returns how many were made.

    Ends early at the bound, when `patience` steps in a row found nothing better than `BEST`, and when `MOVES`
    reaches `LIMIT`: the step in which that happens is not made.
    """
    counters, step = graph.counters, 0
    while step < steps and counters[BEST] > bound and counters[IDLE_STEPS] < patience:
        step += 1
        counters[STEP] += 1
        counters[IDLE_STEPS] += 1
        critical_path(net, graph)
        chosen = choose(net, graph)
        if counters[MOVES] >= counters[LIMIT]:
            break
        if chosen == 0 and shake(net, graph) == 0:
            continue
        bar(net, graph)
        move(net, graph, counters[CHOSEN], counters[CHOSEN_MODE], counters[CHOSEN_PLACE])
        if counters[MAKESPAN] < counters[BEST]:
            counters[BEST], counters[IDLE_STEPS] = counters[MAKESPAN], 0
            keep_best(graph)
    return step


@kernel
def shake(net: Net, graph: Graph) -> int:
    """Where every move is barred: note a swap of two neighbours on the critical path; 0 if there are none."""
    path, machine, place, counters = graph.path, graph.machine, graph.place, graph.counters
    found = 0
    for i in range(counters[PATH] - 1):
        o, after = path[i], path[i + 1]
        if machine[o] == machine[after] and place[after] == place[o] + 1:
            follows = False
            for s in range(net.succ_ptr[o], net.succ_ptr[o + 1]):
                follows = follows or net.succ[s] == after
            if not follows:
                found += 1
                if draw(graph.dice, found) == 0:
                    counters[CHOSEN], counters[CHOSEN_MODE] = o, graph.mode[o]
                    counters[CHOSEN_PLACE] = place[after]
    return int(found > 0)
