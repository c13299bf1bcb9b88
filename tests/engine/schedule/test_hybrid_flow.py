"""Hybrid flow shops: which problems are taken, and what a search promises."""

from itertools import permutations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.calendars.worktime import FOREVER, WorkTime
from plantbeat.engine.schedule import Moves, Objective, Problem, check, evaluate, solve
from plantbeat.engine.schedule.flow.method import HybridFlowShop
from plantbeat.engine.schedule.method import Task
from plantbeat.engine.schedule.rows import shop_of

LAST_END = Objective(weighted_tardiness=0)


def random_shop(seed, most_orders=6, most_stages=3, **changes):
    """Orders through stages of one to three machines, the first of at least two."""
    r = Random(seed)
    n, stages = r.randint(1, most_orders), r.randint(1, most_stages)
    count = [r.randint(2, 3), *(r.randint(1, 3) for _ in range(stages - 1))]
    first = [sum(count[:k]) for k in range(stages)]
    minutes = [[r.choice([0, r.randint(1, 9)]) for _ in count] for _ in range(n)]
    rows = {
        "release": [0] * n,
        "due": [0] * n,
        "weight": [1] * n,
        "order_ptr": [j * stages for j in range(n + 1)],
        "work_centre": list(range(stages)) * n,
        "mode_ptr": [0, *(sum((count * n)[: i + 1]) for i in range(n * stages))],
        "mode_machine": [first[k] + i for _ in range(n) for k in range(stages) for i in range(count[k])],
        "mode_min": [row[k] for row in minutes for k in range(stages) for _ in range(count[k])],
        "machine_work_centre": [k for k in range(stages) for _ in range(count[k])],
        "machine_calendar": [0] * sum(count),
        "calendars": WorkTime.of([[(0, FOREVER)]]),
        "objective": LAST_END,
    }
    return Problem(**(rows | changes)), minutes, count


def optimum(minutes, count):
    """Every sequence at every stage, each order on the machine that is free first."""
    best = None
    for lists in product(permutations(range(len(minutes))), repeat=len(count)):
        ready = [0] * len(minutes)
        for k, sequence in enumerate(lists):
            free = [0] * count[k]
            for j in sequence:
                m = free.index(min(free))
                free[m] = ready[j] = max(free[m], ready[j]) + minutes[j][k]
        best = max(ready) if best is None else min(best, max(ready))
    return best


@pytest.mark.requirement("R002")
@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**9))
def test_no_bound_lies_above_the_best_of_all_schedules_and_no_schedule_below_it(seed):
    problem, minutes, count = random_shop(seed, most_orders=4)
    assert HybridFlowShop().suits(problem, LAST_END)
    found, best = solve(problem, budget=Moves(300), seed=seed % 5), optimum(minutes, count)
    assert check(problem, found).ok
    assert found.bound <= best <= found.objective


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_a_larger_budget_is_never_worse_and_the_same_one_gives_the_same_plan(seed):
    problem, _minutes, _count = random_shop(seed, most_orders=12, most_stages=5)
    budgets = (0, 30, 300, 2_500)
    values = [solve(problem, budget=Moves(n), seed=3) for n in budgets]
    assert all(check(problem, found).ok for found in values)
    assert [s.objective for s in values] == sorted((s.objective for s in values), reverse=True)
    assert all(s.moves <= n for s, n in zip(values, budgets, strict=True))
    assert solve(problem, budget=Moves(300), seed=3).start.tolist() == values[2].start.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_machine_code_and_plain_python_find_the_same_schedule(seed):
    problem, _minutes, _count = random_shop(seed + 50, most_orders=14, most_stages=5)
    found = []
    for compiled in (False, True):
        method = HybridFlowShop()
        task = Task(problem, shop_of(problem), LAST_END, 4, 1, compiled, 4_000, None)
        first = min(method.construct(task), key=lambda made: made.objective)
        improved = method.improve(task, first, 0)
        found.append((improved.start.tolist(), improved.objective, improved.moves))
        assert evaluate(problem, improved.machine, improved.start).objective == improved.objective
    assert found[0] == found[1]


def test_two_searches_at_once_keep_to_the_rules():
    problem, _minutes, _count = random_shop(5, 60, 6)
    found = solve(problem, budget=0.5, workers=2)
    assert check(problem, found).ok


@pytest.mark.parametrize(
    ("objective", "changes"),
    [
        (Objective(), {}),
        (Objective(weighted_tardiness=0, flow_time=1), {}),
        (LAST_END, {"calendars": WorkTime.of([[(0, 500), (600, FOREVER)]])}),
        (LAST_END, {"release": [5] * 3}),
        (LAST_END, {"pinned": True}),
    ],
)
def test_what_is_more_than_a_hybrid_flow_shop_is_left_to_others(objective, changes):
    seed = next(s for s in range(100) if random_shop(s)[0].orders == 3)
    if "pinned" in changes:
        problem = random_shop(seed)[0].pinned({0: (0, 0)})
    else:
        problem = random_shop(seed, **changes)[0]
    assert not HybridFlowShop().suits(problem, objective)
    assert check(problem, solve(problem, objective, budget=Moves(20))).ok
