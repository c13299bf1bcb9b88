"""plantbeat-json: the same problem again, and everything wrong at once with its place."""

import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import fields

import pytest
from coupled_plants import coupled_plant
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plants import random_plant, with_pins

from plantbeat.engine.calendars.worktime import FOREVER, WorkTime
from plantbeat.engine.schedule import (
    Link,
    Moves,
    Need,
    Objective,
    Problem,
    ProblemBuilder,
    check,
    formats,
    solve,
)
from plantbeat.engine.schedule.formats.json_fields import DOCUMENT
from plantbeat.engine.schedule.problem import _ROWS
from plantbeat.engine.schedule.secondary import _ROWS as _SECONDARY

SHOP = {
    "format": "plantbeat-json",
    "version": 1,
    "origin_us": 1_772_431_200_000_000,
    "objective": {"setup_minutes": 2},
    "calendars": [{"name": "day", "open": [[0, 480], [1440, 1920], [2880, None]]}],
    "work_centres": [
        {
            "name": "cut",
            "families": ["red", "blue"],
            "setups": [{"from": "red", "to": "*", "minutes": 20}, {"from": "*", "to": "red", "minutes": 30}],
        },
        {"name": "weld"},
    ],
    "machines": [
        {"name": "M1", "work_centre": "cut", "calendar": "day", "family": "blue"},
        {"name": "M2", "work_centre": "cut"},
        {"name": "W1", "work_centre": "weld", "calendar": "day"},
    ],
    "orders": [
        {
            "name": "118",
            "due": 300,
            "deadline": 9000,
            "weight": 3,
            "quantity": 12,
            "operations": [
                {"work_centre": "cut", "minutes": 95, "family": "red", "divisible": False},
                {"step": "weld", "work_centre": "weld", "minutes": {"W1": 30}, "after": ["10"]},
                {"step": "tack", "work_centre": "weld", "minutes": 5, "after": []},
            ],
        },
        {
            "name": "119",
            "release": 60,
            "due": 600,
            "operations": [
                {
                    "work_centre": "cut",
                    "minutes": {"M2": 40, "M1": 50},
                    "family": "blue",
                    "started": {"machine": "M2", "remaining": 15},
                }
            ],
        },
    ],
}


def read(document, **options):
    return formats.from_json(json.dumps(document, **options), "shop.json")


def faults(document):
    with pytest.raises(formats.FormatError) as raised:
        read(document)
    return raised.value.faults


def rows_of(problem):
    rows = {name: getattr(problem, name).tolist() for name in _ROWS}
    work = problem.calendars
    rows["calendars"] = [work.intervals(c) for c in range(len(work.ptr) - 1)]
    needed = {name: getattr(problem.secondary, name).tolist() for name in _SECONDARY}
    return rows | needed | {"objective": problem.objective, "origin_us": problem.origin_us}


@pytest.mark.requirement("R002")
def test_a_shop_is_read_as_the_builder_would_have_built_it():
    shop = ProblemBuilder(Objective(setup_minutes=2), 1_772_431_200_000_000)
    shop.calendar("day", [(0, 480), (1440, 1920), (2880, FOREVER)])
    shop.work_centre("cut", setups={("red", "*"): 20, ("*", "red"): 30}, families=["red", "blue"])
    shop.work_centre("weld")
    shop.machine("M1", "cut", calendar="day", family="blue")
    shop.machine("M2", "cut")
    shop.machine("W1", "weld", calendar="day")
    shop.order("118", due=300, deadline=9000, weight=3, quantity=12)
    shop.operation("118", "cut", minutes=95, family="red", divisible=False)
    shop.operation("118", "weld", minutes={"W1": 30}, step="weld", after=["10"])
    shop.operation("118", "weld", minutes=5, step="tack", after=[])
    shop.order("119", release=60, due=600)
    shop.operation("119", "cut", minutes={"M2": 40, "M1": 50}, family="blue")
    shop.started("119", "10", machine="M2", remaining=15)
    expected, problem = shop.build(), read(SHOP)
    assert rows_of(problem) == rows_of(expected)
    assert problem.names == expected.names
    assert check(problem, solve(problem, budget=Moves(100))).ok


@pytest.mark.requirement("R002", "R003", "R004", "R011")
@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_a_random_plant_is_the_same_after_writing_and_reading(seed):
    problem = random_plant(seed)
    if problem is None:
        return
    if seed % 3 == 0:
        problem = with_pins(problem, seed)
    text = formats.to_json(problem)
    again = formats.from_json(text, "again")
    assert rows_of(again) == rows_of(problem)
    assert again.names == problem.names
    assert formats.to_json(again) == text


@pytest.mark.requirement("R010", "R011")
@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9))
def test_people_tools_lags_and_teardowns_are_the_same_after_writing_and_reading(seed):
    problem = coupled_plant(seed)
    if problem is None:
        return
    text = formats.to_json(problem)
    again = formats.from_json(text, "again")
    assert rows_of(again) == rows_of(problem)
    assert formats.to_json(again) == text


CREW = SHOP | {
    "units": [
        {"name": "Ann", "calendar": "day", "skills": ["welding"]},
        {"name": "Bo", "skills": ["welding"]},
        {"name": "jig 1", "skills": ["jig"]},
    ],
    "orders": [
        {
            "name": "118",
            "due": 300,
            "quantity": 10,
            "operations": [
                {"work_centre": "cut", "minutes": 95, "family": "red", "teardown": 5},
                {
                    "work_centre": "weld",
                    "minutes": 30,
                    "after": [{"step": "10", "least": 15, "most": 90}],
                    "needs": [
                        {"what": "welding", "count": 2},
                        {"what": "jig", "phases": ["set-up", "run", "teardown"], "unit": "jig 1"},
                    ],
                },
                {
                    "work_centre": "cut",
                    "minutes": 10,
                    "family": "red",
                    "after": [{"step": "20", "transfer_batch": 5}],
                },
            ],
        }
    ],
}


@pytest.mark.requirement("R010")
def test_people_and_tools_are_read_planned_and_judged():
    problem = read(CREW)
    assert problem.link_least.tolist() == [15, 0]
    assert problem.link_most.tolist()[0] == 90
    assert problem.link_batch.tolist() == [0, 5]
    assert problem.teardown_min.tolist() == [5, 0, 0]
    assert problem.secondary.need_phase.tolist() == [2, 2, 7]
    schedule = solve(problem, budget=Moves(100))
    text = formats.plan_json(problem, schedule)
    plan = formats.read_plan(text, "plan.json")
    assert formats.judge(problem, plan).objective == schedule.objective
    said = json.loads(text)
    assert said["operations"][1]["units"] == ["Ann", "Bo", "jig 1"]
    said["unit"] = []
    found = formats.judge(problem, formats.read_plan(json.dumps(said), "plan.json")).violations
    assert str(found) == "unit must hold 3 whole numbers, one per need"


WELD = ("orders", 0, "operations", 1)
CREW_FAULTS = [
    (("units", 0, "calendar"), "night", "Ann: calendar night is unknown; allowed: day"),
    (("units", 0, "skills"), "welding", '$.units[0].skills is "welding"; allowed is a list, each a text'),
    (("skills",), ["welding", "paint"], "pool paint has no unit; it needs at least one"),
    ((*WELD, "needs", 0, "what"), "paint", "needs paint, which nobody and nothing stands for; allowed: weld"),
    ((*WELD, "needs", 0, "count"), 0, "needs[0].count is 0; allowed is a whole number from 1 to 1000"),
    (
        (*WELD, "needs", 0, "count"),
        3,
        "needs welding, welding, welding, jig at once; welding has no unit left",
    ),
    ((*WELD, "needs", 1, "unit"), "Bo", "needs jig from Bo; allowed: jig 1"),
    (
        (*WELD, "needs", 1, "phases", 0),
        "rest",
        'phases[0] is "rest"; allowed is one of set-up, run, teardown',
    ),
    ((*WELD, "after", 0), 10, "after[0] is 10; allowed is a text"),
    ((*WELD, "after", 0, "least"), -1, "after[0].least is -1; allowed is a whole number from 0"),
    ((*WELD, "after", 0, "most"), 3, "may wait at most 3 min; allowed is 15 or more"),
    ((*WELD, "after"), ["10", {"step": "10"}], 'after[1] names step "10" again; allowed is once'),
    (("orders", 0, "operations", 2, "after", 0, "transfer_batch"), 11, "transfer batch of 11; allowed is 0"),
    (("orders", 0, "operations", 0, "teardown"), 1.5, "operations[0].teardown is 1.5; allowed is a whole"),
]


@pytest.mark.parametrize(("path", "value", "said"), CREW_FAULTS)
def test_faults_of_people_tools_and_lags_are_named(path, value, said):
    document = deepcopy(CREW)
    place = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    assert said in faults(document)[0]


def test_a_problem_without_names_is_written_by_its_indices():
    text = "2\n2\n3 4\n5 6\n0 1\n2 0\n0 7\n8 0\n"
    problem = formats.read(text, "sdst-pfsp")
    again = formats.from_json(formats.to_json(problem), "again")
    assert rows_of(again) == rows_of(problem)
    assert again.lines == ((0, 1),)
    assert again.operation_label(3) == problem.operation_label(3) == "order 1 step 2"


def unnamed(**changes):
    rows = {
        "release": [0],
        "due": [9],
        "weight": [1],
        "order_ptr": [0, 1],
        "work_centre": [0],
        "mode_ptr": [0, 2],
        "mode_machine": [1, 0],
        "mode_min": [3, 4],
        "machine_work_centre": [0, 0],
        "machine_calendar": [1, 0],
        "calendars": WorkTime.of([[(-5, 7), (8, FOREVER - 1)], [(0, FOREVER)]]),
    }
    return Problem(**(rows | changes))


def test_started_work_with_several_machines_and_odd_calendars_keeps_its_rows():
    problem = unnamed(pin_machine=[1], started=[True])
    assert rows_of(formats.from_json(formats.to_json(problem), "again")) == rows_of(problem)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"machines": ("A", "A")}, "machine 'A' has the name of another one"),
        ({"orders": ("",)}, "a order has no name"),
    ],
)
def test_what_cannot_be_told_apart_by_name_is_not_written(names, said):
    from plantbeat.engine.schedule import Names

    with pytest.raises(ValueError, match=said):
        formats.to_json(unnamed(names=Names(**names)))


STRANGE = [
    (("version",), 2, "$.version is 2; allowed is 1"),
    (("version",), True, "$.version is true; allowed is 1"),
    (("format",), "json", '$.format is "json"; allowed is "plantbeat-json"'),
    (("objective", "makespan"), -1, "$.objective.makespan is -1; allowed is a whole number from 0 to 10^9"),
    (("calendars", 0, "open", 1), [5, 5], "$.calendars[0].open[1] is [5, 5]; allowed is [from, to] in whole"),
    (("calendars", 0, "open", 1), [None, 5], "$.calendars[0].open[1] is [null, 5]"),
    (("calendars", 0, "open", 1), "8-16", '$.calendars[0].open[1] is "8-16"'),
    (("calendars", 0, "open"), [], "$.calendars[0].open has 0 entries; allowed are 1 or more"),
    (("machines",), {}, "$.machines is an object; allowed is a list"),
    (("machines", 0), "M1", '$.machines[0] is "M1"; allowed is an object with name, work_centre, calendar'),
    (("machines", 0, "name"), 7, "$.machines[0].name is 7; allowed is a text"),
    (("machines", 0, "name"), "", '$.machines[0].name is ""; allowed is a text'),
    (
        ("orders", 0, "due"),
        "soon",
        '$.orders[0].due is "soon"; allowed is a whole number from -2^40 to 2^40',
    ),
    (("orders", 0, "due"), 1.0, "$.orders[0].due is 1.0; allowed is a whole number"),
    (("orders", 0, "due"), 2**70, f"$.orders[0].due is {2**70}; allowed is a whole number"),
    (("orders", 0, "due"), float("nan"), "$.orders[0].due is NaN; allowed is a whole number"),
    (("orders", 0, "weight"), None, "$.orders[0].weight is null; allowed is a whole number from 0 to"),
    (("orders", 0, "dew"), 1, "$.orders[0].dew is unknown; allowed are name, release, due, deadline, weight"),
    (("orders", 0, "day of wish"), 1, '$.orders[0]["day of wish"] is unknown'),
    (("orders", 0, "operations", 1, "minutes", "W1"), -3, "$.orders[0].operations[1].minutes.W1 is -3"),
    (
        ("orders", 0, "operations", 1, "minutes"),
        "long",
        "or an object: a whole number from 0 to 2^40 by machine",
    ),
    (
        ("orders", 0, "operations", 0, "divisible"),
        0,
        "operations[0].divisible is 0; allowed is true or false",
    ),
    (
        ("orders", 0, "operations", 0, "after"),
        "10",
        'operations[0].after is "10"; allowed is a list, each a te',
    ),
    (("orders", 1, "operations", 0, "pin"), {"machine": "M2", "start": 0}, ".pin stands beside started"),
    (("work_centres", 0, "families"), ["red", "*"], '$.work_centres[0].families[1] is "*", which stands for'),
    (
        ("work_centres", 0, "families"),
        ["blue"],
        '$.work_centres[0].setups[0].from is "red"; allowed are blue, *',
    ),
    (("work_centres", 0, "setups", 1, "from"), "red", None),
]


@pytest.mark.parametrize(("path", "value", "said"), STRANGE)
def test_a_wrong_value_is_named_by_its_place(path, value, said):
    document = deepcopy(SHOP)
    place = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    if said is None:
        assert read(document)
        return
    found = faults(document)
    assert said in found[0]
    assert found[0].startswith("$.")


MISSING = [
    ("orders", "$ has no"),
    ("machines", "$ has no"),
    ("work_centres", "$ has no"),
    ("format", "$ has no"),
]


@pytest.mark.parametrize(("key", "said"), MISSING)
def test_what_is_missing_is_named(key, said):
    document = deepcopy(SHOP)
    del document[key]
    assert faults(document)[0].startswith(f'{said} "{key}"; allowed is ')


def test_all_faults_are_named_at_once_up_to_a_hundred():
    document = deepcopy(SHOP)
    document["orders"][0]["due"] = None
    document["orders"][1]["operations"][0]["minutes"] = "x"
    document["machines"][0]["colour"] = "red"
    assert [fault.split()[0] for fault in faults(document)] == [
        "$.machines[0].colour",
        "$.orders[0].due",
        "$.orders[1].operations[0].minutes",
    ]
    document["orders"] = [{"name": str(j), "due": "x", "operations": []} for j in range(500)]
    assert len(faults(document)) == 100


def test_names_that_nothing_has_are_named_by_order_and_step():
    document = deepcopy(SHOP)
    document["orders"][0]["operations"][0]["family"] = "green"
    document["orders"][1]["operations"][0]["work_centre"] = "paint"
    found = faults(document)
    assert found[0].startswith(
        "order 118 step 10: set-up family green is unknown at work centre cut; allowed:"
    )
    assert found[1].startswith("order 119 step 10: work centre paint is unknown; allowed: cut, weld")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1 column 1: this is not JSON (Expecting value); allowed is one JSON object"),
        ('{"format": "plantbeat-json",\n "version": 1', "line 2 column 14: this is not JSON"),
        ("[" * 100_000, "objects lie too deep within each other"),
        (f'{{"version": {"9" * 5000}}}', "a number has too many digits"),
        ('{"\\ud800": 1}', "a text holds half of a character"),
        ("[]", "$ is a list; allowed is an object with format, version"),
        ("null", "$ is null; allowed is an object with format, version"),
    ],
)
def test_text_that_is_no_such_document_is_refused(text, said):
    with pytest.raises(formats.FormatError) as raised:
        formats.from_json(text, "shop.json")
    assert str(raised.value).startswith(f"shop.json: {said}")


def test_keys_given_twice_are_refused():
    text = json.dumps(SHOP).replace('"due": 300', '"due": 300, "due": 400')
    with pytest.raises(
        formats.FormatError, match=r"\$.orders\[0\].due is given more than once; allowed is once"
    ):
        formats.from_json(text, "shop.json")
    text = json.dumps(SHOP).replace('"W1": 30', '"W1": 30, "W1": 40')
    with pytest.raises(formats.FormatError, match=r"minutes\.W1 is given more than once"):
        formats.from_json(text, "shop.json")


def test_a_set_up_given_twice_is_refused():
    document = deepcopy(SHOP)
    document["work_centres"][0]["setups"].append({"from": "red", "to": "*", "minutes": 9})
    assert faults(document) == ('$.work_centres[0].setups[2] names "red" to "*" again; allowed is once',)


def bad_orders():
    """The shop, with an order for each kind of fault."""
    document, first = deepcopy(SHOP), SHOP["orders"][0]["operations"][0]
    step = {"work_centre": "weld", "minutes": 5}
    bad = {
        "late": [step | {"minutes": -1}],
        "nowhere": [step | {"work_centre": "paint"}],
        "circle": [step | {"step": "a", "after": ["b"]}, step | {"step": "b", "after": ["a"]}],
        "green": [first | {"family": "green"}],
        "elsewhere": [step | {"minutes": {"M1": 5}}],
        "endless": [first | {"minutes": {"M1": 2**40}}, step | {"hurry": True}],
    }
    document["orders"] += [{"name": name, "due": 9, "operations": steps} for name, steps in bad.items()]
    document["orders"].append("not an order")
    return document, [*bad, "orders[8]"]


@pytest.mark.requirement("R002")
def test_orders_with_faults_are_left_out_and_named_and_the_rest_is_read():
    document, names = bad_orders()
    problem, left_out = formats.from_json_leaving_out(json.dumps(document), "shop.json")
    assert rows_of(problem) == rows_of(read(SHOP))
    assert {fault.order for fault in left_out} == set(names)
    assert "$.orders[2].operations[0].minutes is -1" in left_out[0].message
    assert check(problem, solve(problem, budget=Moves(50))).ok


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"machines": []}, "$.machines has 0 entries"),
        ({"version": 3}, "$.version is 3"),
        ({"calendars": []}, "machine M1: calendar day is unknown"),
        ({"orders": [{"name": "1"}]}, '$.orders[0] has no "due"'),
    ],
)
def test_a_fault_that_is_not_of_an_order_and_no_order_left_refuse(change, said):
    with pytest.raises(formats.FormatError) as raised:
        formats.from_json_leaving_out(json.dumps(SHOP | change), "shop.json")
    assert said in str(raised.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([(base, at) for base in (SHOP, CREW) for at in list(places(base))[1:]]), VALUES)
def test_any_value_anywhere_gives_a_problem_or_faults_with_names(where, value):
    base, path = where
    document = deepcopy(base)
    place = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    for reading in (formats.from_json, formats.from_json_leaving_out):
        with suppress(formats.FormatError):
            assert reading(json.dumps(document), "shop.json")


def test_every_keyword_of_the_builder_is_a_field():
    from inspect import signature

    tables = {record.title: {field.name for field in record.fields} for record in DOCUMENT.records()}
    methods = {"unit": "operator"}
    for title in ("machine", "order", "operation", "unit", "pin", "started"):
        keywords = set(signature(getattr(ProblemBuilder, methods.get(title, title))).parameters) - {"self"}
        of_the_order = {"step"} if title in ("pin", "started") else {"link"}
        assert keywords - {"order"} - of_the_order == tables[title] - {"operations", "pin", "started"}


def test_every_field_of_links_and_needs_is_a_key():
    tables = {record.title: [field.name for field in record.fields] for record in DOCUMENT.records()}
    assert tables["need"] == [field.name for field in fields(Need)]
    assert tables["wait"] == ["step", *(field.name for field in fields(Link))]


def test_the_schema_says_what_the_tables_say():
    schema = DOCUMENT.schema()
    order = schema["properties"]["orders"]["items"]
    assert order["required"] == ["name", "due", "operations"]
    assert order["additionalProperties"] is False
    step = order["properties"]["operations"]["items"]["properties"]
    assert step["divisible"] == {
        "type": "boolean",
        "description": "whether it may be interrupted by closed time",
    }
    assert step["minutes"]["oneOf"][0]["minimum"] == 0
    json.dumps(schema)


def test_ten_thousand_steps_of_one_order_are_read_in_seconds():
    import time

    document = deepcopy(SHOP)
    document["orders"][0]["operations"] = [{"work_centre": "weld", "minutes": 1}] * 10_000
    text, begun = json.dumps(document), time.process_time()
    assert formats.from_json(text, "shop.json").operations == 10_001
    assert time.process_time() - begun < 10.0
