"""A `Problem` as plantbeat-json: one line per record, keys that hold their default left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from plantbeat.engine.calendars.worktime import FOREVER, NEVER
from plantbeat.engine.schedule.builder_rows import ANY, ENDLESS
from plantbeat.engine.schedule.formats.json_fields import FORMAT, VERSION
from plantbeat.engine.schedule.problem import NO_LINE, NOT_PINNED, Problem


def to_json(problem: Problem) -> str:
    """The problem as a plantbeat-json text, from which `from_json` gives the same problem.

    What has no name is called by its index. Raises ValueError when two things of a kind have the same name,
    or when one has none.
    """
    writer = _Writer(problem)
    head = {
        "format": FORMAT,
        "version": VERSION,
        "origin_us": problem.origin_us,
        "objective": vars(problem.objective),
    }
    parts = [f" {_text(key)}: {_text(value)}" for key, value in head.items()]
    lists = {"calendars": writer.calendars(), "work_centres": writer.centres(), "machines": writer.machines()}
    parts += [f" {_text(key)}: {_lines(map(_text, records))}" for key, records in lists.items()]
    parts += [f' "orders": {_lines(writer.orders())}']
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(records: Iterable[str], indent: str = "  ") -> str:
    joined = f",\n{indent}".join(records)
    return f"[\n{indent}{joined}\n{indent[:-1]}]" if joined else "[]"


def _once(kind: str, names: Sequence[str]) -> Sequence[str]:
    seen: set[str] = set()
    for name in names:
        if not name or name in seen:
            said = f"{kind} {name!r} has the name of another one" if name else f"a {kind} has no name"
            raise ValueError(f"{said}; allowed is a name of its own for each")
        seen.add(name)
    return names


class _Writer:
    def __init__(self, problem: Problem) -> None:
        self.p = p = problem
        self.machine = _once("machine", [p.machine_label(m) for m in range(p.machines)])
        self.centre = _once("work centre", [p.work_centre_label(w) for w in range(p.work_centres)])
        self.order = _once("order", [p.order_label(j) for j in range(p.orders)])
        self.family = [
            _once("set-up family", [p.family_label(w, f) for f in range(int(p.family_count[w]))])
            for w in range(p.work_centres)
        ]
        if any(ANY in families for families in self.family):
            raise ValueError(f'a set-up family is called "{ANY}", which stands for any other one')
        calendars = range(len(p.calendars.ptr) - 1)
        self.spans = [p.calendars.intervals(c) for c in calendars]
        self.calendar = [p.names.calendars[c] if p.names.calendars else str(c) for c in calendars]
        endless = (self.calendar[-1], self.spans[-1]) == (ENDLESS, [(0, FOREVER)])
        self.unsaid = len(calendars) - 1 if endless and len(calendars) - 1 in p.machine_calendar else None
        """The calendar of machines that never close, which a machine takes that names none."""
        centre_of = p.machine_work_centre.tolist()
        self.of_centre: list[list[int]] = [[] for _ in self.centre]
        for m, centre in enumerate(centre_of):
            self.of_centre[centre].append(m)
        self.rows = {
            name: getattr(p, name).tolist()
            for name in ("order_ptr", "mode_ptr", "mode_machine", "mode_min", "pred_ptr", "pred")
        }
        self.columns = {
            name: getattr(p, name).tolist()
            for name in ("work_centre", "family", "divisible", "pin_machine", "pin_start", "started")
        }

    def calendars(self) -> Iterator[dict[str, Any]]:
        for c, spans in enumerate(self.spans):
            if c != self.unsaid:
                opens = [[a, None if b == FOREVER else b] for a, b in spans]
                yield {"name": self.calendar[c], "open": opens}

    def centres(self) -> Iterator[dict[str, Any]]:
        for w, families in enumerate(self.family):
            record: dict[str, Any] = {"name": self.centre[w]}
            if families:
                count, base = len(families), int(self.p.setup_base[w])
                cells = self.p.setup_min[base : base + count * count].tolist()
                record["families"] = families
                record["setups"] = [
                    {"from": families[at // count], "to": families[at % count], "minutes": minutes}
                    for at, minutes in enumerate(cells)
                    if minutes
                ]
            yield record

    def machines(self) -> Iterator[dict[str, Any]]:
        for m, name in enumerate(self.machine):
            centre, calendar = int(self.p.machine_work_centre[m]), int(self.p.machine_calendar[m])
            record: dict[str, Any] = {"name": name, "work_centre": self.centre[centre]}
            if calendar != self.unsaid:
                record["calendar"] = self.calendar[calendar]
            if self.p.initial_family[m] >= 0:
                record["family"] = self.family[centre][int(self.p.initial_family[m])]
            if self.p.machine_line[m] != NO_LINE:
                record["line"] = str(self.p.machine_line[m])
            yield record

    def orders(self) -> Iterator[str]:
        p, defaults = self.p, {"release": 0, "due": None, "weight": 1, "quantity": 1, "deadline": NEVER}
        columns = {term: getattr(p, term).tolist() for term in defaults}
        for j, name in enumerate(self.order):
            record = {"name": name} | {
                term: columns[term][j] for term, default in defaults.items() if columns[term][j] != default
            }
            operations = range(self.rows["order_ptr"][j], self.rows["order_ptr"][j + 1])
            steps = _once(f"step of order {name}", [p.step_label(o) for o in operations])
            lines = (_text(self.operation(o, operations[0], steps)) for o in operations)
            yield f'{_text(record)[:-1]}, "operations": {_lines(lines, "    ")}}}'

    def operation(self, o: int, first: int, steps: Sequence[str]) -> dict[str, Any]:
        at = {name: column[o] for name, column in self.columns.items()}
        modes = slice(self.rows["mode_ptr"][o], self.rows["mode_ptr"][o + 1])
        machines, minutes = self.rows["mode_machine"][modes], self.rows["mode_min"][modes]
        everywhere = machines == self.of_centre[at["work_centre"]] and len(set(minutes)) == 1
        by_name = {self.machine[m]: value for m, value in zip(machines, minutes, strict=True)}
        record: dict[str, Any] = {"step": steps[o - first], "work_centre": self.centre[at["work_centre"]]}
        record["minutes"] = minutes[0] if everywhere else by_name
        if at["family"] >= 0:
            record["family"] = self.family[at["work_centre"]][at["family"]]
        if not at["divisible"]:
            record["divisible"] = False
        waits = self.rows["pred"][self.rows["pred_ptr"][o] : self.rows["pred_ptr"][o + 1]]
        if waits != ([o - 1] if o > first else []):
            record["after"] = [steps[before - first] for before in waits]
        if at["started"]:
            record["started"] = {"machine": self.machine[at["pin_machine"]]}
        elif at["pin_machine"] != NOT_PINNED:
            record["pin"] = {"machine": self.machine[at["pin_machine"]], "start": at["pin_start"]}
        return record
