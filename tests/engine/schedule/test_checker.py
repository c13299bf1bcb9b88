"""The checker rejects every kind of broken schedule and names what is broken."""

from dataclasses import replace
from random import Random

import pytest

from plantbeat.engine.schedule import Moves, ProblemBuilder, ProblemError, check, solve


def shop(**changes):
    """Two machines with breaks; order A: cut then bore, B: cut, C: cut without interruption."""
    builder = ProblemBuilder()
    builder.calendar("day", [(0, 100), (150, 250), (300, 1000)])
    builder.work_centre("cut", setups={("red", "blue"): 20, ("blue", "red"): 30})
    builder.work_centre("bore")
    builder.machine("saw 1", "cut", calendar="day", family="red")
    builder.machine("saw 2", "cut", calendar="day")
    builder.machine("drill", "bore")
    builder.order("A", due=200, release=10, deadline=changes.get("deadline"))
    builder.operation("A", "cut", minutes=40, family="red", step="10")
    builder.operation("A", "bore", minutes=15, step="20")
    builder.order("B", due=150, weight=3)
    builder.operation("B", "cut", minutes={"saw 1": 50}, family="blue", step="10")
    builder.order("C", due=400)
    builder.operation("C", "cut", minutes=60, family="red", step="10", divisible=False)
    if changes.get("pin"):
        builder.pin("C", "10", machine="saw 2", start=160)
    return builder.build()


SAW_1, SAW_2, DRILL = 0, 1, 2
A10, A20, B10, C10 = 0, 1, 2, 3
MACHINE = [SAW_2, DRILL, SAW_1, SAW_2]
START = [10, 50, 20, 160]


def kinds(violations):
    return {violation.kind for violation in violations}


def moved(place, value, row=START):
    return [value if i == place else old for i, old in enumerate(row)]


def test_a_valid_schedule_has_no_violation():
    found = check(shop(), (MACHINE, START))
    assert found.ok
    assert not found
    assert found.first is None
    assert str(found) == "valid"


BROKEN = [
    ("not_eligible", moved(B10, SAW_2, MACHINE), START, "B", "10", "saw 2"),
    ("not_eligible", moved(B10, 99, MACHINE), START, "B", "10", "99"),
    ("before_horizon", MACHINE, moved(B10, -5), "B", "10", "saw 1"),
    ("closed", MACHINE, moved(C10, 120), "C", "10", "saw 2"),
    ("interrupted", MACHINE, moved(C10, 200), "C", "10", "saw 2"),
    ("horizon", MACHINE, moved(C10, 990), "C", "10", "saw 2"),
    ("release", MACHINE, moved(A10, 9), "A", "10", "saw 2"),
    ("precedence", MACHINE, moved(A20, 49), "A", "20", "drill"),
    ("overlap", moved(C10, SAW_1, MACHINE), moved(C10, 30), "C", "10", "saw 1"),
    ("setup", MACHINE, moved(B10, 19), "B", "10", "saw 1"),
]


@pytest.mark.parametrize(("kind", "machine", "start", "order", "step", "name"), BROKEN)
def test_a_broken_rule_is_named_with_order_step_and_machine(kind, machine, start, order, step, name):
    found = check(shop(), (machine, start))
    assert not found.ok
    assert kind in kinds(found)
    violation = next(violation for violation in found if violation.kind == kind)
    assert (violation.order, violation.step, violation.machine) == (order, step, name)
    assert f"order {order} step {step}" in violation.message
    assert f"machine {name}" in str(violation)


def test_a_set_up_needs_open_minutes_before_the_start_and_closed_ones_do_not_count():
    # B ends at 70, its set-up to C takes 30 open minutes: those from 70 to 100. The break begins at 100.
    valid = check(shop(), (moved(C10, SAW_1, MACHINE), moved(C10, 150)))
    assert valid.ok, str(valid)
    later_b = moved(B10, 21)
    found = check(shop(), (moved(C10, SAW_1, MACHINE), moved(C10, 150, later_b)))
    assert kinds(found) == {"setup"}
    assert "needs 30 min of set-up after order B step 10, the machine is open for 29 min" in str(found)


def test_a_moved_pin_is_a_violation():
    assert check(shop(pin=True), (MACHINE, START)).ok
    found = check(shop(pin=True), (MACHINE, moved(C10, 161)))
    assert kinds(found) == {"pin"}
    assert "pinned to machine saw 2 at minute 160" in found[0].message


def test_a_missed_deadline_is_a_violation():
    assert check(shop(deadline=65), (MACHINE, START)).ok
    found = check(shop(deadline=64), (MACHINE, START))
    assert kinds(found) == {"deadline"}
    assert (found[0].order, found[0].machine) == ("A", "drill")


def test_a_missed_deadline_shows_in_the_status_of_the_schedule():
    schedule = solve(shop(deadline=64), budget=Moves(300))
    assert schedule.status == "deadline missed"
    assert schedule.terms.deadline_overrun == 1
    assert kinds(check(shop(deadline=64), schedule)) == {"deadline"}


@pytest.mark.parametrize(
    ("machine", "start"),
    [
        (MACHINE[:-1], START),
        (MACHINE, [*START, 0]),
        (MACHINE, [float(s) for s in START]),
        ([None] * 4, START),
    ],
)
def test_rows_of_another_shape_are_refused(machine, start):
    found = check(shop(), (machine, start))
    assert kinds(found) == {"shape"}
    assert "4 whole numbers" in str(found)


@pytest.mark.parametrize("name", ["objective", "end", "completion", "bound"])
def test_a_schedule_that_is_not_true_about_itself_is_caught(name):
    problem = shop()
    schedule = solve(problem, budget=Moves(100))
    assert check(problem, schedule).ok
    value = getattr(schedule, name)
    false = value + 1 if name != "bound" else schedule.objective + 1
    found = check(problem, replace(schedule, **{name: false}))
    assert kinds(found) == {"claim"}
    assert name in str(found)


def test_the_checker_uses_none_of_the_arithmetic_of_the_engine(monkeypatch):
    from plantbeat.engine.calendars import worktime

    problem = shop()
    for name in ("worked", "first_open", "after_work", "latest_begin", "block_begin", "interval_at"):
        monkeypatch.setattr(worktime, name, None)
    assert check(problem, (MACHINE, START)).ok
    assert not check(problem, (MACHINE, moved(A10, 9))).ok


def test_a_hundred_random_shifts_of_a_tight_schedule_are_judged_like_a_recount():
    r = Random(5)
    problem = shop()
    for _ in range(100):
        o = r.randrange(4)
        start = moved(o, START[o] + r.randint(-30, 30))
        try:
            pinned = problem.pinned({i: (MACHINE[i], start[i]) for i in range(4)})
        except ProblemError:
            assert not check(problem, (MACHINE, start)).ok
            continue
        assert pinned.operations == 4
        assert check(problem, (MACHINE, start)).ok
