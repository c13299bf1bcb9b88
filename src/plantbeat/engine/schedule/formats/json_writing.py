"""A `Problem` as plantbeat-json: one line per record, keys that hold their default left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from plantbeat.engine.calendars.worktime import FOREVER, NEVER
from plantbeat.engine.schedule.builder_needs import PHASES
from plantbeat.engine.schedule.builder_rows import ANY, ENDLESS
from plantbeat.engine.schedule.formats.json_fields import FORMAT, VERSION
from plantbeat.engine.schedule.problem import NO_LINE, NOT_PINNED, Problem
from plantbeat.engine.schedule.secondary import ANY_UNIT, RUN


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
    lists = {
        "calendars": writer.calendars(),
        "work_centres": writer.centres(),
        "machines": writer.machines(),
        "skills": writer.pool,
        "units": writer.units(),
    }
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
        last = len(calendars) - 1
        endless = (self.calendar[last], self.spans[last]) == (ENDLESS, [(0, FOREVER)])
        used = {*p.machine_calendar.tolist(), *p.secondary.unit_calendar.tolist()}
        self.unsaid = last if endless and last in used else None
        """The calendar that never closes, which a machine or a unit takes that names none."""
        self.unit = _once("unit", [p.secondary.unit_label(u) for u in range(p.secondary.units)])
        self.pool = _once("pool", [p.secondary.pool_label(i) for i in range(p.secondary.pools)])
        centre_of = p.machine_work_centre.tolist()
        self.of_centre: list[list[int]] = [[] for _ in self.centre]
        for m, centre in enumerate(centre_of):
            self.of_centre[centre].append(m)
        self.rows = {
            name: getattr(p, name).tolist()
            for name in ("order_ptr", "mode_ptr", "mode_machine", "mode_min", "pred_ptr")
        }
        links = (p.pred, p.link_least, p.link_most, p.link_batch)
        self.links = list(zip(*(row.tolist() for row in links), strict=True))
        self.need_ptr = p.secondary.need_ptr.tolist()
        self.columns = {
            name: getattr(p, name).tolist()
            for name in (
                *("work_centre", "family", "divisible", "teardown_min", "earliest"),
                *("pin_machine", "pin_start", "started"),
            )
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

    def units(self) -> Iterator[dict[str, Any]]:
        members = [self.p.secondary.pool(i) for i in range(len(self.pool))]
        for u, calendar in enumerate(self.p.secondary.unit_calendar.tolist()):
            skills = [name for name, units in zip(self.pool, members, strict=True) if u in units]
            record: dict[str, Any] = {"name": self.unit[u], "skills": skills}
            yield record | ({"calendar": self.calendar[calendar]} if calendar != self.unsaid else {})

    def waits(self, o: int, first: int, steps: Sequence[str]) -> list[str | dict[str, Any]] | None:
        """What an operation waits for; None if it is the operation before it and nothing more."""
        links = self.links[self.rows["pred_ptr"][o] : self.rows["pred_ptr"][o + 1]]
        if links == ([(o - 1, 0, NEVER, 0)] if o > first else []):
            return None
        waits: list[str | dict[str, Any]] = []
        for before, *link in links:
            step, given = steps[before - first], zip(("least", "most", "transfer_batch"), link, strict=True)
            more = {key: value for key, value in given if value != (NEVER if key == "most" else 0)}
            waits.append({"step": step, **more} if more else step)
        return waits

    def needs(self, o: int) -> Iterator[dict[str, Any]]:
        s = self.p.secondary
        for i in range(self.need_ptr[o], self.need_ptr[o + 1]):
            record: dict[str, Any] = {"what": self.pool[int(s.need_pool[i])]}
            if s.need_phase[i] != RUN:
                record["phases"] = [name for name, phase in PHASES.items() if s.need_phase[i] & phase]
            if s.need_unit[i] != ANY_UNIT:
                record["unit"] = self.unit[int(s.need_unit[i])]
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
        if (waits := self.waits(o, first, steps)) is not None:
            record["after"] = waits
        if at["teardown_min"]:
            record["teardown"] = at["teardown_min"]
        if at["earliest"]:
            record["earliest"] = at["earliest"]
        if needs := list(self.needs(o)):
            record["needs"] = needs
        if at["started"]:
            record["started"] = {"machine": self.machine[at["pin_machine"]]}
        elif at["pin_machine"] != NOT_PINNED:
            record["pin"] = {"machine": self.machine[at["pin_machine"]], "start": at["pin_start"]}
        return record
