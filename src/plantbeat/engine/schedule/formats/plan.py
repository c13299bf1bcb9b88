"""The plan file: a schedule of a problem, for people and for `judge`, which reads and judges it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from plantbeat.engine.calendars.worktime import NEVER
from plantbeat.engine.schedule.checker import Violation, Violations, check
from plantbeat.engine.schedule.evaluation import evaluate
from plantbeat.engine.schedule.formats.faults import FormatError
from plantbeat.engine.schedule.formats.json_kinds import Exactly, Field, ListOf, Record, Text, Whole
from plantbeat.engine.schedule.formats.json_reading import faults_of, parsed
from plantbeat.engine.schedule.problem import Fault, Problem
from plantbeat.engine.schedule.schedule import Schedule, schedule_of

FORMAT = "plantbeat-plan"
VERSION = 1
WHOLE = Whole(-NEVER, NEVER)
COUNTED = Whole(-(10**30), 10**30)
NOT_SAID = "not said"

LEFT_OUT = Record(
    "left out",
    "An order that is not in the plan.",
    (Field("order", Text(), "its name"), Field("because", Text(), "what is wrong with it")),
)
OPERATION = Record(
    "planned operation",
    "What the rows say of one operation, in names.",
    (
        Field("order", Text(0), "name of its order"),
        Field("step", Text(0), "its name within the order"),
        Field("machine", Text(0), "name of its machine"),
        Field("setup_min", WHOLE, "working minutes of set-up before it"),
        Field("start", WHOLE, "minute it starts"),
        Field("end", WHOLE, "minute it ends"),
        Field("units", ListOf(Text(0)), "people and tools it takes, in the order of its needs", "none"),
    ),
)
PLAN = Record(
    "plan",
    "A schedule of a problem. All times are whole minutes from minute 0 of the problem.",
    (
        Field("format", Exactly(FORMAT), "which format this is"),
        Field("version", Exactly(VERSION), "version of the format"),
        Field("objective", COUNTED, "value of the plan", NOT_SAID),
        Field("bound", COUNTED, "value that no plan can go below", NOT_SAID),
        Field("status", Text(), "optimal, feasible or deadline missed", NOT_SAID),
        Field("left_out", ListOf(LEFT_OUT), "orders with faults", "none"),
        Field("machine", ListOf(WHOLE), "machine of each operation: its place in the problem, from 0"),
        Field("start", ListOf(WHOLE), "start of each operation, minute"),
        Field("unit", ListOf(WHOLE), "unit of each need, in the order of operations and needs", "none"),
        Field("operations", ListOf(OPERATION), "the same in names, in the same order", NOT_SAID),
    ),
)


def plan_json(problem: Problem, schedule: Schedule, left_out: Sequence[Fault] = ()) -> str:
    """A schedule as the text of a plan file."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "objective": schedule.objective,
        "bound": schedule.bound,
        "status": schedule.status,
        "left_out": [{"order": fault.order or "", "because": fault.message} for fault in left_out],
        "machine": schedule.machine.tolist(),
        "start": schedule.start.tolist(),
    }
    if len(schedule.unit):
        head["unit"] = schedule.unit.tolist()
    lines = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in _named_rows(problem, schedule))
    return "{\n" + ",\n".join(lines) + f',\n "operations": [\n  {rows}\n ]\n}}\n'


def _named_rows(problem: Problem, schedule: Schedule) -> Iterator[dict[str, Any]]:
    orders = problem.order_of.tolist()
    columns = (schedule.machine, schedule.setup_min, schedule.start, schedule.end)
    for o, (machine, setup, start, end) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        units = [problem.secondary.unit_label(int(schedule.unit[i])) for i in problem.secondary.needs(o)]
        yield {
            "order": problem.order_label(orders[o]),
            "step": problem.step_label(o),
            "machine": problem.machine_label(machine),
            "setup_min": setup,
            "start": start,
            "end": end,
        } | ({"units": units} if units else {})


@dataclass(frozen=True)
class Plan:
    """What a plan file says; what it does not say is None."""

    machine: list[int]
    start: list[int]
    unit: list[int]
    objective: int | None
    bound: int | None
    operations: list[Mapping[str, Any]] | None
    left_out: tuple[str, ...]


def read_plan(text: str, file: str) -> Plan:
    """A plan file; raises FormatError with every fault, each with its place."""
    said = parsed(text, file)
    if found := faults_of(PLAN, said):
        raise FormatError(file, list(map(str, found)))
    return Plan(
        machine=said["machine"],
        start=said["start"],
        unit=said.get("unit", []),
        objective=said.get("objective"),
        bound=said.get("bound"),
        operations=said.get("operations"),
        left_out=tuple(dict.fromkeys(one["order"] for one in said.get("left_out", ()))),
    )


@dataclass(frozen=True)
class Judgement:
    """What the independent checker says of a plan; the objective of a plan that is valid."""

    violations: Violations
    objective: int | None


def judge(problem: Problem, plan: Plan, left_out: Sequence[Fault] = ()) -> Judgement:
    """Judge a plan: its rows by `check`, then whether it says the truth about itself.

    `left_out` are the faults of the orders that the problem was read without. Further kinds of violation:
    left_out (orders missing from the plan without a fault), claim.
    """
    missing = sorted(set(plan.left_out) - {fault.order for fault in left_out})
    if missing:
        text = f"order {missing[0]} is left out of the plan, but nothing is wrong with it"
        return Judgement(Violations((Violation("left_out", text, missing[0]),)), None)
    found = check(problem, (plan.machine, plan.start, plan.unit))
    if not found.ok:
        return Judgement(found, None)
    machine, start, unit = (np.array(row, np.int64) for row in (plan.machine, plan.start, plan.unit))
    value = evaluate(problem, machine, start, unit=unit)
    bound = min(value.objective, 0 if plan.bound is None else plan.bound)
    schedule = schedule_of(value, problem.objective, bound)
    found = check(problem, schedule)
    if found.ok:
        found = Violations(tuple(_untrue(problem, plan, schedule)))
    return Judgement(found, schedule.objective if found.ok else None)


def _untrue(problem: Problem, plan: Plan, schedule: Schedule) -> Iterator[Violation]:
    total = schedule.objective
    if plan.objective not in (None, total):
        text = f"the plan's objective is said to be {plan.objective}, but it is {total}"
        yield Violation("claim", text)
    if plan.bound is not None and plan.bound > total:
        yield Violation("claim", f"the plan's bound {plan.bound} is above its objective {total}")
    if plan.operations is None:
        return
    if len(plan.operations) != problem.operations:
        text = (
            f"operations holds {len(plan.operations)} entries; the plan has {problem.operations} operations"
        )
        yield Violation("claim", text)
        return
    for at, (said_row, row) in enumerate(zip(plan.operations, _named_rows(problem, schedule), strict=True)):
        for key in (field.name for field in OPERATION.fields):
            said, true = said_row.get(key), row.get(key)
            if said != true:
                text = f"operations[{at}] says {key} {said!r}, but by the plan's rows it is {true!r}"
                yield Violation("claim", text, row["order"], row["step"], row["machine"])
