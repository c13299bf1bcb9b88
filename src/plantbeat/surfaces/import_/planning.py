"""What an import would do, row by row and over all its sheets, before anything is done.

The rows of a file may point at each other. Rows that would be created therefore get a record that is not
saved, with a passing id below zero; links find it, and the rules of all records are asked of the plant as it
would be. Look-ups are made for a whole sheet at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import check
from plantbeat.kernel.lines import key_of, line_problems
from plantbeat.kernel.permission import CREATE as CREATING
from plantbeat.kernel.permission import EDIT as EDITING
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.questions import lines_of
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import remembered_links
from plantbeat.surfaces.import_.cells import read_cells
from plantbeat.surfaces.import_.columns import Layout, guessed_mapping, own_key
from plantbeat.surfaces.import_.plans import BAD, CREATE, SAME, UPDATE, Part, Plan, RowPlan
from plantbeat.surfaces.import_.reading import Table

Key = tuple[Any, ...]


def part_of(
    layout: Layout,
    table: Table,
    mapping: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Part:
    """A sheet with the mapping given, else guessed from its titles."""
    chosen = dict(mapping) if mapping is not None else guessed_mapping(layout, table.header)
    return Part(layout, table, chosen, {n: v for n, v in (defaults or {}).items() if v.strip()})


def plan(parts: Sequence[Part], by: Actor, site: Site | None) -> Plan:
    """Read sheets, in an order in which owners come before their lines, against their declarations.

    Nothing is written. Times without a zone are the site's.
    """
    zone = ZoneInfo(site.zone) if site is not None else timezone.get_current_timezone()
    with remembered_links() as known, timezone.override(zone):
        _Planner(by, site, known).plan(parts)
    made = Plan(list(parts), site)
    spread(made)
    return made


class _Planner:
    """The passes over all sheets: keys first, then values, then rules, then what hangs on refused rows."""

    def __init__(self, by: Actor, site: Site | None, known: dict[Any, Record | None]) -> None:
        self.by, self.site, self.known = by, site, known
        self.site_id = site.pk if site is not None else None
        self.passing_ids = count(-1, -1)
        self.by_key: dict[type[Record], dict[Key, RowPlan]] = defaultdict(dict)

    def plan(self, parts: Sequence[Part]) -> None:
        for part in parts:
            part.rows = [RowPlan(part, number, cells) for number, cells in part.table.rows]
            self._keyed(part)
        for part in parts:
            if not part.faults:
                self._valued(part)
        for part in parts:
            if part.layout.line:
                self._lines_assigned(part)
            else:
                self._assigned(part)
        for part in parts:
            for row in (*part.rows, *part.owners):
                if not row.problems and row.record is not None and row.fate in (CREATE, UPDATE):
                    row.problems += self._refusals(row)

    def _keyed(self, part: Part) -> None:
        """Find or make the record of each row, by its key."""
        layout, number = part.layout, part.layout.model.number_field()
        columns = layout.owner_columns() or {name: name for name in own_key(layout.model)}
        for name in columns.values():
            if name not in part.places and not (number is not None and name == number.name):
                column = layout.columns[name]
                message = _("there is no column for it, and it tells the rows apart")
                sheet, at = part.table.name, part.table.header_row
                fault = Problem(message, name, None, column.allowed(), sheet, at, column.title)
                part.faults.append(fault)
        if part.faults:
            return
        read_cells(part, set(columns.values()), self.by, self.site_id)
        keys: dict[RowPlan, Key] = {}
        for row in part.rows:
            key = tuple(_stored_form(row.values.get(column)) for column in columns.values())
            if key and None not in key and "" not in key:
                keys[row] = key
        stored = self._stored(layout.model, set(keys.values()) - self.by_key[layout.model].keys())
        for row in part.rows:
            if not row.problems:
                self._placed(row, keys.get(row), stored)

    def _placed(self, row: RowPlan, key: Key | None, stored: Mapping[Key, Record]) -> None:
        layout = row.part.layout
        rows = self.by_key[layout.model]
        if layout.line:
            columns = layout.owner_columns()
            owner = rows.get(key) if key is not None else None
            if owner is None:
                owner = RowPlan(row.part, row.row, row.cells)
                owner.values = {name: row.values[column] for name, column in columns.items()}
                self._recorded(owner, key, stored)
                row.part.owners.append(owner)
            row.owner, row.values = owner, {}
            owner.lines.setdefault(layout.line, []).append(row)
        elif key is not None and key in rows:
            message = _("the same key stands in row %(row)s already") % {"row": rows[key].row}
            row.problems.append(row.problem(message, own_key(layout.model)[-1]))
        else:
            self._recorded(row, key, stored)

    def _recorded(self, row: RowPlan, key: Key | None, stored: Mapping[Key, Record]) -> None:
        model = row.part.layout.model
        row.record = stored.get(key) if key is not None else None
        if row.record is None:
            row.fate = CREATE
            home = {"site": self.site} if model.scope == "site" else {}
            row.values = home | row.values
            row.record = model(**{"pk": next(self.passing_ids), **row.values})
        elif row.part.layout.line:
            row.values = {}
        if key is not None:
            self.by_key[model][key] = row
            self.known[model, row.record.key_text(), self.site_id] = row.record

    def _stored(self, model: type[Record], keys: set[Key]) -> dict[Key, Record]:
        """The records that have one of the keys already."""
        fields: list[Any] = [model._meta.get_field(name) for name in own_key(model)]
        rows = visible(model, self.by).select_related(*[field.name for field in fields if field.is_relation])
        if model.scope == "site":
            rows = rows.filter(**{model.scope: self.site_id})
        found: dict[Key, Record] = {}
        firsts = sorted({key[0] for key in keys}, key=str)
        for start in range(0, len(firsts), 500):
            for record in rows.filter(**{f"{fields[0].attname}__in": firsts[start : start + 500]}):
                found[tuple(getattr(record, field.attname) for field in fields)] = record
        return found

    def _valued(self, part: Part) -> None:
        """Read all other cells, now that every row that could be pointed at is known."""
        layout = part.layout
        done = set(layout.owner_columns().values() or own_key(layout.model))
        names = part.places.keys() | part.defaults.keys()
        read_cells(part, names - done, self.by, self.site_id)
        what = (layout.line_type if layout.line else layout.model)._meta.verbose_name
        for column in layout.columns.values():
            if column.spec.required and column.name not in names | done:
                message = _("there is no column for it, and a new %(what)s needs it") % {"what": what}
                for row in part.rows:
                    if layout.line or row.fate == CREATE:
                        row.problems.append(row.problem(message, column.name))

    def _assigned(self, part: Part) -> None:
        """Give the records their values, so that the rules see the plant as it would be."""
        for row in part.rows:
            if row.problems or row.record is None:
                continue
            if row.fate != CREATE:
                row.values = {n: v for n, v in row.values.items() if _differs(row.record, n, v)}
                row.fate = UPDATE if row.values else SAME
            elif row.assumed and "assumed" in part.layout.columns:
                row.values.setdefault("assumed", True)
            for name, value in row.values.items():
                setattr(row.record, name, value)

    def _lines_assigned(self, part: Part) -> None:
        """Compare the lines of each record with those it has; they will be exactly those of the file."""
        line_type = part.layout.line_type
        parent, key = line_type.parent_field().name, line_type.line_key()
        stored = self._stored_lines(part, line_type)
        seen: dict[tuple[int, Key], int] = {}
        for row in part.rows:
            if row.problems or row.owner is None:
                continue
            row.record = line_type(**row.values, **{parent: row.owner.record})
            place = (row.owner.record.pk, key_of(row.record, key))
            if place in seen:
                message = _("the same key stands in row %(row)s already") % {"row": seen[place]}
                row.problems.append(row.problem(message, key[-1]))
                continue
            seen[place] = row.row
            old = stored[place[0]].pop(place[1], None)
            if old is None:
                row.fate = CREATE
                continue
            row.assumed = ()
            for name in part.unread():
                row.values[name] = getattr(old, name)
                setattr(row.record, name, row.values[name])
            changed = any(_differs(old, name, value) for name, value in row.values.items())
            row.fate = UPDATE if changed else SAME
        part.gone = sum(len(left) for left in stored.values())
        for owner in {row.owner for row in part.rows if row.owner is not None}:
            rows = owner.lines[part.layout.line]
            if owner.fate == SAME and (stored[owner.record.pk] or any(row.fate != SAME for row in rows)):
                owner.fate = UPDATE

    def _stored_lines(self, part: Part, line_type: type[Line]) -> dict[int, dict[Key, Line]]:
        parent, key = line_type.parent_field(), line_type.line_key()
        stored: dict[int, dict[Key, Line]] = defaultdict(dict)
        ids = sorted({row.owner.record.pk for row in part.rows if row.owner and row.owner.record.pk > 0})
        for start in range(0, len(ids), 500):
            lines = lines_of(line_type, self.by).filter(**{f"{parent.name}__in": ids[start : start + 500]})
            for line in lines:
                stored[getattr(line, parent.attname)][key_of(line, key)] = line
        return stored

    def _refusals(self, row: RowPlan) -> list[Problem]:
        if isinstance(row.record, Line):
            found = line_problems(row.record)
        else:
            found = []
            try:
                check(row.record, CREATING if row.fate == CREATE else EDITING, self.by, row.values)
            except Refused as refused:
                found = refused.problems
        return [row.problem(one.message, one.field, one.value, one.allowed) for one in found]


def spread(plan: Plan) -> None:
    """A row that points at a refused row is refused; a record and its lines stand or fall together."""
    rows = [row for part in plan.parts for row in (*part.rows, *part.owners)]
    made = {row.record.pk: row for row in rows if isinstance(row.record, Record) and row.record.pk < 0}
    pointing: dict[RowPlan, list[tuple[RowPlan, str]]] = defaultdict(list)
    for row in rows:
        for name, value in row.values.items():
            if isinstance(value, Record) and (target := made.get(value.pk)):
                pointing[target].append((row, name))
        if row.owner is not None:
            pointing[row.owner].append((row, ""))
            pointing[row].append((row.owner, ""))
    waiting = [row for row in rows if row.problems]
    while waiting:
        bad = waiting.pop()
        for row, name in pointing[bad]:
            if not row.problems:
                row.problems.append(_hangs_on(bad, row, name))
                waiting.append(row)
    for row in rows:
        if row.problems or row.part.faults:
            row.fate = BAD


def _hangs_on(bad: RowPlan, row: RowPlan, name: str) -> Problem:
    where = {"sheet": bad.part.table.name, "row": bad.row}
    if name:
        message = _("points at row %(row)s of “%(sheet)s”, which is refused itself")
        return row.problem(message % where, name, row.values[name].key_text())
    message = _("is left out with row %(row)s of “%(sheet)s”; a record and its lines stand or fall together")
    return row.problem(message % where)


def _stored_form(value: Any) -> Any:
    return value.pk if isinstance(value, Record) else value


def _differs(record: Record | Line, name: str, value: Any) -> bool:
    field: Any = record._meta.get_field(name)
    stored, new = getattr(record, field.attname), _stored_form(value)
    if isinstance(stored, str) and isinstance(new, str):
        return stored.replace("\r\n", "\n") != new.replace("\r\n", "\n")
    return bool(stored != new)
