"""What an import would do, row by row and over all its sheets, before anything is done.

The rows of a file may point at each other. Rows that would be created therefore get a record that is not
saved, with a passing id below zero; links find it, and the rules of all records are asked of the plant as it
would be. Look-ups are made for a whole sheet at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor, among, hidden_fields, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import check
from plantbeat.kernel.permission import CREATE, EDIT
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.questions import lines_of
from plantbeat.kernel.record import Key, Line, Record, line_problems, place_of
from plantbeat.kernel.schema import Links, find_many, remembered_links
from plantbeat.surfaces.import_.columns import BAD, SAME, UPDATE, Column, Part, Plan, RowPlan
from plantbeat.surfaces.import_.reading import Fault


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

    def __init__(self, by: Actor, site: Site | None, known: Links) -> None:
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
                if not row.problems and row.record is not None and row.fate != SAME:
                    row.problems += self._refusals(row)

    def _keyed(self, part: Part) -> None:
        """Find or make the record of each row, by its key."""
        layout, number = part.layout, part.layout.model.number_field()
        columns = layout.key_columns()
        for name in columns.values():
            if name not in part.places and not (number is not None and name == number.name):
                message = _("there is no column for it, and it tells the rows apart")
                row = RowPlan(part, part.table.header_row, [])
                part.faults.append(row.problem(message, name))
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
            owner = rows.get(key) if key is not None else None
            if owner is None:
                owner = RowPlan(row.part, row.row, row.cells)
                owner.values = {name: row.values[column] for name, column in layout.key_columns().items()}
                self._recorded(owner, key, stored)
                row.part.owners.append(owner)
            row.owner, row.values = owner, {}
            owner.lines.setdefault(layout.line, []).append(row)
        elif key is not None and key in rows:
            message = _("the same key stands in row %(row)s already") % {"row": rows[key].row}
            row.refuse(message, layout.model.own_key()[-1])
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
        fields: list[Any] = [model._meta.get_field(name) for name in model.own_key()]
        rows = model.at_site(visible(model, self.by), self.site_id)
        rows = rows.select_related(*[field.name for field in fields if field.is_relation])
        firsts = sorted({key[0] for key in keys}, key=str)
        found = among(rows, fields[0].attname, firsts)
        return {tuple(getattr(one, field.attname) for field in fields): one for one in found}

    def _valued(self, part: Part) -> None:
        """Read all other cells, now that every row that could be pointed at is known."""
        layout = part.layout
        done = set(layout.key_columns().values())
        names = part.places.keys() | part.defaults.keys()
        read_cells(part, names - done, self.by, self.site_id)
        for column in layout.columns.values():
            if column.spec.required and column.name not in names | done:
                message = _("there is no column for it, and a new %(what)s needs it") % {"what": layout.what}
                for row in part.rows:
                    if layout.line or row.fate == CREATE:
                        row.refuse(message, column.name)

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
        parent = line_type.parent_field().name
        ids = sorted({row.owner.record.pk for row in part.rows if row.owner and row.owner.record.pk > 0})
        stored = {place_of(line): line for line in among(lines_of(line_type, self.by), parent, ids)}
        kept = [
            name for name, one in part.layout.columns.items() if name not in part.places and not one.owner
        ]
        seen: dict[Key, int] = {}
        for row in part.rows:
            if row.problems or row.owner is None:
                continue
            row.record = line_type(**row.values, **{parent: row.owner.record})
            place = place_of(row.record)
            if place in seen:
                message = _("the same key stands in row %(row)s already") % {"row": seen[place]}
                row.refuse(message, line_type.line_key()[-1])
                continue
            seen[place] = row.row
            old = stored.pop(place, None)
            if old is None:
                row.fate = CREATE
                continue
            row.assumed = ()
            for name in kept:
                row.values[name] = getattr(old, name)
                setattr(row.record, name, row.values[name])
            changed = any(_differs(old, name, value) for name, value in row.values.items())
            row.fate = UPDATE if changed else SAME
        part.gone, shrunk = len(stored), {place[0] for place in stored}
        for owner in {row.owner for row in part.rows if row.owner is not None}:
            rows = owner.lines[part.layout.line]
            if owner.fate == SAME and (owner.record.pk in shrunk or any(row.fate != SAME for row in rows)):
                owner.fate = UPDATE

    def _refusals(self, row: RowPlan) -> list[Problem]:
        found: list[Problem] = []
        try:
            if isinstance(row.record, Line):
                found = line_problems(row.record)
            else:
                check(row.record, CREATE if row.fate == CREATE else EDIT, self.by, row.values)
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


_TEXTS = {"link", "text", "long_text", "number"}
_DATES = {"date", "datetime"}
_TITLE_UNIT = re.compile(r"[(\[]\s*(ms|s|sec|min|h|d)\.?\s*[)\]]\s*$", re.IGNORECASE)
_BARE = re.compile(r"-?\d+(?:[.,]\d+)?")
"""A bare number of a duration is in the unit that the title names, as in “Cycle time (min)”."""
_YEAR_FIRST = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)")
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")


def read_cells(part: Part, names: set[str], by: Actor, site_id: int | None) -> None:
    """Fill the values, assumptions and problems of all rows from the named columns."""
    layout = part.layout
    closed = frozenset() if layout.line else hidden_fields(layout.model, by, site_id)
    for column in [column for name, column in layout.columns.items() if name in names]:
        place = part.places.get(column.name)
        cells = ["" if place is None else row.cells[place] for row in part.rows]
        if column.spec.kind == "link":
            texts = {str(cell).strip() for cell in [*cells, part.defaults.get(column.name, "")]}
            find_many(column.spec.model_field.related_model, texts - {""}, site_id)
        for row, cell in zip(part.rows, cells, strict=True):
            if not row.part.faults:
                _read(row, column, cell, site_id, closed=column.name in closed)


def _read(row: RowPlan, column: Column, cell: Any, site_id: int | None, *, closed: bool) -> None:
    spec, name, defaults = column.spec, column.name, row.part.defaults
    if isinstance(cell, Fault):
        row.refuse(cell.reason, name, cell.text)
        return
    raw = str(cell).strip() if spec.kind in _TEXTS or isinstance(cell, str) else cell
    if raw == "" and (closed or spec.kind == "number" or _keeps(row, column)):
        return
    if assumed := raw == "" and name in defaults:
        raw = defaults[name]
    elif spec.kind == "duration" and name in row.part.places:
        unit = _TITLE_UNIT.search(row.part.table.header[row.part.places[name]])
        raw = f"{raw} {unit[1]}" if unit and _BARE.fullmatch(str(raw)) else raw
    try:
        row.values[name] = spec.parse(_dated(raw, spec.kind) if spec.kind in _DATES else raw, site_id)
    except ValidationError as error:
        for message in error.messages:
            row.refuse(message, name, raw)
        return
    if assumed:
        row.assumed = (*row.assumed, name)


def _keeps(row: RowPlan, column: Column) -> bool:
    """An empty cell never puts a default or an assumption over what a record has already."""
    if row.fate == CREATE or row.record is None:
        return False
    field = column.spec.model_field
    return column.name in row.part.defaults or (field.has_default() and not field.null)


def _dated(raw: Any, kind: str) -> Any:
    """A day as text is read year first, or day first with dots; other orders could be two days."""
    if isinstance(raw, str) and kind == "date":
        raw = _MIDNIGHT.sub("", raw)
    if not isinstance(raw, str) or not raw or _YEAR_FIRST.match(raw):
        return raw
    if day_first := _DAY_FIRST.match(raw):
        day, month, year, rest = day_first.groups()
        return f"{year}-{month}-{day}{rest}"
    message = _("“%(value)s” is not a day written in one clear way")
    raise ValidationError(message % {"value": raw}, code="invalid")
