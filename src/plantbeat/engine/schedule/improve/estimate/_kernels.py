"""What a move would cost, from what the delay of an operation costs: a curve over its length.

The delay of an operation reaches others by two ways: its followers in the routing, and the one behind it on
its machine. The curve is piecewise linear through `KNOTS` lengths, each four times the one before, and is
handed back through the topological order from those who pay (the last operations of late orders) to those
who cause. An operation hands it to its machine only where the machine fixes its start, and to its routing
less the slack between; what reaches it by both ways is counted twice, so a curve is an estimate. It decides
which moves are tried; what a tried move costs is re-timed exactly.
"""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import NEVER, Row, after_work
from plantbeat.engine.schedule._kernels import begin_of, order_cost
from plantbeat.engine.schedule.improve.rows import (
    CHOSEN_AFTER,
    CHOSEN_MODE,
    END_RANK,
    EXPONENTIAL_BITS,
    FIRST_RANK,
    KNOTS,
    MAKESPAN,
    NOISE,
    Plan,
)
from plantbeat.engine.schedule.rows import Shop, Weights

SHORTEST = 20.0
"""Minutes at the first knot; the knots lie at 20, 80, 320 and 1,280 minutes."""
REACH = 5
"""Places looked at to either side."""
MOST_MACHINES = 4
"""Machines looked at for one move; of more, some neighbouring ones from a random first."""
NOWHERE = -2
"""In place of an operation to follow: no place was found."""
FORBIDDEN = 1e15
"""Cost of what cannot be: a pinned operation that would start late."""


@kernel
def cost_of_delay(curve: Row, o: int, minutes: float) -> float:
    """Cost of `minutes` of delay (> 0), read off an operation's curve; straight on beyond its last knot."""
    at = o * KNOTS
    low, high, begin, width = 0.0, curve[at], 0.0, SHORTEST
    knot = 0
    while knot < KNOTS - 1 and minutes > begin + width:
        begin += width
        width = 3.0 * begin
        knot += 1
        low, high = high, curve[at + knot]
    cost: float = low + (high - low) * (minutes - begin) / width
    return cost


@kernel
def own_cost(shop: Shop, weights: Weights, plan: Plan, o: int) -> None:
    """Write what a delay or an advance of an operation nothing follows costs by its order's completion."""
    j, end, last = shop.order_of[o], plan.end[o], plan.counters[MAKESPAN]
    due, deadline, release, weight = shop.due[j], shop.deadline[j], shop.release[j], shop.weight[j]
    was = plan.done[j]
    now = order_cost(was - due, was - deadline, was - release, weight, weights)
    minutes = 20
    for knot in range(KNOTS):
        later = end + minutes
        if later > was:
            cost = order_cost(later - due, later - deadline, later - release, weight, weights) - now
            plan.onward[o * KNOTS + knot] += cost + weights.makespan * max(0, later - last)
        minutes *= 4
    if end == was:
        sooner = was - 20
        cost = order_cost(sooner - due, sooner - deadline, sooner - release, weight, weights)
        plan.sooner_onward[o] += (now - cost) / SHORTEST
        if end == last:
            plan.sooner_onward[o] += weights.makespan


@kernel
def cost_curves(shop: Shop, weights: Weights, plan: Plan) -> None:
    """Write every operation's curve of delay and price of one minute's advance: in all (`later`, `sooner`)
    and by its routing alone (`onward`, `sooner_onward`).
    """
    later, onward, sooner, sooner_onward = plan.later, plan.onward, plan.sooner, plan.sooner_onward
    starts, ends, previous, ranked, setups = plan.start, plan.end, plan.previous, plan.ranked, plan.setup
    pred_ptr, pred, succ_ptr = shop.pred_ptr, shop.pred, shop.succ_ptr
    machine, order_of, always_open, pinned = plan.machine, shop.order_of, shop.always_open, shop.pinned
    n = len(order_of)
    for i in range(n * KNOTS):
        later[i], onward[i] = 0.0, 0.0
    for o in range(n):
        sooner[o], sooner_onward[o] = 0.0, 0.0
    for r in range(n - 1, -1, -1):
        o = ranked[r]
        if succ_ptr[o] == succ_ptr[o + 1]:
            own_cost(shop, weights, plan, o)
        for i in range(o * KNOTS, o * KNOTS + KNOTS):
            later[i] += onward[i]
        sooner[o] += sooner_onward[o]
        ready, p, m = shop.not_before[o], previous[o], machine[o]
        for i in range(pred_ptr[o], pred_ptr[o + 1]):
            ready = max(ready, ends[pred[i]])
        if p >= 0 and (starts[o] > ready or pinned[o]):
            slack = 0
            if not always_open[m] or pinned[o]:
                lo, hi = shop.opens_lo[m], shop.opens_hi[m]
                slack = starts[o] - after_work(
                    lo, hi, shop.opens, shop.closes, shop.before, ends[p], setups[o]
                )
            minutes = SHORTEST
            for knot in range(KNOTS):
                if pinned[o]:
                    later[p * KNOTS + knot] += FORBIDDEN if minutes > slack else 0.0
                elif slack == 0:
                    later[p * KNOTS + knot] += later[o * KNOTS + knot]
                elif minutes > slack:
                    later[p * KNOTS + knot] += cost_of_delay(later, o, minutes - slack)
                minutes *= 4.0
            if slack == 0 and not pinned[o]:
                sooner[p] += sooner[o]
        for i in range(pred_ptr[o], pred_ptr[o + 1]):
            before, slack, minutes = pred[i], starts[o] - ends[pred[i]], SHORTEST
            for knot in range(KNOTS):
                if pinned[o]:
                    onward[before * KNOTS + knot] += FORBIDDEN if minutes > slack else 0.0
                elif minutes > slack:
                    onward[before * KNOTS + knot] += cost_of_delay(later, o, minutes - slack)
                minutes *= 4.0
            if slack == 0 and not pinned[o]:
                sooner_onward[before] += sooner[o]


@kernel
def noise(counters: Row, exponential: Row) -> float:
    """A random number of the exponential distribution, from a linear congruential generator modulo 2^32
    (Press et al., Numerical Recipes, 3rd ed., 7.1) by its highest bits.
    """
    counters[NOISE] = (counters[NOISE] * 1664525 + 1013904223) % 4294967296
    drawn: float = exponential[counters[NOISE] >> (32 - EXPONENTIAL_BITS)]
    return drawn


@kernel
def ready_at(pred_ptr: Row, pred: Row, ends: Row, not_before: int, o: int) -> int:
    """Minute from which an operation's routing lets it start."""
    ready = not_before
    for i in range(pred_ptr[o], pred_ptr[o + 1]):
        ready = max(ready, ends[pred[i]])
    return ready


@kernel
def end_on(
    lo: int,
    hi: int,
    opens: Row,
    closes: Row,
    before: Row,
    always_open: int,
    ready: int,
    free: int,
    setup: int,
    minutes: int,
    divisible: int,
) -> int:
    """Earliest end on a machine that is free from `free` and needs `setup` minutes first; NEVER if none."""
    if always_open:
        return max(ready, free + setup) + minutes
    start = begin_of(lo, hi, opens, closes, before, ready, free, setup, minutes, divisible)
    return after_work(lo, hi, opens, closes, before, start, minutes)


@kernel
def shifted(later: Row, sooner: Row, o: int, minutes: float) -> float:
    """Cost of an operation's end moving by some minutes, later (> 0) or sooner (< 0)."""
    if minutes > 0:
        return cost_of_delay(later, o, minutes)
    cost: float = sooner[o] * minutes
    return cost


@kernel
def closing_up(shop: Shop, weights: Weights, plan: Plan, o: int) -> float:
    """Estimated change of cost when the operation behind `o` on its machine moves up to where `o` was."""
    f, p, m, ends, setups = plan.following[o], plan.previous[o], plan.machine[o], plan.end, plan.setup
    if f < 0 or shop.pinned[f]:
        return -weights.setup_minutes * float(setups[o])
    free, state, setup, w = 0, shop.initial_family[m], 0, shop.work_centre[o]
    if p >= 0:
        free, state = ends[p], shop.family[p]
    if state >= 0 and shop.family[f] >= 0:
        setup = shop.setup_min[shop.setup_base[w] + state * shop.family_count[w] + shop.family[f]]
    ready = ready_at(shop.pred_ptr, shop.pred, ends, shop.not_before[f], f)
    lo, hi, opens, closes = shop.opens_lo[m], shop.opens_hi[m], shop.opens, shop.closes
    minutes, divisible, always = shop.mode_min[plan.mode[f]], shop.divisible[f], shop.always_open[m]
    end = end_on(lo, hi, opens, closes, shop.before, always, ready, free, setup, minutes, divisible)
    if end >= NEVER:
        return FORBIDDEN
    change = shifted(plan.later, plan.sooner, f, end - ends[f])
    return change + weights.setup_minutes * float(setup - setups[f] - setups[o])


@kernel
def setup_between(shop: Shop, w: int, state: int, o: int) -> int:
    """Set-up minutes from a machine's state to an operation; 0 where one is unknown or it has started."""
    if state < 0 or shop.family[o] < 0 or shop.started[o]:
        return 0
    minutes: int = shop.setup_min[shop.setup_base[w] + state * shop.family_count[w] + shop.family[o]]
    return minutes


@kernel
def look_elsewhere(
    shop: Shop, weights: Weights, plan: Plan, o: int, k: int, lowest: int, highest: int, ready: int,
    leaving: float, temperature: float, best: float,
) -> float:  # fmt: skip
    """The best of `best` and the places near the operation's present start on the machine of mode `k`."""
    sequence, starts, ends, setups, rank = plan.sequence, plan.start, plan.end, plan.setup, plan.rank
    family, counters, later = shop.family, plan.counters, plan.later
    opens, closes, before = shop.opens, shop.closes, shop.before
    m, minutes, w = shop.mode_machine[k], shop.mode_min[k], shop.work_centre[o]
    lo, hi, always, first = shop.opens_lo[m], shop.opens_hi[m], shop.always_open[m], plan.sequence_base[m]
    length, begin, divisible = plan.sequence_len[m], starts[o], shop.divisible[o]
    middle, above = 0, length
    while middle < above:
        half = (middle + above) // 2
        if starts[sequence[first + half]] < begin:
            middle = half + 1
        else:
            above = half
    for q in range(max(0, middle - REACH), min(length, middle + REACH) + 1):
        f, p = -1, -1
        if q < length:
            f = sequence[first + q]
            if rank[f] <= lowest:
                continue
        free, state = 0, shop.initial_family[m]
        if q > 0:
            p = sequence[first + q - 1]
            if rank[p] >= highest:
                break
            free, state = ends[p], family[p]
        setup = setup_between(shop, w, state, o)
        end = end_on(lo, hi, opens, closes, before, always, ready, free, setup, minutes, divisible)
        if end >= NEVER:
            continue
        cost = leaving - temperature * noise(counters, plan.exponential)
        cost += shifted(plan.onward, plan.sooner_onward, o, end - ends[o])
        if f >= 0:
            after = setup_between(shop, w, family[o], f)
            late = end + after - starts[f]
            if not always:
                late = after_work(lo, hi, opens, closes, before, end, after) - starts[f]
            if late > 0:
                if shop.pinned[f]:
                    continue
                cost += cost_of_delay(later, f, late)
            setup += after - setups[f]
        cost += weights.setup_minutes * float(setup)
        if cost < best:
            best, counters[CHOSEN_MODE], counters[CHOSEN_AFTER] = cost, k, p
    return best


@kernel
def end_behind(shop: Shop, plan: Plan, b: int, free: int, setup: int) -> int:
    """Earliest end of an operation on its own machine, behind one that ends at `free`; NEVER if it is pinned
    and cannot start in time.
    """
    m = plan.machine[b]
    lo, hi, opens, closes, before = shop.opens_lo[m], shop.opens_hi[m], shop.opens, shop.closes, shop.before
    if shop.pinned[b]:
        in_time = after_work(lo, hi, opens, closes, before, free, setup) <= plan.start[b]
        end: int = plan.end[b] if in_time else NEVER
        return end
    ready = ready_at(shop.pred_ptr, shop.pred, plan.end, shop.not_before[b], b)
    minutes, always = shop.mode_min[plan.mode[b]], shop.always_open[m]
    return end_on(lo, hi, opens, closes, before, always, ready, free, setup, minutes, shop.divisible[b])


@kernel
def look_later(
    shop: Shop, weights: Weights, plan: Plan, o: int, highest: int, temperature: float, best: float
) -> float:
    """The best of `best` and the places behind the operation's own on its machine: the others move up."""
    sequence, ends, setups, rank, counters = plan.sequence, plan.end, plan.setup, plan.rank, plan.counters
    onward, sooner_onward, family = plan.onward, plan.sooner_onward, shop.family
    m, w, at = plan.machine[o], shop.work_centre[o], plan.place[o]
    first, length = plan.sequence_base[m], plan.sequence_len[m]
    free, state, moved = 0, shop.initial_family[m], 0.0
    if plan.previous[o] >= 0:
        free, state = ends[plan.previous[o]], family[plan.previous[o]]
    for q in range(at + 1, min(length, at + 1 + REACH)):
        b = sequence[first + q]
        if rank[b] >= highest:
            break
        setup = setup_between(shop, w, state, b)
        free, state = end_behind(shop, plan, b, free, setup), family[b]
        if free >= NEVER:
            break
        moved += shifted(onward, sooner_onward, b, free - ends[b])
        moved += weights.setup_minutes * float(setup - setups[b])
        setup = setup_between(shop, w, state, o)
        end = end_behind(shop, plan, o, free, setup)
        if end >= NEVER:
            break
        cost = moved - temperature * noise(counters, plan.exponential)
        cost += shifted(onward, sooner_onward, o, end - ends[o])
        cost += weights.setup_minutes * float(setup - setups[o])
        if q + 1 < length:
            f = sequence[first + q + 1]
            setup = setup_between(shop, w, family[o], f)
            end = end_behind(shop, plan, f, end, setup)
            if end >= NEVER:
                continue
            cost += shifted(plan.later, plan.sooner, f, end - ends[f])
            cost += weights.setup_minutes * float(setup - setups[f])
        if cost < best:
            best, counters[CHOSEN_MODE], counters[CHOSEN_AFTER] = cost, plan.mode[o], b
    return best


@kernel
def look_earlier(
    shop: Shop, weights: Weights, plan: Plan, o: int, lowest: int, temperature: float, best: float
) -> float:
    """The best of `best` and the places before the operation's own on its machine: the others move back."""
    sequence, ends, setups, rank, counters = plan.sequence, plan.end, plan.setup, plan.rank, plan.counters
    m, w, at, family = plan.machine[o], shop.work_centre[o], plan.place[o], shop.family
    first, follows = plan.sequence_base[m], plan.following[o]
    for q in range(at - 1, max(-1, at - 1 - REACH), -1):
        if rank[sequence[first + q]] <= lowest:
            break
        p, free, state = -1, 0, shop.initial_family[m]
        if q > 0:
            p = sequence[first + q - 1]
            free, state = ends[p], family[p]
        cost, b = -temperature * noise(counters, plan.exponential), o
        for i in range(q, at + 2):
            setup = setup_between(shop, w, state, b)
            free, state = end_behind(shop, plan, b, free, setup), family[b]
            if free >= NEVER:
                cost = FORBIDDEN
                break
            cost += weights.setup_minutes * float(setup - setups[b])
            if i == at + 1:
                cost += shifted(plan.later, plan.sooner, b, free - ends[b])
                break
            cost += shifted(plan.onward, plan.sooner_onward, b, free - ends[b])
            b = follows if i == at else sequence[first + i]
            if b < 0:
                break
        if cost < best:
            best, counters[CHOSEN_MODE], counters[CHOSEN_AFTER] = cost, plan.mode[o], p
    return best


@kernel
def best_place(shop: Shop, weights: Weights, plan: Plan, o: int, turn: int, temperature: float) -> float:
    """The place for an operation with the lowest estimated change of cost, each place's blurred by noise.

    Looks at REACH places to either side of where the operation's start falls, on the machines of its modes
    (from the `turn`-th on). Writes mode and the operation it should follow there (-1 = first) to
    CHOSEN_MODE and CHOSEN_AFTER, NOWHERE when there is none that keeps the topological order.
    """
    counters, rank, mode_ptr = plan.counters, plan.rank, shop.mode_ptr
    ready = ready_at(shop.pred_ptr, shop.pred, plan.end, shop.not_before[o], o)
    lowest, highest = counters[FIRST_RANK] - 1, counters[END_RANK]
    for i in range(shop.pred_ptr[o], shop.pred_ptr[o + 1]):
        lowest = max(lowest, rank[shop.pred[i]])
    for i in range(shop.succ_ptr[o], shop.succ_ptr[o + 1]):
        highest = min(highest, rank[shop.succ[i]])
    modes, leaving, best = mode_ptr[o + 1] - mode_ptr[o], closing_up(shop, weights, plan, o), FORBIDDEN
    counters[CHOSEN_MODE], counters[CHOSEN_AFTER] = plan.mode[o], NOWHERE
    for step in range(min(modes, MOST_MACHINES)):
        k = mode_ptr[o] + (turn + step) % modes
        if k != plan.mode[o]:
            best = look_elsewhere(
                shop, weights, plan, o, k, lowest, highest, ready, leaving, temperature, best
            )
        else:
            best = look_later(shop, weights, plan, o, highest, temperature, best)
            best = look_earlier(shop, weights, plan, o, lowest, temperature, best)
    return best
