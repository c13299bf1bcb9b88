"""The one write path, set-wise: permission → guard → save → change log → outbox, in one transaction.

A page, the API, an import, an offline queue and the worker all come through here, so that a gate that holds
on one door holds on all. `act`, in a module of its own, writes a single record the same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from plantbeat.kernel import clock, outbox
from plantbeat.kernel.access import Actor, among
from plantbeat.kernel.log import INSTALLATION, Change, differences, lines_snapshot, snapshot
from plantbeat.kernel.outbox import Outbox
from plantbeat.kernel.permission import CREATE, EDIT, REMOVE, authorise, refuse_closed_fields
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record, write_lines
from plantbeat.kernel.schema import fields_of, keyed_fields
from plantbeat.kernel.writing import Writing, writing

M = TypeVar("M", bound=Record)
Rows = Sequence[Mapping[str, Any]]
Snapshot = dict[str, Any]
Written = list[tuple[M, Snapshot, Snapshot]]
"""Records as they now stand, each with what changed: before and after."""


def act_many(model: type[M], verb: str, by: Actor, rows: Rows, *, reason: str = "") -> list[M]:
    """Create, edit or remove many records of one type in one transaction: the same gates, done set-wise.

    Rows hold values as `schema.parsed` returns them, lines as lists under their name; rows to edit or remove
    name the record under `id` and may hold the `version` the writer had in front of them.
    Raises `Refused` with the problems of every bad row (`row` counts from 1; `sheet` names a line of it, as
    in `operations 2`); then nothing was written.
    """
    try:
        return write(model, verb, by, rows, reason)
    except Refused as refused:
        raise Refused([problem.in_batch() for problem in refused.problems], refused.kind) from refused


def write(model: type[M], verb: str, by: Actor, rows: Rows, reason: str) -> list[M]:
    """What `act` and `act_many` share; problems name their row as `place` and keep their line as `row`."""
    steps = {CREATE: _created, EDIT: _edited, REMOVE: _removed}
    if verb not in steps:
        raise Refused(Problem(_("works on one record at a time only"), "verb", verb), Kind.missing)
    with one_act() as open_writing:
        changes = steps[verb](model, by, rows)
        log(open_writing, changes, verb, by, reason)
    return [record for record, _before, _after in changes]


@contextmanager
def one_act() -> Iterator[Writing]:
    """The write transaction; what the database refuses at its end is a refusal like any other."""
    try:
        with writing() as open_writing:
            yield open_writing
    except (models.ProtectedError, models.RestrictedError) as error:
        used = ", ".join(sorted({str(user) for user in error.args[1]})[:5])
        raise Refused(_("still used by: %(users)s") % {"users": used}, Kind.state) from error
    except IntegrityError as error:
        message = _("somebody else has just written the same: %(why)s") % {"why": error}
        raise Refused(message, Kind.conflict) from error


def log(
    write: Writing, changes: Written[M], verb: str, by: Actor, reason: str,
    signature: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Put what was written on the open transaction's list, tell the outbox, let what follows follow.

    Raises `Refused` with the place of each record whose consequences cannot follow.
    """
    at_us = clock.now_us()
    told: dict[int | None, list[Record]] = {}
    faults = _Faults()
    for place, (record, before, after) in enumerate(changes, 1):
        site_id = record.site_id_of_record
        change = Change(
            chain=site_id or INSTALLATION, at_us=at_us, actor=by.pseudonym, door=by.door,
            request_id=by.request_id, type_code=record.type_code(), record_id=record.pk, verb=verb,
            before=before, after=after, reason=reason, signature=signature,
        )  # fmt: skip
        write.changes.append(change)
        told.setdefault(site_id, []).append(record)
        with faults.of_row(place):
            record.written(by, verb)
    faults.refuse()
    for site_id, records in told.items():
        topic, payload = f"record:{records[0].type_code()}", {"verb": verb}
        if len(changes) == 1:
            payload["id"] = records[0].pk
        write.messages.append(Outbox(at_us=at_us, topic=topic, site_id=site_id, payload=payload))


@dataclass(slots=True)
class _Faults:
    """Collects the refusals of all rows, so that a writer learns every one at once."""

    found: list[Problem] = field(default_factory=list)
    kind: Kind = Kind.invalid

    @contextmanager
    def of_row(self, place: int) -> Iterator[None]:
        try:
            yield
        except Refused as refused:
            self.found += [replace(problem, place=place) for problem in refused.problems]
            self.kind = refused.kind

    def refuse(self) -> None:
        if self.found:
            raise Refused(self.found, self.kind)


def _created(model: type[M], by: Actor, rows: Rows) -> Written[M]:
    types, faults, alone = model.line_types(), _Faults(), len(rows) == 1
    records: list[M] = []
    for place, row in enumerate(rows, 1):
        data = {name: value for name, value in row.items() if name not in types}
        with faults.of_row(place):
            _refuse_unknown(data, fields_of(model))
            record = model(**data)
            check(record, CREATE, by, data, unique=alone)
            records.append(record)
    faults.refuse()
    if not alone and model.key:
        _refuse_taken(model, records)
    _number(model, records)
    made = model._base_manager.bulk_create(records, batch_size=500)
    lines = write_lines(made, [{name: row.get(name, ()) for name in types} for row in rows])
    changes: Written[M] = []
    for record, mine in zip(made, lines, strict=True):
        owned = {name: lines_snapshot(types[name], fresh) for name, fresh in mine.items()}
        changes.append((record, {}, snapshot(record, lines=False) | owned))
    return changes


def _edited(model: type[M], by: Actor, rows: Rows) -> Written[M]:
    types, known, faults = model.line_types(), keyed_fields(model), _Faults()
    records = locked(model, rows)
    lines = [{name: row[name] for name in types if name in row} for row in rows]
    before = [snapshot(record, lines=bool(mine)) for record, mine in zip(records, lines, strict=True)]
    written = {"version"}
    for place, (record, row) in enumerate(zip(records, rows, strict=True), 1):
        data = {n: v for n, v in row.items() if n not in types and n not in ("id", "version")}
        with faults.of_row(place):
            authorise(record, EDIT, by, record.site_id_of_record)
            assign(record, by, data, known.keys())
            check(record, EDIT, by, data, unique=len(rows) == 1)
        record.version += 1
        written |= data.keys()
    faults.refuse()
    model._base_manager.bulk_update(records, sorted(written), batch_size=200)
    write_lines(records, lines)
    return [
        (record, *differences(was, snapshot(record, lines=bool(mine))))
        for record, was, mine in zip(records, before, lines, strict=True)
    ]


def _removed(model: type[M], by: Actor, rows: Rows) -> Written[M]:
    faults, records = _Faults(), locked(model, rows)
    for place, record in enumerate(records, 1):
        with faults.of_row(place):
            authorise(record, REMOVE, by, record.site_id_of_record)
    faults.refuse()
    changes: Written[M] = [(record, snapshot(record), {}) for record in records]
    ids = [record.pk for record in records]
    for start in range(0, len(ids), 500):
        model._base_manager.filter(pk__in=ids[start : start + 500]).delete()
    return changes


def locked(model: type[M], rows: Rows) -> list[M]:
    """The records the rows name, read again under lock; refused where one is gone or has moved on."""
    rows_of_model = model._base_manager.select_for_update(of=("self",))
    found = {record.pk: record for record in among(rows_of_model, "pk", [row["id"] for row in rows])}
    faults = _Faults()
    for place, row in enumerate(rows, 1):
        with faults.of_row(place):
            _refuse_outdated(found.get(row["id"]), row.get("version"))
    faults.refuse()
    return [found[row["id"]] for row in rows]


def _refuse_outdated(record: Record | None, version: int | None) -> None:
    if record is None:
        raise Refused(_("it no longer exists"), Kind.missing)
    if version not in (None, record.version):
        message = _("somebody else has changed it since you opened it; look at their change, then try again")
        current = _("current version: %(n)s") % {"n": record.version}
        raise Refused(Problem(message, "version", version, current), Kind.conflict)


def assign(record: Record, by: Actor, data: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Give the record new values; refused where a field is private or not the writer's to set."""
    refuse_closed_fields(record, by, data)
    _refuse_unknown(data, allowed)
    for name, value in data.items():
        setattr(record, name, value)


def _refuse_unknown(data: Mapping[str, Any], known: Collection[str]) -> None:
    if unknown := [name for name in data if name not in known]:
        raise Refused([Problem(_("there is no such field"), name) for name in unknown])


def check(record: Record, verb: str, by: Actor, data: Mapping[str, Any], *, unique: bool = False) -> None:
    """Every gate a record with new values passes before it is saved; an import asks ahead of the write.

    `unique` asks the database too whether another record has the same values.
    Raises `Refused` with every problem found.
    """
    authorise(record, verb, by, None if (verb, record.scope) == (CREATE, "id") else _site_of_new(record))
    refuse_closed_fields(record, by, data)
    validate(record, known_good(record, verb, data), unique=unique)


def _site_of_new(record: Record) -> int | None:
    """Site of a record not yet saved; refused if its type belongs to sites and none is given."""
    try:
        site_id = record.site_id_of_record
    except (AttributeError, models.ObjectDoesNotExist):
        site_id = None
    if site_id is None and record.scope is not None:
        raise Refused(Problem(_("is required"), record.scope.split("__")[0]))
    return site_id


def validate(record: Record, unchecked: Collection[str], *, unique: bool) -> None:
    """Refuse values that a field or a rule of the record does not allow; `unchecked` fields need no check."""
    try:
        record.clean_fields(exclude=unchecked)
        record.clean()
        if unique:
            record.validate_unique()
            record.validate_constraints()
    except ValidationError as error:
        raise Refused(_problems_of(record, error)) from error
    if found := list(record.problems()):
        raise Refused(found)


def _problems_of(record: Record, error: ValidationError) -> list[Problem]:
    """Problems of a model's validation, each with its field, value and what is allowed."""
    specs = fields_of(type(record))
    found = []
    for name, messages in error.message_dict.items():
        field = "" if name == NON_FIELD_ERRORS else name
        value = getattr(record, field, None) if field else None
        allowed = specs[field].allowed() if field in specs else ""
        found += [Problem(message, field, value, allowed) for message in messages]
    return found


def known_good(record: Record, verb: str, data: Collection[str]) -> list[str]:
    """Fields that need no check of their own: a number still to come, links in hand or left as they were."""
    number = type(record).number_field()
    links = [
        field.name
        for field in record._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and (field.is_cached(record) or (verb == EDIT and field.name not in data))
    ]
    return [*links, number.name] if number and not getattr(record, number.attname) else links


def can_clash(model: type[Record], moved: Collection[str]) -> bool:
    """True if other values in these fields could make a record the same as another, or break a constraint."""
    own, rules = {f.name for f in model._meta.concrete_fields if f.unique}, model._meta.constraints
    plain = [one for one in rules if isinstance(one, models.UniqueConstraint) and not one.condition]
    is_plain = len(plain) == len(rules) and all(one.fields for one in plain)
    return not is_plain or not own.union(*(one.fields for one in plain)).isdisjoint(moved)


def _refuse_taken(model: type[Record], records: Sequence[Record]) -> None:
    """Refuse rows whose natural key is in the batch before them or in the database already."""
    faults, keys = _Faults(), [_key(record) for record in records]
    lasts = [key[-1] for key in keys if key]
    taken = {_key(one) for one in among(model._base_manager.all(), model.key[-1], lasts)}
    for place, (record, key) in enumerate(zip(records, keys, strict=True), 1):
        with faults.of_row(place):
            if key and key in taken:
                raise Refused(Problem(_("already exists"), model.key[-1], record.key_text()))
        taken.add(key)
    faults.refuse()


def _key(record: Record) -> tuple[Any, ...]:
    """Stored values of the natural key; empty if it is a number still to come."""
    fields: list[Any] = [record._meta.get_field(name) for name in record.key]
    key = tuple(getattr(record, field.attname) for field in fields)
    return () if type(record).number_field() in fields else key


def _number(model: type[M], records: list[M]) -> None:
    """Running numbers for those without; a number that came from elsewhere is never given again."""
    if (field := model.number_field()) is None:
        return
    groups: dict[str, tuple[list[M], list[int]]] = {}
    for record in records:
        name = f"{record.site_id_of_record or 0}:{record.type_code()}"
        bare, given = groups.setdefault(name, ([], []))
        if not (text := getattr(record, field.attname)):
            bare.append(record)
        elif match := re.fullmatch(rf"{re.escape(field.prefix)}(\d{{1,15}})", text):
            given.append(int(match.group(1)))
    for name, (bare, given) in groups.items():
        numbers = outbox.next_numbers(name, len(bare), taken=max(given, default=0))
        for record, number in zip(bare, numbers, strict=True):
            setattr(record, field.attname, f"{field.prefix}{number:06d}")
