"""Sheets of a record type: their columns, their rows in an import, and what is kept from one to the next.

An export writes these columns, a template explains them, an import knows them. Kept are how a person read a
sheet with the same titles, and what was assumed where a file said nothing, until somebody knows better.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _lazy

from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.permission import CREATE
from plantbeat.kernel.problems import Problem, Text
from plantbeat.kernel.questions import own
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import FieldSpec, fields_of, keyed_fields
from plantbeat.surfaces.import_.reading import HEADER_SEARCH, Table
from plantbeat.surfaces.models import Assumption, ImportMapping

MOST_TITLE = 31
REASON = _lazy("why not")
"""Title of the column that says why a row was refused; an import passes over it."""

USUAL_TITLES: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("titles.json").read_text(encoding="utf-8")
)
"""What fields are called in sheets of other programs: field name, label or record type → titles."""

_UNIT = re.compile(r"\s*[\[(][^\])]*[\])]\s*$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet. On a sheet of lines, `owner` marks those that name the record they belong to."""

    name: str
    spec: FieldSpec
    label: str
    owner: bool = False

    @property
    def title(self) -> str:
        """Title with its unit, as an export writes it and an import recognises it."""
        return f"{capfirst(self.label)} ({self.spec.unit})" if self.spec.unit else capfirst(self.label)


@dataclass(frozen=True, slots=True)
class Layout:
    """One sheet: the records of a type, or, with `line`, the lines they own, a row each."""

    model: type[Record]
    line: str
    title: str
    names: frozenset[str]
    columns: dict[str, Column]

    @property
    def code(self) -> str:
        """Stable code, as in `plant.Routing` and `plant.Routing.operations`."""
        return ".".join(filter(None, (self.model.type_code(), self.line)))

    @property
    def line_type(self) -> type[Line]:
        """Type of the lines on a sheet of lines."""
        return self.model.line_types()[self.line]

    @property
    def what(self) -> Text:
        """What a row is, in words."""
        return (self.line_type if self.line else self.model)._meta.verbose_name or ""

    def key_columns(self) -> dict[str, str]:
        """Key field of the record, or on a sheet of lines of the record that owns them → column."""
        if not self.line:
            return {name: name for name in self.model.own_key()}
        return {column.spec.name: name for name, column in self.columns.items() if column.owner}


def layouts(model: type[Record]) -> list[Layout]:
    """The sheet of a record type, then one for each kind of lines it owns."""
    key, specs = model.own_key(), fields_of(model)
    keyed = [name for name in keyed_fields(model) if name not in model.key]
    singular, plural = str(model._meta.verbose_name), str(model._meta.verbose_name_plural)
    names = frozenset(map(folded, (singular, plural, model.slug(), model.type_code(), model.__name__)))
    made = [Layout(model, "", capfirst(plural)[:MOST_TITLE], names, _columns(specs, [*key, *keyed]))]
    for name, line in model.line_types().items():
        lines = str(line._meta.verbose_name_plural)
        title = f"{capfirst(singular)} {lines}"[:MOST_TITLE]
        called = (title, lines, name, f"{model.type_code()}.{name}", line.__name__)
        owners = {one.name: one for one in (_owner_column(line, model, part) for part in key)}
        columns = owners | _columns(fields_of(line), keyed_fields(line))
        made.append(Layout(model, name, title, frozenset(map(folded, called)), columns))
    return made


def _columns(specs: Mapping[str, FieldSpec], names: Iterable[str]) -> dict[str, Column]:
    return {name: Column(name, specs[name], str(specs[name].label)) for name in names}


def _owner_column(line: type[Line], model: type[Record], key: str) -> Column:
    spec = fields_of(model)[key]
    named_after_type = len(model.own_key()) == 1 and not isinstance(spec.model_field, models.ForeignKey)
    label = model._meta.verbose_name if named_after_type else spec.label
    return Column(f"{line.parent_field().name}.{key}", spec, str(label), owner=True)


def folded(title: str) -> str:
    """A title without case, unit, spacing or dashes."""
    return re.sub(r"[\s_.\-]+", " ", _UNIT.sub("", title)).strip().casefold()


def _bare(title: str) -> str:
    """The words of a title as people write it elsewhere: without case, unit, punctuation or plural."""
    words = re.findall(r"[^\W_]+", _UNIT.sub("", title).casefold())
    return " ".join(re.sub(r"(?<=[^s])s$", "", re.sub(r"ies$", "y", word)) for word in words)


def known_titles(layout: Layout) -> dict[str, list[str]]:
    """Field names and labels → columns; the column of a key or an owner is called like its record too."""
    names: dict[str, list[str]] = defaultdict(list)
    for column in layout.columns.values():
        is_key = [column.name] == list(layout.key_columns().values())
        called = str(layout.model._meta.verbose_name) if column.owner or is_key else column.label
        for title in (column.name, column.label, column.spec.name, called):
            names[folded(title)].append(column.name)
    return names


def guessed_mapping(layout: Layout, header: Iterable[str]) -> dict[str, str]:
    """Column title → column name, each once: by field name or label, else by a usual title of one column."""
    names = known_titles(layout)
    usual: dict[str, set[str]] = defaultdict(set)
    for name, columns in names.items():
        for title in (name, *USUAL_TITLES.get(name, ())):
            usual[_bare(title)].update(columns)
    mapping: dict[str, str] = {}
    for title in header:
        if free := [name for name in names.get(folded(title), ()) if name not in mapping.values()]:
            mapping[title] = free[0]
    for title in header:
        meant = usual.get(_bare(title), set())
        if title not in mapping and len(meant) == 1 and meant.isdisjoint(mapping.values()):
            mapping[title] = min(meant)
    return mapping


UPDATE, SAME, BAD = "update", "same", "bad"


@dataclass(slots=True, eq=False)
class RowPlan:
    """One row of a sheet and what would become of it; `values` are those that would be written."""

    part: Part
    row: int
    cells: list[Any]
    fate: str = SAME
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    record: Any = None
    owner: RowPlan | None = None
    lines: dict[str, list[RowPlan]] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()

    def given(self) -> set[str]:
        """Columns the row has something in."""
        return {name for name, place in self.part.places.items() if str(self.cells[place]).strip()}

    def problem(self, message: Text, name: str = "", value: Any = None, allowed: Text = "") -> Problem:
        """A problem of the row with its place; the column is called as in the file."""
        table, columns = self.part.table, self.part.layout.columns
        column = columns.get(name) or columns.get(self.part.layout.key_columns().get(name, ""))
        if column is None:
            return Problem(message, name, value, allowed, table.name, self.row)
        place, title = self.part.places.get(column.name), column.title
        if place is not None:
            title = table.header[place]
            value = self.cells[place] if value is None else value
        return Problem(message, name, value, allowed or column.spec.allowed(), table.name, self.row, title)

    def refuse(self, message: Text, name: str = "", value: Any = None) -> None:
        """Note a problem of the row."""
        self.problems.append(self.problem(message, name, value))


@dataclass(eq=False)
class Part:
    """One sheet as it is read: which column is which field, and what is assumed where nothing is given.

    `owners` are records that the sheet's lines belong to and that have no row of their own; `faults` concern
    the sheet as a whole; `gone` counts the lines that are there and not in the file.
    """

    layout: Layout
    table: Table
    mapping: dict[str, str]
    defaults: dict[str, str] = field(default_factory=dict)
    rows: list[RowPlan] = field(default_factory=list)
    owners: list[RowPlan] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)
    gone: int = 0

    @cached_property
    def places(self) -> dict[str, int]:
        """Column name → place in the row."""
        return {name: self.table.header.index(title) for title, name in self.mapping.items()}

    @property
    def ignored(self) -> list[str]:
        """Titles of the columns that are left out."""
        passed_over = folded(str(REASON))
        titles = [title for title in self.table.header if title and title not in self.mapping]
        return [title for title in titles if folded(title) != passed_over]

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the sheet, then with its rows in file order."""
        yield from self.faults
        for row in self.rows:
            yield from row.problems


def counts(rows: Iterable[RowPlan]) -> dict[str, int]:
    """How many rows share a fate."""
    found = Counter(row.fate for row in rows)
    return {fate: found[fate] for fate in (CREATE, UPDATE, SAME, BAD)}


@dataclass(slots=True)
class Plan:
    """All sheets of a file and what would become of their rows."""

    parts: list[Part]
    site: Site | None

    def counts(self) -> dict[str, int]:
        """How many rows share a fate, over all sheets."""
        return counts(row for part in self.parts for row in part.rows)

    def problems(self) -> list[Problem]:
        """Every problem, sheet by sheet in file order."""
        return [problem for part in self.parts for problem in part.problems()]


def signature(table: Table) -> str:
    """One spelling of a row of titles, the same for the refused rows that came back with their reasons."""
    titles = [folded(title) for title in table.header if folded(title) != folded(str(REASON))]
    return hashlib.sha256("\x1f".join(titles).encode()).hexdigest()


def understood(layout: Layout, table: Table, by: Actor, header_row: int | None = None) -> Part:
    """A sheet as the actor read one with these titles before, else as its titles say.

    The titles stand in the header row given, else in that of the first rows which is understood best.
    """
    rows = [number for number, _row in table.lines[:HEADER_SEARCH]]
    if header_row is not None:
        rows = [header_row]
        table = replace(table, header_row=header_row)
    tables = {signature(one): one for one in [replace(table, header_row=row) for row in rows]}
    memory = visible(ImportMapping, by).filter(owner=by.user_id, layout=layout.code, signature__in=tables)
    if (kept := memory.first()) is not None:
        table = tables[kept.signature]
        names = {folded(title): name for title, name in kept.mapping.items()}
        mapping = {title: names[folded(title)] for title in table.header if folded(title) in names}
        return Part(layout, table, mapping, kept.defaults)
    best = max([table, *tables.values()], key=lambda one: len(guessed_mapping(layout, one.header)))
    mapping = guessed_mapping(layout, best.header)
    return Part(layout, best if mapping else table, mapping)


def remember(part: Part, mapping: Mapping[str, str], defaults: Mapping[str, str], by: Actor) -> None:
    """Keep how the actor (the installation itself, on the command line) reads a sheet with such titles."""
    key = {"owner": own(User, pk=by.user_id), "layout": part.layout.code, "signature": signature(part.table)}
    data = {"mapping": dict(mapping), "defaults": dict(defaults)}
    if (known := own(ImportMapping, **key)) is not None:
        act(known, "edit", by, data)
    else:
        act(ImportMapping, "create", by, key | data)


def keep_assumptions(
    rows: Sequence[RowPlan], ids: Sequence[int], site: Site, by: Actor, source: str, *, new: bool = False
) -> None:
    """Note what the rows assume of the records with these ids, and forget what they now give.

    `new` says that the records have just been made, so that nothing is known of them yet.
    """
    trusted, code = by.for_the_product(), rows[0].part.layout.model.type_code()
    pieces = [(pk, line, one) for row, pk in zip(rows, ids, strict=True) for line, one in _pieces(row)]
    if not new and (known := list(visible(Assumption, trusted).filter(record_type=code, record_id__in=ids))):
        given = {(pk, line, name) for pk, line, one in pieces for name in one.given()}
        better = [{"id": one.pk} for one in known if (one.record_id, one.line, one.field) in given]
        act_many(Assumption, "remove", trusted, better, reason=source)
    common = {"site": site, "record_type": code, "source": source[:120]}
    notes: list[dict[str, Any]] = [
        {**common, "record_id": pk, "line": line, "field": name, "value": plain_value(one.record, name)}
        for pk, line, one in pieces
        for name in one.assumed
    ]
    act_many(Assumption, "create", trusted, notes, reason=source)


def assumed_fields(model: type[Record], site: Site, by: Actor) -> dict[int, dict[tuple[str, str], str]]:
    """What imports assumed of records of a site: id → (line, field) → value; no line for its own fields."""
    found: dict[int, dict[tuple[str, str], str]] = defaultdict(dict)
    rows = visible(Assumption, by).filter(site=site, record_type=model.type_code())
    for pk, line, name, value in rows.values_list("record_id", "line", "field", "value"):
        found[pk][line, name] = value
    return found


def plain_value(row: Record | Line, name: str) -> str:
    """A field as an assumption keeps it, to see whether it still holds."""
    return str(fields_of(type(row))[name].plain(row))[:200]


def line_label(name: str, line: Line) -> str:
    """How an assumption names a line of a record: `operations 10`."""
    specs = fields_of(type(line))
    return " ".join([name, *(str(specs[field].plain(line)) for field in line.line_key())])


def _pieces(row: RowPlan) -> Iterator[tuple[str, RowPlan]]:
    yield "", row
    for name, lines in row.lines.items():
        for one in lines:
            yield line_label(name, one.record), one
