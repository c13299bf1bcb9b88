"""The fields of plantbeat-json: a new one is a line here and a keyword of `ProblemBuilder`.

Each field has the name of the keyword it is handed to. The reader, the JSON Schema and the reference page
follow these tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from plantbeat.engine.calendars.worktime import FOREVER, NEVER
from plantbeat.engine.schedule.builder_needs import PHASES
from plantbeat.engine.schedule.builder_rows import ANY
from plantbeat.engine.schedule.formats.json_kinds import (
    ByName,
    Either,
    Exactly,
    Field,
    Flag,
    ListOf,
    OneOf,
    Path,
    Record,
    Span,
    Text,
    Whole,
    shown,
)
from plantbeat.engine.schedule.objective import WEIGHT_LIMIT, Objective
from plantbeat.engine.schedule.validation import MINUTES_LIMIT

FORMAT = "plantbeat-json"
VERSION = 1

NAME = Text()
MINUTE = Whole(-MINUTES_LIMIT, MINUTES_LIMIT)
MINUTES = Whole(0, MINUTES_LIMIT)
WEIGHT = Whole(0, WEIGHT_LIMIT)
SPANS = ListOf(Span(Whole(-MINUTES_LIMIT, FOREVER)), at_least=1)
INT64 = Whole(-(2**63), 2**63 - 1)
NONE = "none"


def _setup_faults(centre: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Families named "*", pairs given twice, and families of set-ups that are not among those given."""
    families, setups = centre.get("families"), centre.get("setups", ())
    if families is not None and ANY in families:
        yield ("families", families.index(ANY)), f'is "{ANY}", which stands for any other family'
    pairs: set[tuple[str, str]] = set()
    known = [*(families or ()), ANY]
    for at, setup in enumerate(setups):
        pair = setup["from"], setup["to"]
        if pair in pairs:
            yield ("setups", at), f"names {shown(pair[0])} to {shown(pair[1])} again; allowed is once"
        pairs.add(pair)
        for end in ("from", "to"):
            if families is not None and setup[end] not in known:
                yield ("setups", at, end), f"is {shown(setup[end])}; allowed are {', '.join(known)}"


def _operation_faults(operation: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Started work is where it is, it cannot be pinned too; a step is waited for once."""
    if "pin" in operation and "started" in operation:
        yield ("pin",), "stands beside started; allowed is one of the two"
    steps: set[str] = set()
    for at, wait in enumerate(operation.get("after", ())):
        step = wait["step"] if isinstance(wait, dict) else wait
        if step in steps:
            yield ("after", at), f"names step {shown(step)} again; allowed is once"
        steps.add(step)


OBJECTIVE = Record(
    "objective",
    "Whole-number weights of the terms of the objective; the sum of weight x term is made small.",
    tuple(
        Field(term.name, WEIGHT, f"weight of {term.name.replace('_', ' ')}", str(term.default))
        for term in fields(Objective)
    ),
)
CALENDAR = Record(
    "calendar",
    "Open time of machines. After its last span a calendar is closed for good.",
    (
        Field("name", Text(0), "what machines call it"),
        Field(
            "open",
            SPANS,
            "open spans; what overlaps or touches is joined",
        ),
    ),
)
SETUP = Record(
    "setup",
    "Set-up minutes from one family to another. The pair itself goes before (from, *), (*, to) and (*, *).",
    (
        Field("from", NAME, 'family before; "*" is any other one'),
        Field("to", NAME, 'family after; "*" is any other one'),
        Field("minutes", MINUTES, "working minutes of the set-up"),
    ),
)
WORK_CENTRE = Record(
    "work centre",
    "Machines that do the same work, with one matrix of set-ups.",
    (
        Field("name", NAME, "what machines and operations call it"),
        Field("families", ListOf(NAME), "all set-up families, in their order", "those that setups name"),
        Field("setups", ListOf(SETUP), "set-up minutes; what is not named takes 0", NONE),
    ),
    rule=_setup_faults,
)
MACHINE = Record(
    "machine",
    "A machine of one work centre.",
    (
        Field("name", NAME, "what operations call it"),
        Field("work_centre", NAME, "its work centre"),
        Field("calendar", Text(0), "its calendar", "it never closes"),
        Field("family", NAME, "family it is set up for at minute 0", "unknown: the first set-up takes 0"),
        Field("line", NAME, "flow line on which no order passes another", NONE),
    ),
)
UNIT = Record(
    "unit",
    "A person, or one copy of a tool.",
    (
        Field("name", NAME, "its name"),
        Field("skills", ListOf(NAME), "what it can do; of a tool its kind"),
        Field("calendar", Text(0), "when it is there", "always"),
    ),
)
PIN = Record(
    "pin",
    "Where an operation stays.",
    (Field("machine", NAME, "its machine"), Field("start", Whole(0, FOREVER), "its start, minute")),
)
STARTED = Record(
    "started",
    "An operation that is running at minute 0.",
    (
        Field("machine", NAME, "the machine it runs on"),
        Field("remaining", MINUTES, "working minutes that are left of it", "its minutes on that machine"),
    ),
)
WAIT = Record(
    "wait",
    "A step that must have ended, and how long before.",
    (
        Field("step", NAME, "name of the step, of the same order"),
        Field("least", MINUTES, "minutes that lie between at least, open or closed", "0"),
        Field("most", Whole(0, NEVER - 1), "minutes that lie between at most", "any number"),
        Field("transfer_batch", Whole(0, 2**63 - 1), "pieces with which it may start already", "all"),
    ),
)
NEED = Record(
    "need",
    "Units with a skill, the same in all the phases, busy from the first of them to the end of the last.",
    (
        Field("what", NAME, "the skill, or the kind of tool"),
        Field("phases", ListOf(OneOf(tuple(PHASES)), at_least=1), "when it is needed", "run"),
        Field("count", Whole(1, 1000), "how many of them", "1"),
        Field("unit", NAME, "the unit, where it must be this one, and where the operation is pinned", "any"),
    ),
)
OPERATION = Record(
    "operation",
    "A step of an order.",
    (
        Field("step", NAME, "its name within the order", "10, 20, 30 … by place"),
        Field("work_centre", NAME, "where it is done"),
        Field(
            "minutes",
            Either(MINUTES, ByName(MINUTES, "machine")),
            "working minutes on every machine of the work centre, or by machine that may do it",
        ),
        Field("family", NAME, "its set-up family; needed where the work centre has families", NONE),
        Field("divisible", Flag(), "whether it may be interrupted by closed time", "true"),
        Field(
            "after",
            ListOf(Either(NAME, WAIT)),
            "steps that must have ended; [] for none",
            "the step before it",
        ),
        Field("teardown", MINUTES, "working minutes after the run; the material goes on without", "0"),
        Field("earliest", MINUTE, "it must not start before; material that is still to come", "0"),
        Field("needs", ListOf(NEED), "people and tools it takes", NONE),
        Field("pin", PIN, "machine and start it keeps", NONE),
        Field("started", STARTED, "where it is running already", NONE),
    ),
    rule=_operation_faults,
)
ORDER = Record(
    "order",
    "An order with its operations.",
    (
        Field("name", NAME, "its name; no two orders have the same"),
        Field("release", MINUTE, "minute from which it may be worked on", "0"),
        Field("due", MINUTE, "minute from which it is late"),
        Field("deadline", Whole(-MINUTES_LIMIT, NEVER - 1), "minute it must not end after", NONE),
        Field("weight", WEIGHT, "what a late minute costs", "1"),
        Field("quantity", Whole(1, 2**63 - 1), "pieces, for information", "1"),
        Field("operations", ListOf(OPERATION, at_least=1), "its operations, in their order"),
    ),
)
DOCUMENT = Record(
    "problem",
    "A scheduling problem. All times are whole minutes from minute 0.",
    (
        Field("format", Exactly(FORMAT), "which format this is"),
        Field("version", Exactly(VERSION), "version of the format"),
        Field("origin_us", INT64, "where minute 0 lies, microseconds since 1970 UTC", "0"),
        Field("objective", OBJECTIVE, "what a schedule is judged by", "weighted tardiness + makespan"),
        Field("calendars", ListOf(CALENDAR), "calendars of machines", NONE),
        Field("work_centres", ListOf(WORK_CENTRE, at_least=1), "work centres"),
        Field("machines", ListOf(MACHINE, at_least=1), "machines"),
        Field("skills", ListOf(NAME), "all skills and kinds of tools, in their order", "those of units"),
        Field("units", ListOf(UNIT), "people and tools", NONE),
        Field("orders", ListOf(ORDER, at_least=1), "orders"),
    ),
)
