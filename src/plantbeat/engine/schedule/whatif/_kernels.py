"""Times of given machine sequences: everything as early as its place, its order and the pins allow."""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import NEVER, after_work, latest_begin
from plantbeat.engine.schedule._kernels import begin_of
from plantbeat.engine.schedule.rows import Shop
from plantbeat.engine.schedule.whatif.rows import Deck


@kernel
def retime(shop: Shop, deck: Deck) -> int:
    """Time all operations of the deck; returns -1, an operation that waits for itself, or n + one without
    room.

    Machines are served from a stack: a machine goes on until the operation at its head waits for a step on
    another machine, which puts it back on the stack when it ends. An operation that does not fit before the
    next pin of its machine goes behind that pin.
    """
    family, divisible, pinned, started = shop.family, shop.divisible, shop.pinned, shop.started
    succ_ptr, succ, mode_min = shop.succ_ptr, shop.succ, shop.mode_min
    opens_lo, opens_hi, opens, closes, before = (
        shop.opens_lo,
        shop.opens_hi,
        shop.opens,
        shop.closes,
        shop.before,
    )
    setup_base, family_count, setup_min = shop.setup_base, shop.family_count, shop.setup_min
    pin_start, pin_end, pin_list, pin_ptr = shop.pin_start, shop.pin_end, shop.pin_list, shop.pin_ptr
    centre_of = shop.machine_work_centre
    sequence, ptr, mode, missing, ready = deck.sequence, deck.ptr, deck.mode, deck.missing, deck.ready
    head, next_pin, free_at, state = deck.head, deck.next_pin, deck.free_at, deck.family_at
    last, timed, stack = deck.last, deck.timed, deck.stack
    n, machines, size, placed = len(family), len(head), 0, 0
    for m in range(machines):
        stack[size] = m
        size += 1
    while size > 0:
        size -= 1
        m = stack[size]
        lo, hi, w = opens_lo[m], opens_hi[m], centre_of[m]
        while head[m] < ptr[m + 1]:
            o = sequence[head[m]]
            if timed[o]:
                head[m] += 1
                continue
            if missing[o] > 0 and not pinned[o]:
                break
            minutes = mode_min[mode[o]]
            setup, start, end, fits = 0, 0, 0, True
            if not pinned[o]:
                if state[m] >= 0 and family[o] >= 0:
                    setup = setup_min[setup_base[w] + state[m] * family_count[w] + family[o]]
                start = begin_of(
                    lo, hi, opens, closes, before, ready[o], free_at[m], setup, minutes, divisible[o]
                )
                end = after_work(lo, hi, opens, closes, before, start, minutes)
                if next_pin[m] < pin_ptr[m + 1]:
                    pin, after = pin_list[next_pin[m]], 0
                    if family[o] >= 0 and family[pin] >= 0 and not started[pin]:
                        after = setup_min[setup_base[w] + family[o] * family_count[w] + family[pin]]
                    fits = after_work(lo, hi, opens, closes, before, end, after) <= pin_start[pin]
                elif end >= NEVER:
                    too_long: int = n + o
                    return too_long
            if pinned[o] or not fits:
                o = pin_list[next_pin[m]]
                next_pin[m] += 1
                setup, start, end = 0, pin_start[o], pin_end[o]
                if state[m] >= 0 and family[o] >= 0 and not started[o]:
                    setup = setup_min[setup_base[w] + state[m] * family_count[w] + family[o]]
            else:
                head[m] += 1
            deck.machine[o], deck.start[o], deck.end[o], deck.setup[o] = m, start, end, setup
            deck.setup_start[o] = latest_begin(lo, hi, opens, closes, before, start, setup)
            deck.previous[o], last[m], timed[o] = last[m], o, 1
            free_at[m], state[m] = end, family[o]
            placed += 1
            if pinned[o]:
                continue
            for i in range(succ_ptr[o], succ_ptr[o + 1]):
                follower = succ[i]
                ready[follower] = max(ready[follower], end)
                missing[follower] -= 1
                if missing[follower] == 0 and deck.on[follower] >= 0:
                    other = deck.on[follower]
                    if other != m and sequence[head[other]] == follower:
                        stack[size] = other
                        size += 1
    if placed < ptr[machines]:
        for m in range(machines):
            if head[m] < ptr[m + 1]:
                stuck: int = sequence[head[m]]
                return stuck
    return -1
