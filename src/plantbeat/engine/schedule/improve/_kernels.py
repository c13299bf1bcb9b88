"""Local search over machine sequences: one operation is taken out and put elsewhere, all times stay exact."""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import NEVER, Row, after_work
from plantbeat.engine.schedule._kernels import begin_of, order_cost, pop, push
from plantbeat.engine.schedule.improve.estimate._kernels import NOWHERE, best_place, cost_curves, shifted
from plantbeat.engine.schedule.improve.rows import (
    BEST,
    CHOSEN_AFTER,
    CHOSEN_MODE,
    COST,
    END_RANK,
    EXPONENTIAL_BITS,
    FIRST_RANK,
    LOGGED,
    MAKESPAN,
    MOVES,
    SEED_A,
    SEED_B,
    STALE,
    TIMED,
    TOUCHED,
    UNSAVED,
    Plan,
)
from plantbeat.engine.schedule.rows import Shop, Weights

NO_LIMIT = 1e300
DOUBT = 2.0
"""How much dearer than allowed a move may seem and still be timed: estimates err."""


@kernel
def draw(counters: Row, below: int) -> int:
    """A random whole number from 0 to below - 1: L'Ecuyer's combined generator (CACM 31, 1988), 31 bits."""
    counters[SEED_A] = counters[SEED_A] * 40014 % 2147483563
    counters[SEED_B] = counters[SEED_B] * 40692 % 2147483399
    number: int = (counters[SEED_A] - counters[SEED_B]) % 2147483562 % below
    return number


@kernel
def link(previous: Row, following: Row, before: int, after: int) -> None:
    """Make two operations neighbours on a machine; -1 is an end of the sequence."""
    if before >= 0:
        following[before] = after
    if after >= 0:
        previous[after] = before


@kernel
def shift_rank(rank: Row, ranked: Row, operation: int, to: int) -> None:
    """Move an operation to another place of the topological order; those between make room."""
    at = rank[operation]
    step = 1 if to > at else -1
    while at != to:
        other = ranked[at + step]
        ranked[at], rank[other] = other, at
        at += step
    ranked[to], rank[operation] = operation, to


@kernel
def sweep(shop: Shop, weights: Weights, plan: Plan, size: int, limit: float, look: int) -> int:
    """Re-time everything that follows from the queued operations; returns the change of cost, NEVER if
    refused.

    Goes through the topological order, stops where nothing changes, and logs every change. After `look`
    changes, and again after four times as many, what is still queued is priced: if the move then seems to
    cost more than `limit` it is refused unfinished. A move that is not refused is always timed to the end.
    """
    family, divisible, pinned, started = shop.family, shop.divisible, shop.pinned, shop.started
    pred_ptr, pred, succ_ptr, succ = shop.pred_ptr, shop.pred, shop.succ_ptr, shop.succ
    mode_min, centre_of, order_of, order_ptr = shop.mode_min, shop.work_centre, shop.order_of, shop.order_ptr
    opens_lo, opens_hi, opens, closes, before = (
        shop.opens_lo,
        shop.opens_hi,
        shop.opens,
        shop.closes,
        shop.before,
    )
    setup_base, family_count, setup_min = shop.setup_base, shop.family_count, shop.setup_min
    release, due, deadline, weight = shop.release, shop.due, shop.deadline, shop.weight
    initial_family, always_open, not_before = shop.initial_family, shop.always_open, shop.not_before
    machine, mode, starts, ends, setups = plan.machine, plan.mode, plan.start, plan.end, plan.setup
    previous, following, rank, ranked = plan.previous, plan.following, plan.rank, plan.ranked
    heap, queued, counters, done = plan.heap, plan.queued, plan.counters, plan.done
    touched, is_touched, pending = plan.touched, plan.is_touched, plan.pending
    logged, orders, change, allowed = 0, 0, 0, True
    last, lost_last = counters[MAKESPAN], False

    while size > 0:
        if logged == look and allowed:
            look *= 4
            expected = float(change)
            for i in range(size):
                expected += shifted(plan.later, plan.sooner, ranked[heap[i]], pending[ranked[heap[i]]])
            allowed = expected <= limit
        o = ranked[pop(heap, size)]
        size -= 1
        queued[o], pending[o] = 0, 0
        if not allowed:
            continue
        m, free, ready, setup = machine[o], 0, not_before[o], 0
        state = initial_family[m]
        if previous[o] >= 0:
            free, state = ends[previous[o]], family[previous[o]]
        if state >= 0 and family[o] >= 0 and not started[o]:
            setup = setup_min[setup_base[centre_of[o]] + state * family_count[centre_of[o]] + family[o]]
        lo, hi, minutes = opens_lo[m], opens_hi[m], mode_min[mode[o]]
        if pinned[o]:
            start, end = starts[o], ends[o]
            allowed = after_work(lo, hi, opens, closes, before, free, setup) <= start
        else:
            for i in range(pred_ptr[o], pred_ptr[o + 1]):
                ready = max(ready, ends[pred[i]])
            if always_open[m]:
                start = max(ready, free + setup)
                end = start + minutes
            else:
                start = begin_of(lo, hi, opens, closes, before, ready, free, setup, minutes, divisible[o])
                end = after_work(lo, hi, opens, closes, before, start, minutes)
                allowed = end < NEVER
        if not allowed or (start == starts[o] and end == ends[o] and setup == setups[o]):
            continue
        plan.log_operation[logged] = o
        plan.log_start[logged], plan.log_end[logged], plan.log_setup[logged] = starts[o], ends[o], setups[o]
        logged += 1
        change += weights.setup_minutes * (setup - setups[o])
        old_end = ends[o]
        starts[o], ends[o], setups[o] = start, end, setup
        if end == old_end:
            continue
        for i in range(succ_ptr[o] - 1, succ_ptr[o + 1]):
            follower = following[o] if i < succ_ptr[o] else succ[i]
            if follower < 0:
                continue
            if queued[follower] == 0:
                queued[follower] = 1
                size = push(heap, size, rank[follower])
            prepared = setups[follower] if i < succ_ptr[o] else 0
            if end + prepared > starts[follower]:
                pending[follower] = max(pending[follower], end + prepared - starts[follower])
            elif old_end + prepared == starts[follower] and pending[follower] == 0:
                pending[follower] = end - old_end
        if succ_ptr[o] == succ_ptr[o + 1]:
            j, now = order_of[o], 0
            was = done[j]
            for i in range(order_ptr[j], order_ptr[j + 1]):
                now = max(now, ends[i])
            if is_touched[j] == 0:
                is_touched[j], touched[orders], plan.touched_done[orders] = 1, j, was
                orders += 1
            change -= order_cost(was - due[j], was - deadline[j], was - release[j], weight[j], weights)
            change += order_cost(now - due[j], now - deadline[j], now - release[j], weight[j], weights)
            done[j] = now
            if now > last:
                change += weights.makespan * (now - last)
                last = now
            lost_last = lost_last or (was == counters[MAKESPAN] and now < was)

    for i in range(orders):
        is_touched[touched[i]] = 0
    if allowed and lost_last and weights.makespan > 0:
        latest = 0
        for j in range(len(done)):
            latest = max(latest, done[j])
        change += weights.makespan * (latest - last)
        last = latest
    counters[LOGGED], counters[TOUCHED], counters[MAKESPAN] = logged, orders, last
    return change if allowed else NEVER


@kernel
def undo_times(plan: Plan, makespan: int) -> None:
    """Put back every time the last sweep changed."""
    starts, ends, setups, done = plan.start, plan.end, plan.setup, plan.done
    for i in range(plan.counters[LOGGED] - 1, -1, -1):
        o = plan.log_operation[i]
        starts[o], ends[o], setups[o] = plan.log_start[i], plan.log_end[i], plan.log_setup[i]
    for i in range(plan.counters[TOUCHED]):
        done[plan.touched[i]] = plan.touched_done[i]
    plan.counters[MAKESPAN] = makespan


@kernel
def mark_stale(plan: Plan, o: int) -> None:
    """Remember that the moved operation and those the last sweep re-timed differ from the best schedule
    saved.
    """
    stale, is_stale, counters = plan.stale, plan.is_stale, plan.counters
    for i in range(-1, counters[LOGGED]):
        changed = plan.log_operation[i] if i >= 0 else o
        if is_stale[changed] == 0:
            is_stale[changed], stale[counters[STALE]] = 1, changed
            counters[STALE] += 1


@kernel
def save_best(plan: Plan) -> None:
    """Save the present schedule as the best one, at the cost of what has changed since the last time."""
    stale, counters = plan.stale, plan.counters
    for i in range(counters[STALE]):
        o = stale[i]
        plan.is_stale[o] = 0
        plan.best_machine[o], plan.best_start[o] = plan.machine[o], plan.start[o]
    counters[STALE], counters[UNSAVED] = 0, 0


@kernel
def take_over(plan: Plan, o: int, m: int, after: int) -> None:
    """Bring the sequence rows up to date after an operation has moved behind `after` on machine `m`."""
    sequence, place, base, length = plan.sequence, plan.place, plan.sequence_base, plan.sequence_len
    was, at = plan.machine[o], place[o]
    length[was] -= 1
    for i in range(at, length[was]):
        moved = sequence[base[was] + i + 1]
        sequence[base[was] + i], place[moved] = moved, i
    to = place[after] + 1 if after >= 0 else 0
    for i in range(length[m], to, -1):
        moved = sequence[base[m] + i - 1]
        sequence[base[m] + i], place[moved] = moved, i
    sequence[base[m] + to], place[o] = o, to
    length[m] += 1


@kernel
def search(
    shop: Shop,
    weights: Weights,
    plan: Plan,
    moves: int,
    temperature: float,
    cooling: float,
    look: int,
    refresh: int,
) -> float:
    """Try `moves` moves by simulated annealing, the temperature cooled after each; returns the last
    temperature.

    Operations move within the window of ranks from FIRST_RANK to before END_RANK; the others keep their
    sequence and are re-timed.
    """
    counters, previous, following = plan.counters, plan.previous, plan.following
    rank, ranked, machine, mode = plan.rank, plan.ranked, plan.machine, plan.mode
    mode_ptr, mode_machine, order_of = shop.mode_ptr, shop.mode_machine, shop.order_of
    pred_ptr, pred, succ_ptr, succ = shop.pred_ptr, shop.pred, shop.succ_ptr, shop.succ
    heap, queued, done, due = plan.heap, plan.queued, plan.done, shop.due
    n = len(machine)
    if counters[TIMED] == 0:
        for o in range(n):
            heap[o], queued[o] = o, 1
        counters[COST] += sweep(shop, weights, plan, n, NO_LIMIT, n + 1)
        counters[BEST], counters[UNSAVED], counters[TIMED] = counters[COST], 1, 1
        mark_stale(plan, 0)
    for _ in range(moves):
        if counters[MOVES] % refresh == 0:
            cost_curves(shop, weights, plan)
        temperature *= cooling
        counters[MOVES] += 1
        o = ranked[counters[FIRST_RANK] + draw(counters, counters[END_RANK] - counters[FIRST_RANK])]
        if draw(counters, 2) == 0 and done[order_of[o]] <= due[order_of[o]]:
            o = ranked[counters[FIRST_RANK] + draw(counters, counters[END_RANK] - counters[FIRST_RANK])]
        if shop.pinned[o]:
            continue
        limit = temperature * plan.exponential[draw(counters, 1 << EXPONENTIAL_BITS)]
        turn = draw(counters, mode_ptr[o + 1] - mode_ptr[o])
        if best_place(shop, weights, plan, o, turn, temperature) > DOUBT * limit:
            continue
        k, after = counters[CHOSEN_MODE], counters[CHOSEN_AFTER]
        m, was, was_mode = mode_machine[k], machine[o], mode[o]
        if after == NOWHERE:
            continue
        old_before, old_after = previous[o], following[o]
        follower = following[after] if after >= 0 else -1
        if after < 0 and plan.sequence_len[m] > 0:
            follower = plan.sequence[plan.sequence_base[m]]
        if follower == o:
            follower = old_after
        low, high = -1, n
        if after >= 0:
            low = rank[after]
        if follower >= 0:
            high = rank[follower]
        for i in range(pred_ptr[o], pred_ptr[o + 1]):
            low = max(low, rank[pred[i]])
        for i in range(succ_ptr[o], succ_ptr[o + 1]):
            high = min(high, rank[succ[i]])
        if low >= high:
            continue
        old_rank, old_makespan = rank[o], counters[MAKESPAN]
        link(previous, following, old_before, old_after)
        previous[o], following[o] = after, follower
        link(previous, following, after, o)
        link(previous, following, o, follower)
        if old_rank < low:
            shift_rank(rank, ranked, o, low)
        elif old_rank > high:
            shift_rank(rank, ranked, o, high)
        machine[o], mode[o] = m, k
        size = push(heap, 0, rank[o])
        queued[o] = 1
        if old_after >= 0 and queued[old_after] == 0:
            queued[old_after] = 1
            size = push(heap, size, rank[old_after])
        if follower >= 0 and queued[follower] == 0:
            queued[follower] = 1
            size = push(heap, size, rank[follower])
        change = sweep(shop, weights, plan, size, limit, look)
        if change <= limit:
            machine[o] = was
            if change > 0 and counters[UNSAVED] == 1:
                save_best(plan)
                for i in range(counters[LOGGED]):
                    plan.best_start[plan.log_operation[i]] = plan.log_start[i]
            mark_stale(plan, o)
            take_over(plan, o, m, after)
            machine[o] = m
            counters[COST] += change
            if counters[COST] < counters[BEST]:
                counters[BEST], counters[UNSAVED] = counters[COST], 1
            continue
        undo_times(plan, old_makespan)
        machine[o], mode[o] = was, was_mode
        shift_rank(rank, ranked, o, old_rank)
        link(previous, following, after, follower)
        previous[o], following[o] = old_before, old_after
        link(previous, following, old_before, o)
        link(previous, following, o, old_after)
    if counters[UNSAVED] == 1:
        save_best(plan)
    return temperature
