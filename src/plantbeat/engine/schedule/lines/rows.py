"""A flow line as flat rows, and the state of a search over its sequence."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER, Ints, Row
from plantbeat.engine.schedule.improve.rows import SEED_A, SEED_B, exponential_quantiles
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Shop

ENDS, SUMS, CALENDARS = range(3)
"""What has to be computed for an insertion: the last end alone, every order's end, or with calendars."""
ORDERS, MACHINES, HAS_SETUPS, COMPUTED = range(4)
"""Places in `Line.sizes`."""
MAKESPAN, SETUPS, FLOW, OVERRUN, ONLY_LATE = range(5)
"""Places in `Line.weights`."""
COST, INCUMBENT, BEST, MOVES = range(4)
"""Counters; SEED_A and SEED_B are the next two."""
PHASE, LENGTH, POINTER, FRUITLESS, PLACED, HEADS, TAILS = range(SEED_B + 1, SEED_B + 8)
COUNTERS = SEED_B + 8
DENSE_CELLS = 1 << 24
"""Up to this size set-ups are kept per pair of orders, in the order in which a search reads them."""
NARROW = 1 << 29
"""Minutes below this fit into 32 bits, with room for a sum."""


class Line(NamedTuple):
    """A flow line; per order and machine (order x machines + machine), per order, or as it says."""

    minutes: Row
    cell_from: Row  # set-up between two orders: setup[cell_from[before] + cell_to[after]]; the last order of
    cell_to: Row  # cell_from stands for the machine's initial state
    setup: Row
    release: Row
    counted_from: Row  # minute from which flow time counts
    due: Row
    deadline: Row
    late: Row  # cost of a minute late
    late_once: Row  # cost of being late
    sizes: Row  # orders, machines, whether there are set-ups, what is computed (ENDS, SUMS, CALENDARS)
    weights: (
        Row  # of makespan, set-up minutes, flow time, deadline overrun; then whether only lateness counts
    )


class Search(NamedTuple):
    """State of a search: sequences of orders, and room for the times of trial insertions."""

    sequence: Row  # worked on; LENGTH of it are placed
    incumbent: Row
    best: Row
    removed: Row
    turn: Row  # the orders in which local search tries them
    cost: Row  # of an insertion at each place
    behind: Row  # per place: what decides between equal costs
    lanes: Row  # rows per machine: the end on it, for each place of the insertion
    heads: Row  # (place x machines + machine): ends in the sequence as it is
    tails: Row  # the same from the end: minutes that still follow
    soonest: Row  # per place from the end: the end that the releases from there on allow
    trial: Row  # ends of an order and of the one before it, per machine
    exponential: Row
    counters: Row


def _families(p: Problem, machines: list[int]) -> Ints:
    """Family of each order on each machine of the line, -1 where there are no set-ups."""
    return p.family.reshape(p.orders, len(machines))


def _setup_rows(p: Problem, machines: list[int]) -> tuple[Ints, Ints, Ints]:
    """`cell_from`, `cell_to` and `setup` of a line; an empty first row when no set-up takes time."""
    n, m = p.orders, len(machines)
    centre = p.machine_work_centre[machines]
    count, base = p.family_count[centre], p.setup_base[centre]
    if not len(p.setup_min) or not p.setup_min.any():
        return np.zeros((n + 1) * m, np.int64), np.zeros(n * m, np.int64), np.zeros(1, np.int64)
    nothing = len(p.setup_min)
    table = np.concatenate((p.setup_min, np.zeros(int(count.max(initial=1)) + 1, np.int64)))
    family = _families(p, machines)
    before = np.concatenate((family, p.initial_family[machines].reshape(1, m)))
    cell_from = np.where(before >= 0, base + before * count, nothing)
    cell_to = np.maximum(family, 0)
    kinds, kind_of = np.unique(family, axis=0, return_inverse=True)
    kind_of = kind_of.reshape(-1)
    if (len(kinds) + 1) * len(kinds) * m <= DENSE_CELLS:
        first = np.unique(kind_of, return_index=True)[1]
        rows = np.concatenate((cell_from[first], cell_from[n:]))
        table = table[rows[:, None, :] + cell_to[first][None, :, :]].reshape(-1)
        kind_before = np.concatenate((kind_of, [len(kinds)]))
        cell_from = kind_before[:, None] * (len(kinds) * m) + np.arange(m)
        cell_to = np.repeat(kind_of[:, None] * m, m, axis=1)
    return cell_from.reshape(-1), cell_to.reshape(-1), table


def computed(p: Problem, shop: Shop, objective: Objective) -> int:
    """What an insertion has to compute: see ENDS, SUMS, CALENDARS."""
    follows = np.ones(p.operations, np.int64)
    follows[p.order_ptr[:-1]] = 0
    chained = np.array_equal(np.diff(p.pred_ptr), follows) and np.array_equal(
        p.pred, np.flatnonzero(follows) - 1
    )
    if not shop.always_open.all() or not chained:
        return CALENDARS
    late = (objective.weighted_tardiness or objective.weighted_late_orders) and p.weight.any()
    overrun = objective.deadline_overrun and (p.deadline < NEVER).any()
    return SUMS if late or overrun or objective.flow_time else ENDS


def line_of(p: Problem, shop: Shop, objective: Objective) -> Line:
    """Rows of a problem whose machines are one line, as int64 arrays."""
    machines = list(p.lines[0])
    cell_from, cell_to, setup = _setup_rows(p, machines)
    only_late = not (objective.flow_time or objective.weighted_late_orders) and not (
        objective.deadline_overrun and (p.deadline < NEVER).any()
    )
    sizes = [p.orders, len(machines), int(setup.any()), computed(p, shop, objective)]
    weights = [
        objective.makespan,
        objective.setup_minutes,
        objective.flow_time,
        objective.deadline_overrun,
        int(only_late),
    ]
    return Line(
        minutes=p.mode_min,
        cell_from=cell_from,
        cell_to=cell_to,
        setup=setup,
        release=np.maximum(p.release, 0),
        counted_from=p.release,
        due=p.due,
        deadline=p.deadline,
        late=objective.weighted_tardiness * p.weight,
        late_once=objective.weighted_late_orders * p.weight,
        sizes=np.array(sizes, np.int64),
        weights=np.array(weights, np.int64),
    )


def _kind(line: Line) -> type:
    """Width of a minute: 32 bits where no end of any sequence can lie further away."""
    most = int(line.minutes.sum()) + int(line.release.max()) + int(line.setup.max()) * len(line.minutes)
    return np.int32 if line.sizes[COMPUTED] != CALENDARS and most < NARROW else np.int64


def line_rows(line: Line, *, compiled: bool) -> Line:
    """The rows in the form the kernels take: lists, or arrays of 32 bits where all minutes fit."""
    if not compiled:
        return Line(*(row.tolist() for row in line))
    kind = _kind(line)
    narrow: dict[str, Any] = {
        name: np.array(getattr(line, name), kind) for name in ("minutes", "release", "setup")
    }
    return Line(*(np.array(row, np.int64) for row in line))._replace(**narrow)


def search_of(p: Problem, line: Line, seed: int, *, compiled: bool) -> Search:
    """The state before a search, with an empty sequence, in the form the kernels take."""
    n, m = p.orders, len(p.lines[0])
    counters = np.zeros(COUNTERS, np.int64)
    mixed = np.random.SeedSequence(seed).generate_state(2)
    counters[SEED_A], counters[SEED_B] = 1 + mixed[0] % 2147483562, 1 + mixed[1] % 2147483398
    counters[BEST] = counters[INCUMBENT] = NEVER
    arrays: dict[str, Any] = {
        "sequence": np.arange(n),
        "incumbent": np.arange(n),
        "best": np.arange(n),
        "removed": np.zeros(n, np.int64),
        "turn": np.arange(n),
        "cost": np.zeros(n + 1, np.int64),
        "behind": np.zeros(n + 1, np.int64),
        "lanes": np.zeros((m, n + 1), np.int64),
        "heads": np.zeros((n + 2) * m, np.int64),
        "tails": np.zeros((n + 2) * m, np.int64),
        "soonest": np.zeros(n + 2, np.int64),
        "trial": np.zeros(2 * m, np.int64),
        "exponential": np.array(exponential_quantiles()),
        "counters": counters,
    }
    if not compiled:
        return Search(**{name: row.tolist() for name, row in arrays.items()})
    kind = _kind(line)
    for name in ("lanes", "heads", "tails"):
        arrays[name] = arrays[name].astype(kind)
    return Search(**arrays)
