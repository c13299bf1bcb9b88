"""Annealing over lists: a block goes elsewhere, or an operation to another machine; the rest is placed
anew.
"""

from __future__ import annotations

from plantbeat.engine._kernel_cache import kernel
from plantbeat.engine.calendars.worktime import Row
from plantbeat.engine.schedule._kernels import order_cost
from plantbeat.engine.schedule.coupled._kernels import pass_pins, place_block
from plantbeat.engine.schedule.coupled.rows import (
    NOT_POSSIBLE,
    RISES,
    TRIED,
    Listing,
    Marks,
    Placed,
    Scratch,
    Side,
    State,
)
from plantbeat.engine.schedule.improve._kernels import draw
from plantbeat.engine.schedule.improve.rows import BEST, COST, MOVES
from plantbeat.engine.schedule.rows import Shop, Weights

REACH = 24
"""Places of the list that a block moves at most, up or down, in most moves."""
FAR = 8
"""One move in so many goes up to an eighth of the list away."""


@kernel
def cost_of(shop: Shop, weights: Weights, placed: Placed) -> int:
    """The objective of what is placed."""
    total, last, ends = 0, 0, placed.end
    for j in range(len(shop.due)):
        done = 0
        for o in range(shop.order_ptr[j], shop.order_ptr[j + 1]):
            done = max(done, ends[o])
        last = max(last, done)
        total += order_cost(
            done - shop.due[j], done - shop.deadline[j], done - shop.release[j], shop.weight[j], weights
        )
    if weights.setup_minutes:
        for o in range(len(ends)):
            total += weights.setup_minutes * placed.setup[o]
    return total + weights.makespan * last


@kernel
def mark(state: State, marks: Marks, at: int) -> None:
    """Write the state down as the `at`-th mark."""
    machines, units = len(state.free), len(state.unit_free)
    for m in range(machines):
        marks.free[at * machines + m] = state.free[m]
        marks.family[at * machines + m] = state.family[m]
        marks.next_pin[at * machines + m] = state.next_pin[m]
    for u in range(units):
        marks.unit_free[at * units + u] = state.unit_free[u]


@kernel
def back_to(state: State, marks: Marks, at: int) -> None:
    """Take the state of the `at`-th mark."""
    machines, units = len(state.free), len(state.unit_free)
    for m in range(machines):
        state.free[m] = marks.free[at * machines + m]
        state.family[m] = marks.family[at * machines + m]
        state.next_pin[m] = marks.next_pin[at * machines + m]
    for u in range(units):
        state.unit_free[u] = marks.unit_free[at * units + u]


@kernel
def as_marked(state: State, marks: Marks, at: int) -> int:
    """Whether the state is that of the `at`-th mark."""
    machines, units = len(state.free), len(state.unit_free)
    for m in range(machines):
        if state.free[m] != marks.free[at * machines + m]:
            return 0
        if state.family[m] != marks.family[at * machines + m]:
            return 0
        if state.next_pin[m] != marks.next_pin[at * machines + m]:
            return 0
    for u in range(units):
        if state.unit_free[u] != marks.unit_free[at * units + u]:
            return 0
    return 1


@kernel
def keep_marks(marks: Marks, on_trial: Marks, state: State, first: int, last: int) -> None:
    """Take over the marks of a trial, from the `first`-th up to before the `last`-th."""
    machines, units = len(state.free), len(state.unit_free)
    for i in range(first * machines, last * machines):
        marks.free[i], marks.family[i] = on_trial.free[i], on_trial.family[i]
        marks.next_pin[i] = on_trial.next_pin[i]
    for i in range(first * units, last * units):
        marks.unit_free[i] = on_trial.unit_free[i]


@kernel
def reach_of(side: Side, placed: Placed, kept: Placed, listing: Listing, block: int, reach: int) -> int:
    """Place of the last block that waits for one that is now placed otherwise."""
    for q in range(side.block_ptr[block], side.block_ptr[block + 1]):
        o = side.block_op[q]
        same = placed.end[o] == kept.end[o] and placed.start[o] == kept.start[o]
        if not same or placed.calendar[o] != kept.calendar[o] or placed.minutes[o] != kept.minutes[o]:
            for i in range(side.next_ptr[block], side.next_ptr[block + 1]):
                reach = max(reach, listing.place[side.next[i]])
            return reach
    return reach


@kernel
def place_from(
    shop: Shop, side: Side, state: State, placed: Placed, kept: Placed, scratch: Scratch, marks: Marks,
    on_trial: Marks, listing: Listing, at: int, reach: int,
) -> int:  # fmt: skip
    """Place the list from the `at`-th mark on, up to where nothing changes any more.

    `reach` is the last place of the list that was changed. Returns the place before which everything was
    placed anew, or -1 - o where operation o finds no room.
    """
    blocks, stride = listing.blocks, marks.stride[0]
    back_to(state, marks, at)
    for i in range(at * stride, len(blocks)):
        if i % stride == 0:
            if i > reach and as_marked(state, marks, i // stride):
                return i
            mark(state, on_trial, i // stride)
        stuck = place_block(shop, side, state, placed, scratch, blocks[i], listing.forced)
        if stuck >= 0:
            return -1 - stuck
        reach = reach_of(side, placed, kept, listing, blocks[i], reach)
    for m in range(len(state.free)):
        pass_pins(shop, state, placed, m, shop.pin_ptr[m + 1])
    return len(blocks)


@kernel
def shift(listing: Listing, frm: int, to: int) -> None:
    """Move the block at one place of the list to another; those between make room."""
    blocks, place = listing.blocks, listing.place
    block, step = blocks[frm], 1 if to > frm else -1
    at = frm
    while at != to:
        blocks[at] = blocks[at + step]
        place[blocks[at]] = at
        at += step
    blocks[to] = block
    place[block] = to


@kernel
def target(side: Side, listing: Listing, counters: Row, frm: int) -> int:
    """A place for the block at `frm` behind all it waits for and before all that wait for it."""
    count, block, place = len(listing.blocks), listing.blocks[frm], listing.place
    low, high = 0, count - 1
    for i in range(side.wait_ptr[block], side.wait_ptr[block + 1]):
        low = max(low, place[side.wait[i]] + 1)
    for i in range(side.next_ptr[block], side.next_ptr[block + 1]):
        high = min(high, place[side.next[i]] - 1)
    reach = REACH
    if draw(counters, FAR) == 0:
        reach = max(REACH, count // FAR)
    low, high = max(low, frm - reach), min(high, frm + reach)
    if low >= high:
        return frm
    to: int = low + draw(counters, high - low + 1)
    return to


@kernel
def copy(
    source: Placed, goal: Placed, shop: Shop, side: Side, listing: Listing, first: int, last: int
) -> None:
    """Copy what was placed from the `first` place of the list up to before the `last`."""
    for i in range(first, last):
        block = listing.blocks[i]
        for q in range(side.block_ptr[block], side.block_ptr[block + 1]):
            o = side.block_op[q]
            goal.machine[o], goal.start[o], goal.end[o] = source.machine[o], source.start[o], source.end[o]
            goal.setup[o], goal.setup_begin[o] = source.setup[o], source.setup_begin[o]
            goal.minutes[o], goal.calendar[o] = source.minutes[o], source.calendar[o]
            for k in range(side.need_ptr[o], side.need_ptr[o + 1]):
                goal.unit[k] = source.unit[k]
    for i in range(len(shop.pin_list)):
        goal.setup[shop.pin_list[i]] = source.setup[shop.pin_list[i]]


@kernel
def search(
    shop: Shop, side: Side, weights: Weights, state: State, placed: Placed, kept: Placed, best: Placed,
    scratch: Scratch, marks: Marks, on_trial: Marks, listing: Listing, moves: int, temperature: float,
    cooling: float,
) -> float:  # fmt: skip
    """Try moves, keep what pays at the temperature, remember the best; returns the temperature left.

    What is placed equals what is kept between two moves.
    """
    counters, blocks, forced = listing.counters, listing.blocks, listing.forced
    n, count, stride = len(shop.order_of), len(blocks), marks.stride[0]
    for _ in range(moves):
        counters[MOVES] += 1
        temperature *= cooling
        o, was, frm, to = -1, -1, -1, -1
        if draw(counters, 4) == 0:
            o = draw(counters, n)
            was, modes = forced[o], shop.mode_ptr[o + 1] - shop.mode_ptr[o]
            choice = draw(counters, modes + 1)
            frm = listing.place[side.block_of[o]]
            if modes < 2 or shop.pinned[o] or frm < 0:
                continue
            to = frm
            forced[o] = -1 if choice == modes else shop.mode_ptr[o] + choice
            if forced[o] == was:
                continue
        else:
            frm = draw(counters, count)
            to = target(side, listing, counters, frm)
            if to == frm:
                continue
            shift(listing, frm, to)
        at = min(frm, to) // stride
        last = place_from(
            shop, side, state, placed, kept, scratch, marks, on_trial, listing, at, max(frm, to)
        )
        cost = NOT_POSSIBLE if last < 0 else cost_of(shop, weights, placed)
        if counters[COST] < cost < NOT_POSSIBLE:
            counters[RISES] += cost - counters[COST]
            counters[TRIED] += 1
        limit = temperature * listing.exponential[draw(counters, len(listing.exponential))]
        if cost < NOT_POSSIBLE and cost - counters[COST] <= limit:
            counters[COST] = cost
            copy(placed, kept, shop, side, listing, at * stride, last)
            keep_marks(marks, on_trial, state, at, (last + stride - 1) // stride)
            if cost < counters[BEST]:
                counters[BEST] = cost
                copy(placed, best, shop, side, listing, 0, count)
        else:
            if o >= 0:
                forced[o] = was
            else:
                shift(listing, to, frm)
            copy(kept, placed, shop, side, listing, at * stride, count)
    return temperature
