"""Quotes: every promise is a valid schedule, nobody pays where it says so, and the reason adds up."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np  # noqa: TID253 - the rows of a schedule are arrays
import pytest
from coupled_plants import coupled_plant
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from random_plants import random_plant

from plantbeat.engine.schedule import (
    HorizonTooShortError,
    Moves,
    Need,
    ProblemBuilder,
    check,
    evaluate,
    quote,
    solve,
)
from plantbeat.engine.schedule.freezing import frozen_until
from plantbeat.engine.schedule.whatif import NotPossibleError

seeds = st.integers(0, 1_000_000)


def quoted(problem, seed: int):
    """A quote of any order of a plan; the plan with the order's rows empty."""
    assume(problem is not None)
    order = Random(seed).randrange(problem.orders)
    assume(not problem.started[problem.order_of == order].any())
    try:
        plan = solve(problem, budget=Moves(40), seed=seed)
        return plan, quote(problem, plan, order), order
    except (HorizonTooShortError, NotPossibleError):
        assume(False)


def assert_promises_hold(problem, plan, made, order):
    for promise in (made.no_harm, made.soonest, made.queued):
        found = [str(one) for one in check(problem, promise.schedule) if one.kind != "deadline"]
        assert found == []
        again = evaluate(
            problem, promise.schedule.machine, promise.schedule.start, unit=promise.schedule.unit
        )
        assert promise.completion == again.completion[order]
        assert sum(cause.minutes for cause in promise.why.causes) == promise.completion - promise.why.begin
        harm = sum(int(problem.weight[one.order]) * one.minutes for one in promise.harmed)
        assert promise.weighted_harm == harm
        assert order not in [one.order for one in promise.harmed]
        assert promise.sentence
    assert made.soonest.completion <= made.no_harm.completion <= made.queued.completion
    assert made.no_harm.harmed == made.queued.harmed == ()


@pytest.mark.requirement("R103")
@settings(max_examples=120, deadline=None)
@given(seeds)
def test_every_promise_can_be_kept_and_no_harm_means_none(seed):
    problem = random_plant(seed)
    plan, made, order = quoted(problem, seed)
    assert_promises_hold(problem, plan, made, order)


@pytest.mark.requirement("R103")
@settings(max_examples=80, deadline=None)
@given(seeds)
@example(386)  # steps that overlap by transfer batches, pinned
@example(584)  # without the order between them, a set-up of two others is longer than anybody has time for
@example(200503)  # an order in a gap makes the set-up of a pinned operation longer
@example(2729)  # a person whose pinned work, with the longest set-up, overlaps
def test_every_promise_can_be_kept_with_people_tools_and_lags(seed):
    problem = coupled_plant(seed, most_operations=14)
    plan, made, order = quoted(problem, seed)
    assert_promises_hold(problem, plan, made, order)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_rows_of_the_order_do_not_count(seed):
    problem = random_plant(seed)
    plan, made, order = quoted(problem, seed)
    mine = problem.order_of == order
    empty = replace(plan, machine=np.where(mine, -1, plan.machine), start=np.where(mine, -1, plan.start))
    short = replace(plan, machine=plan.machine[~mine], start=plan.start[~mine])
    for other in (empty, short):
        again = quote(problem, other, order)
        assert again.no_harm.completion == made.no_harm.completion
        assert (again.soonest.schedule.start == made.soonest.schedule.start).all()


def weld_shop(people: bool, days: int = 2):
    shop = ProblemBuilder()
    shop.calendar("day", [(1440 * day, 1440 * day + 480) for day in range(days)])
    shop.work_centre("weld", setups={("red", "blue"): 20, ("blue", "red"): 20})
    shop.machine("W1", "weld", calendar="day", family="red")
    if people:
        shop.crew("welder", 1)
    needs = [Need("welder")] if people else []
    for name, due, family in (("A", 120, "red"), ("B", 400, "blue"), ("new", 300, "red")):
        shop.order(name, due=due, weight=3 if name == "B" else 1)
        shop.operation(name, "weld", minutes=100 if name != "B" else 260, family=family, needs=needs)
    return shop.build()


@pytest.mark.requirement("R103")
@pytest.mark.parametrize("people", [False, True])
def test_the_three_promises_of_a_small_shop(people):
    problem = weld_shop(people)
    plan = solve(problem, budget=Moves(0))
    plan = replace(
        plan,
        machine=np.array([0, 0, -1]),
        start=np.array([0, 120, -1]),
        unit=np.array([0, 0, -1][: len(plan.unit)], np.int64),
    )
    made = quote(problem, plan, 2)
    said = [(one.order, one.minutes) for one in made.soonest.harmed]
    assert (made.soonest.completion, said, made.soonest.weighted_harm) == (100, [(1, 80), (0, 80)], 320)
    assert made.soonest.sentence == "order new runs without waiting"
    assert (made.no_harm.completion, made.queued.completion, made.no_harm.late_min) == (1460, 1460, 1160)
    assert made.no_harm.sentence == "calendar of machine W1 closed: 960 min"
    assert made.no_harm.longest_wait.minutes == 960


def test_what_cannot_be_quoted_says_so():
    problem = weld_shop(False)
    plan = solve(problem, budget=Moves(0))
    with pytest.raises(ValueError, match="allowed is 0 to 2"):
        quote(problem, plan, 3)
    with pytest.raises(ValueError, match="it has 1 rows; allowed are 3, or 2 without the order"):
        quote(problem, replace(plan, machine=plan.machine[:1]), 2)
    with pytest.raises(ValueError, match="order A step 10 has no machine"):
        quote(problem, replace(plan, machine=np.array([-1, 0, 0])), 2)
    full = replace(plan, machine=np.array([0, 0, -1]), start=np.array([0, 120, -1]))
    with pytest.raises(NotPossibleError, match="order new step 10 does not end within the calendars"):
        quote(weld_shop(False, days=1), full, 2)


def test_frozen_time_is_not_promised():
    problem = weld_shop(False)
    plan = replace(
        solve(problem, budget=Moves(0)), machine=np.array([0, 0, -1]), start=np.array([0, 120, -1])
    )
    others = replace(plan, setup_start=np.array([0, 100, 9999]), end=np.array([100, 380, 9999]))
    made = quote(frozen_until(problem, others, 60), plan, 2)
    assert made.soonest.schedule.start.tolist() == [0, 220, 100]
