"""Plants with people, tools, teardowns, lags and transfer batches."""

from dataclasses import replace
from itertools import permutations, product

import pytest
from coupled_plants import EVERYTHING, coupled_plant
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.calendars.worktime import NEVER
from plantbeat.engine.schedule import (
    Moves,
    ProblemBuilder,
    ProblemError,
    check,
    evaluate,
    explain,
    solve,
    solver,
)
from plantbeat.engine.schedule.coupled.method import Coupled, ListChain
from plantbeat.engine.schedule.coupled.placing import Coupling
from plantbeat.engine.schedule.method import Task
from plantbeat.engine.schedule.rows import shop_of
from plantbeat.engine.schedule.secondary import RUN, SETUP, TEARDOWN
from plantbeat.engine.schedule.solver import HorizonTooShortError

seeds = st.integers(0, 10**9)


def solved(problem, **options):
    """A schedule, or None where the calendars are too short for the random plant."""
    try:
        return solve(problem, **options)
    except HorizonTooShortError:
        return None


@pytest.mark.requirement("R010")
@settings(max_examples=120, deadline=None)
@given(seeds)
def test_every_schedule_is_valid_and_costs_what_is_said(seed):
    if (problem := coupled_plant(seed)) is None:
        return
    if (schedule := solved(problem, budget=Moves(60), seed=seed)) is None:
        return
    assert check(problem, schedule).ok, str(check(problem, schedule).first)
    value = evaluate(problem, schedule.machine, schedule.start, unit=schedule.unit)
    assert value.objective == schedule.objective >= schedule.bound


def chain_of(problem, seed):
    shop = shop_of(problem)
    task = Task(problem, shop, problem.objective, seed, 1, False, 100, None)
    first = next(Coupled().construct(task))
    if first.stuck >= 0:
        return None
    return ListChain(task, Coupling.of(problem, shop), first.blocks, seed)


@settings(max_examples=80, deadline=None)
@given(seeds)
def test_what_the_search_believes_is_what_a_full_evaluation_says(seed):
    problem = coupled_plant(seed)
    if problem is None or not problem.coupled or (chain := chain_of(problem, seed)) is None:
        return
    for moves in (1, 7, 60):
        chain.advance(moves)
        found = chain.improvement()
        best = evaluate(problem, found.machine, found.start, unit=found.unit)
        assert best.objective == found.objective
        assert check(problem, (found.machine, found.start, found.unit)).ok


@pytest.mark.parametrize("seed", range(16))
def test_compiled_code_gives_the_very_schedule_of_plain_python(seed, monkeypatch):
    problem = coupled_plant(seed)
    if problem is None or (plain := solved(problem, budget=Moves(200), seed=seed)) is None:
        return
    monkeypatch.setattr(solver, "PYTHON_BELOW", 0)
    compiled = solve(problem, budget=Moves(200), seed=seed)
    assert plain.machine.tolist() == compiled.machine.tolist()
    assert plain.start.tolist() == compiled.start.tolist()
    assert plain.unit.tolist() == compiled.unit.tolist()
    assert (plain.objective, plain.bound, plain.moves) == (compiled.objective, compiled.bound, compiled.moves)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_more_moves_are_never_worse_and_the_same_moves_give_the_same_schedule(seed):
    if (problem := coupled_plant(seed)) is None or not problem.coupled:
        return
    if (few := solved(problem, budget=Moves(40), seed=seed)) is None:
        return
    again, more = (solve(problem, budget=Moves(moves), seed=seed) for moves in (40, 300))
    assert again.start.tolist() == few.start.tolist()
    assert again.unit.tolist() == few.unit.tolist()
    assert more.objective <= few.objective


class ByTheMinute:
    """Tries every sequence, machine and unit, and places each operation by looking at each minute."""

    def __init__(self, problem, horizon=600):
        self.p, self.horizon = problem, horizon
        self.open = [
            [any(a <= t < b for a, b in problem.calendars.intervals(c)) for t in range(horizon)]
            for c in range(len(problem.calendars.ptr) - 1)
        ]

    def best(self):
        p, n, s = self.p, self.p.operations, self.p.secondary
        pools = [s.pool(int(pool)) for pool in s.need_pool]
        units = [[int(u)] if u >= 0 else pool for u, pool in zip(s.need_unit, pools, strict=True)]
        found = NEVER
        for order in permutations(range(n)):
            if any(order.index(b) > order.index(o) for o in range(n) for b in p.predecessors(o)):
                continue
            for machines in product(*(p.modes(o) for o in range(n))):
                if any(p.started[o] and machines[o] != p.pin_machine[o] for o in range(n)):
                    continue
                for chosen in product(*units):
                    found = min(found, self.cost(order, machines, chosen))
        return found

    def there(self, o, m, chosen, phase):
        """Minutes in which machine and units of a phase are there."""
        calendars = [int(self.p.machine_calendar[m])]
        for i in self.p.secondary.needs(o):
            if self.p.secondary.need_phase[i] & phase:
                calendars.append(int(self.p.secondary.unit_calendar[chosen[i]]))
        return [all(self.open[c][t] for c in calendars) for t in range(self.horizon)]

    def cost(self, order, machines, chosen):
        p, s = self.p, self.p.secondary
        if any(len({chosen[i] for i in s.needs(o)}) < len(s.needs(o)) for o in order):
            return NEVER
        start, end, run_of = {}, {}, {}
        free, family = [0] * p.machines, p.initial_family.tolist()
        unit_free = [0] * s.units
        for o in order:
            m = machines[o]
            setup = 0
            if not p.started[o]:
                setup = p.setup(int(p.machine_work_centre[m]), family[m], int(p.family[o]))
            phases = [self.there(o, m, chosen, phase) for phase in (SETUP, RUN, TEARDOWN)]
            self.placed = start, end, run_of, machines
            times = self.first_fit(o, m, setup, phases, free[m], unit_free, chosen)
            if times is None or (p.started[o] and times[1] != p.pin_start[o]):
                return NEVER
            begin, start[o], end[o], clear = times
            run_of[o], free[m], family[m] = phases[1], clear, int(p.family[o])
            for u, _begin, high in self.busy(o, chosen, begin, start[o], end[o], clear):
                unit_free[u] = max(unit_free[u], high)
        machine, begin = [machines[o] for o in range(p.operations)], [start[o] for o in range(p.operations)]
        import numpy as np

        rows = [np.array(row, np.int64) for row in (machine, begin, chosen)]
        return evaluate(p, *rows[:2], unit=rows[2]).objective

    def busy(self, o, chosen, begin, start, end, clear):
        for i in self.p.secondary.needs(o):
            phase = int(self.p.secondary.need_phase[i])
            low = begin if phase & SETUP else start if phase & RUN else end
            high = clear if phase & TEARDOWN else end if phase & RUN else start
            if low < high:
                yield chosen[i], low, high

    def first_fit(self, o, m, setup, phases, free, unit_free, chosen):
        p, minutes = self.p, self.p.modes(o)[m]
        first = 0 if p.started[o] else int(p.not_before[o])
        for t in range(max(first, free), self.horizon):
            if not phases[1][t]:
                continue
            done = self.walk(phases[1], t, minutes)
            clear = self.walk(phases[2], done, int(p.teardown_min[o])) if done is not None else None
            if clear is None:
                return None
            if not p.divisible[o] and done - t != minutes:
                continue
            begin, left = t, setup
            while left and begin > 0:
                begin -= 1
                left -= phases[0][begin]
            if left or (begin < free and setup):
                continue
            if any(low < unit_free[u] for u, low, _ in self.busy(o, chosen, begin, t, done, clear)):
                continue
            if self.links_kept(o, t, minutes, phases[1]):
                return begin, t, done, clear
        return None

    def links_kept(self, o, t, minutes, run):
        p, (start, end, run_of, machines) = self.p, self.placed
        for k in range(int(p.pred_ptr[o]), int(p.pred_ptr[o + 1])):
            before, batch, quantity = int(p.pred[k]), int(p.link_batch[k]), int(p.quantity[p.order_of[o]])
            if batch:
                lead = -(-p.modes(before)[machines[before]] * batch // quantity)
                if t < self.walk(run_of[before], start[before], lead):
                    return False
                if sum(run[t : end[before]]) > minutes - -(-minutes * batch // quantity):
                    return False
            elif t < end[before] + p.link_least[k]:
                return False
        return True

    def walk(self, there, t, minutes):
        while minutes:
            if t >= self.horizon:
                return None
            minutes -= there[t]
            t += 1
        return t


def small(seed, *features):
    """Up to three operations with some features, without limits of waiting."""
    return coupled_plant(seed, features=features, longest=6, most_operations=3, machines=2)


@pytest.mark.requirement("R010")
@pytest.mark.parametrize("feature", [f for f in EVERYTHING if f != "no_wait"])
def test_each_feature_against_every_schedule_there_is(feature):
    found = compared = 0
    for seed in range(600):
        if compared == 15:
            break
        if (problem := small(seed, feature)) is None or not problem.coupled:
            continue
        if (schedule := solved(problem, budget=Moves(300), seed=seed)) is None:
            continue
        best = ByTheMinute(problem).best()
        assert schedule.bound <= best <= schedule.objective
        compared += 1
        found += schedule.objective == best
    assert compared == 15
    assert found >= 14


def test_a_limit_of_waiting_puts_the_operation_before_off():
    shop = ProblemBuilder()
    shop.work_centre("heat")
    shop.work_centre("press")
    shop.machine("oven", "heat")
    shop.machine("P1", "press")
    shop.order("a", due=100)
    shop.operation("a", "heat", minutes=5)
    shop.operation("a", "press", minutes=10)
    shop.order("busy", due=1, weight=100)
    shop.operation("busy", "press", minutes=40)
    problem = replace(shop.build(), link_most=[0])
    schedule = solve(problem, budget=Moves(100))
    assert schedule.start.tolist() == [35, 40, 0]
    assert check(problem, schedule).ok


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"link_least": [-1]}, "waits -1 min; allowed is a whole number from 0"),
        ({"link_least": [5], "link_most": [4]}, "may wait at most 4 min; allowed is 5 or more"),
        ({"link_batch": [2]}, "transfer batch of 2; allowed is 0 (all) to the quantity 1"),
        ({"teardown_min": [0, -3]}, "teardown -3 min; allowed is a whole number from 0"),
        ({"link_least": [0, 0]}, "link_least has 2 values; allowed are 1"),
    ],
)
def test_what_cannot_couple_is_refused(rows, said):
    shop = ProblemBuilder()
    shop.work_centre("w")
    shop.machine("m", "w")
    shop.order("a", due=100)
    shop.operation("a", "w", minutes=5)
    shop.operation("a", "w", minutes=10)
    problem = shop.build()
    with pytest.raises(ProblemError) as raised:
        replace(problem, **rows)
    assert said in str(raised.value)


@pytest.mark.requirement("R103")
@settings(max_examples=100, deadline=None)
@given(seeds)
def test_the_causes_of_an_order_add_up_to_its_way(seed):
    problem = coupled_plant(seed)
    if problem is None or (schedule := solved(problem, budget=Moves(20), seed=seed)) is None:
        return
    for order in range(problem.orders):
        why = explain(problem, schedule, order)
        assert sum(cause.minutes for cause in why.causes) == why.completion - why.begin
        assert all(cause.minutes > 0 for cause in why.causes)


def test_a_plant_in_which_everything_is_pinned_is_solved_as_it_stands():
    problem = next(p for seed in range(99) if (p := small(seed, "teardown")) is not None and p.coupled)
    plan = solve(problem, budget=Moves(50))
    places = {o: (int(plan.machine[o]), int(plan.start[o])) for o in range(problem.operations)}
    again = solve(problem, budget=Moves(50), frozen=places)
    assert again.start.tolist() == plan.start.tolist()
