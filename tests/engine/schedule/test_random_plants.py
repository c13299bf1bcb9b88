"""Properties of every schedule, over random plants."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plants import random_plant, with_pins

from plantbeat.engine.schedule import Moves, check, evaluate, explain, solve, solver

seeds = st.integers(0, 10**9)


@pytest.mark.requirement("R002", "R004")
@settings(max_examples=120, deadline=None)
@given(seeds)
def test_the_checker_accepts_every_schedule(seed):
    if (problem := random_plant(seed)) is None:
        return
    schedule = solve(problem, budget=Moves(120), seed=seed)
    assert check(problem, schedule).ok, str(check(problem, schedule))
    assert schedule.bound <= schedule.objective


@pytest.mark.requirement("R002")
@settings(max_examples=80, deadline=None)
@given(seeds)
def test_pinned_operations_stay_where_they_are_and_the_rest_fits_around_them(seed):
    if (plain := random_plant(seed)) is None:
        return
    problem = with_pins(plain, seed)
    schedule = solve(problem, budget=Moves(120), seed=seed)
    assert check(problem, schedule).ok, str(check(problem, schedule))
    assert schedule.bound <= schedule.objective
    pinned = problem.pin_machine >= 0
    assert (schedule.machine[pinned] == problem.pin_machine[pinned]).all()
    assert (schedule.start[pinned] == problem.pin_start[pinned]).all()


@pytest.mark.requirement("R103")
@settings(max_examples=80, deadline=None)
@given(seeds)
def test_the_minutes_of_an_explanation_add_up_to_the_way_of_the_order(seed):
    if (plain := random_plant(seed)) is None:
        return
    problem = with_pins(plain, seed) if seed % 2 else plain
    schedule = solve(problem, budget=Moves(30), seed=seed)
    for order in range(problem.orders):
        why = explain(problem, schedule, order)
        assert sum(cause.minutes for cause in why.causes) == why.completion - why.begin
        assert all(cause.minutes > 0 and cause.text for cause in why.causes)
        assert why.completion == schedule.completion[order]
        assert why.minutes("idle") == 0, "no machine stands free and open beside a waiting order"
        own = range(problem.order_ptr[order], problem.order_ptr[order + 1])
        assert why.begin in {max(0, int(problem.release[order])), *(int(schedule.start[o]) for o in own)}


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_more_moves_never_give_a_worse_schedule(seed):
    if (problem := random_plant(seed)) is None:
        return
    found = [solve(problem, budget=Moves(moves), seed=seed).objective for moves in (0, 40, 200, 600)]
    assert found == sorted(found, reverse=True)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_the_same_seed_and_moves_give_the_same_schedule_whatever_the_workers(seed):
    if (problem := random_plant(seed)) is None:
        return
    one = solve(problem, budget=Moves(150), seed=seed, workers=1)
    two = solve(problem, budget=Moves(150), seed=seed, workers=2)
    assert one.machine.tolist() == two.machine.tolist()
    assert one.start.tolist() == two.start.tolist()
    assert (one.objective, one.bound, one.moves) == (two.objective, two.bound, two.moves)


@pytest.mark.parametrize("seed", range(24))
def test_compiled_code_gives_the_very_schedule_of_plain_python(seed, monkeypatch):
    problem = random_plant(seed)
    if problem is None:
        return
    problem = with_pins(problem, seed) if seed % 3 == 0 else problem
    plain = solve(problem, budget=Moves(400), seed=seed)
    monkeypatch.setattr(solver, "PYTHON_BELOW", 0)
    compiled = solve(problem, budget=Moves(400), seed=seed)
    assert plain.machine.tolist() == compiled.machine.tolist()
    assert plain.start.tolist() == compiled.start.tolist()
    assert (plain.objective, plain.bound, plain.moves) == (compiled.objective, compiled.bound, compiled.moves)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_the_reported_objective_is_that_of_machine_and_start_alone(seed):
    if (problem := random_plant(seed)) is None:
        return
    schedule = solve(problem, budget=Moves(100), seed=seed)
    value = evaluate(problem, schedule.machine, schedule.start)
    assert value.objective == schedule.objective == schedule.terms.total(problem.objective)
    assert value.completion.tolist() == schedule.completion.tolist()
    assert schedule.terms.setup_minutes == int(schedule.setup_min.sum())


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_twin_of_a_machine_never_raises_the_lower_bound(seed):
    from dataclasses import replace

    import numpy as np

    if (problem := random_plant(seed)) is None:
        return
    twin = Random(seed).randrange(problem.machines)
    owner = np.repeat(np.arange(problem.operations), np.diff(problem.mode_ptr))
    again = np.flatnonzero(problem.mode_machine == twin)
    order = np.argsort(np.concatenate((owner, owner[again])), kind="stable")
    copied = np.full(len(again), problem.machines)
    richer = replace(
        problem,
        machine_work_centre=[*problem.machine_work_centre, problem.machine_work_centre[twin]],
        machine_calendar=[*problem.machine_calendar, problem.machine_calendar[twin]],
        initial_family=[*problem.initial_family, problem.initial_family[twin]],
        machine_line=[*problem.machine_line, problem.machine_line[twin]],
        mode_ptr=problem.mode_ptr + np.searchsorted(owner[again], np.arange(problem.operations + 1)),
        mode_machine=np.concatenate((problem.mode_machine, copied))[order],
        mode_min=np.concatenate((problem.mode_min, problem.mode_min[again]))[order],
        names=replace(problem.names, machines=(*problem.names.machines, "twin")),
    )
    assert solve(richer, budget=Moves(0)).bound <= solve(problem, budget=Moves(0)).bound


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_what_starts_before_a_minute_can_be_frozen_and_planned_again(seed):
    if (problem := random_plant(seed)) is None:
        return
    first = solve(problem, budget=Moves(60), seed=seed)
    frozen = first.starting_before(sorted(first.start.tolist())[problem.operations // 2] + 1)
    assert frozen
    second = solve(problem, budget=Moves(60), seed=seed + 1, frozen=frozen)
    assert check(problem.pinned(frozen), second).ok
    assert all((second.machine[o], second.start[o]) == place for o, place in frozen.items())


def test_work_that_started_before_its_release_can_make_the_objective_negative_and_the_bound_stays_below():
    problem = random_plant(44)
    assert problem is not None
    schedule = solve(problem, budget=Moves(120), seed=44)
    assert schedule.bound <= schedule.objective < 0
