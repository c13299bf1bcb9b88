"""People, crews and tools by name, as in a notebook."""

import pytest

from plantbeat.engine.schedule import Link, Moves, Need, ProblemBuilder, ProblemError, check, solve


def welding_shop(welders_at_night=0):
    shop = ProblemBuilder()
    shop.calendar("day", [(0, 480), (1440, 1920), (2880, 3360)])
    shop.work_centre("weld", setups={("steel", "brass"): 30, ("brass", "steel"): 30})
    for cell in ("W1", "W2"):
        shop.machine(cell, "weld", family="steel")
    shop.crew("welder", 1, calendar="day")
    if welders_at_night:
        shop.crew("welder", welders_at_night)
    shop.operator("Fitter 1", skills=["fitter"])
    shop.tool("jig 7", copies=1)
    for order in ("A", "B"):
        shop.order(order, due=400)
        shop.operation(order, "weld", minutes=300, family="brass", needs=needs())
    return shop


def needs():
    return [Need("welder"), Need("fitter", ["set-up"]), Need("jig 7", ["set-up", "run", "teardown"])]


@pytest.mark.requirement("R010")
def test_one_welder_by_day_and_one_jig_let_only_one_cell_work():
    problem = welding_shop().build()
    schedule = solve(problem, budget=Moves(200))
    assert check(problem, schedule).ok
    # The second needs no set-up behind the first; 150 min are left that day, 150 follow next morning.
    assert sorted(schedule.start.tolist()) == [30, 330]
    assert sorted(schedule.end.tolist()) == [330, 1590]
    used = {problem.secondary.unit_label(u) for u in schedule.unit.tolist()}
    assert used == {"welder 1", "Fitter 1", "jig 7"}


@pytest.mark.requirement("R010")
def test_a_second_welder_who_is_always_there_lets_work_go_on_at_night():
    problem = welding_shop(welders_at_night=1).build()
    schedule = solve(problem, budget=Moves(200))
    assert check(problem, schedule).ok
    assert sorted(schedule.end.tolist()) == [330, 660]


def test_a_person_who_is_taken_twice_is_reported():
    problem = welding_shop(welders_at_night=1).build()
    found = check(problem, ([0, 1], [30, 330], [0, 2, 3, 1, 2, 3]))
    assert found.first is not None
    assert found.first.kind == "unit_overlap"
    assert "jig 7" in str(found.first)


def test_a_transfer_batch_lets_the_next_step_begin_early():
    shop = ProblemBuilder()
    for centre in ("cut", "bend"):
        shop.work_centre(centre)
        shop.machine(centre, centre)
    shop.order("A", due=100, quantity=10)
    shop.operation("A", "cut", minutes=100)
    shop.operation("A", "bend", minutes=50, link=Link(transfer_batch=2))
    problem = shop.build()
    schedule = solve(problem, budget=Moves(10))
    # Bending is faster: it begins so late that its last two pieces (10 min) follow the end of cutting.
    assert schedule.start.tolist() == [0, 60]
    assert schedule.end.tolist() == [100, 110]
    assert check(problem, ([0, 1], [0, 59], [])).first.kind == "transfer_batch"


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        (
            [Need("driller")],
            "needs driller, which nobody and nothing stands for; allowed: welder, fitter, jig 7",
        ),
        ([Need("welder", "run")], "in phases 'run'; allowed are some of set-up, run, teardown"),
        ([Need("welder", count=0)], "needs 0 of welder; allowed is 1 or more"),
        ([Need("jig 7", count=2)], "needs jig 7, jig 7 at once; jig 7 has no unit left for it"),
        ([Need("welder", unit="Fitter 1")], "needs welder from Fitter 1; allowed: welder 1"),
    ],
)
def test_needs_that_nobody_can_meet_are_refused(needs, said):
    shop = welding_shop()
    shop.order("C", due=10)
    shop.operation("C", "weld", minutes=5, family="steel", needs=needs)
    with pytest.raises(ProblemError) as raised:
        shop.build()
    assert said in str(raised.value)
