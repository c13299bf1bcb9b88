"""Deadlines that cannot be met are named with numbers, and never without reason."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from coupled_plants import coupled_plant
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_plants import random_plant, with_pins

from plantbeat.engine.calendars.worktime import NEVER
from plantbeat.engine.schedule import (
    HorizonTooShortError,
    Moves,
    Need,
    ProblemBuilder,
    ProblemError,
    check,
    conflicts,
    solve,
)

seeds = st.integers(0, 1_000_000)


def tight(problem, seed: int):
    """The plant with deadlines that one valid schedule meets, most of them exactly."""
    r = Random(seed)
    assume(problem is not None)
    try:
        plan = solve(problem, budget=Moves(40), seed=seed)
    except HorizonTooShortError:
        assume(False)
    deadline = [r.choice([end, end, end + r.randint(0, 30), NEVER]) for end in plan.completion.tolist()]
    # Started work of an order may end before its release, where a deadline may not lie.
    deadline = [max(pair) for pair in zip(deadline, problem.release.tolist(), strict=True)]
    made = replace(problem, deadline=deadline)
    assert check(made, plan).ok
    return made, plan


@pytest.mark.requirement("R103")
@settings(max_examples=200, deadline=None)
@given(seeds, st.booleans())
def test_what_a_schedule_meets_is_no_conflict(seed, pinned):
    problem = random_plant(seed)
    made, _ = tight(with_pins(problem, seed) if pinned and problem is not None else problem, seed)
    assert conflicts(made) == []


@pytest.mark.requirement("R103")
@settings(max_examples=150, deadline=None)
@given(seeds)
def test_what_a_schedule_with_people_meets_is_no_conflict(seed):
    made, plan = tight(coupled_plant(seed, most_operations=14), seed)
    assert conflicts(made) == []
    s = made.secondary
    try:
        unit = replace(s, need_unit=plan.unit)
        held = replace(made, secondary=unit, pin_machine=plan.machine, pin_start=plan.start)
    except ProblemError:
        return
    assert conflicts(held) == []


def overloaded(seed: int):
    """A shop of three work centres, and so much due work at one of them that it cannot be done."""
    r, shop = Random(seed), ProblemBuilder()
    shop.calendar("day", [(1440 * day, 1440 * day + 480) for day in range(20)])
    machines = [r.randint(1, 3) for _ in range(3)]
    for w, count in enumerate(machines):
        shop.work_centre(f"W{w}")
        for m in range(count):
            shop.machine(f"W{w}-{m}", f"W{w}", calendar=r.choice(["day", None]))
    for number in range(10):
        shop.order(f"free {number}", due=r.randint(0, 5000), deadline=20_000 if r.random() < 0.5 else None)
        for w in r.sample(range(3), r.randint(1, 3)):
            shop.operation(f"free {number}", f"W{w}", minutes=r.randint(10, 60))
    bad, day = r.randrange(3), r.randint(1, 4)
    begin, until = 1440 * r.randrange(day), 1440 * day
    left = machines[bad] * (until - begin) * r.uniform(1.02, 1.4)
    named = set()
    while left > 0:
        minutes = min(int(left) + 1, r.randint(50, 300))
        name = f"bad {len(named)}"
        named.add(name)
        shop.order(name, due=until, release=begin, deadline=until)
        shop.operation(name, f"W{bad}", minutes=minutes)
        left -= minutes
    return shop.build(), bad, named


@pytest.mark.requirement("R103")
def test_seeded_overloads_are_named():
    right = 0
    for seed in range(100):
        problem, bad, named = overloaded(seed)
        found = conflicts(problem)
        right += bool(found) and all(
            {int(problem.machine_work_centre[m]) for m in one.resources} <= {bad}
            and {problem.order_label(j) for j in one.orders} <= named
            and one.needs_min > one.offers_min
            for one in found
        )
    assert right >= 95


def weld_shop(**deadlines: int):
    shop = ProblemBuilder()
    shop.calendar("day", [(1440 * day, 1440 * day + 480) for day in range(5)])
    shop.work_centre("WELD", setups={("steel", "brass"): 30, ("brass", "steel"): 40})
    for machine in ("W1", "W2"):
        shop.machine(machine, "WELD", calendar="day")
    shop.crew("welder", 1, calendar="day")
    for number, (name, deadline) in enumerate(deadlines.items()):
        shop.order(name, due=deadline, deadline=deadline)
        shop.operation(name, "WELD", minutes=300, family=("steel", "brass")[number % 2])
    return shop


def test_the_window_that_is_too_small_is_told_in_minutes():
    found = conflicts(weld_shop(A=1440, B=1440, C=1440, D=1440, E=9000).build())
    assert [one.text for one in found] == [
        "orders A, B, C, D need 1200 min of WELD between minute 0 and 1440; the calendar offers 960 min"
    ]
    assert (found[0].kind, found[0].orders, found[0].resources) == ("machines", (0, 1, 2, 3), (0, 1))


def test_set_ups_that_cannot_be_avoided_count():
    shop = ProblemBuilder()
    shop.work_centre("WELD", setups={("*", "*"): 30}, families=["a", "b", "c"])
    shop.machine("W1", "WELD")
    for name in ("a", "b", "c"):
        shop.order(name, due=160, deadline=160)
        shop.operation(name, "WELD", minutes=40, family=name)
    (found,) = conflicts(shop.build())
    assert (found.needs_min, found.setup_min, found.offers_min) == (180, 60, 160)
    assert "need 180 min, 60 of them for set-ups, of WELD" in found.text


def test_people_of_whom_there_are_too_few_are_named():
    shop = weld_shop()
    for name in ("A", "B"):
        shop.order(name, due=480, deadline=480)
        shop.operation(name, "WELD", minutes=300, family="steel", needs=[Need("welder")])
    (found,) = conflicts(shop.build())
    assert (found.kind, found.resources, found.needs_min, found.offers_min) == ("units", (0,), 600, 480)
    assert found.text.startswith("orders A, B need 600 min of welder between minute 0 and 480;")


def test_an_order_that_is_late_alone_says_by_when_it_ends():
    found = conflicts(weld_shop(A=200).build())
    assert [one.text for one in found] == [
        "order A: step 10 ends at minute 300 at the earliest, but must by minute 200"
    ]
    assert (found[0].kind, found[0].needs_min, found[0].offers_min) == ("order", 300, 200)
