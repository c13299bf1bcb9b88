"""Local search keeps exact times: what it believes a schedule costs is what a full evaluation says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plants import random_plant, with_pins

from plantbeat.engine.schedule import Moves, evaluate, solve
from plantbeat.engine.schedule.construct import best_construction, constructions
from plantbeat.engine.schedule.improve import _kernels
from plantbeat.engine.schedule.improve.annealing import Chain
from plantbeat.engine.schedule.improve.rows import BEST, COST, COUNTERS, SEED_A, SEED_B
from plantbeat.engine.schedule.rows import as_rows, shop_of


def chain_of(problem, seed, compiled=False):
    shop = shop_of(problem)
    grid = constructions(problem, shop, problem.objective, compiled=compiled, workers=1)
    first, _built = best_construction(grid)
    rows = as_rows(shop, compiled=compiled)
    return Chain(problem, shop, rows, first, problem.objective, seed, compiled)


def as_arrays(plan, *names):
    import numpy as np

    return [np.array(getattr(plan, name), np.int64) for name in names]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_present_and_best_schedule_cost_what_a_full_evaluation_says(seed):
    if (plain := random_plant(seed)) is None:
        return
    problem = with_pins(plain, seed) if seed % 3 == 0 else plain
    chain = chain_of(problem, seed)
    for moves in (1, 7, 60, 150):
        chain.advance(moves)
        machine, start, end, setup = as_arrays(chain.plan, "machine", "start", "end", "setup")
        present = evaluate(problem, machine, start)
        assert present.objective == chain.plan.counters[COST]
        assert present.timing.end.tolist() == end.tolist()
        assert present.timing.setup_min.tolist() == setup.tolist()
        best = chain.improvement()
        assert evaluate(problem, best.machine, best.start).objective == best.objective
        assert best.objective == chain.plan.counters[BEST] <= present.objective


@pytest.mark.parametrize("seed", range(6))
def test_after_fifty_thousand_compiled_moves_the_times_are_still_exact(seed):
    problem = random_plant(seed + 100, most_operations=60)
    chain = chain_of(problem, seed, compiled=True)
    chain.advance(50_000)
    machine, start, end = as_arrays(chain.plan, "machine", "start", "end")
    present = evaluate(problem, machine, start)
    assert present.objective == chain.plan.counters[COST]
    assert present.timing.end.tolist() == end.tolist()
    best = chain.improvement()
    assert evaluate(problem, best.machine, best.start).objective == best.objective


def test_the_rows_of_the_state_agree_with_each_other_after_many_moves():
    problem = random_plant(12, most_operations=40)
    chain = chain_of(problem, 5)
    chain.advance(3_000)
    plan = chain.plan
    for m in range(problem.machines):
        base, length = plan.sequence_base[m], plan.sequence_len[m]
        sequence = plan.sequence[base : base + length]
        assert sequence == sorted(sequence, key=lambda o: (plan.start[o], plan.end[o]))
        assert [plan.place[o] for o in sequence] == list(range(length))
        assert [plan.previous[o] for o in sequence] == [-1, *sequence[:-1]][:length]
        assert [plan.following[o] for o in sequence] == [*sequence[1:], -1][-length:] if length else True
        assert all(plan.machine[o] == m for o in sequence)
    assert sorted(plan.ranked) == list(range(problem.operations))
    assert all(plan.ranked[plan.rank[o]] == o for o in range(problem.operations))
    for o in range(problem.operations):
        assert all(plan.rank[before] < plan.rank[o] for before in problem.predecessors(o))
        assert plan.previous[o] < 0 or plan.rank[plan.previous[o]] < plan.rank[o]
    assert not any(plan.queued)
    assert not any(plan.is_touched)


def test_a_search_that_has_nothing_left_to_gain_ends_before_its_budget():
    problem = random_plant(3, most_operations=3)
    schedule = solve(problem, budget=Moves(10**9))
    assert schedule.moves < 50_000


def test_random_numbers_are_spread_evenly_and_are_the_same_compiled():
    import numpy as np

    plain, compiled = [0] * COUNTERS, np.zeros(COUNTERS, np.int64)
    for state in (plain, compiled):
        state[SEED_A], state[SEED_B] = 12345, 67890
    counts = [0] * 7
    for _ in range(7_000):
        number = _kernels.draw(plain, 7)
        assert number == _kernels.draw.compiled(compiled, 7)
        counts[number] += 1
    assert min(counts) > 850
