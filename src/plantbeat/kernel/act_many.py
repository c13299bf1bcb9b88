"""Many records of one type written through the same gates, done set-wise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from plantbeat.kernel import clock, outbox
from plantbeat.kernel.access import Actor
from plantbeat.kernel.act import (
    Extras,
    assigned,
    conflict,
    faults,
    filled,
    in_the_way,
    logged,
    sequence,
    site_of_new,
    with_number,
)
from plantbeat.kernel.lines import apply_lines, new_lines
from plantbeat.kernel.permission import CREATE, EDIT, REMOVE, authorise, refuse_closed_fields
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import keyed_fields
from plantbeat.kernel.snapshot import differences, lines_snapshot, snapshot
from plantbeat.kernel.writing import Writing, writing

M = TypeVar("M", bound=Record)
Rows = Sequence[Mapping[str, Any]]
Snapshot = dict[str, Any]


def act_many(model: type[M], verb: str, by: Actor, rows: Rows, *, reason: str = "") -> list[M]:
    """Create, edit or remove many records of one type in one transaction: the same gates, done set-wise.

    Rows hold values as `schema.parse` returns them, lines as lists under their name; rows to edit or remove
    name the record under `id` and may hold the `version` the writer had in front of them.
    Raises `Refused` with the problems of every bad row (`row` counts from 1; `sheet` names a line of it, as
    in `operations 2`); then nothing was written.
    """
    write = {CREATE: _create, EDIT: _edit, REMOVE: _remove}.get(verb)
    if write is None:
        raise Refused(Problem(_("works on one record at a time only"), "verb", verb), Kind.missing)
    try:
        with writing() as open_writing:
            changes = write(model, by, rows)
            _sealed(changes, model, verb, by, reason, open_writing)
    except models.ProtectedError as error:
        used = ", ".join(sorted({str(user) for user in error.protected_objects})[:5])
        raise Refused(_("still used by: %(users)s") % {"users": used}, Kind.state) from error
    except IntegrityError as error:
        raise in_the_way(error) from error
    return [record for record, _before, _after in changes]


def _sealed(
    changes: list[tuple[M, Snapshot, Snapshot]],
    model: type[M],
    verb: str,
    by: Actor,
    reason: str,
    write: Writing,
) -> None:
    extras, at_us = Extras(reason=reason), clock.now_us()
    for record, before, after in changes:
        logged(record, verb, by, before, after, extras, write, at_us)
        record.written(by, verb)
    for site_id in {record.site_id_of_record for record, _before, _after in changes}:
        write.tell(at_us, f"record:{model.type_code()}", site_id, verb=verb)


def _create(model: type[M], by: Actor, rows: Rows) -> list[tuple[M, Snapshot, Snapshot]]:
    types = model.line_types()
    records, lines, problems = [], [], []
    for place, row in enumerate(rows, 1):
        data = {name: value for name, value in row.items() if name not in types}
        try:
            record = filled(model, data)
            check(record, CREATE, by, data)
        except Refused as refused:
            problems += [problem.at(row=place) for problem in refused.problems]
            continue
        records.append(record)
        lines.append({name: row.get(name, ()) for name in types})
    if problems := problems or _twice(model, records):
        raise Refused(problems)
    _numbered(records)
    made = model._base_manager.bulk_create(records, batch_size=500)
    owned = _create_lines(made, lines)
    return [(one, {}, snapshot(one, lines=False) | mine) for one, mine in zip(made, owned, strict=True)]


def _create_lines(made: list[M], lines: list[dict[str, Rows]]) -> list[Snapshot]:
    """Save the lines of new records, each type at once; what the log keeps of them, per record."""
    problems: list[Problem] = []
    all_of: dict[type[Line], list[Line]] = {}
    owned: list[Snapshot] = []
    for place, (record, given) in enumerate(zip(made, lines, strict=True), 1):
        mine: Snapshot = {}
        for name, rows in given.items():
            try:
                fresh = new_lines(record, name, rows)
            except Refused as refused:
                problems += _of_record(refused, place)
                continue
            model = record.line_types()[name]
            all_of.setdefault(model, []).extend(fresh)
            mine[name] = lines_snapshot(model, fresh)
        owned.append(mine)
    if problems:
        raise Refused(problems)
    for model, fresh in all_of.items():
        model._base_manager.bulk_create(fresh, batch_size=500)
    return owned


def _of_record(refused: Refused, place: int) -> list[Problem]:
    """Problems of lines as problems of the record's row."""
    return [
        replace(one, row=place, sheet=f"{one.sheet} {one.row}" if one.row else one.sheet)
        for one in refused.problems
    ]


def _edit(model: type[M], by: Actor, rows: Rows) -> list[tuple[M, Snapshot, Snapshot]]:
    types, known = model.line_types(), keyed_fields(model)
    edited: list[tuple[M, Snapshot, dict[str, Any]]] = []
    fields: set[str] = set()
    problems: list[Problem] = []
    for place, (row, record) in enumerate(zip(rows, _locked(model, rows), strict=True), 1):
        data = {n: v for n, v in row.items() if n not in types and n not in ("id", "version")}
        lines = {name: row[name] for name in types if name in row}
        before = snapshot(record, lines=bool(lines))
        try:
            authorise(record, EDIT, by, record.site_id_of_record)
            assigned(record, by, data, known.keys())
            check(record, EDIT, by, data)
        except Refused as refused:
            problems += [problem.at(row=place) for problem in refused.problems]
        record.version += 1
        fields |= data.keys()
        edited.append((record, before, lines))
    if problems:
        raise Refused(problems)
    model._base_manager.bulk_update([one for one, *_rest in edited], [*fields, "version"], batch_size=200)
    for place, (record, _before, lines) in enumerate(edited, 1):
        try:
            apply_lines(record, lines)
        except Refused as refused:
            problems += _of_record(refused, place)
    if problems:
        raise Refused(problems)
    return [
        (record, *differences(before, snapshot(record, lines=bool(lines))))
        for record, before, lines in edited
    ]


def _remove(model: type[M], by: Actor, rows: Rows) -> list[tuple[M, Snapshot, Snapshot]]:
    records = _locked(model, rows)
    for record in records:
        authorise(record, REMOVE, by, record.site_id_of_record)
    changes: list[tuple[M, Snapshot, Snapshot]] = [(record, snapshot(record), {}) for record in records]
    ids = [record.pk for record in records]
    for start in range(0, len(ids), 500):
        model._base_manager.filter(pk__in=ids[start : start + 500]).delete()
    return changes


def _locked(model: type[M], rows: Rows) -> list[M]:
    """The records the rows name, read again under lock; refused where one is gone or has moved on."""
    found: dict[int, M] = {}
    for start in range(0, len(rows), 500):
        ids = [row["id"] for row in rows[start : start + 500]]
        locked = model._base_manager.select_for_update(of=("self",)).filter(pk__in=ids)
        found |= {record.pk: record for record in locked}
    records, problems = [], []
    for place, row in enumerate(rows, 1):
        record = found.get(row["id"])
        if record is None:
            problems.append(Problem(_("it no longer exists"), row=place))
        elif row.get("version", record.version) != record.version:
            problems.append(conflict(record, row["version"]).at(row=place))
        else:
            records.append(record)
    if problems:
        raise Refused(problems, Kind.conflict)
    return records


def check(record: Record, verb: str, by: Actor, data: Mapping[str, Any]) -> None:
    """Every gate a record with new values passes before it is saved; an import asks ahead of the write.

    Raises `Refused` with every problem found.
    """
    authorise(record, verb, by, None if (verb, record.scope) == (CREATE, "id") else site_of_new(record))
    refuse_closed_fields(record, by, data)
    try:
        record.clean_fields(exclude=_known_good(record, verb, data))
        record.clean()
    except ValidationError as error:
        raise Refused(faults(record, error)) from error
    if found := list(record.problems()):
        raise Refused(found)


def _known_good(record: Record, verb: str, data: Mapping[str, Any]) -> list[str]:
    """Fields that need no check of their own: a number still to come, links in hand or left as they were."""
    number = type(record).number_field()
    links = [
        field.name
        for field in record._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and (field.is_cached(record) or (verb == EDIT and field.name not in data))
    ]
    return [*links, number.name] if number and not getattr(record, number.attname) else links


def _numbered(records: list[M]) -> None:
    """Running numbers for those without; a number that came from elsewhere is never given again."""
    field = type(records[0]).number_field() if records else None
    if field is None:
        return
    groups: dict[str, tuple[list[M], list[int]]] = {}
    for record in records:
        bare, given = groups.setdefault(sequence(record), ([], []))
        if not (text := getattr(record, field.attname)):
            bare.append(record)
        elif match := re.fullmatch(rf"{re.escape(field.prefix)}(\d{{1,15}})", text):
            given.append(int(match.group(1)))
    for name, (bare, given) in groups.items():
        if given:
            outbox.skip_numbers(name, max(given))
        numbers = outbox.next_numbers(name, len(bare)) if bare else ()
        for record, number in zip(bare, numbers, strict=True):
            with_number(record, number)


def _twice(model: type[M], records: list[M]) -> list[Problem]:
    """Rows whose natural key is in the batch before them or in the database already."""
    names = [cast("Any", model._meta.get_field(name)).attname for name in model.key]
    number = model.number_field()
    if not names or (number is not None and number.attname in names):
        return []
    stored = set()
    for start in range(0, len(records), 500):
        chunk = records[start : start + 500]
        match = {f"{names[-1]}__in": [getattr(record, names[-1]) for record in chunk]}
        stored |= set(model._base_manager.filter(**match).values_list(*names))
    problems, seen = [], stored
    for place, record in enumerate(records, 1):
        key = tuple(getattr(record, name) for name in names)
        if key in seen:
            problems.append(Problem(_("already exists"), model.key[-1], record.key_text(), row=place))
        seen.add(key)
    return problems
