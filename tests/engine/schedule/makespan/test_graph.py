"""The graph of a schedule: heads and tails after many moves are what timing anew from nothing gives."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_shops import random_shop

from plantbeat.engine.schedule.makespan import _kernels
from plantbeat.engine.schedule.makespan.rows import MAKESPAN, empty_graph, net_of
from plantbeat.engine.schedule.rows import as_rows, shop_of

SAME = ("head", "tail", "ready", "onward", "machine", "minutes", "previous", "following", "place", "length")


def dispatched(problem, seed, compiled=False):
    """Net and graph of a schedule at random."""
    import numpy as np

    net = as_rows(net_of(problem, shop_of(problem)), compiled=compiled)
    graph = as_rows(empty_graph(problem, seed), compiled=compiled)
    room = [np.zeros(size, np.int64) for size in (problem.operations,) * 3 + (problem.machines,)]
    given = room if compiled else [row.tolist() for row in room]
    dispatch, load = _kernels.dispatch, _kernels.load
    (dispatch.compiled if compiled else dispatch)(net, graph, *given, 20)
    (load.compiled if compiled else load)(net, graph)
    return net, graph


def state(graph):
    return {name: [int(value) for value in getattr(graph, name)] for name in SAME}


def assert_exact(net, graph):
    kept, makespan = state(graph), graph.counters[MAKESPAN]
    assert not any(graph.stirred)
    assert sorted(graph.ranked) == list(range(len(graph.rank)))
    assert all(graph.ranked[graph.rank[o]] == o for o in range(len(graph.rank)))
    _kernels.load(net, graph)
    assert state(graph) == kept
    assert graph.counters[MAKESPAN] == makespan == max(map(sum, zip(graph.head, graph.minutes, strict=True)))


def has_circle(net, graph, o, mode, place):
    """Whether routings forbid the move, by walking along all arcs from the operation."""
    m, base = net.mode_machine[mode], graph.base
    rows = {
        k: [w for w in graph.sequence[base[k] : base[k] + graph.length[k]] if w != o]
        for k in range(len(base))
    }
    rows[m].insert(place, o)
    after = {a: b for row in rows.values() for a, b in pairwise(row)}
    seen, open_ = set(), [o]
    while open_:
        w = open_.pop()
        onward = list(net.succ[net.succ_ptr[w] : net.succ_ptr[w + 1]]) + ([after[w]] if w in after else [])
        for s in onward:
            if s == o:
                return True
            if s not in seen:
                seen.add(s)
                open_.append(s)
    return False


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9))
def test_after_any_moves_all_times_are_exact_and_what_routings_forbid_is_refused(seed):
    problem, r = random_shop(seed), Random(seed)
    net, graph = dispatched(problem, seed)
    assert_exact(net, graph)
    for _ in range(25):
        o = r.randrange(problem.operations)
        mode = r.randrange(net.mode_ptr[o], net.mode_ptr[o + 1])
        m = net.mode_machine[mode]
        place = r.randrange(graph.length[m] + (graph.machine[o] != m))
        forbidden, before = has_circle(net, graph, o, mode, place), state(graph)
        assert _kernels.move(net, graph, o, mode, place) == (not forbidden)
        if forbidden:
            assert state(graph) == before
        else:
            assert (graph.mode[o], graph.place[o]) == (mode, place)
        assert_exact(net, graph)


@pytest.mark.parametrize("seed", range(8))
def test_moves_as_machine_code_give_what_plain_python_gives(seed):
    problem, r = random_shop(seed, operations=120), Random(seed)
    plain, fast = dispatched(problem, seed), dispatched(problem, seed, compiled=True)
    for _ in range(300):
        o = r.randrange(problem.operations)
        mode = r.randrange(plain[0].mode_ptr[o], plain[0].mode_ptr[o + 1])
        m = plain[0].mode_machine[mode]
        place = r.randrange(plain[1].length[m] + (plain[1].machine[o] != m))
        done = _kernels.move(*plain, o, mode, place)
        assert _kernels.move.compiled(*fast, o, mode, place) == done
    assert state(plain[1]) == state(fast[1])
