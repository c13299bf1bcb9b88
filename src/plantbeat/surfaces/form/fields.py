"""A form made from the declaration: what each input shows, and what came back from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from plantbeat.kernel.access import Actor, hidden_fields, visible
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import FieldSpec, keyed_fields

MANY = 300
"""Links to more records than this are typed with suggestions instead of picked from a list."""


@dataclass(slots=True)
class Input:
    """One input of a form."""

    spec: FieldSpec
    name: str
    text: str
    problems: list[Problem] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    lookup: str = ""

    @property
    def widget(self) -> str:
        """Kind of control: the template has one block for each."""
        if self.options:
            return "select"
        kinds = {
            "boolean": "checkbox",
            "long_text": "textarea",
            "date": "date",
            "datetime": "datetime",
            "time": "time",
        }
        return kinds.get(self.spec.kind, "text")


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
    model: type[Record],
    by: Actor,
    site_id: int | None,
    *,
    record: Record | None = None,
    raw: Mapping[str, Any] | None = None,
    problems: Sequence[Problem] = (),
    only: Sequence[str] | None = None,
) -> list[Input]:
    """Inputs for the fields a person fills in: with what they typed, else what the record holds."""
    made = []
    hidden = hidden_fields(model, by, site_id)
    for name, spec in keyed_fields(model).items():
        if (
            name in hidden
            or (only is not None and name not in only)
            or (name == "site" and model.scope == "site")
        ):
            continue
        mine = [problem for problem in problems if problem.field == name and not problem.sheet]
        made.append(_input(spec, name, _text(spec, record, raw), mine, by, site_id))
    return made


def _text(spec: FieldSpec, record: Record | Line | None, raw: Mapping[str, Any] | None) -> str:
    if raw is not None:
        return str(raw.get(spec.name, "") if raw.get(spec.name) is not None else "")
    if record is None:
        default = spec.model_field.get_default() if spec.model_field.has_default() else None
        return "" if default is None else str(default)
    value = getattr(record, spec.name) if spec.kind == "datetime" else spec.plain(record)
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%dT%H:%M}"
    return "" if value is None else str(value)


def _input(
    spec: FieldSpec, name: str, text: str, problems: list[Problem], by: Actor, site_id: int | None
) -> Input:
    made = Input(spec, name, text, problems)
    if spec.kind == "choice":
        made.options = [(str(value), str(label)) for value, label in spec.model_field.flatchoices]
    elif spec.kind == "link":
        made.options, made.lookup = _link_options(spec, by, site_id)
    return made


def _link_options(spec: FieldSpec, by: Actor, site_id: int | None) -> tuple[list[tuple[str, str]], str]:
    model = spec.model_field.related_model
    rows = visible(model, by)
    if site_id is not None and model.scope not in (None, "id"):
        rows = rows.filter(**{model.scope: site_id})
    found = list(rows.order_by(*(model.face.order or ["pk"]))[: MANY + 1])
    if len(found) > MANY:
        return [], model.type_code()
    return [(one.key_text(), _titled(one)) for one in found], ""


def _titled(record: Record) -> str:
    key, name = record.key_text(), str(getattr(record, "name", "") or getattr(record, "title", "") or "")
    return f"{key} – {name}" if name and name != key else key


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
            raw[name] = posted_lines(name, line, data)
    return raw


def posted_lines(name: str, line: type[Line], data: QueryDict) -> list[dict[str, Any]]:
    """Rows of a grid, in order, rows left wholly empty taken out."""
    places = sorted(
        {int(key.split("-")[1]) for key in data if key.startswith(f"{name}-") and key.split("-")[1].isdigit()}
    )
    rows = []
    for place in places:
        row: dict[str, Any] = {}
        for field_name, spec in keyed_fields(line).items():
            key = f"{name}-{place}-{field_name}"
            row[field_name] = data.get(key, "no" if spec.kind == "boolean" else "")
        if any(value not in ("", "no") for value in row.values()):
            rows.append(row)
    return rows


def grids(
    model: type[Record],
    by: Actor,
    site_id: int | None,
    *,
    record: Record | None = None,
    raw: Mapping[str, Any] | None = None,
    problems: Sequence[Problem] = (),
) -> list[Grid]:
    """Editable grids of a record's lines."""
    return [
        _grid(name, line, by, site_id, record, raw, [p for p in problems if p.sheet == name])
        for name, line in model.line_types().items()
    ]


def _grid(
    name: str,
    line: type[Line],
    by: Actor,
    site_id: int | None,
    record: Record | None,
    raw: Mapping[str, Any] | None,
    problems: list[Problem],
) -> Grid:
    specs = keyed_fields(line)
    shown = [specs[column] for column in (line.columns or specs) if column in specs]
    blank = [
        _input(spec, f"{name}-__prefix__-{spec.name}", _text(spec, None, None), [], by, site_id)
        for spec in shown
    ]
    options = {one.spec.name: (one.options, one.lookup) for one in blank}
    given: list[Any] = []
    if raw is not None and isinstance(raw.get(name), list):
        given = raw[name]
    elif record is not None:
        given = list(getattr(record, name).order_by(*line.line_key()))
    rows = []
    for place, source in enumerate(given):
        row = []
        for spec in shown:
            text = _text(spec, None, source) if isinstance(source, Mapping) else _text(spec, source, None)
            mine = [p for p in problems if p.row == place + 1 and p.field == spec.name]
            listed, lookup = options[spec.name]
            row.append(Input(spec, f"{name}-{place}-{spec.name}", text, mine, listed, lookup))
        rows.append(row)
    loose = [p for p in problems if p.field not in specs]
    return Grid(name, str(line._meta.verbose_name_plural), shown, rows, blank, loose)
