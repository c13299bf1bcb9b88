"""plantbeat-json into a `Problem`: everything wrong is named at once, and nothing is accepted half."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from plantbeat.engine.calendars.worktime import FOREVER
from plantbeat.engine.schedule.builder import ProblemBuilder
from plantbeat.engine.schedule.builder_needs import Link, Need
from plantbeat.engine.schedule.formats.faults import FormatError
from plantbeat.engine.schedule.formats.json_fields import DOCUMENT
from plantbeat.engine.schedule.formats.json_kinds import (
    Found,
    JsonFault,
    Record,
    TooManyFaults,
    keys_of,
)
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Fault, Problem, ProblemError

_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


def from_json(text: str, file: str) -> Problem:
    """The problem of a plantbeat-json text; `file` is its name in messages.

    Raises FormatError with every fault: JSON that cannot be read by its line, unknown keys and wrong values
    by their place in the document, the rest by order, step and machine.
    """
    document = parsed(text, file)
    if found := faults_of(DOCUMENT, document):
        raise FormatError(file, list(map(str, found)))
    try:
        return _builder(document, document["orders"]).build()
    except ProblemError as error:
        raise FormatError(file, [fault.message for fault in error.faults]) from error


def from_json_leaving_out(text: str, file: str) -> tuple[Problem, list[Fault]]:
    """The problem of the orders without fault, and the faults of the others, which are left out.

    Raises FormatError when a fault is not of an order, or when no order is left.
    """
    document = parsed(text, file)
    found, faulty = faults_of(DOCUMENT, document, all_of_them=True), dict[int, list[Fault]]()
    of_all = [fault for fault in found if len(fault.path) < 2 or fault.path[0] != "orders"]
    if of_all:
        raise FormatError(file, list(map(str, of_all)))
    for fault in found:
        at = int(fault.path[1])
        faulty.setdefault(at, []).append(Fault("json", str(fault), _name(document["orders"][at], at)))
    sound = [order for at, order in enumerate(document["orders"]) if at not in faulty]
    structural = [fault for faults in faulty.values() for fault in faults]
    if not sound:
        raise FormatError(file, [fault.message for fault in structural])
    try:
        problem, left_out = _builder(document, sound).build_leaving_out()
    except ProblemError as error:
        raise FormatError(file, [fault.message for fault in (*structural, *error.faults)]) from error
    return problem, [*structural, *left_out]


def parsed(text: str, file: str) -> Any:
    """JSON text as values; raises FormatError naming the line where it cannot be read."""
    try:
        values = json.loads(text, object_pairs_hook=keys_of)
    except json.JSONDecodeError as error:
        said = f"line {error.lineno} column {error.colno}: this is not JSON ({error.msg})"
        raise FormatError(file, [f"{said}; allowed is one JSON object"]) from error
    except RecursionError as error:
        said = "objects lie too deep within each other; allowed are the fields of the format"
        raise FormatError(file, [said]) from error
    except ValueError as error:
        said = "a number has too many digits; allowed are whole numbers below 2^63"
        raise FormatError(file, [said]) from error
    if _HALF_CHARACTER.search(text) and not _is_unicode(values):
        said = "a text holds half of a character (\\ud800 to \\udfff by itself); allowed are whole characters"
        raise FormatError(file, [said])
    return values


def _is_unicode(values: Any) -> bool:
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def faults_of(record: Record, document: Any, *, all_of_them: bool = False) -> list[JsonFault]:
    """What is wrong in a document, a hundred faults at most unless all of them are asked for; in one of
    another format or version nothing else is named.
    """
    found = Found(most=None) if all_of_them else Found()
    with suppress(TooManyFaults):
        record.walk(document, (), found)
    of_another_kind = [fault for fault in found.faults if fault.path in (("format",), ("version",))]
    return of_another_kind or found.faults


def _name(order: Any, at: int) -> str:
    name = order.get("name") if isinstance(order, dict) else None
    return name if isinstance(name, str) and name else f"orders[{at}]"


def _builder(document: Mapping[str, Any], orders: list[Any]) -> ProblemBuilder:
    builder = ProblemBuilder(Objective(**document.get("objective", {})), document.get("origin_us", 0))
    for calendar in document.get("calendars", ()):
        spans = [(opens, FOREVER if closes is None else closes) for opens, closes in calendar["open"]]
        builder.calendar(calendar["name"], spans)
    for centre in document["work_centres"]:
        pairs = {(s["from"], s["to"]): s["minutes"] for s in centre.get("setups", ())}
        builder.work_centre(**{**centre, "setups": pairs})
    for machine in document["machines"]:
        builder.machine(**machine)
    for skill in document.get("skills", ()):
        builder.skill(skill)
    for unit in document.get("units", ()):
        builder.operator(**unit)
    for order in orders:
        _add_order(builder, order)
    return builder


def _add_order(builder: ProblemBuilder, order: Mapping[str, Any]) -> None:
    name, places = order["name"], []
    builder.order(**_without(order, "operations"))
    for at, operation in enumerate(order["operations"], 1):
        step = operation.get("step", str(10 * at))
        records: dict[str, Any] = {"step": step}
        if "after" in operation:
            waits = [one if isinstance(one, dict) else {"step": one} for one in operation["after"]]
            records["after"] = [wait["step"] for wait in waits]
            records["link"] = {wait["step"]: Link(**_without(wait, "step")) for wait in waits}
        records["needs"] = [Need(**need) for need in operation.get("needs", ())]
        builder.operation(name, **{**_without(operation, "pin", "started"), **records})
        places += [(step, operation)] if operation.keys() & {"pin", "started"} else []
    for step, operation in places:
        if "pin" in operation:
            builder.pin(name, step, **operation["pin"])
        if "started" in operation:
            builder.started(name, step, **operation["started"])


def _without(record: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in keys}
