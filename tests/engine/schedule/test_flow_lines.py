"""Flow lines without passing: every sequence against the one found, and what a search promises."""

from itertools import permutations
from random import Random

import numpy as np  # noqa: TID253 - arrays are what is tested
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plants import random_spans

from plantbeat.engine.calendars.worktime import FOREVER, NEVER, WorkTime
from plantbeat.engine.schedule import Moves, Objective, Problem, check, evaluate, solve
from plantbeat.engine.schedule.lines import method as lines
from plantbeat.engine.schedule.method import Task
from plantbeat.engine.schedule.rows import shop_of

ALWAYS = [(0, FOREVER)]


def random_line(seed, most_orders=5, most_machines=4, objective=None, closed=True):
    """A small line with set-ups, releases, deadlines, calendars and parallel steps, each now and then."""
    r = Random(seed)
    n, m = r.randint(1, most_orders), r.randint(1, most_machines)
    families = [r.choice([0, 2, 3]) for _ in range(m)]
    calendars = [ALWAYS]
    if closed and r.random() < 0.4:
        spans = random_spans(r, 20)
        calendars.append([*spans[:-1], (spans[-1][0], FOREVER)])
    chained = r.random() < 0.8
    preds = [[k - 1] if chained or r.random() < 0.5 else [] for k in range(1, m)]
    rows = [[], *preds] * n
    pred = [j * m + b for j in range(n) for row in [[], *preds] for b in row]
    objective = objective or Objective(
        weighted_tardiness=r.choice([0, 1, 1]),
        makespan=r.choice([0, 1, 2]),
        setup_minutes=r.choice([0, 0, 2]),
        flow_time=r.choice([0, 0, 1]),
        weighted_late_orders=r.choice([0, 0, 9]),
    )
    release = [r.choice([0, 0, -7, r.randint(0, 80)]) for _ in range(n)]
    return Problem(
        release=release,
        due=[r.randint(-20, 200) for _ in range(n)],
        deadline=[NEVER if r.random() < 0.8 else begin + r.randint(0, 300) for begin in release],
        weight=[r.randint(0, 4) for _ in range(n)],
        order_ptr=[j * m for j in range(n + 1)],
        work_centre=list(range(m)) * n,
        family=[r.randrange(f) if f else -1 for _ in range(n) for f in families],
        divisible=[r.random() < 0.7 for _ in range(n * m)],
        pred_ptr=np.cumsum([0, *map(len, rows)]),
        pred=np.array(pred, np.int64),
        mode_ptr=list(range(n * m + 1)),
        mode_machine=list(range(m)) * n,
        mode_min=[
            r.randint(1 if f else 0, 20 if r.random() < 0.9 else 1) for _ in range(n) for f in families
        ],
        machine_work_centre=list(range(m)),
        machine_calendar=[r.randrange(len(calendars)) for _ in range(m)],
        calendars=WorkTime.of(calendars),
        initial_family=[r.choice([-1, r.randrange(f)]) if f else -1 for f in families],
        machine_line=[0] * m,
        family_count=families,
        setup_min=[r.randint(0, 15) for f in families for _ in range(f * f)],
        objective=objective,
    )


def task_of(problem, seed=0, *, compiled=False, moves=300):
    return Task(problem, shop_of(problem), problem.objective, seed, 1, compiled, moves, None)


def optimum(problem):
    bench = lines.Bench(task_of(problem))
    values = []
    for sequence in permutations(range(problem.orders)):
        made = bench.construction(np.array(sequence))
        if made.stuck < 0:
            value = evaluate(problem, made.result.machine, made.result.start)
            assert made.objective == value.objective
            values.append(value.objective)
    return min(values)


@pytest.mark.requirement("R002")
@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9))
def test_the_best_of_all_sequences_is_found_and_no_bound_lies_above_it(seed):
    problem = random_line(seed)
    found, best = solve(problem, budget=Moves(3_000), seed=seed % 7), optimum(problem)
    assert [v for v in check(problem, found) if v.kind != "deadline"] == []
    assert found.bound <= best == found.objective


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_what_an_insertion_is_said_to_cost_is_what_the_sequence_costs(seed):
    from plantbeat.engine.schedule.lines.greedy import _kernels
    from plantbeat.engine.schedule.lines.rows import HEADS, LENGTH, TAILS

    problem = random_line(seed, most_orders=7)
    bench = lines.Bench(task_of(problem))
    sequence = Random(seed).sample(range(problem.orders), problem.orders)
    last = sequence.pop()
    state = bench.state
    state.sequence[: len(sequence)] = sequence
    state.counters[LENGTH], state.counters[HEADS], state.counters[TAILS] = len(sequence), 0, 0
    bench.run(_kernels.insertion_costs, state, last)
    said = list(state.cost[: len(sequence) + 1])
    true = [bench.cost(np.array([*sequence[:i], last, *sequence[i:]])) for i in range(len(sequence) + 1)]
    assert min(said) == min(true)
    assert all(a in (b, NEVER) for a, b in zip(said, true, strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_machine_code_and_plain_python_find_the_same_sequence(seed):
    goal = [None, Objective(weighted_tardiness=0), Objective(makespan=0)][seed % 3]
    problem = random_line(seed, most_orders=9, objective=goal, closed=seed > 4)
    found = []
    for compiled in (False, True):
        method, task = lines.FlowLines(), task_of(problem, 5, compiled=compiled, moves=2_000)
        first = min(method.construct(task), key=lambda made: (made.stuck, made.objective))
        improved = method.improve(task, first, 0)
        found.append((improved.start.tolist(), improved.objective, improved.moves, first.objective))
        assert evaluate(problem, improved.machine, improved.start).objective == improved.objective
    assert found[0] == found[1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_a_larger_budget_is_never_worse_and_the_same_one_gives_the_same_plan(seed):
    problem = random_line(seed, most_orders=9)
    values = [solve(problem, budget=Moves(n), seed=3) for n in (0, 40, 400, 1_500)]
    assert [s.objective for s in values] == sorted((s.objective for s in values), reverse=True)
    assert all(s.moves <= n for s, n in zip(values, (0, 40, 400, 1_500), strict=True))
    assert solve(problem, budget=Moves(400), seed=3).start.tolist() == values[2].start.tolist()


def test_two_searches_at_once_keep_to_their_time_and_the_rules():
    problem = random_line(11, most_orders=9, objective=Objective(makespan=0))
    big = random_line(4, 60, 6)
    for p in (problem, big):
        found = solve(p, budget=0.5, workers=2)
        assert [v for v in check(p, found) if v.kind != "deadline"] == []


def test_orders_without_length_at_one_minute_pass_nobody():
    rows = {"release": [0, 0], "due": [0, 0], "weight": [1, 1], "order_ptr": [0, 2, 4]}
    problem = Problem(
        **rows,
        work_centre=[0, 1, 0, 1],
        mode_ptr=[0, 1, 2, 3, 4],
        mode_machine=[0, 1, 0, 1],
        mode_min=[0, 9, 0, 1],
        machine_work_centre=[0, 1],
        machine_calendar=[0, 0],
        machine_line=[0, 0],
        calendars=WorkTime.of([ALWAYS]),
    )
    found = solve(problem, budget=Moves(100))
    assert check(problem, found).ok
    assert found.terms.weighted_tardiness == 11
