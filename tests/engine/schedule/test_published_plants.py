"""Generated plants of the published format: their own check and objective, and the figures to reach."""

import importlib.util
import time

import pytest

from nothing_left_out import MISSING_DATA
from plantbeat.engine.schedule import Moves, check, formats, solve

BEST_OF_30_RULES = {500: 12_690, 2_000: 38_082, 10_000: 299_861}
"""What the best of 30 ATCS list schedules reached when the plants were published, seed 1."""


@pytest.fixture(scope="module")
def generator(reference_data):
    path = reference_data / "scheduling" / "plant_generator.py"
    if not path.is_file():
        pytest.skip(f"{MISSING_DATA}: the plant generator is not at {path}")
    spec = importlib.util.spec_from_file_location("plant_generator", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.requirement("R002", "R004")
@pytest.mark.parametrize("size", [500, 2_000, 10_000])
def test_the_generators_own_check_accepts_the_schedule_and_counts_the_same_objective(generator, size):
    plant = generator.plant(size, 1)
    problem = formats.plant_generator(plant)
    schedule = solve(problem, budget=Moves(0))
    objective, tardiness, makespan, setup = generator.check(plant, schedule.machine, schedule.start)
    assert objective == schedule.objective
    assert tardiness == schedule.terms.weighted_tardiness
    assert makespan == schedule.terms.makespan
    assert setup == schedule.terms.setup_minutes
    assert schedule.bound <= objective <= BEST_OF_30_RULES[size]
    assert schedule.machine.dtype == schedule.start.dtype == "int64"
    assert check(problem, schedule).ok


@pytest.mark.requirement("R002")
def test_ten_thousand_operations_are_scheduled_within_a_second_of_processor_time_once_warm(generator):
    problem = formats.plant_generator(generator.plant(10_000, 1))
    solve(problem, budget=Moves(0))
    begun = time.process_time()
    solve(problem, budget=Moves(0))
    assert time.process_time() - begun <= 1.0


@pytest.mark.requirement("R004")
def test_search_improves_the_best_rule_by_a_fifth_and_more_moves_are_never_worse(generator):
    plant = generator.plant(2_000, 1)
    problem = formats.plant_generator(plant)
    found = [solve(problem, budget=Moves(moves), seed=3) for moves in (0, 20_000, 100_000)]
    values = [schedule.objective for schedule in found]
    assert values[0] > values[1] > values[2]
    assert values[2] <= 0.8 * values[0]
    assert generator.check(plant, found[2].machine, found[2].start)[0] == values[2]
    assert [schedule.moves for schedule in found] == [0, 20_000, 100_000]


def test_a_budget_in_seconds_is_kept(generator):
    problem = formats.plant_generator(generator.plant(500, 2))
    solve(problem, budget=Moves(10))
    begun = time.perf_counter()
    schedule = solve(problem, budget=1.0, workers=2)
    assert time.perf_counter() - begun < 3.0
    assert check(problem, schedule).ok
    assert schedule.moves > 1_000
    assert 0 < schedule.first_s < 1.0


def test_a_budget_of_no_seconds_gives_the_best_rule_at_once(generator):
    problem = formats.plant_generator(generator.plant(500, 2))
    schedule = solve(problem, budget=0)
    assert schedule.moves == 0
    assert schedule.objective == solve(problem, budget=Moves(0)).objective


def test_other_objectives_are_followed(generator):
    from plantbeat.engine.schedule import Objective

    problem = formats.plant_generator(generator.plant(500, 1))
    plain = solve(problem, budget=Moves(30_000))
    few_setups = solve(problem, Objective(setup_minutes=100), budget=Moves(30_000))
    assert few_setups.terms.setup_minutes < plain.terms.setup_minutes
    assert few_setups.objective == few_setups.terms.total(Objective(setup_minutes=100))
    short = solve(problem, Objective(weighted_tardiness=0), budget=Moves(30_000))
    assert short.objective == short.terms.makespan <= plain.terms.makespan
