"""Placing operations one after the other: each goes behind what its machine and its units have so far.

The list of blocks is the decision; machine (the one on which an operation ends first, unless a mode is
forced), units and times follow from it.
"""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import (
    NEVER,
    Row,
    after_work,
    block_begin,
    first_open,
    interval_at,
    latest_begin,
)
from plantbeat.engine.schedule.coupled.rows import (
    CALENDAR,
    CLEAR,
    END,
    NEXT_PIN,
    SETUP_BEGIN,
    SETUP_MIN,
    START,
    Placed,
    Scratch,
    Side,
    State,
)
from plantbeat.engine.schedule.rows import Shop
from plantbeat.engine.schedule.secondary import RUN, SETUP, TEARDOWN

MOST_TRIES = 400
"""How often a block is put back and tried later before it counts as not possible."""


@kernel
def share(minutes: int, batch: int, quantity: int) -> int:
    """Minutes that one transfer batch takes of an operation's run, rounded up."""
    return -(-minutes * batch // quantity)


@kernel
def setup_to(shop: Shop, w: int, family: int, o: int) -> int:
    """Set-up minutes from a machine's family to an operation; 0 where one is unknown or it has started."""
    if family < 0 or shop.family[o] < 0 or shop.started[o]:
        return 0
    minutes: int = shop.setup_min[shop.setup_base[w] + family * shop.family_count[w] + shop.family[o]]
    return minutes


@kernel
def ready_at(shop: Shop, side: Side, placed: Placed, o: int, floor: int) -> int:
    """Minute from which release, lags and transfer batches let an operation start."""
    ready: int = max(shop.not_before[o], floor)
    for i in range(shop.pred_ptr[o], shop.pred_ptr[o + 1]):
        before = shop.pred[i]
        if side.link_batch[i] > 0:
            c, quantity = placed.calendar[before], side.quantity[shop.order_of[o]]
            first = share(placed.minutes[before], side.link_batch[i], quantity)
            begun = placed.start[before]
            lo, hi = side.lo[c], side.hi[c]
            ready = max(ready, after_work(lo, hi, side.opens, side.closes, side.before, begun, first))
        else:
            ready = max(ready, placed.end[before] + side.link_least[i])
    return ready


@kernel
def last_batches(shop: Shop, side: Side, placed: Placed, o: int, minutes: int, c: int) -> int:
    """Earliest start with which every last transfer batch is run after the end of the operation before."""
    earliest = 0
    for i in range(shop.pred_ptr[o], shop.pred_ptr[o + 1]):
        if side.link_batch[i] > 0:
            ahead = minutes - share(minutes, side.link_batch[i], side.quantity[shop.order_of[o]])
            end, lo, hi = placed.end[shop.pred[i]], side.lo[c], side.hi[c]
            begin = latest_begin(lo, hi, side.opens, side.closes, side.before, end, ahead)
            earliest = max(earliest, begin)
    return earliest


@kernel
def free_from(state: State, scratch: Scratch, u: int) -> int:
    """From when on a unit is free in the trial at hand."""
    if scratch.stamp[u] == scratch.stamps[0]:
        later: int = max(state.unit_free[u], scratch.bumped[u])
        return later
    free: int = state.unit_free[u]
    return free


@kernel
def lend(side: Side, scratch: Scratch, o: int, i: int) -> int:
    """A unit for a need that found none: from an earlier need of the operation, which takes another one."""
    first, pool = side.need_ptr[o], side.need_pool[i]
    for k in range(first, i):
        if side.need_unit[k] >= 0:
            continue
        given: int = scratch.pick[k - first]
        for q in range(side.pool_ptr[pool], side.pool_ptr[pool + 1]):
            if side.pool_unit[q] != given:
                continue
            other = side.need_pool[k]
            for r in range(side.pool_ptr[other], side.pool_ptr[other + 1]):
                taken = False
                for b in range(first, side.need_ptr[o + 1]):
                    if side.need_unit[b] == side.pool_unit[r]:
                        taken = True
                    if b < i and scratch.pick[b - first] == side.pool_unit[r]:
                        taken = True
                if not taken:
                    scratch.pick[k - first] = side.pool_unit[r]
                    return given
    return -1


@kernel
def choose_units(side: Side, state: State, scratch: Scratch, o: int, m: int, ready: int) -> int:
    """Take a unit for each need: the one that can begin first, of several the one that was free last.

    Returns 1, or 0 where a need finds none.
    """
    first, opens, closes = side.need_ptr[o], side.opens, side.closes
    for i in range(first, side.need_ptr[o + 1]):
        chosen, soonest, latest_free = side.need_unit[i], NEVER, -1
        if chosen < 0:
            c = side.machine_calendar[m]
            low = side.need_phase[i] & -side.need_phase[i]
            for k in range(first, i):
                if side.need_phase[k] & low:
                    c = side.meet[c * side.kinds[0] + side.kind[scratch.pick[k - first]]]
            for q in range(side.pool_ptr[side.need_pool[i]], side.pool_ptr[side.need_pool[i] + 1]):
                u, taken = side.pool_unit[q], False
                for k in range(first, side.need_ptr[o + 1]):
                    if side.need_unit[k] == u or (k < i and scratch.pick[k - first] == u):
                        taken = True
                if taken:
                    continue
                free = free_from(state, scratch, u)
                both = side.meet[c * side.kinds[0] + side.kind[u]]
                begin = first_open(side.lo[both], side.hi[both], opens, closes, max(ready, free))
                if begin < soonest or (begin == soonest and free > latest_free) or chosen < 0:
                    chosen, soonest, latest_free = u, begin, free
            if chosen < 0:
                chosen = lend(side, scratch, o, i)
                if chosen < 0:
                    return 0
        scratch.pick[i - first] = chosen
    return 1


@kernel
def busy_from(phase: int, setup_begin: int, start: int, end: int) -> int:
    """From when on a unit needed in some phases is busy."""
    if phase & SETUP:
        return setup_begin
    return start if phase & RUN else end


@kernel
def busy_to(phase: int, start: int, end: int, clear: int) -> int:
    """Until when a unit needed in some phases is busy."""
    if phase & TEARDOWN:
        return clear
    return end if phase & RUN else start


@kernel
def trial(
    shop: Shop, side: Side, state: State, placed: Placed, scratch: Scratch, o: int, k: int, floor: int
) -> int:
    """Times of an operation in mode `k` behind what its machine and units have; NEVER if there is no room.

    Writes them to `scratch.times`, the units to `scratch.pick`, and returns the end of the run.
    """
    m, minutes, w = shop.mode_machine[k], shop.mode_min[k], shop.work_centre[o]
    opens, closes, before, kinds = side.opens, side.closes, side.before, side.kinds[0]
    first_need, last_need = side.need_ptr[o], side.need_ptr[o + 1]
    free, family, next_pin = state.free[m], state.family[m], state.next_pin[m]
    ready = ready_at(shop, side, placed, o, floor)
    scratch.stamps[0] += 1
    while True:
        if not choose_units(side, state, scratch, o, m, max(ready, free)):
            return NEVER
        at_setup = at_run = at_teardown = side.machine_calendar[m]
        units_free, run_free, teardown_free = 0, 0, 0
        setup = setup_to(shop, w, family, o)
        for i in range(first_need, last_need):
            u, phase = scratch.pick[i - first_need], side.need_phase[i]
            unit_free = free_from(state, scratch, u)
            if phase & SETUP:
                at_setup = side.meet[at_setup * kinds + side.kind[u]]
                if setup > 0:
                    units_free = max(units_free, unit_free)
                elif phase & RUN or phase & TEARDOWN:
                    run_free = max(run_free, unit_free)
            elif phase & RUN:
                run_free = max(run_free, unit_free)
            else:
                teardown_free = max(teardown_free, unit_free)
            if phase & RUN:
                at_run = side.meet[at_run * kinds + side.kind[u]]
            if phase & TEARDOWN:
                at_teardown = side.meet[at_teardown * kinds + side.kind[u]]
        prepared = after_work(
            side.lo[at_setup], side.hi[at_setup], opens, closes, before, max(free, units_free), setup
        )
        if prepared >= NEVER:
            return NEVER
        start = max(ready, run_free, prepared, last_batches(shop, side, placed, o, minutes, at_run))
        lo, hi = side.lo[at_run], side.hi[at_run]
        if shop.divisible[o]:
            start = first_open(lo, hi, opens, closes, start)
        else:
            start = block_begin(lo, hi, opens, closes, start, minutes)
        if start >= NEVER:
            return NEVER
        end = after_work(lo, hi, opens, closes, before, start, minutes)
        if end >= NEVER:
            return NEVER
        clear = after_work(
            side.lo[at_teardown], side.hi[at_teardown], opens, closes, before,
            end, side.teardown[o],
        )  # fmt: skip
        if clear >= NEVER:
            return NEVER
        if teardown_free > end and side.teardown[o] > 0:
            # Who clears the machine is not there yet: the run is put off until they are.
            ready = max(ready, start + teardown_free - end)
            continue
        setup_begin = start
        if setup > 0:
            lo, hi = side.lo[at_setup], side.hi[at_setup]
            setup_begin = latest_begin(lo, hi, opens, closes, before, start, setup)
        if next_pin < shop.pin_ptr[m + 1]:
            pin, after = shop.pin_list[next_pin], 0
            if shop.family[o] >= 0:
                after = setup_to(shop, w, shop.family[o], pin)
            c = side.pin_calendar[pin]
            if after_work(side.lo[c], side.hi[c], opens, closes, before, clear, after) > shop.pin_start[pin]:
                free, family, next_pin = max(free, side.pin_clear[pin]), shop.family[pin], next_pin + 1
                continue
        moved = False
        for i in range(first_need, last_need):
            u, phase = scratch.pick[i - first_need], side.need_phase[i]
            begin, until = busy_from(phase, setup_begin, start, end), busy_to(phase, start, end, clear)
            if begin >= until or side.busy_ptr[u] == side.busy_ptr[u + 1]:
                continue
            q = interval_at(side.busy_ptr[u], side.busy_ptr[u + 1], side.busy_from, begin)
            if q < side.busy_ptr[u] or side.busy_to[q] <= begin:
                q += 1
            if q < side.busy_ptr[u + 1] and side.busy_from[q] < until:
                scratch.stamp[u] = scratch.stamps[0]
                scratch.bumped[u] = side.busy_to[q]
                moved = True
        if moved:
            continue
        times = scratch.times
        times[SETUP_BEGIN], times[START], times[END], times[CLEAR] = setup_begin, start, end, clear
        times[SETUP_MIN], times[NEXT_PIN], times[CALENDAR] = setup, next_pin, at_run
        return end


@kernel
def pass_pins(shop: Shop, state: State, placed: Placed, m: int, until: int) -> None:
    """Let a machine run its pinned operations up to the one at `until`."""
    while state.next_pin[m] < until:
        pin = shop.pin_list[state.next_pin[m]]
        placed.setup[pin] = setup_to(shop, shop.work_centre[pin], state.family[m], pin)
        state.family[m] = shop.family[pin]
        state.next_pin[m] += 1


@kernel
def keep(shop: Shop, side: Side, state: State, placed: Placed, scratch: Scratch, o: int, k: int) -> None:
    """Put an operation where its best trial found room, and log what to restore."""
    m, times, first = shop.mode_machine[k], scratch.best_times, side.need_ptr[o]
    n = scratch.logged[0]
    scratch.log_machine[n], scratch.log_free[n] = m, state.free[m]
    scratch.log_family[n], scratch.log_pin[n] = state.family[m], state.next_pin[m]
    scratch.logged[0] = n + 1
    pass_pins(shop, state, placed, m, times[NEXT_PIN])
    placed.machine[o], placed.start[o], placed.end[o] = m, times[START], times[END]
    placed.setup[o], placed.setup_begin[o] = times[SETUP_MIN], times[SETUP_BEGIN]
    placed.minutes[o], placed.calendar[o] = shop.mode_min[k], times[CALENDAR]
    state.free[m] = times[CLEAR]
    state.family[m] = shop.family[o]
    for i in range(first, side.need_ptr[o + 1]):
        u, phase = scratch.best_pick[i - first], side.need_phase[i]
        placed.unit[i] = u
        begin = busy_from(phase, times[SETUP_BEGIN], times[START], times[END])
        until = busy_to(phase, times[START], times[END], times[CLEAR])
        if begin < until:
            q = scratch.logged[1]
            scratch.log_unit[q], scratch.log_unit_free[q] = u, state.unit_free[u]
            scratch.logged[1] = q + 1
            state.unit_free[u] = max(state.unit_free[u], until)


@kernel
def put_back(state: State, scratch: Scratch) -> None:
    """Undo everything that is logged."""
    for n in range(scratch.logged[0] - 1, -1, -1):
        m = scratch.log_machine[n]
        state.free[m], state.family[m] = scratch.log_free[n], scratch.log_family[n]
        state.next_pin[m] = scratch.log_pin[n]
    for q in range(scratch.logged[1] - 1, -1, -1):
        state.unit_free[scratch.log_unit[q]] = scratch.log_unit_free[q]
    scratch.logged[0], scratch.logged[1] = 0, 0


@kernel
def place(shop: Shop, side: Side, state: State, placed: Placed, scratch: Scratch, o: int, forced: int) -> int:
    """Put an operation on the machine where it ends first, or in a forced mode; NEVER if there is no room."""
    best, chosen = NEVER, -1
    for k in range(shop.mode_ptr[o], shop.mode_ptr[o + 1]):
        if forced >= 0 and k != forced:
            continue
        end = trial(shop, side, state, placed, scratch, o, k, scratch.floor[o])
        if end < best or (
            end == best and end < NEVER and scratch.times[SETUP_MIN] < scratch.best_times[SETUP_MIN]
        ):
            best, chosen = end, k
            for i in range(len(scratch.times)):
                scratch.best_times[i] = scratch.times[i]
            for i in range(side.need_ptr[o + 1] - side.need_ptr[o]):
                scratch.best_pick[i] = scratch.pick[i]
    if chosen >= 0:
        keep(shop, side, state, placed, scratch, o, chosen)
    return best


@kernel
def too_long(shop: Shop, side: Side, placed: Placed, floor: Row, o: int) -> int:
    """Whether an operation starts too long after one before it; then that one's floor is raised.

    Returns 0 if nothing is wrong, 1 after raising, 2 where the one before is pinned.
    """
    wrong = 0
    for i in range(shop.pred_ptr[o], shop.pred_ptr[o + 1]):
        if side.link_most[i] >= NEVER:
            continue
        before = shop.pred[i]
        excess = placed.start[o] - placed.end[before] - side.link_most[i]
        if excess > 0:
            if shop.pinned[before]:
                return 2
            floor[before] = placed.start[before] + excess
            wrong = 1
    return wrong


@kernel
def place_block(
    shop: Shop, side: Side, state: State, placed: Placed, scratch: Scratch, block: int, forced: Row
) -> int:
    """Place the operations of a block; where one would wait too long, the one before it is put off.

    Returns -1, or the operation for which there is no room.
    """
    first, last = side.block_ptr[block], side.block_ptr[block + 1]
    for i in range(first, last):
        scratch.floor[side.block_op[i]] = 0
    scratch.logged[0], scratch.logged[1] = 0, 0
    o: int = side.block_op[first]
    for _ in range(MOST_TRIES):
        wrong = 0
        for i in range(first, last):
            o = side.block_op[i]
            if not shop.pinned[o] and place(shop, side, state, placed, scratch, o, forced[o]) >= NEVER:
                put_back(state, scratch)
                return o
            wrong = too_long(shop, side, placed, scratch.floor, o)
            if wrong:
                break
        if wrong == 0:
            return -1
        put_back(state, scratch)
        if wrong == 2:
            return o
    return o
