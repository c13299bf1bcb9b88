"""Tiny plants against every possible schedule, timed minute by minute."""

from itertools import permutations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plants import random_plant

from plantbeat.engine.schedule import Moves, check, evaluate, solve


class MinuteByMinute:
    """Places operations one after the other at their earliest minute, by looking at each minute."""

    def __init__(self, problem):
        self.p = problem
        self.open = [problem.calendars.intervals(int(c)) for c in problem.machine_calendar]

    def is_open(self, machine, minute):
        return any(a <= minute < b for a, b in self.open[machine])

    def placed(self, operation, machine, minutes, end_of, free, family):
        p = self.p
        ready = [end_of[before] for before in p.predecessors(operation)]
        t = max([int(p.not_before[operation]), *ready]) if not p.started[operation] else 0
        setup = 0
        if not p.started[operation]:
            setup = p.setup(int(p.machine_work_centre[machine]), family, int(p.family[operation]))
        while True:
            prepared = sum(self.is_open(machine, u) for u in range(free, t)) >= setup
            if t >= free and prepared and self.is_open(machine, t):
                end, left = t, minutes
                while left:
                    left -= self.is_open(machine, end)
                    end += 1
                if p.divisible[operation] or end - t == minutes:
                    return t, end
            t += 1

    def schedules(self):
        """Machine and start of every schedule in which no operation can start earlier in its sequence."""
        p, n = self.p, self.p.operations
        for order in permutations(range(n)):
            if any(order.index(b) > order.index(o) for o in range(n) for b in p.predecessors(o)):
                continue
            for machines in product(*(p.modes(o) for o in range(n))):
                pins = {o: int(p.pin_machine[o]) for o in range(n) if p.started[o]}
                if any(machines[o] != m for o, m in pins.items()):
                    continue
                if made := self.made(order, machines):
                    yield made

    def made(self, order, machines):
        p = self.p
        start, end = [0] * p.operations, [0] * p.operations
        free, family = [0] * p.machines, p.initial_family.tolist()
        for o in order:
            m = machines[o]
            start[o], end[o] = self.placed(o, m, p.modes(o)[m], end, free[m], family[m])
            if p.started[o] and start[o] != p.pin_start[o]:
                return None
            free[m], family[m] = end[o], int(p.family[o])
        return machines, start


def optimum(problem):
    import numpy as np

    values = []
    for machines, start in MinuteByMinute(problem).schedules():
        machine, begin = np.array(machines, np.int64), np.array(start, np.int64)
        values.append(evaluate(problem, machine, begin).objective)
    return min(values)


def tiny(seed):
    return random_plant(seed, most_operations=4, longest=6, machines=2)


@pytest.mark.requirement("R002")
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_no_schedule_is_better_than_brute_force_and_the_bound_is_never_above_it(seed):
    if (problem := tiny(seed)) is None:
        return
    best = optimum(problem)
    schedule = solve(problem, budget=Moves(400), seed=seed)
    assert schedule.objective >= best
    assert schedule.bound <= best
    assert schedule.status != "optimal" or schedule.objective == best


def test_the_search_finds_nearly_every_optimum_of_tiny_plants():
    plants = [problem for seed in range(60) if (problem := tiny(seed)) is not None]
    found = [solve(problem, budget=Moves(1500)).objective == optimum(problem) for problem in plants]
    assert len(found) >= 50
    assert sum(found) >= 0.95 * len(found)


def test_six_operations_on_two_machines_reach_the_brute_force_optimum():
    r, reached = Random(7), 0
    for _ in range(3):
        problem = None
        while problem is None or problem.operations != 6 or problem.machines > 2 or problem.orders < 3:
            problem = random_plant(r.randrange(10**9), most_operations=6, longest=6, machines=1)
        schedule = solve(problem, budget=Moves(2000))
        assert check(problem, schedule).ok
        assert schedule.bound <= optimum(problem) <= schedule.objective
        reached += schedule.objective == optimum(problem)
    assert reached >= 2
