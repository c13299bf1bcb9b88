"""The plan file: read again, and judged by the independent checker."""

import json

import pytest
from coupled_plants import coupled_plant
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plants import random_plant

from plantbeat.engine.schedule import HorizonTooShortError, Moves, ProblemBuilder, formats, solve


def shop():
    builder = ProblemBuilder()
    builder.work_centre("cut", setups={("red", "blue"): 20, ("blue", "red"): 30})
    builder.machine("M1", "cut", family="red")
    builder.machine("M2", "cut")
    for name, family in (("118", "red"), ("119", "blue"), ("120", "red")):
        builder.order(name, due=100)
        builder.operation(name, "cut", minutes={"M1": 60}, family=family)
        builder.operation(name, "cut", minutes={"M2": 10}, family=family)
    return builder.build()


def judged(problem, change=None):
    """Judgement of the plan of a problem, which `change` may alter before it is read."""
    said = json.loads(formats.plan_json(problem, solve(problem, budget=Moves(100))))
    if change:
        change(said)
    return formats.judge(problem, formats.read_plan(json.dumps(said), "plan.json"))


@pytest.mark.requirement("R002", "R103")
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_the_plan_of_a_random_plant_is_read_again_and_accepted(seed):
    problem = coupled_plant(seed) if seed % 2 else random_plant(seed)
    if problem is None:
        return
    try:
        schedule = solve(problem, budget=Moves(50))
    except HorizonTooShortError:
        return
    plan = formats.read_plan(formats.plan_json(problem, schedule), "plan.json")
    judgement = formats.judge(problem, plan)
    if schedule.status != "deadline missed":
        assert judgement.violations.ok, judgement.violations
        assert judgement.objective == schedule.objective


def test_a_plan_names_order_step_and_machine():
    problem = shop()
    said = json.loads(formats.plan_json(problem, solve(problem, budget=Moves(100))))
    assert list(said) == [
        *("format", "version", "objective", "bound", "status", "left_out", "machine", "start", "operations")
    ]
    first = said["operations"][0]
    assert (first["order"], first["step"], first["machine"]) == ("118", "10", "M1")
    assert first["end"] - first["start"] == 60
    assert [row["start"] for row in said["operations"]] == said["start"]


def set_at(key, at, value):
    def change(said):
        said[key][at] = value

    return change


def set_to(key, value):
    return lambda said: said.update({key: value})


BROKEN = [
    (set_at("start", 0, -5), "before_horizon", "order 118 step 10 on machine M1: starts at minute -5"),
    (set_at("machine", 0, 1), "not_eligible", "order 118 step 10 on machine M2: this machine is not allowed"),
    (
        set_at("machine", 0, 99),
        "not_eligible",
        "order 118 step 10 on machine 99: this machine is not allowed",
    ),
    (
        set_at("start", 1, 0),
        "precedence",
        "order 118 step 20 on machine M2: starts at minute 0, step 10 ends",
    ),
    (
        set_at("start", 0, 2**60),
        "closed",
        "order 118 step 10 on machine M1: starts at minute 1152921504606846976",
    ),
    (lambda said: said["start"].pop(), "shape", "start must hold 6 whole numbers, one per operation"),
    (set_to("objective", 1), "claim", "the plan's objective is said to be 1, but it is "),
    (set_to("bound", 10**9), "claim", "the plan's bound 1000000000 is above its objective "),
    (lambda said: said["operations"].pop(), "claim", "operations holds 5 entries; the plan has 6 operations"),
    (
        lambda said: said["operations"][0].update(machine="M2"),
        "claim",
        "operations[0] says machine 'M2', but by the plan's rows it is 'M1'",
    ),
    (
        set_to("left_out", [{"order": "121", "because": "no time"}]),
        "left_out",
        "order 121 is left out of the plan, but nothing is wrong with it",
    ),
]


@pytest.mark.parametrize(("change", "kind", "said"), BROKEN)
def test_a_plan_that_is_not_true_is_named(change, kind, said):
    judgement = judged(shop(), change)
    assert judgement.objective is None
    assert judgement.violations.first.kind == kind
    assert said in str(judgement.violations.first)


def test_rows_alone_are_enough():
    problem = shop()
    schedule = solve(problem, budget=Moves(100))
    said = {"format": "plantbeat-plan", "version": 1}
    said |= {"machine": schedule.machine.tolist(), "start": schedule.start.tolist()}
    judgement = formats.judge(problem, formats.read_plan(json.dumps(said), "plan.json"))
    assert (judgement.violations.ok, judgement.objective) == (True, schedule.objective)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "plantbeat-json"}, '$.format is "plantbeat-json"; allowed is "plantbeat-plan"'),
        ({"start": [1.5]}, "$.start[0] is 1.5; allowed is a whole number"),
        ({"machine": None}, "$.machine is null; allowed is a list"),
        ({"operations": [{"order": "1"}]}, '$.operations[0] has no "step"'),
        ({"colour": 1}, "$.colour is unknown; allowed are format, version"),
    ],
)
def test_what_is_no_plan_file_is_refused(change, said):
    plan = {"format": "plantbeat-plan", "version": 1, "machine": [0], "start": [0]}
    with pytest.raises(formats.FormatError) as raised:
        formats.read_plan(json.dumps(plan | change), "plan.json")
    assert str(raised.value).startswith(f"plan.json: {said}")
