"""Shops judged by the makespan: sound, never below the bound, small ones optimal, the same each time."""

from dataclasses import replace
from itertools import product
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_shops import MAKESPAN, random_shop

from plantbeat.engine.calendars.worktime import FOREVER, WorkTime
from plantbeat.engine.schedule import (
    Moves,
    Objective,
    Problem,
    ProblemBuilder,
    check,
    evaluate,
    solve,
    solver,
)
from plantbeat.engine.schedule.makespan.bounds import makespan_bound
from plantbeat.engine.schedule.makespan.method import Makespan
from plantbeat.engine.schedule.makespan.proof import prove
from plantbeat.engine.schedule.rows import shop_of


def optimum(problem):
    """The least makespan by trying everything, one operation after another (tiny problems only)."""
    n, best = problem.operations, [10**9]
    pred = [problem.predecessors(o) for o in range(n)]
    release = [max(0, int(problem.release[problem.order_of[o]])) for o in range(n)]

    def place(done, end, free, last):
        if last >= best[0]:
            return
        if len(done) == n:
            best[0] = last
            return
        for o in range(n):
            if o in done or any(p not in done for p in pred[o]):
                continue
            for m, minutes in problem.modes(o).items():
                start = max([release[o], free[m], *(end[p] for p in pred[o])])
                stop = start + minutes
                place(done | {o}, {**end, o: stop}, {**free, m: stop}, max(last, stop))

    place(frozenset(), {}, dict.fromkeys(range(problem.machines), 0), 0)
    return best[0]


def square_shop(jobs, machines, seed):
    """Each job visits each machine once, minutes from 1 to 99 (the recipe of Taillard 1993)."""
    import numpy as np

    r = np.random.default_rng(seed)
    n = jobs * machines
    return Problem(
        release=[0] * jobs,
        due=[0] * jobs,
        weight=[1] * jobs,
        order_ptr=range(0, n + 1, machines),
        work_centre=(visits := np.concatenate([r.permutation(machines) for _ in range(jobs)])),
        mode_ptr=range(n + 1),
        mode_machine=visits,
        mode_min=r.integers(1, 100, n),
        machine_work_centre=range(machines),
        machine_calendar=[0] * machines,
        calendars=WorkTime.of([[(0, FOREVER)]]),
        objective=MAKESPAN,
    )


@pytest.mark.requirement("R002")
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_every_schedule_passes_the_checker_and_costs_what_a_full_evaluation_says(seed):
    problem = random_shop(seed)
    schedule = solve(problem, budget=Moves(300), seed=seed)
    assert check(problem, schedule).ok
    assert schedule.objective == evaluate(problem, schedule.machine, schedule.start).terms.makespan
    assert schedule.bound <= schedule.objective
    assert schedule.moves <= 300


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_no_bound_lies_above_the_optimum_of_a_tiny_shop(seed):
    problem = random_shop(seed, operations=6, machines=3, longest=9)
    best, shop = optimum(problem), shop_of(problem)
    assert makespan_bound(problem, shop, compiled=False) <= best
    schedule = solve(problem, budget=Moves(500), seed=seed)
    assert best <= schedule.objective
    assert schedule.status != "optimal" or schedule.objective == best


def test_nearly_every_tiny_shop_is_solved_to_the_optimum():
    shops = [random_shop(seed, operations=6, machines=3, longest=9) for seed in range(80)]
    reached = [solve(shop, budget=Moves(2_000)).objective == optimum(shop) for shop in shops]
    assert sum(reached) >= 78


@pytest.mark.parametrize("flexible", [False, True])
def test_shops_of_thirty_operations_reach_what_cp_sat_proves(flexible, monkeypatch):
    monkeypatch.setattr(solver, "PYTHON_BELOW", 0)
    reached = 0
    for seed in range(8):
        problem = random_shop(seed, operations=30, machines=4, flexible=flexible)
        schedule = solve(problem, budget=Moves(300_000), seed=seed)
        machine, start, bound = prove(
            problem, schedule.machine, schedule.start, 0, perf_counter() + 20, workers=1, seed=0
        )
        best = evaluate(problem, machine, start).objective
        assert check(problem, (machine.tolist(), start.tolist())).ok
        assert schedule.bound <= best == bound <= schedule.objective
        reached += schedule.objective == best
    assert reached >= 7


def test_the_plan_depends_on_seed_and_moves_alone_and_more_moves_are_never_worse():
    problem, last = random_shop(5, operations=60, machines=6), None
    for moves in (0, 1, 10, 100, 1_000, 5_000):
        one, other = (solve(problem, budget=Moves(moves), seed=3, workers=w) for w in (1, 4))
        assert one.start.tolist() == other.start.tolist()
        assert one.machine.tolist() == other.machine.tolist()
        assert last is None or one.objective <= last
        last = one.objective


def test_machine_code_gives_the_plan_that_plain_python_gives(monkeypatch):
    for seed in range(4):
        problem = random_shop(seed, operations=90, machines=6)
        plain = solve(problem, budget=Moves(3_000), seed=seed)
        monkeypatch.setattr(solver, "PYTHON_BELOW", 0)
        fast = solve(problem, budget=Moves(3_000), seed=seed)
        monkeypatch.undo()
        assert fast.start.tolist() == plain.start.tolist()
        assert (fast.machine.tolist(), fast.moves) == (plain.machine.tolist(), plain.moves)


def test_a_square_shop_comes_close_to_its_bound_and_ends_in_time():
    problem = square_shop(50, 10, 1)
    solve(problem, budget=Moves(1))
    begun = perf_counter()
    schedule = solve(problem, budget=3.0, workers=2)
    assert schedule.gap <= 0.01
    assert check(problem, schedule).ok
    assert perf_counter() - begun <= 4.0


def test_small_shops_are_proved_optimal_within_seconds():
    problem = square_shop(6, 5, 2)
    schedule = solve(problem, budget=6.0, workers=2)
    assert schedule.status == "optimal"


def allowed_shop():
    builder = ProblemBuilder(MAKESPAN)
    builder.work_centre("w")
    builder.machine("m", "w")
    builder.order("o", due=5)
    builder.operation("o", "w", minutes=5)
    return builder


def test_only_the_makespan_and_machines_that_never_close_are_taken():
    problem, method = allowed_shop().build(), Makespan()
    assert method.suits(problem, MAKESPAN)
    assert method.suits(problem, Objective(weighted_tardiness=0, makespan=3))
    for term, count in product(("weighted_tardiness", "flow_time", "weighted_late_orders"), (1, 2)):
        assert not method.suits(problem, replace(MAKESPAN, **{term: count}))
    assert not method.suits(problem, Objective(weighted_tardiness=0, makespan=0))
    assert not method.suits(problem.pinned({0: (0, 4)}), MAKESPAN)
    assert not method.suits(replace(problem, deadline=[9]), MAKESPAN)
    assert not method.suits(replace(problem, calendars=WorkTime.of([[(0, 500)]])), MAKESPAN)
    assert not method.suits(replace(problem, calendars=WorkTime.of([[(3, FOREVER)]])), MAKESPAN)
    line = replace(problem, machine_line=[0])
    assert not method.suits(line, MAKESPAN)


def test_a_weight_of_the_makespan_is_counted_in_objective_and_bound():
    problem, three = square_shop(6, 3, 4), Objective(weighted_tardiness=0, makespan=3)
    one = solve(problem, budget=Moves(500))
    weighted = solve(problem, three, budget=Moves(500))
    assert (weighted.objective, weighted.bound) == (3 * one.objective, 3 * one.bound)
