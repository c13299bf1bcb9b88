"""Every fault in a problem's data is named: which order, step or machine, what is wrong, what is allowed."""

from dataclasses import replace

import pytest

from plantbeat.engine.calendars.worktime import FOREVER, WorkTime
from plantbeat.engine.schedule import Moves, Objective, Problem, ProblemBuilder, ProblemError, solve


def rows(**changes):
    """Two orders of two steps on two machines of two work centres, one of them with set-ups."""
    plain = {
        "release": [0, 10],
        "due": [100, 120],
        "weight": [1, 2],
        "order_ptr": [0, 2, 4],
        "work_centre": [0, 1, 0, 1],
        "family": [0, -1, 1, -1],
        "mode_ptr": [0, 1, 2, 3, 4],
        "mode_machine": [0, 1, 0, 1],
        "mode_min": [30, 20, 40, 10],
        "machine_work_centre": [0, 1],
        "machine_calendar": [0, 0],
        "calendars": WorkTime.of([[(0, 200), (300, 900)]]),
        "family_count": [2, 0],
        "setup_min": [0, 15, 25, 0],
    }
    return plain | changes


FAULTS = [
    ({"due": [100]}, "due has 1 values; allowed are 2"),
    ({"weight": [1.5, 2.0]}, "weight must be one flat row of whole numbers"),
    ({"weight": ["a", "b"]}, "weight must be one flat row of whole numbers"),
    ({"release": [[0, 10]]}, "release must be one flat row"),
    ({"divisible": [1, 1, 1, 1]}, "divisible must be one flat row of true or false"),
    ({"order_ptr": [0, 3, 2]}, "order_ptr must rise from 0 to 4"),
    ({"order_ptr": [0, 4, 4]}, "order 1 has no operations"),
    ({"mode_ptr": [0, 1, 2, 3, 9]}, "mode_ptr must rise from 0 to 4"),
    ({"weight": [1, -2]}, "order 1: weight -2; allowed is a whole number from 0"),
    ({"quantity": [1, 0]}, "order 1: quantity 0; allowed is more than 0"),
    ({"due": [100, 2**50]}, "order 1: due"),
    ({"deadline": [5, 1]}, "order 1: deadline 1; allowed is its release 10 or later"),
    ({"work_centre": [0, 7, 0, 1]}, "order 0 step 2: work centre 7 is unknown; allowed are 0 to 1"),
    (
        {"family": [0, -1, 5, -1]},
        "order 1 step 1: set-up family 5 is unknown at work centre 0; allowed: 0, 1",
    ),
    ({"family": [0, -1, -1, -1]}, "order 1 step 1: set-up family -1 is unknown"),
    ({"family": [0, 0, 1, -1]}, "order 0 step 2: set-up family 0 is unknown at work centre 1; allowed: none"),
    ({"mode_ptr": [0, 1, 2, 4, 4]}, "order 1 step 2: no machine is allowed for it"),
    ({"mode_machine": [0, 1, 0, 4]}, "order 1 step 2: machine 4 is unknown"),
    ({"mode_machine": [0, 1, 1, 1]}, "order 1 step 1: machine 1 does not belong to work centre 0"),
    ({"mode_min": [30, -1, 40, 10]}, "order 0 step 2: -1 min on machine 1; allowed is a whole number from 0"),
    ({"mode_min": [0, 20, 40, 10]}, "order 0 step 1: 0 min on machine 0; allowed is a whole number from 1"),
    (
        {"mode_ptr": [0, 2, 3, 4, 5], "mode_machine": [0, 0, 1, 0, 1], "mode_min": [30, 30, 20, 40, 10]},
        "order 0 step 1: machine 0 is listed twice",
    ),
    ({"pred_ptr": [0, 0, 1, 1, 2], "pred": [0, 3]}, "order 1 step 2: predecessor 3 must be an operation"),
    ({"pred_ptr": [0, 0, 1, 1, 2], "pred": [0, 0]}, "order 1 step 2: predecessor 0 must be an operation"),
    ({"machine_work_centre": [0, 5]}, "machine 1: work centre 5 is unknown; allowed are 0 to 1"),
    ({"machine_calendar": [0, 3]}, "machine 1: calendar 3 is unknown; allowed are 0 to 0"),
    ({"initial_family": [4, -1]}, "machine 0: initial family 4 is unknown at its work centre"),
    ({"setup_min": [0, 15]}, "setup_min has 2 values; allowed are 4"),
    ({"setup_min": [0, -15, 25, 0]}, "set-up -15 min"),
    ({"calendars": WorkTime.of([[]])}, "calendar 0 is never open"),
    ({"calendars": WorkTime.of([[(0, 50), (50, 900)]])}, "the interval from 50 touches the one before it"),
    ({"calendars": WorkTime.of([[(50, 20)]])}, "interval 50 to 20 is not a span of time"),
    ({"mode_min": [900, 20, 40, 10]}, "order 0 step 1: needs 900 min; machine 0 is open for 800 min"),
    (
        {"divisible": [True, True, False, True], "mode_min": [30, 20, 700, 10]},
        "order 1 step 1: needs 700 min without a break; machine 0 is open for at most 600 min at a time",
    ),
]


@pytest.mark.parametrize(("changes", "message"), FAULTS)
def test_a_fault_in_the_rows_is_named(changes, message):
    with pytest.raises(ProblemError) as error:
        Problem(**rows(**changes))
    assert message in " | ".join(fault.message for fault in error.value.faults)


PINS = [
    ({"pin_machine": [1, -1, -1, -1]}, "pinned to a machine that is not allowed for it; allowed: 0"),
    ({"pin_machine": [0, -1, -1, -1], "pin_start": [-3, 0, 0, 0]}, "pinned at minute -3"),
    ({"pin_machine": [0, -1, -1, -1], "pin_start": [250, 0, 0, 0]}, "when machine 0 is closed"),
    ({"pin_machine": [0, -1, -1, -1], "pin_start": [890, 0, 0, 0]}, "does not end within the calendar"),
    ({"pin_machine": [-1, -1, 0, -1], "pin_start": [0, 0, 5, 0]}, "before the order's release"),
    ({"pin_machine": [-1, 1, -1, -1], "pin_start": [0, 50, 0, 0]}, "is pinned, but step 1 before it is not"),
    ({"pin_machine": [0, 1, -1, -1], "pin_start": [0, 29, 0, 0]}, "is pinned before the end of step 1"),
    ({"pin_machine": [0, -1, 0, -1], "pin_start": [0, 0, 20, 0]}, "after order 0 step 1 the earliest is 45"),
    ({"pin_machine": [0, -1, 0, -1], "pin_start": [0, 0, 44, 0]}, "after order 0 step 1 the earliest is 45"),
    (
        {"initial_family": [1, -1], "pin_machine": [0, -1, -1, -1], "pin_start": [24, 0, 0, 0]},
        "from the machine's initial state the earliest is 25",
    ),
    (
        {"divisible": [False] * 4, "pin_machine": [0, -1, -1, -1], "pin_start": [180, 0, 0, 0]},
        "where it would be interrupted by a break",
    ),
    ({"started": [True, False, False, False]}, "pinned to a machine that is not allowed"),
]


@pytest.mark.parametrize(("changes", "message"), PINS)
def test_a_pin_that_cannot_be_kept_is_named(changes, message):
    with pytest.raises(ProblemError) as error:
        Problem(**rows(**changes))
    assert message in " | ".join(fault.message for fault in error.value.faults)
    assert error.value.faults[0].order is not None


def test_all_faults_are_found_at_once_and_carry_their_names():
    with pytest.raises(ProblemError) as error:
        Problem(**rows(weight=[-1, -2], mode_min=[30, -1, 40, 10]))
    assert [(fault.code, fault.order, fault.step) for fault in error.value.faults] == [
        ("weight", "0", None),
        ("weight", "1", None),
        ("minutes", "0", "2"),
    ]
    assert str(error.value).endswith("(and 2 more)")


def test_rows_of_a_problem_cannot_be_changed_afterwards():
    import numpy as np

    due = np.array([100, 120])
    problem = Problem(**rows(due=due))
    with pytest.raises(ValueError, match="read-only"):
        problem.due[0] = 5
    due[0] = 7
    assert problem.due.tolist() == [100, 120]


def test_a_left_out_routing_is_a_chain_and_left_out_rows_have_their_defaults():
    problem = Problem(**rows())
    assert [problem.predecessors(o) for o in range(4)] == [[], [0], [], [2]]
    assert problem.order_of.tolist() == [0, 0, 1, 1]
    assert problem.divisible.all()
    assert not problem.started.any()
    assert problem.objective == Objective()


@pytest.mark.parametrize("bad", [-1, 1.5, True, "2", 10**10])
def test_weights_of_the_objective_are_whole_numbers(bad):
    with pytest.raises(ValueError, match="Objective: makespan is"):
        Objective(makespan=bad)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"budget": -1}, "budget"),
        ({"budget": float("nan")}, "budget"),
        ({"budget": True}, "budget"),
        ({"budget": "10"}, "budget"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"workers": 0}, "workers"),
        ({"workers": 2.5}, "workers"),
    ],
)
def test_a_solve_with_a_wrong_option_says_which(options, name):
    with pytest.raises(ValueError, match=f"{name}: .*allowed"):
        solve(Problem(**rows()), **options)


@pytest.mark.parametrize("bad", [-1, 1.5, True])
def test_a_number_of_moves_is_whole(bad):
    with pytest.raises(ValueError, match=r"Moves: .*allowed is a whole number from 0"):
        Moves(bad)


def sound_builder():
    builder = ProblemBuilder()
    builder.calendar("day", [(0, 500)])
    builder.work_centre(
        "cut", setups={("red", "blue"): 20, ("blue", "*"): 7, ("*", "*"): 5}, families=["green"]
    )
    builder.machine("saw", "cut", calendar="day")
    builder.order("A", due=100)
    builder.operation("A", "cut", minutes=10, family="red")
    return builder


def broken(change):
    builder = sound_builder()
    change(builder)
    with pytest.raises(ProblemError) as error:
        builder.build()
    return error.value


BUILDER_FAULTS = [
    (lambda b: b.machine("x", "nowhere"), "machine x: work centre nowhere is unknown; allowed: cut"),
    (lambda b: b.machine("x", "cut", calendar="night"), "machine x: calendar night is unknown; allowed: day"),
    (lambda b: b.machine("x", "cut", family="pink"), "machine x: family pink is unknown"),
    (lambda b: b.machine("saw", "cut"), "machine saw is given twice"),
    (lambda b: b.order("A", due=1), "order A is given twice"),
    (lambda b: b.order("B", due=1), "order B has no operations"),
    (lambda b: b.order("B", due=1.5), "order B: due is 1.5; allowed is a whole number"),
    (lambda b: b.operation("Z", "cut", minutes=1), "order Z: the order is unknown"),
    (
        lambda b: b.operation("A", "bore", minutes=1),
        "order A step 20: work centre bore is unknown; allowed: cut",
    ),
    (lambda b: b.operation("A", "cut", minutes=1), "order A step 20: has no set-up family"),
    (lambda b: b.operation("A", "cut", minutes=1, family="pink"), "set-up family pink is unknown"),
    (
        lambda b: b.operation("A", "cut", minutes=1.5, family="red"),
        "1.5 on machine saw; allowed are whole minutes",
    ),
    (lambda b: b.operation("A", "cut", minutes={}, family="red"), "work centre cut has no machine for it"),
    (
        lambda b: b.operation("A", "cut", minutes={"x": 1}, family="red"),
        "machine x is not one of work centre cut",
    ),
    (lambda b: b.operation("A", "cut", minutes=1, family="red", step="10"), "step 10 is given twice"),
    (
        lambda b: b.operation("A", "cut", minutes=1, family="red", after=["7"]),
        "waits for step 7, which is unknown",
    ),
    (lambda b: b.pin("A", "30", machine="saw", start=0), "order A has no step 30 to pin"),
    (lambda b: b.pin("A", "10", machine="x", start=0), "is pinned to machine x, which is not allowed"),
    (lambda b: b.work_centre("w", setups={("a", "b"): -1}), "set-up a to b is -1; allowed are whole minutes"),
]


@pytest.mark.parametrize(("change", "message"), BUILDER_FAULTS)
def test_the_builder_names_what_is_wrong(change, message):
    assert message in " | ".join(fault.message for fault in broken(change).faults)


def test_steps_in_a_circle_are_named():
    def circle(builder):
        builder.operation("A", "cut", minutes=1, family="red", step="20", after=["30"])
        builder.operation("A", "cut", minutes=1, family="red", step="30", after=["20"])

    error = broken(circle)
    assert [(fault.code, fault.order) for fault in error.faults] == [("cycle", "A")]
    assert "steps 20, 30 wait for each other in a circle" in str(error)


def test_set_ups_with_wildcards_take_the_closest_rule():
    builder = sound_builder()
    builder.operation("A", "cut", minutes=10, family="blue")
    builder.operation("A", "cut", minutes=10, family="green")
    problem = builder.build()
    families = problem.names.families[0]
    table = {
        (a, b): problem.setup(0, families.index(a), families.index(b)) for a in families for b in families
    }
    assert table["red", "blue"] == 20
    assert table["blue", "red"] == table["blue", "green"] == 7
    assert table["red", "green"] == table["green", "blue"] == 5
    assert table["red", "red"] == table["green", "green"] == 0


def test_orders_with_a_fault_can_be_left_out_while_the_rest_is_built():
    builder = sound_builder()
    builder.order("B", due=50)
    builder.operation("B", "cut", minutes=10, family="pink")
    builder.order("C", due=50)
    builder.operation("C", "cut", minutes=600, family="red")
    problem, left_out = builder.build_leaving_out()
    assert problem.names.orders == ("A",)
    assert [(fault.order, fault.code) for fault in left_out] == [("B", "family"), ("C", "no_room")]
    assert builder._shop.orders.keys() == {"A", "B", "C"}, "the builder itself is not changed"


def test_a_fault_of_the_plant_or_of_every_order_is_not_left_out():
    builder = sound_builder()
    builder.machine("x", "nowhere")
    with pytest.raises(ProblemError, match="nowhere"):
        builder.build_leaving_out()
    empty = ProblemBuilder()
    empty.work_centre("cut")
    empty.machine("saw", "cut")
    empty.order("A", due=5)
    with pytest.raises(ProblemError, match="order A has no operations"):
        empty.build_leaving_out()


def test_parallel_steps_may_be_given_in_any_order():
    builder = ProblemBuilder()
    builder.work_centre("any")
    builder.machine("one", "any")
    builder.machine("two", "any")
    builder.order("A", due=100)
    builder.operation("A", "any", minutes=5, step="join", after=["left", "right"])
    builder.operation("A", "any", minutes=10, step="left", after=[])
    builder.operation("A", "any", minutes=20, step="right", after=[])
    problem = builder.build()
    schedule = solve(problem, budget=Moves(100))
    assert problem.names.steps == ("left", "right", "join")
    assert schedule.start.tolist() == [0, 0, 20]
    assert problem.calendars.intervals(0) == [(0, FOREVER)]


def test_too_short_calendars_are_named_with_the_operation_that_finds_no_room():
    from plantbeat.engine.schedule import HorizonTooShortError

    short = replace(Problem(**rows()), calendars=WorkTime.of([[(0, 55)]]))
    with pytest.raises(
        HorizonTooShortError, match=r"horizon is too short: order \d step \d .* on \d"
    ) as error:
        solve(short, budget=Moves(0))
    assert error.value.operation in range(4)
