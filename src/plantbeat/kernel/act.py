"""The one write path: permission → guard → save → change log → outbox, in one transaction.

`act(target, verb, by, data)` writes one record; `act_many`, in a module of its own, many of one type. A page,
the API, an import, an offline queue and the worker all come through here, so that a gate that holds on one
door holds on all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from plantbeat.kernel import clock, outbox
from plantbeat.kernel.access import Actor
from plantbeat.kernel.lifecycle import Step
from plantbeat.kernel.lines import apply_lines
from plantbeat.kernel.log import Entry
from plantbeat.kernel.permission import (
    CREATE,
    EDIT,
    REMOVE,
    authorise,
    forbidden,
    named,
    refuse_closed_fields,
    writes,
)
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import fields_of, keyed_fields
from plantbeat.kernel.signature import Signing, signed
from plantbeat.kernel.snapshot import differences, snapshot
from plantbeat.kernel.writing import Writing, writing

M = TypeVar("M", bound=Record)


@dataclass(frozen=True, slots=True)
class Extras:
    """What some acts need besides their data."""

    version: int | None = None
    reason: str = ""
    signing: Signing | None = None


def act(
    target: M | type[M],
    verb: str,
    by: Actor,
    data: Mapping[str, Any] | None = None,
    *,
    version: int | None = None,
    reason: str = "",
    signing: Signing | None = None,
) -> M:
    """Write one record and return it as it now stands (for `remove`: as it was).

    `target` is a record type for `create`, else a record (it is read again under lock). `data` holds
    values as `schema.parse` returns them, lines as lists under their name. `version` is what the writer
    had in front of them: if somebody else has written since, nothing happens.
    Raises `Refused` with every problem found.
    """
    extras = Extras(version, reason, signing)
    try:
        with writing() as open_writing:
            if isinstance(target, type):
                return _create(target, by, dict(data or {}), extras, open_writing)
            record = _locked(target, extras.version)
            if verb == EDIT:
                return _edit(record, by, dict(data or {}), extras, open_writing)
            if verb == REMOVE:
                return _remove(record, by, extras, open_writing)
            return _step(record, named(record, verb), by, dict(data or {}), extras, open_writing)
    except IntegrityError as error:
        raise in_the_way(error) from error


def in_the_way(error: IntegrityError) -> Refused:
    """Two writers made the same thing at once: the second learns it as a refusal."""
    return Refused(
        Problem(_("somebody else has just written the same: %(why)s") % {"why": error}), Kind.conflict
    )


def _locked(target: M, version: int | None) -> M:
    model = type(target)
    rows = model._base_manager.select_for_update(of=("self",))
    record = rows.filter(pk=target.pk).first()
    if record is None:
        raise Refused(_("it no longer exists"), Kind.missing)
    if version is not None and record.version != version:
        raise Refused(conflict(record, version), Kind.conflict)
    return record


def conflict(record: Record, version: int) -> Problem:
    """The refusal of a write by somebody who had an older version in front of them."""
    message = _("somebody else has changed it since you opened it; look at their change, then try again")
    return Problem(message, "version", version, _("current version: %(n)s") % {"n": record.version})


def _create(model: type[M], by: Actor, data: dict[str, Any], extras: Extras, write: Writing) -> M:
    lines = {name: data.pop(name) for name in list(data) if name in model.line_types()}
    record = with_number(filled(model, data))
    site_id = None if model.scope == "id" else site_of_new(record)
    authorise(record, CREATE, by, site_id)
    refuse_closed_fields(record, by, data)
    _validated(record)
    record.save(force_insert=True)
    apply_lines(record, lines)
    _sealed(record, CREATE, by, {}, snapshot(record), extras, write)
    return record


def filled(model: type[M], data: dict[str, Any]) -> M:
    """A record not yet saved, with the values given; unknown names are refused."""
    known = fields_of(model)
    if unknown := [name for name in data if name not in known]:
        raise Refused([Problem(_("there is no such field"), name) for name in unknown])
    return model(**data)


def site_of_new(record: Record) -> int | None:
    """Site of a record not yet saved; refused if its type belongs to sites and none is given."""
    try:
        site_id = record.site_id_of_record
    except (AttributeError, models.ObjectDoesNotExist):
        site_id = None
    if site_id is None and record.scope is not None:
        raise Refused(Problem(_("is required"), record.scope.split("__")[0]))
    return site_id


def with_number(record: M, given: int | None = None) -> M:
    """Give the record its running number, if its type has one and none was given."""
    field = type(record).number_field()
    if field is not None and not getattr(record, field.attname):
        number = given if given is not None else outbox.next_numbers(sequence(record), 1)[0]
        setattr(record, field.attname, f"{field.prefix}{number:06d}")
    return record


def sequence(record: Record) -> str:
    """Name of the sequence a record's number comes from: one per site and type."""
    return f"{site_of_new(record) or 0}:{record.type_code()}"


def _edit(record: M, by: Actor, data: dict[str, Any], extras: Extras, write: Writing) -> M:
    authorise(record, EDIT, by, record.site_id_of_record)
    lines = {name: data.pop(name) for name in list(data) if name in record.line_types()}
    before = snapshot(record)
    assigned(record, by, data, keyed_fields(type(record)).keys())
    authorise(record, EDIT, by, record.site_id_of_record)
    return _rewritten(record, EDIT, by, before, extras, write, lines)


def assigned(record: Record, by: Actor, data: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Give the record new values; refused where a field is private or not the writer's to set."""
    refuse_closed_fields(record, by, data)
    if unknown := [name for name in data if name not in allowed]:
        raise Refused([Problem(_("there is no such field"), name) for name in unknown])
    for name, value in data.items():
        setattr(record, name, value)


def _step(record: M, step: Step, by: Actor, data: dict[str, Any], extras: Extras, write: Writing) -> M:
    site_id = record.site_id_of_record
    if not (writes(by, site_id) and step.permits(record, by, site_id)):
        raise Refused(forbidden(step.label), Kind.forbidden)
    before = snapshot(record)
    assigned(record, by, {n: v for n, v in data.items() if n in fields_of(type(record))}, set(step.asks))
    if hindrances := step.hindrances(record, by):
        raise Refused(hindrances, Kind.state)
    if step.reason and not extras.reason.strip():
        raise Refused(Problem(_("a reason is required"), "reason"))
    if step.target is not None:
        record.state = str(step.target)
    if step.effect is not None:
        step.effect(record, by, data)
    signature = signed(step, by, extras.signing, snapshot(record)) if step.signed else None
    return _rewritten(record, step.verb, by, before, extras, write, {}, signature)


def _rewritten(
    record: M,
    verb: str,
    by: Actor,
    before: dict[str, Any],
    extras: Extras,
    write: Writing,
    lines: dict[str, list[dict[str, Any]]],
    signature: dict[str, Any] | None = None,
) -> M:
    _validated(record)
    record.version += 1
    record.save(force_update=True)
    apply_lines(record, lines)
    was, now = differences(before, snapshot(record))
    _sealed(record, verb, by, was, now, extras, write, signature)
    return record


def _remove(record: M, by: Actor, extras: Extras, write: Writing) -> M:
    site_id = record.site_id_of_record
    authorise(record, REMOVE, by, site_id)
    before, pk = snapshot(record), record.pk
    try:
        record.delete()
    except (models.ProtectedError, models.RestrictedError) as error:
        used = ", ".join(sorted({str(user) for user in error.args[1]})[:5])
        raise Refused(_("still used by: %(users)s") % {"users": used}, Kind.state) from error
    record.pk = pk
    _sealed(record, REMOVE, by, before, {}, extras, write)
    return record


def _sealed(
    record: Record,
    verb: str,
    by: Actor,
    before: dict[str, Any],
    after: dict[str, Any],
    extras: Extras,
    write: Writing,
    signature: dict[str, Any] | None = None,
) -> None:
    at_us, site_id = clock.now_us(), record.site_id_of_record
    logged(record, verb, by, before, after, extras, write, at_us, signature)
    write.tell(at_us, f"record:{record.type_code()}", site_id, id=record.pk, verb=verb)
    record.written(by, verb)


def logged(
    record: Record,
    verb: str,
    by: Actor,
    before: dict[str, Any],
    after: dict[str, Any],
    extras: Extras,
    write: Writing,
    at_us: int,
    signature: dict[str, Any] | None = None,
) -> None:
    """Put the change on the open transaction's list; it is sealed at its end."""
    model = type(record)
    write.log(
        Entry(
            record.site_id_of_record,
            at_us,
            by,
            model.type_code(),
            record.pk,
            verb,
            before,
            after,
            frozenset(model.access.private),
            extras.reason,
            signature,
        )
    )


def _validated(record: Record) -> None:
    found: list[Problem] = []
    try:
        record.full_clean()
    except ValidationError as error:
        found += faults(record, error)
    if not found:
        found += record.problems()
    if found:
        raise Refused(found)


def faults(record: models.Model, error: ValidationError) -> list[Problem]:
    """Problems of a model's validation, each with its field, value and what is allowed."""
    specs = fields_of(type(record))
    found = []
    for name, messages in error.message_dict.items():
        field = "" if name == NON_FIELD_ERRORS else name
        value = getattr(record, field, None) if field else None
        allowed = specs[field].allowed() if field in specs else ""
        found += [Problem(message, field, value, allowed) for message in messages]
    return found
