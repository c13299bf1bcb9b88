"""A form made from the declaration: what each input shows, and what came back from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from plantbeat.kernel.access import Actor, hidden_fields
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import FieldSpec, keyed_fields
from plantbeat.surfaces.filter.query import listed

MANY = 300
"""Links to more records than this are typed with suggestions instead of picked from a list."""

Source = Record | Line | Mapping[str, Any] | None
"""What inputs show: values of a row, or what a person typed; the defaults without either."""


@dataclass(slots=True)
class Input:
    """One input of a form: `options` to choose from, or the record type whose suggestions it `lookup`s."""

    spec: FieldSpec
    name: str
    text: str = ""
    problems: list[Problem] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    lookup: str = ""

    @property
    def widget(self) -> str:
        """Kind of control: a list to choose from, else as the kind of field asks."""
        return "select" if self.options else self.spec.kind

    def filled(self, name: str, source: Source, problems: Iterable[Problem]) -> Input:
        """The same input under another name, with a value and what is wrong with it."""
        mine = [problem for problem in problems if problem.field == self.spec.name]
        return replace(self, name=name, text=_text(self.spec, source), problems=mine)


@dataclass(slots=True)
class Grid:
    """Lines of a record as an editable grid."""

    name: str
    label: str
    columns: list[FieldSpec]
    rows: list[list[Input]]
    blank: list[Input]
    problems: list[Problem]


def inputs(
    model: type[Record], by: Actor, site_id: int | None, source: Source = None,
    problems: Sequence[Problem] = (), only: Sequence[str] | None = None,
) -> list[Input]:  # fmt: skip
    """Inputs for the fields a person fills in."""
    hidden = hidden_fields(model, by, site_id)
    mine = [problem for problem in problems if not problem.sheet]
    return [
        _empty(spec, name, by, site_id).filled(name, source, mine)
        for name, spec in keyed_fields(model).items()
        if name not in hidden
        and (only is None or name in only)
        and not (name == "site" and model.scope == "site")
    ]


def _text(spec: FieldSpec, source: Source) -> str:
    if source is None:
        value = spec.model_field.get_default() if spec.model_field.has_default() else None
    elif isinstance(source, Mapping):
        value = source.get(spec.name)
    elif isinstance(value := getattr(source, spec.name), datetime):
        value = f"{timezone.localtime(value):%Y-%m-%dT%H:%M}"
    else:
        value = spec.plain(source)
    return "" if value is None else str(value)


def _empty(spec: FieldSpec, name: str, by: Actor, site_id: int | None) -> Input:
    if spec.kind == "choice":
        return Input(spec, name, options=[(str(value), str(label)) for value, label in spec.choices()])
    if spec.kind != "link":
        return Input(spec, name)
    model = spec.model_field.related_model
    found = list(listed(model, by, site_id)[: MANY + 1])
    if len(found) > MANY:
        return Input(spec, name, lookup=model.type_code())
    return Input(spec, name, options=[(one.key_text(), one.key_and_name()) for one in found])


def posted(model: type[Record], data: QueryDict, only: Sequence[str] | None = None) -> dict[str, Any]:
    """Raw values of a submitted form: a missing checkbox means no; lines as lists of rows."""
    raw: dict[str, Any] = {}
    for name, spec in keyed_fields(model).items():
        if only is not None and name not in only:
            continue
        if name in data:
            raw[name] = data[name]
        elif spec.kind == "boolean" and f"{name}__shown" in data:
            raw[name] = "no"
    for name, line in model.line_types().items():
        if f"{name}__shown" in data and only is None:
            raw[name] = _posted_lines(name, line, data)
    return raw


def _posted_lines(name: str, line: type[Line], data: QueryDict) -> list[dict[str, Any]]:
    """Rows of a grid, in order, rows left wholly empty taken out."""
    found = [re.match(rf"{name}-(\d+)-", key) for key in data]
    rows = []
    for place in sorted({int(match[1]) for match in found if match}):
        row = {
            one: data.get(f"{name}-{place}-{one}", "no" if spec.kind == "boolean" else "")
            for one, spec in keyed_fields(line).items()
        }
        if any(value not in ("", "no") for value in row.values()):
            rows.append(row)
    return rows


def grids(
    model: type[Record], by: Actor, site_id: int | None, source: Source, problems: Sequence[Problem]
) -> list[Grid]:
    """Editable grids of a record's lines."""
    return [
        _grid(name, line, by, site_id, source, [problem for problem in problems if problem.sheet == name])
        for name, line in model.line_types().items()
    ]


def _grid(
    name: str, line: type[Line], by: Actor, site_id: int | None, source: Source, problems: list[Problem]
) -> Grid:
    specs = keyed_fields(line)
    columns = [specs[column] for column in (line.columns or specs) if column in specs]
    empty = [_empty(spec, spec.name, by, site_id) for spec in columns]
    given: list[Any] = []
    if isinstance(source, Record):
        given = list(getattr(source, name).order_by(*line.line_key()))
    elif isinstance(source, Mapping):
        given = source.get(name, [])
    rows = []
    for place, row in enumerate(given):
        mine = [problem for problem in problems if problem.row == place + 1]
        rows.append([one.filled(f"{name}-{place}-{one.name}", row, mine) for one in empty])
    blank = [one.filled(f"{name}-__prefix__-{one.name}", None, ()) for one in empty]
    loose = [problem for problem in problems if problem.field not in specs]
    return Grid(name, str(line._meta.verbose_name_plural), columns, rows, blank, loose)
