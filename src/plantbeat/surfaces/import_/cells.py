"""Cells of a sheet into values of fields, a column at a time."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor, hidden_fields
from plantbeat.kernel.schema import find_many
from plantbeat.surfaces.import_.columns import Column
from plantbeat.surfaces.import_.plans import CREATE, Part, RowPlan
from plantbeat.surfaces.import_.reading import Fault

_TEXTS = {"link", "text", "long_text", "number"}
_DATES = {"date", "datetime"}
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
        row.problems.append(row.problem(cell.reason, name, cell.text))
        return
    raw = str(cell).strip() if spec.kind in _TEXTS or isinstance(cell, str) else cell
    if raw == "" and (closed or spec.kind == "number" or _keeps(row, column)):
        return
    if assumed := raw == "" and name in defaults:
        raw = defaults[name]
    try:
        row.values[name] = spec.parse(_dated(raw, spec.kind) if spec.kind in _DATES else raw, site_id)
    except ValidationError as error:
        row.problems += [row.problem(message, name, raw) for message in error.messages]
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
