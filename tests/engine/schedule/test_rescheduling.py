"""Repair after events: every option is valid, what is frozen or runs stays, and what is said is a recount."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np  # noqa: TID253 - the rows of a schedule are arrays
import pytest
from coupled_plants import coupled_plant
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_plants import random_plant

from plantbeat.engine.calendars.worktime import NEVER
from plantbeat.engine.schedule import (
    Moves,
    Problem,
    ProblemBuilder,
    ProblemError,
    check,
    explain,
    reschedule,
    solve,
)
from plantbeat.engine.schedule.repair import (
    Absent,
    ActualTimes,
    Breakdown,
    Hold,
    LateMaterial,
    RushOrder,
)
from plantbeat.engine.schedule.solver import HorizonTooShortError
from plantbeat.engine.schedule.whatif import NotPossibleError

seeds = st.integers(0, 100_000)


def plan(seed: int, make=random_plant):
    problem = make(seed)
    assume(problem is not None)
    try:
        return problem, solve(problem, budget=Moves(60), seed=seed)
    except HorizonTooShortError:
        assume(False)


def minutes(r: Random, schedule) -> tuple[int, int]:
    now = r.randint(0, int(schedule.end.max()))
    return now, now + r.choice([0, 0, r.randint(0, 200)])


def any_events(r: Random, problem: Problem, now: int) -> list:
    machine, order = r.randrange(problem.machines), r.randrange(problem.orders)
    begin = now + r.randint(-20, 60)
    kinds = [
        Breakdown(machine, begin, max(begin, now) + r.randint(1, 300)),
        LateMaterial(now + r.randint(0, 200), order=order),
        LateMaterial(now + r.randint(0, 200), operation=r.randrange(problem.operations)),
        Hold((order,), now + r.randint(0, 200)),
    ]
    if problem.secondary.units:
        kinds.append(Absent(r.randrange(problem.secondary.units), begin, begin + r.randint(1, 300)))
    return r.sample(kinds, r.randint(1, 2))


def violations(problem, schedule) -> list[str]:
    """What the judge says, but for deadlines: an event may make one impossible."""
    return [str(found) for found in check(problem, schedule) if found.kind != "deadline"]


def judged(found, problem, schedule, now: int, freeze: int) -> None:
    """What must hold whatever happened."""
    frozen = np.array(found.frozen, np.int64)
    soon = schedule.setup_start < freeze
    known = len(schedule.machine)
    assert set(np.flatnonzero(soon).tolist()) <= {*found.frozen, *found.hit}
    free = np.setdiff1d(np.arange(problem.operations), np.flatnonzero(found.problem.pin_machine >= 0))
    for option in (found.right_shift, *found.options):
        after = option.schedule
        assert violations(found.problem, after) == [], option.kind
        assert (after.machine[frozen] == schedule.machine[frozen]).all()
        assert (after.start[frozen] == schedule.start[frozen]).all()
        assert (after.start[free] >= now).all()
        recount(option, found, schedule, known)


def recount(option, found, schedule, known: int) -> None:
    after, said = option.schedule, option.difference
    pairs = [(o, int(schedule.start[o]), int(after.start[o])) for o in range(known)]
    assert said.moved == tuple(o for o, was, now in pairs if abs(now - was) > 15)
    assert said.changed_machine == tuple(o for o in range(known) if after.machine[o] != schedule.machine[o])
    told = {*said.moved, *said.changed_machine}
    touched = {int(row[o]) for o in told for row in (schedule.machine, after.machine)}
    assert said.machines == tuple(sorted(touched))
    promises = {
        j: int(after.completion[j] - schedule.completion[j])
        for j in range(len(schedule.completion))
        if after.completion[j] != schedule.completion[j]
    }
    assert {one.order: one.minutes for one in said.promises} == promises
    assert option.stability.promises_moved == len(promises)
    free = [o for o in range(known) if found.problem.pin_machine[o] < 0]
    assert option.stability.operations == len(free)
    if free:
        kept = sum(after.machine[o] == schedule.machine[o] for o in free)
        assert option.stability.kept_machine == kept / len(free)
        near = sum(abs(after.start[o] - schedule.start[o]) <= 30 for o in free)
        assert option.stability.within_30 == near / len(free)


def ranked(found) -> None:
    """Each option is the best by its own measure."""
    every = (found.right_shift, *found.options)
    assert found.least_cost.schedule.objective == min(one.schedule.objective for one in every)
    late = [one.schedule.terms for one in every]
    assert found.least_lateness.schedule.terms.deadline_overrun <= min(one.deadline_overrun for one in late)
    if not any(one.deadline_overrun for one in late):
        least = min(one.weighted_tardiness for one in late)
        assert found.least_lateness.schedule.terms.weighted_tardiness == least


@pytest.mark.requirement("R009")
@pytest.mark.requirement("R104")
@settings(max_examples=100, deadline=None)
@given(seeds)
def test_every_option_is_valid_and_what_is_frozen_stays(seed):
    problem, schedule = plan(seed)
    r = Random(seed)
    now, freeze = minutes(r, schedule)
    events = any_events(r, problem, now)
    try:
        found = reschedule(problem, schedule, events, now=now, freeze_until=freeze, budget=Moves(40))
    except (NotPossibleError, ProblemError) as error:
        assume("does not end" in str(error) or "is open for" in str(error))
        raise AssertionError from error
    judged(found, problem, schedule, now, freeze)
    ranked(found)


@pytest.mark.requirement("R010")
@settings(max_examples=80, deadline=None)
@given(seeds)
def test_people_tools_and_links_are_kept_too(seed):
    problem, schedule = plan(seed, coupled_plant)
    r = Random(seed)
    now, freeze = minutes(r, schedule)
    events = any_events(r, problem, now)
    try:
        found = reschedule(problem, schedule, events, now=now, freeze_until=freeze, budget=Moves(20))
    except NotPossibleError:
        assume((problem.link_most == NEVER).all())
        raise
    judged(found, problem, schedule, now, freeze)
    ranked(found)


@settings(max_examples=80, deadline=None)
@given(seeds)
def test_without_an_event_the_plan_stays_as_it_is_or_begins_earlier(seed):
    problem, schedule = plan(seed)
    now, freeze = minutes(Random(seed), schedule)
    found = reschedule(problem, schedule, [], now=now, freeze_until=freeze, budget=Moves(0))
    assert found.hit == ()
    assert (found.right_shift.schedule.start <= schedule.start).all()
    assert found.right_shift.stability.kept_machine == 1.0


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_same_seed_and_moves_give_the_same_options(seed):
    problem, schedule = plan(seed)
    now, freeze = minutes(Random(seed), schedule)
    events = any_events(Random(seed), problem, now)
    try:
        one, other = (
            reschedule(problem, schedule, events, now=now, freeze_until=freeze, budget=Moves(30), workers=w)
            for w in (1, 2)
        )
    except (NotPossibleError, ProblemError):
        return
    for a, b in zip(one.options, other.options, strict=True):
        assert (a.schedule.start == b.schedule.start).all()
        assert (a.schedule.machine == b.schedule.machine).all()


def two_cutters():
    shop = ProblemBuilder()
    shop.work_centre("cut")
    for machine in ("C1", "C2"):
        shop.machine(machine, "cut")
    for order, due in (("A", 100), ("B", 200), ("C", 300)):
        shop.order(order, due=due)
        shop.operation(order, "cut", minutes={"C1": 100, "C2": 150}, divisible=False)
    problem = shop.build()
    return shop, problem, solve(problem, budget=Moves(0), frozen={0: (0, 0), 1: (0, 100), 2: (0, 200)})


@pytest.mark.requirement("R009")
def test_what_runs_on_a_broken_machine_goes_on_after_the_repair():
    _, problem, schedule = two_cutters()
    found = reschedule(problem, schedule, [Breakdown(0, 60, 360)], now=60, budget=Moves(50))
    assert found.right_shift.schedule.end.tolist() == [400, 500, 600]
    assert found.least_lateness.schedule.end.tolist() == [400, 210, 360]
    assert (found.frozen, found.hit) == ((0,), ())
    assert found.least_lateness.difference.machines == (0, 1)


def test_a_frozen_operation_that_the_event_hits_is_named_and_the_others_stay():
    _, problem, schedule = two_cutters()
    found = reschedule(
        problem, schedule, [Breakdown(0, 130, 140)], now=60, freeze_until=201, budget=Moves(50)
    )
    # B would be interrupted, which is not allowed for it; C behind it cannot begin as planned.
    assert (found.frozen, found.hit) == ((0,), (1, 2))
    assert found.right_shift.schedule.start.tolist() == [0, 140, 240]


@pytest.mark.requirement("R009")
def test_a_rush_order_goes_before_what_has_not_begun():
    shop, _, schedule = two_cutters()
    shop.order("rush", due=180, weight=9)
    shop.operation("rush", "cut", minutes={"C1": 50})
    problem = shop.build()
    found = reschedule(problem, schedule, [RushOrder(3)], now=60, budget=Moves(50))
    assert found.right_shift.schedule.start.tolist() == [0, 150, 250, 100]
    with pytest.raises(ValueError, match=r"order rush has operations .* name it by RushOrder\(3\)"):
        reschedule(problem, schedule, [], now=60)


@pytest.mark.requirement("R104")
def test_late_material_delays_what_waits_for_it_and_lets_others_go_ahead():
    _, problem, schedule = two_cutters()
    found = reschedule(problem, schedule, [LateMaterial(250, order=1)], now=60, budget=Moves(50))
    assert found.right_shift.schedule.start.tolist() == [0, 250, 350]
    assert found.least_lateness.schedule.start.tolist() == [0, 250, 100]


def test_actual_times_move_what_follows():
    _, problem, schedule = two_cutters()
    early = reschedule(problem, schedule, [ActualTimes(0, finished=70)], now=70, budget=Moves(0))
    assert early.right_shift.schedule.start.tolist() == [0, 70, 170]
    late = reschedule(problem, schedule, [ActualTimes(0, started=5, remaining=80)], now=60, budget=Moves(0))
    assert late.right_shift.schedule.start.tolist() == [5, 140, 240]
    waits = reschedule(problem, schedule, [ActualTimes(0)], now=60, budget=Moves(0))
    assert waits.right_shift.schedule.start.tolist() == [60, 160, 260]


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([Breakdown(7, 0, 10)], "machine 7 is unknown; allowed: 0 to 1"),
        ([Breakdown(0, 10, 10)], "end 10; allowed is a minute after begin 10"),
        ([Absent(0, 0, 10)], "unit 0 is unknown; allowed: none"),
        ([LateMaterial(10)], "order and operation; allowed is exactly one of them"),
        ([Hold((5,), 10)], "order 5 is unknown; allowed: 0 to 2"),
        ([RushOrder(1)], "order B is in the schedule already"),
        ([ActualTimes(0, started=3)], "started alone; allowed with finished or remaining"),
        ([ActualTimes(0, started=90, remaining=3)], "allowed is a minute up to now (60)"),
    ],
)
def test_wrong_events_are_refused(events, said):
    _, problem, schedule = two_cutters()
    with pytest.raises(ValueError) as raised:
        reschedule(problem, schedule, events, now=60)
    assert said in str(raised.value)


def test_a_line_without_passing_is_refused():
    shop = ProblemBuilder()
    for centre in ("press", "paint"):
        shop.work_centre(centre)
        shop.machine(centre, centre)
    shop.order("A", due=10)
    shop.operation("A", "press", minutes=5)
    shop.operation("A", "paint", minutes=5)
    line = replace(shop.build(), machine_line=[0, 0])
    schedule = solve(shop.build(), budget=Moves(0))
    with pytest.raises(ProblemError, match="line without passing cannot be repaired"):
        reschedule(line, schedule, [], now=0)


@pytest.mark.requirement("R104")
def test_an_earliest_minute_is_kept_judged_and_explained():
    _, problem, _ = two_cutters()
    held = replace(problem, earliest=[0, 250, 0])
    schedule = solve(held, budget=Moves(50))
    assert check(held, schedule).ok
    assert schedule.start[1] == 250
    early = check(held, (schedule.machine.tolist(), [int(schedule.start[0]), 200, int(schedule.start[2])]))
    assert "earliest" in {found.kind for found in early}
    why = explain(held, schedule, 1)
    assert why.minutes("earliest") == 250
    assert sum(cause.minutes for cause in why.causes) == why.completion - why.begin
