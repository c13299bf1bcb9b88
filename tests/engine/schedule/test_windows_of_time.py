"""Several cores move operations of one schedule, each in its window of time."""

from itertools import pairwise

import pytest
from random_plants import random_plant, with_pins

from plantbeat.engine.schedule import check, evaluate, solve, solver
from plantbeat.engine.schedule.improve import general
from plantbeat.engine.schedule.improve.windows import together


def test_windows_cover_every_rank_once_and_are_cut_elsewhere_each_turn():
    seen = set()
    for turn in range(6):
        cuts = together.borders(1000, 4, turn).tolist()
        assert cuts[0] == 0
        assert cuts[-1] == 1000
        assert all(a < b for a, b in pairwise(cuts))
        seen.add(tuple(cuts))
    assert len(seen) == 6


@pytest.mark.parametrize("seed", range(10))
def test_what_the_cores_put_together_is_a_valid_schedule_with_exact_times(seed, monkeypatch):
    if (problem := random_plant(seed, most_operations=60)) is None:
        return
    problem = with_pins(problem, seed) if seed % 2 else problem
    monkeypatch.setattr(solver, "PYTHON_BELOW", 0)
    monkeypatch.setattr(general, "FEWEST_OPERATIONS", 1)
    monkeypatch.setattr(together, "SHORTEST_ROUND_S", 0.02)
    first = solve(problem, budget=0)
    schedule = solve(problem, budget=0.4, seed=seed, workers=3)
    assert check(problem, schedule).ok
    assert evaluate(problem, schedule.machine, schedule.start).objective == schedule.objective
    assert schedule.bound <= schedule.objective <= first.objective
