"""Trying things in a schedule: every answer is valid, frozen work stays, and consequences are what a recount
says.
"""

from __future__ import annotations

from random import Random

import numpy as np  # noqa: TID253 - the rows of a schedule are arrays
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_plants import random_plant

from plantbeat.engine.schedule import Moves, ProblemBuilder, ProblemError, check, evaluate, solve
from plantbeat.engine.schedule.freezing import frozen_operations, frozen_until
from plantbeat.engine.schedule.whatif import (
    Bench,
    Move,
    NotPossibleError,
    consequences,
    insert_rush,
    place_at,
)

seeds = st.integers(0, 100_000)


def plan(seed: int, **limits: int):
    problem = random_plant(seed, **limits)
    assume(problem is not None)
    return problem, solve(problem, budget=Moves(60), seed=seed)


def violations(problem, schedule) -> list[str]:
    """What the judge says, but for deadlines: a move may miss one, and says so."""
    return [str(found) for found in check(problem, schedule) if found.kind != "deadline"]


def any_move(r: Random, bench: Bench, schedule) -> Move:
    o = r.randrange(bench.problem.operations)
    machine = r.choice(list(bench.problem.modes(o)))
    row = [one for one in bench.sequences(schedule)[machine] if one != o]
    return Move(o, machine, r.choice([-1, *row]))


def frozen_bench(problem, schedule, r: Random) -> tuple[Bench, int]:
    minute = r.randint(0, int(schedule.end.max()))
    return Bench(frozen_until(problem, schedule, minute)), minute


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_timing_the_same_sequences_again_is_never_later(seed):
    problem, schedule = plan(seed)
    again = Bench(problem).timed(Bench(problem).sequences(schedule))
    assert violations(problem, again) == []
    assert (again.end <= schedule.end).all()


@pytest.mark.requirement("R002")
@settings(max_examples=300, deadline=None)
@given(seeds)
def test_after_any_move_the_judge_finds_nothing_and_frozen_work_has_not_moved(seed):
    problem, schedule = plan(seed)
    r = Random(seed)
    bench, minute = frozen_bench(problem, schedule, r)
    move, held = any_move(r, bench, schedule), frozen_operations(problem, schedule, minute)
    if bench.pinned[move.operation]:
        with pytest.raises(NotPossibleError, match="frozen or in work"):
            bench.moved(schedule, move)
        return
    try:
        after = bench.moved(schedule, move)
    except NotPossibleError:
        return
    assert violations(bench.problem, after) == []
    assert violations(problem, after) == []
    assert after.machine[move.operation] == move.machine
    assert (after.start[held] == schedule.start[held]).all()
    assert (after.machine[held] == schedule.machine[held]).all()
    if problem.mode_min.min() > 0:
        free = np.setdiff1d(np.arange(problem.operations), held)
        assert (after.setup_start[free] >= minute).all()


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_consequences_equal_a_recount_from_scratch(seed):
    problem, schedule = plan(seed)
    bench = Bench(problem)
    try:
        after = bench.moved(schedule, any_move(Random(seed), bench, schedule))
    except NotPossibleError:
        return
    said = consequences(problem, schedule, after)
    was, now = (evaluate(problem, s.machine, s.start) for s in (schedule, after))
    assert said.late_minutes == now.tardiness.sum() - was.tardiness.sum()
    assert said.late_orders == (now.tardiness > 0).sum() - (was.tardiness > 0).sum()
    assert said.setup_minutes == now.terms.setup_minutes - was.terms.setup_minutes
    assert said.late_orders == len(said.newly_late) - len(said.saved)
    named = said.newly_late + said.later + said.sooner + said.saved
    assert sum(one.minutes for one in named) == said.late_minutes
    assert after.objective == now.objective


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_a_move_and_its_reverse_give_the_first_times_again(seed):
    problem, solved = plan(seed)
    bench, r = Bench(problem), Random(seed)
    first = bench.timed(bench.sequences(solved))
    move = any_move(r, bench, first)
    if bench.pinned.any():
        return
    home = int(first.machine[move.operation])
    row = bench.sequences(first)[home]
    place = row.index(move.operation)
    try:
        there = bench.moved(first, move)
    except NotPossibleError:
        return
    back = bench.moved(there, Move(move.operation, home, row[place - 1] if place else -1))
    if (problem.mode_min > 0).all():
        assert (back.start == first.start).all()
        assert (back.machine == first.machine).all()


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_compiled_and_plain_timing_agree(seed):
    problem, schedule = plan(seed)
    plain, compiled = Bench(problem, compiled=False), Bench(problem, compiled=True)
    sequences = plain.sequences(schedule)
    one, other = plain.timed(sequences), compiled.timed(sequences)
    for name in ("machine", "start", "end", "setup_min", "setup_start"):
        assert (getattr(one, name) == getattr(other, name)).all()


@settings(max_examples=120, deadline=None)
@given(seeds)
def test_a_solve_after_freezing_leaves_the_frozen_part_alone(seed):
    problem, schedule = plan(seed)
    minute = Random(seed).randint(0, int(schedule.end.max()))
    frozen = frozen_until(problem, schedule, minute)
    again = solve(frozen, budget=Moves(60), seed=seed + 1)
    held = frozen_operations(problem, schedule, minute)
    assert violations(problem, again) == []
    assert (again.start[held] == schedule.start[held]).all()


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_a_single_operation_can_be_frozen_with_what_it_waits_for(seed):
    problem, schedule = plan(seed)
    chosen = Random(seed).randrange(problem.operations)
    try:
        frozen = frozen_until(problem, schedule, 0, [chosen])
    except ProblemError:
        return
    again = solve(frozen, budget=Moves(60), seed=seed + 1)
    assert again.start[chosen] == schedule.start[chosen]
    assert again.machine[chosen] == schedule.machine[chosen]


def without(bench: Bench, schedule, order: int) -> list[list[int]]:
    owner = bench.problem.order_of
    return [[o for o in row if owner[o] != order] for row in bench.sequences(schedule)]


@pytest.mark.requirement("R009")
@settings(max_examples=120, deadline=None)
@given(seeds)
def test_each_way_to_insert_a_rush_order_is_valid_and_keeps_its_promise(seed):
    problem, schedule = plan(seed)
    assume(not (problem.pin_machine >= 0).any())
    bench, order = Bench(problem), Random(seed).randrange(problem.orders)
    rest = without(bench, schedule, order)
    try:
        options = insert_rush(bench, rest, order)
    except NotPossibleError:
        return
    assert 1 <= len(options) <= 3
    for option in options:
        assert violations(problem, option.schedule) == []
        others = [c for c in option.others.harmed if c.order != order]
        assert len(others) == len(option.others.harmed)
        assert option.completion == option.schedule.completion[order]
    kinds = {option.kind: option for option in options}
    assert options[0].kind == "soonest"
    if "no_harm" in kinds:
        assert kinds["no_harm"].others.harmed == ()


def two_machines():
    shop = ProblemBuilder()
    shop.work_centre("cut", setups={("red", "blue"): 20, ("blue", "red"): 20})
    for machine in ("M1", "M2"):
        shop.machine(machine, "cut", family="red")
    for number, (due, family) in enumerate([(60, "red"), (120, "red"), (400, "blue")]):
        shop.order(f"A{number}", due=due)
        shop.operation(f"A{number}", "cut", minutes={"M1": 60}, family=family)
    shop.order("rush", due=70)
    shop.operation("rush", "cut", minutes={"M1": 60, "M2": 90}, family="red")
    return shop.build()


def test_a_rush_order_is_offered_fast_or_without_harm():
    problem = two_machines()
    options = insert_rush(Bench(problem), [[0, 1, 2], []], 3)
    said = {one.kind: (one.completion, one.others.late_orders, one.others.late_minutes) for one in options}
    assert said == {"soonest": (60, 2, 120), "least_harm": (90, 0, 0)}


def test_a_wanted_start_becomes_a_place_in_the_sequence():
    problem = two_machines()
    bench = Bench(problem)
    schedule = bench.timed([[0, 1, 2], [3]])
    assert place_at(schedule, 2, 0, 40) == Move(2, 0, 0)
    assert place_at(schedule, 2, 0, 5) == Move(2, 0, -1)
    assert place_at(schedule, 3, 0, 10_000) == Move(3, 0, 2)


def test_what_cannot_be_says_why():
    shop = ProblemBuilder()
    shop.work_centre("saw")
    shop.work_centre("mill")
    shop.machine("S", "saw")
    shop.machine("M", "mill")
    for name in ("A", "B"):
        shop.order(name, due=100)
        shop.operation(name, "saw", minutes=10)
        shop.operation(name, "mill", minutes=10)
    bench = Bench(shop.build())
    schedule = bench.timed([[0, 2], [1, 3]])
    with pytest.raises(NotPossibleError, match="cannot run on M; allowed: S") as wrong:
        bench.moved(schedule, Move(0, 1, -1))
    assert wrong.value.reason == "not_eligible"
    crossed = bench.moved(schedule, Move(3, 1, -1))
    assert crossed.start.tolist() == [0, 30, 10, 20]


def test_a_step_cannot_come_before_the_step_it_waits_for():
    shop = ProblemBuilder()
    shop.work_centre("cell")
    shop.machine("C", "cell")
    shop.order("A", due=100)
    shop.operation("A", "cell", minutes=10)
    shop.operation("A", "cell", minutes=10)
    bench = Bench(shop.build())
    with pytest.raises(NotPossibleError) as circle:
        bench.moved(bench.timed([[0, 1]]), Move(1, 0, -1))
    assert circle.value.reason == "waits_for_itself"


def test_nothing_begins_in_the_minute_that_a_frozen_operation_without_minutes_leaves_open():
    problem = random_plant(715)
    schedule = solve(problem, budget=Moves(60), seed=715)
    frozen = frozen_until(problem, schedule, 262)
    again = solve(frozen, budget=Moves(60), seed=716)
    assert violations(problem, again) == []
