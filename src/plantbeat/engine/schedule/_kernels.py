"""List scheduling: events in time, and at each event the best waiting operation for each idle machine.

The rows of a problem are taken out of their tuples once, at the top of a kernel: passing a tuple of arrays
to an inner call costs more than the call.
"""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import NEVER, Row, after_work, block_begin, first_open, worked
from plantbeat.engine.schedule.rows import Floor, Result, Rule, Shop, Weights


@kernel
def push(heap: Row, size: int, key: int) -> int:
    """Add a key to the heap; returns the new size."""
    child = size
    while child > 0:
        parent = (child - 1) // 2
        if heap[parent] <= key:
            break
        heap[child] = heap[parent]
        child = parent
    heap[child] = key
    return size + 1


@kernel
def pop(heap: Row, size: int) -> int:
    """Take the smallest key off the heap; the heap then holds one key less."""
    smallest: int = heap[0]
    key = heap[size - 1]
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= size - 1:
            break
        if child + 1 < size - 1 and heap[child + 1] < heap[child]:
            child += 1
        if key <= heap[child]:
            break
        heap[parent] = heap[child]
        parent = child
    heap[parent] = key
    return smallest


@kernel
def begin_of(
    lo: int,
    hi: int,
    opens: Row,
    closes: Row,
    before: Row,
    ready: int,
    free: int,
    setup: int,
    minutes: int,
    divisible: int,
) -> int:
    """Earliest start on a machine that is free from `free` and needs `setup` minutes before; NEVER if there
    is none.
    """
    start = max(ready, after_work(lo, hi, opens, closes, before, free, setup))
    if divisible:
        return first_open(lo, hi, opens, closes, start)
    return block_begin(lo, hi, opens, closes, start, minutes)


@kernel
def list_schedule(shop: Shop, rule: Rule, floor: Floor, out: Result) -> int:
    """Build a non-delay schedule by a dispatching rule; returns an operation that found no room, or -1.

    At each event the pair of waiting operation and idle machine with the highest index goes first. The
    index is ATCS (Lee, Bhaskaran & Pinedo, IIE Transactions 29, 1997) in logarithms, with operation due
    dates as in ATC for job shops (Vepsalainen & Morton, Management Science 33, 1987); ties go to the lower
    mode.
    """
    centre_of, family, divisible = shop.work_centre, shop.family, shop.divisible
    mode_ptr, mode_machine, mode_min = shop.mode_ptr, shop.mode_machine, shop.mode_min
    succ_ptr, succ, pinned = shop.succ_ptr, shop.succ, shop.pinned
    opens_lo, opens_hi = shop.opens_lo, shop.opens_hi
    opens, closes, before, open_min = shop.opens, shop.closes, shop.before, shop.open_min
    always_open, centre_ptr, centre_machine = shop.always_open, shop.centre_ptr, shop.centre_machine
    setup_base, family_count, setup_min = shop.setup_base, shop.family_count, shop.setup_min
    pin_machine, pin_start, pin_end = shop.pin_machine, shop.pin_start, shop.pin_end
    pin_ptr, pin_list, centre_of_machine = shop.pin_ptr, shop.pin_list, shop.machine_work_centre
    value, latest, setup_cost = rule.value, rule.latest, rule.setup_cost
    per_slack, per_idle = rule.scales[0], rule.scales[1]
    free_at, family_at, wake_at = floor.free_at, floor.family_at, floor.wake_at
    next_pin, idle, left_now, left_free = floor.next_pin, floor.idle, floor.left_now, floor.left_free
    missing, ready, queue, queue_base = floor.missing, floor.ready, floor.queue, floor.queue_base
    queue_len, stirred, waiting, heap = floor.queue_len, floor.stirred, floor.waiting, floor.heap
    machine_out, start_out, end_out, setup_out = out.machine, out.start, out.end, out.setup

    n = len(centre_of)
    codes, size, placed = n + len(free_at), 0, 0
    for o in range(n):
        if pinned[o]:
            size = push(heap, size, pin_start[o] * codes + n + pin_machine[o])
        elif missing[o] == 0:
            size = push(heap, size, ready[o] * codes + o)
    while size > 0:
        t, to_serve = heap[0] // codes, 0
        while size > 0 and heap[0] // codes == t:
            code = pop(heap, size) % codes
            size -= 1
            if code < n:
                w = centre_of[code]
                queue[queue_base[w] + queue_len[w]] = code
                queue_len[w] += 1
            else:
                m = code - n
                w = centre_of_machine[m]
                while next_pin[m] < pin_ptr[m + 1] and pin_start[pin_list[next_pin[m]]] <= t:
                    o = pin_list[next_pin[m]]
                    next_pin[m] += 1
                    machine_out[o], start_out[o], end_out[o] = m, pin_start[o], pin_end[o]
                    if family_at[m] >= 0 and family[o] >= 0 and not shop.started[o]:
                        cell = setup_base[w] + family_at[m] * family_count[w] + family[o]
                        setup_out[o] = setup_min[cell]
                    free_at[m], family_at[m] = pin_end[o], family[o]
                    size = push(heap, size, pin_end[o] * codes + code)
                    placed += 1
            if stirred[w] == 0:
                stirred[w], waiting[to_serve] = 1, w
                to_serve += 1

        for turn in range(to_serve):
            w = waiting[turn]
            stirred[w] = 0
            if queue_len[w] == 0:
                continue
            idle_machines = 0
            for i in range(centre_ptr[w], centre_ptr[w + 1]):
                m = centre_machine[i]
                begin = free_at[m]
                if not always_open[m]:
                    begin = first_open(opens_lo[m], opens_hi[m], opens, closes, max(begin, t))
                idle[m] = begin <= t
                if begin <= t:
                    idle_machines += 1
                    if not always_open[m]:
                        lo, hi = opens_lo[m], opens_hi[m]
                        left_now[m] = open_min[m] - worked(lo, hi, opens, closes, before, t)
                        left_free[m] = open_min[m] - worked(lo, hi, opens, closes, before, free_at[m])
                elif begin < NEVER and wake_at[m] != begin:
                    wake_at[m] = begin
                    size = push(heap, size, begin * codes + n + m)

            while idle_machines > 0 and queue_len[w] > 0:
                best, place, chosen = 0.0, -1, -1
                for q in range(queue_base[w], queue_base[w] + queue_len[w]):
                    o = queue[q]
                    for k in range(mode_ptr[o], mode_ptr[o + 1]):
                        m, minutes, setup, index = mode_machine[k], mode_min[k], 0, value[k]
                        if not idle[m]:
                            continue
                        if family_at[m] >= 0 and family[o] >= 0:
                            cell = setup_base[w] + family_at[m] * family_count[w] + family[o]
                            setup = setup_min[cell]
                            index -= setup_cost[cell]
                        if latest[o] - t > minutes:
                            index -= (latest[o] - t - minutes) * per_slack
                        if place >= 0 and (index < best or (index == best and k > chosen)):
                            continue
                        if next_pin[m] < pin_ptr[m + 1] or not divisible[o]:
                            lo, hi = opens_lo[m], opens_hi[m]
                            start = begin_of(
                                lo, hi, opens, closes, before, t, free_at[m], setup, minutes, divisible[o]
                            )
                            end = after_work(lo, hi, opens, closes, before, start, minutes)
                            if end >= NEVER:
                                continue
                            if next_pin[m] < pin_ptr[m + 1]:
                                pin, after = pin_list[next_pin[m]], 0
                                if family[o] >= 0:
                                    after = setup_min[
                                        setup_base[w] + family[o] * family_count[w] + family[pin]
                                    ]
                                if after_work(lo, hi, opens, closes, before, end, after) > pin_start[pin]:
                                    continue
                            if not divisible[o]:
                                lost = worked(lo, hi, opens, closes, before, start)
                                lost -= worked(lo, hi, opens, closes, before, t) + setup
                                index -= max(0, lost) * per_idle
                                if place >= 0 and (index < best or (index == best and k > chosen)):
                                    continue
                        elif not always_open[m] and min(left_now[m], left_free[m] - setup) < minutes:
                            continue
                        best, place, chosen = index, q, k
                if place < 0:
                    break
                o, m, minutes, setup = queue[place], mode_machine[chosen], mode_min[chosen], 0
                queue_len[w] -= 1
                queue[place] = queue[queue_base[w] + queue_len[w]]
                if family_at[m] >= 0 and family[o] >= 0:
                    setup = setup_min[setup_base[w] + family_at[m] * family_count[w] + family[o]]
                lo, hi = opens_lo[m], opens_hi[m]
                start = begin_of(lo, hi, opens, closes, before, t, free_at[m], setup, minutes, divisible[o])
                end = after_work(lo, hi, opens, closes, before, start, minutes)
                machine_out[o], start_out[o], end_out[o], setup_out[o] = m, start, end, setup
                free_at[m], family_at[m], idle[m] = end, family[o], 0
                idle_machines -= 1
                placed += 1
                size = push(heap, size, end * codes + n + m)
                for i in range(succ_ptr[o], succ_ptr[o + 1]):
                    follower = succ[i]
                    missing[follower] -= 1
                    ready[follower] = max(ready[follower], end)
                    if missing[follower] == 0 and not pinned[follower]:
                        size = push(heap, size, ready[follower] * codes + follower)
    if placed < n:
        for o in range(n):
            if machine_out[o] < 0:
                return o
    return -1


@kernel
def order_cost(late: int, past_deadline: int, flow: int, weight: int, weights: Weights) -> int:
    """What one order adds to the objective: minutes late, past its deadline and in the shop, and its
    weight.
    """
    cost = weights.flow_time * flow
    if late > 0:
        cost += weight * (weights.weighted_tardiness * late + weights.weighted_late_orders)
    if past_deadline > 0:
        cost += weights.deadline_overrun * past_deadline
    return cost


@kernel
def plan_cost(shop: Shop, weights: Weights, out: Result) -> int:
    """The objective of a complete result."""
    release, due, deadline, weight = shop.release, shop.due, shop.deadline, shop.weight
    order_ptr, ends, setups = shop.order_ptr, out.end, out.setup
    total, last = 0, 0
    for j in range(len(due)):
        done = 0
        for o in range(order_ptr[j], order_ptr[j + 1]):
            done = max(done, ends[o])
        last = max(last, done)
        total += order_cost(done - due[j], done - deadline[j], done - release[j], weight[j], weights)
    for o in range(len(setups)):
        total += weights.setup_minutes * setups[o]
    return total + weights.makespan * last


@kernel
def earliest_ends(shop: Shop, begins: Row, ends: Row) -> None:
    """Earliest begin and end of each operation if no other operation needed a machine; pins as they are."""
    pred_ptr, pred, not_before = shop.pred_ptr, shop.pred, shop.not_before
    mode_ptr, mode_machine, mode_min = shop.mode_ptr, shop.mode_machine, shop.mode_min
    opens_lo, opens_hi, opens, closes, before = (
        shop.opens_lo,
        shop.opens_hi,
        shop.opens,
        shop.closes,
        shop.before,
    )
    for o in range(len(not_before)):
        if shop.pinned[o]:
            begins[o], ends[o] = shop.pin_start[o], shop.pin_end[o]
            continue
        ready = not_before[o]
        for i in range(pred_ptr[o], pred_ptr[o + 1]):
            ready = max(ready, ends[pred[i]])
        begins[o], ends[o] = NEVER, NEVER
        for k in range(mode_ptr[o], mode_ptr[o + 1]):
            lo, hi, minutes = opens_lo[mode_machine[k]], opens_hi[mode_machine[k]], mode_min[k]
            start = begin_of(lo, hi, opens, closes, before, ready, ready, 0, minutes, shop.divisible[o])
            begins[o] = min(begins[o], start)
            ends[o] = min(ends[o], after_work(lo, hi, opens, closes, before, start, minutes))
