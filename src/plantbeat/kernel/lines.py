"""Writes the lines of a record together with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Line, Record


def apply_lines(record: Record, lines: dict[str, list[dict[str, Any]]]) -> None:
    """Make the lines of a record exactly those given, matched by their key; all problems at once."""
    types = record.line_types()
    problems: list[Problem] = []
    for name, rows in lines.items():
        problems += _apply(record, name, types[name], rows)
    if problems:
        raise Refused(problems)


def _apply(record: Record, name: str, model: type[Line], rows: list[dict[str, Any]]) -> list[Problem]:
    parent, key = model.parent_field().name, model.line_key()
    present = {key_of(line, key): line for line in getattr(record, name).all()}
    problems, kept, seen = [], [], set()
    for place, row in enumerate(rows, 1):
        line = model(**{**row, parent: record})
        line_key = key_of(line, key)
        if line_key in seen:
            text = " / ".join(str(part) for part in line_key)
            problems.append(Problem(_("stands twice"), key[0], text, sheet=name, row=place))
            continue
        seen.add(line_key)
        if old := present.pop(line_key, None):
            line.pk = old.pk
        problems += [p.at(sheet=name, row=place) for p in line_problems(line)]
        kept.append(line)
    if not problems:
        for old in present.values():
            old.delete()
        for line in kept:
            line.save(force_insert=line.pk is None, force_update=line.pk is not None)
    return problems


def new_lines(record: Record, name: str, rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of a record that had none, checked but not saved. Raises `Refused` with every problem."""
    model = record.line_types()[name]
    parent, key = model.parent_field().name, model.line_key()
    lines = [model(**{**row, parent: record}) for row in rows]
    problems = [p.at(sheet=name, row=at) for at, line in enumerate(lines, 1) for p in line_problems(line)]
    if len({key_of(line, key) for line in lines}) < len(lines):
        problems.append(Problem(_("stands twice"), key[0], record.key_text(), sheet=name))
    if problems:
        raise Refused(problems)
    return lines


def key_of(line: Line, key: tuple[str, ...]) -> tuple[Any, ...]:
    """Values of the fields that tell the lines of one record apart."""
    return tuple(getattr(line, line._meta.get_field(name).attname) for name in key)  # type: ignore[union-attr]


def line_problems(line: Line) -> list[Problem]:
    """Everything wrong with one line; a link given as a record in hand needs no look-up."""
    links = [field for field in line._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    try:
        line.clean_fields(exclude=[field.name for field in links if field.is_cached(line)])
    except ValidationError as error:
        return [Problem(m, field) for field, messages in error.message_dict.items() for m in messages]
    return list(line.problems())
