"""Why an order is late, in causes whose minutes add up."""

import pytest

from plantbeat.engine.schedule import Moves, ProblemBuilder, explain, solve


def shop():
    """One machine with a night from 100 to 160; A (red) first, then B (blue) after a set-up of 20 min."""
    builder = ProblemBuilder()
    builder.calendar("day", [(0, 100), (160, 400)])
    builder.work_centre("cut", setups={("red", "blue"): 20, ("blue", "red"): 90})
    builder.machine("saw", "cut", calendar="day")
    builder.order("A", due=50, weight=9)
    builder.operation("A", "cut", minutes=50, family="red")
    builder.order("B", due=90, release=10)
    builder.operation("B", "cut", minutes=60, family="blue")
    return builder.build()


@pytest.mark.requirement("R103")
def test_a_late_order_names_queue_set_up_run_and_night():
    problem = shop()
    schedule = solve(problem, budget=Moves(50))
    why = explain(problem, schedule, 1)
    assert schedule.start.tolist() == [0, 70]
    assert [(cause.kind, cause.minutes) for cause in why.causes] == [
        ("queue", 40),
        ("setup", 20),
        ("run", 60),
        ("closed", 60),
    ]
    assert why.sentences == [
        "waited for machine saw behind order A: 40 min",
        "set-up red → blue on machine saw: 20 min",
        "step 10 runs on machine saw: 60 min",
        "calendar of machine saw closed: 60 min",
    ]
    assert (why.begin, why.due, why.completion, why.late_min) == (10, 90, 190, 100)
    assert why.causes[0].behind == 0
    assert sum(cause.minutes for cause in why.causes) == 180


@pytest.mark.requirement("R103")
def test_an_order_on_time_ran_without_waiting():
    why = explain(shop(), solve(shop(), budget=Moves(50)), 0)
    assert why.late_min == 0
    assert why.sentences == ["step 10 runs on machine saw: 50 min"]


def test_a_pin_and_the_machine_kept_free_for_it_are_causes():
    builder = ProblemBuilder()
    builder.work_centre("cut")
    builder.machine("saw", "cut")
    builder.order("pinned", due=10)
    builder.operation("pinned", "cut", minutes=10)
    builder.pin("pinned", "10", machine="saw", start=30)
    builder.order("long", due=10)
    builder.operation("long", "cut", minutes=40)
    problem = builder.build()
    schedule = solve(problem, budget=Moves(50))
    assert explain(problem, schedule, 0).sentences == [
        "step 10 is pinned to a later start on machine saw: 30 min",
        "step 10 runs on machine saw: 10 min",
    ]
    assert explain(problem, schedule, 1).sentences == [
        "machine saw was kept free for order pinned: 30 min",
        "waited for machine saw behind order pinned: 10 min",
        "step 10 runs on machine saw: 40 min",
    ]


def test_indivisible_work_waits_for_an_open_span_that_is_long_enough():
    builder = ProblemBuilder()
    builder.calendar("day", [(0, 30), (50, 200)])
    builder.work_centre("oven")
    builder.machine("oven 1", "oven", calendar="day")
    builder.order("A", due=10)
    builder.operation("A", "oven", minutes=40, divisible=False)
    problem = builder.build()
    why = explain(problem, solve(problem, budget=Moves(10)), 0)
    assert why.sentences == [
        "open time on machine oven 1 too short for step 10 without a break: 30 min",
        "calendar of machine oven 1 closed: 20 min",
        "step 10 runs on machine oven 1: 40 min",
    ]


def test_of_parallel_steps_the_one_that_ended_last_is_the_way():
    builder = ProblemBuilder()
    builder.work_centre("any")
    for name in ("one", "two"):
        builder.machine(name, "any")
    builder.order("A", due=0)
    builder.operation("A", "any", minutes={"one": 5}, step="short")
    builder.operation("A", "any", minutes={"two": 9}, step="long", after=[])
    builder.operation("A", "any", minutes={"one": 1}, step="join", after=["short", "long"])
    problem = builder.build()
    why = explain(problem, solve(problem, budget=Moves(10)), 0)
    assert why.sentences == ["step long runs on machine two: 9 min", "step join runs on machine one: 1 min"]
    assert why.minutes("run") == why.late_min == 10


def test_started_work_begins_the_way_before_the_release():
    builder = ProblemBuilder()
    builder.work_centre("cut")
    builder.machine("saw", "cut")
    builder.order("A", due=5, release=20)
    builder.operation("A", "cut", minutes=99, step="10")
    builder.operation("A", "cut", minutes=4, step="20")
    builder.started("A", "10", machine="saw", remaining=8)
    problem = builder.build()
    why = explain(problem, solve(problem, budget=Moves(10)), 0)
    assert why.begin == 0
    assert why.sentences == [
        "step 10 runs on machine saw: 8 min",
        "step 20 waited for the release of the order: 12 min",
        "step 20 runs on machine saw: 4 min",
    ]
