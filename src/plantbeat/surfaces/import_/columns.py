"""Sheets and columns of a record type: what an export writes, a template explains, an import knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import FieldSpec, fields_of, keyed_fields
from plantbeat.surfaces.import_.reading import Table

MOST_TITLE = 31
REASON = _lazy("why not")
"""Title of the column that says why a row was refused; an import passes over it."""

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

    def allowed(self) -> str:
        """What a cell takes, in words."""
        if self.spec.kind == "number":
            return _("a number of its own, or empty for the next one")
        return self.spec.allowed()


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

    def owner_columns(self) -> dict[str, str]:
        """Key field of the owning record → column, on a sheet of lines."""
        return {column.spec.name: name for name, column in self.columns.items() if column.owner}


def own_key(model: type[Record]) -> list[str]:
    """Fields that tell the records of one site apart."""
    return [name for name in model.key if not (name == "site" and model.scope == "site")]


def layouts(model: type[Record]) -> list[Layout]:
    """The sheet of a record type, then one for each kind of lines it owns."""
    key = own_key(model)
    fields = {
        name: spec for name, spec in keyed_fields(model).items() if not (name == "site" and name in model.key)
    }
    fields = {name: fields_of(model)[name] for name in key} | fields
    columns = {name: Column(name, spec, str(spec.label)) for name, spec in fields.items()}
    singular, plural = str(model._meta.verbose_name), str(model._meta.verbose_name_plural)
    names = {singular, plural, model.slug(), model.type_code(), model.__name__}
    made = [Layout(model, "", capfirst(plural)[:MOST_TITLE], _all_folded(names), columns)]
    for name, line in model.line_types().items():
        lines = str(line._meta.verbose_name_plural)
        title = f"{capfirst(singular)} {lines}"[:MOST_TITLE]
        owners = {f"{line.parent_field().name}.{k}": _owner_column(line, model, k) for k in key}
        own = {n: Column(n, spec, str(spec.label)) for n, spec in keyed_fields(line).items()}
        names = {title, lines, name, f"{model.type_code()}.{name}", line.__name__}
        made.append(Layout(model, name, title, _all_folded(names), owners | own))
    return made


def _owner_column(line: type[Line], model: type[Record], key: str) -> Column:
    spec = fields_of(model)[key]
    named_after_type = len(own_key(model)) == 1 and not isinstance(spec.model_field, models.ForeignKey)
    label = model._meta.verbose_name if named_after_type else spec.label
    return Column(f"{line.parent_field().name}.{key}", spec, str(label), owner=True)


def folded(title: str) -> str:
    """A title without case, unit, spacing or dashes."""
    return re.sub(r"[\s_.\-]+", " ", _UNIT.sub("", title)).strip().casefold()


def _all_folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(folded(name) for name in names)


def guessed_mapping(layout: Layout, header: Iterable[str]) -> dict[str, str]:
    """Column title → column name, by field name or label, with or without the unit; each column once."""
    names: dict[str, list[str]] = {}
    for column in layout.columns.values():
        parent = layout.model._meta.verbose_name if column.owner else column.label
        for title in (column.name, column.label, column.spec.name, str(parent)):
            names.setdefault(folded(title), []).append(column.name)
    mapping: dict[str, str] = {}
    for title in header:
        free = [name for name in names.get(folded(title), ()) if name not in mapping.values()]
        if free:
            mapping[title] = free[0]
    return mapping


def with_best_header(layout: Layout, table: Table) -> Table:
    """The table read with the header row, among its first, whose titles are understood best."""
    candidates = [table.headed(number) for number, _row in table.lines[:20]]
    best = max([table, *candidates], key=lambda one: len(guessed_mapping(layout, one.header)))
    return best if guessed_mapping(layout, best.header) else table
