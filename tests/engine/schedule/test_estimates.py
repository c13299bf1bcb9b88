"""What a delay is expected to cost, and the places that are looked at: told before anything is re-timed."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plants import random_plant, with_pins
from test_search import chain_of

from plantbeat.engine.schedule import Objective, ProblemBuilder
from plantbeat.engine.schedule.improve.estimate import _kernels
from plantbeat.engine.schedule.improve.rows import CHOSEN_AFTER, CHOSEN_MODE, COST, COUNTERS, KNOTS, NOISE


def two_late_orders():
    """A before B on one machine, both late from the first minute; B goes on to a second machine."""
    shop = ProblemBuilder()
    for centre, machine in (("saw", "S"), ("drill", "D")):
        shop.work_centre(centre)
        shop.machine(machine, centre)
    shop.order("A", due=0, weight=5)
    shop.operation("A", "saw", minutes=60)
    shop.order("B", due=0, weight=2)
    shop.operation("B", "saw", minutes=60)
    shop.operation("B", "drill", minutes=30)
    return replace(shop.build(), objective=Objective(weighted_tardiness=1, makespan=0))


def curves_of(chain):
    _kernels.cost_curves(chain.rows, chain.weights, chain.plan)
    return chain.plan


def test_a_minute_of_delay_costs_the_weight_of_all_who_wait_for_it():
    chain = chain_of(two_late_orders(), 1)
    plan = curves_of(chain)
    first, second, last = 0, 1, 2
    assert plan.previous[second] == first
    for minutes in (20.0, 50.0, 80.0, 200.0, 1280.0, 5000.0):
        assert _kernels.cost_of_delay(plan.later, last, minutes) == pytest.approx(2 * minutes)
        assert _kernels.cost_of_delay(plan.later, second, minutes) == pytest.approx(2 * minutes)
        assert _kernels.cost_of_delay(plan.later, first, minutes) == pytest.approx(7 * minutes)
        assert _kernels.cost_of_delay(plan.onward, first, minutes) == pytest.approx(5 * minutes)
    assert list(plan.sooner) == [7.0, 2.0, 2.0]
    assert list(plan.sooner_onward) == [5.0, 2.0, 2.0]


def test_the_dearer_order_is_taken_before_the_cheaper_one_and_what_that_saves_is_told_exactly():
    problem = two_late_orders()
    chain = chain_of(problem, 1)
    plan = curves_of(chain)
    before = plan.counters[COST]
    saved = _kernels.best_place(chain.rows, chain.weights, plan, 1, 0, 0.0)
    # B first: A waits 60 minutes longer (5 x 60), B ends 60 minutes sooner (2 x 60).
    assert saved == 5 * 60 - 2 * 60
    assert (plan.counters[CHOSEN_MODE], plan.counters[CHOSEN_AFTER]) == (plan.mode[1], -1)
    assert before == plan.counters[COST]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_curves_rise_with_the_delay_and_begin_at_nothing(seed):
    if (plain := random_plant(seed)) is None:
        return
    problem = with_pins(plain, seed) if seed % 3 == 0 else plain
    chain = chain_of(problem, seed)
    chain.advance(20)
    plan = curves_of(chain)
    for o in range(problem.operations):
        for curve in (plan.later, plan.onward):
            knots = [0.0, *curve[o * KNOTS : o * KNOTS + KNOTS]]
            assert knots == sorted(knots)
        assert plan.later[o * KNOTS] >= plan.onward[o * KNOTS]
        assert plan.sooner[o] >= plan.sooner_onward[o] >= 0


def test_the_noise_has_the_mean_of_its_distribution_and_is_the_same_compiled():
    import numpy as np

    from plantbeat.engine.schedule.improve.rows import exponential_quantiles

    quantiles = exponential_quantiles()
    plain, compiled = [0] * COUNTERS, np.zeros(COUNTERS, np.int64)
    plain[NOISE] = compiled[NOISE] = 12345
    drawn = [_kernels.noise(plain, quantiles) for _ in range(5_000)]
    again = [_kernels.noise.compiled(compiled, np.array(quantiles)) for _ in range(5_000)]
    assert drawn == again
    assert sum(drawn) / len(drawn) == pytest.approx(1.0, abs=0.05)
