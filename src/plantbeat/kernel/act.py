"""The one write path for a single record: what can be done with many, and the steps of its lifecycle."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from django.utils.translation import gettext as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act_many import assign, can_clash, known_good, locked, log, one_act, validate, write
from plantbeat.kernel.lifecycle import Step
from plantbeat.kernel.log import canonical, differences, snapshot
from plantbeat.kernel.permission import CREATE, EDIT, REMOVE, forbidden, named, writes
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import fields_of

M = TypeVar("M", bound=Record)


def act(
    target: M | type[M], verb: str, by: Actor, data: Mapping[str, Any] | None = None,
    *, version: int | None = None, reason: str = "", secret: str | Proof = "",
) -> M:  # fmt: skip
    """Write one record and return it as it now stands (for `remove`: as it was).

    `target` is a record type for `create`, else a record (it is read again under lock). `data` holds
    values as `schema.parsed` returns them, lines as lists under their name. `version` is what the writer
    had in front of them: if somebody else has written since, nothing happens. `secret` is the password or PIN
    of somebody who signs (21 CFR 11.50, 11.70), or their proof; it is checked and never kept.
    Raises `Refused` with every problem found.
    """
    if isinstance(target, type):
        return write(target, CREATE, by, [data or {}], reason)[0]
    row = {**(data or {}), "id": target.pk, "version": version}
    if verb in (EDIT, REMOVE):
        return write(type(target), verb, by, [row], reason)[0]
    with one_act() as open_writing:
        record = locked(type(target), [row])[0]
        before, now, signature = _step(record, verb, by, data or {}, reason, secret)
        record.version += 1
        record.save(force_update=True)
        after = now | snapshot(record, lines=False)
        log(open_writing, [(record, *differences(before, after))], verb, by, reason, signature)
    return record


def _step(
    record: Record, verb: str, by: Actor, data: Mapping[str, Any], reason: str, secret: str | Proof
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]:
    """Take a record through a step's gates, ready to be saved: what it said, what it says, the signature."""
    step, site_id = named(record, verb), record.site_id_of_record
    before, was = snapshot(record), dict(vars(record))
    if not (writes(by, site_id) and step.permits(record, by, site_id)):
        raise Refused(forbidden(step.label), Kind.forbidden)
    fields = fields_of(type(record))
    assign(record, by, {n: v for n, v in data.items() if n in fields}, step.asks)
    if missing := [name for name in step.asks if name not in fields and not data.get(name)]:
        raise Refused([Problem(_("is required"), name) for name in missing])
    if hindrances := step.hindrances(record, by):
        raise Refused(hindrances, Kind.state)
    if step.reason and not reason.strip():
        raise Refused(Problem(_("a reason is required"), "reason"))
    if step.target is not None:
        record.state = str(step.target)
    if step.effect is not None:
        step.effect(record, by, dict(data))
    now = before | snapshot(record, lines=record.has_new_lines)
    signature = _signed(step, by, secret, now) if step.signed else None
    moved = [f.name for f in record._meta.concrete_fields if vars(record)[f.attname] != was[f.attname]]
    validate(record, known_good(record, EDIT, moved), unique=can_clash(type(record), moved))
    return before, now, signature


class Proof(NamedTuple):
    """That somebody has proved who they are, for signatures in a row (21 CFR 11.200(a)(1)(i))."""

    user_id: int
    method: str


def proved(by: Actor, secret: str, meaning: str = "") -> Proof:
    """The proof that a password or PIN gives, or `Refused` if it does not prove who signs."""
    user = User.objects.filter(pk=by.user_id, is_active=True).first() if by.user_id else None
    if user is None:
        raise Refused(Problem(_("only a signed-in person can sign"), "signature"), Kind.signature)
    if not secret:
        message = _("sign with your password or PIN: %(meaning)s") % {"meaning": meaning}
        raise Refused(Problem(message, "signature"), Kind.signature)
    ways = {"password": user.check_password, "pin": user.check_pin}
    method = next((name for name, is_right in ways.items() if is_right(secret)), None)
    if method is None:
        raise Refused(Problem(_("password or PIN is wrong"), "signature"), Kind.signature)
    return Proof(user.pk, method)


def _signed(step: Step, by: Actor, secret: str | Proof, content: dict[str, Any]) -> dict[str, Any]:
    """The signature of a step, or `Refused` if the signer did not prove who they are."""
    proof = secret if isinstance(secret, Proof) else proved(by, secret, step.signed)
    if proof.user_id != by.user_id:
        raise Refused(Problem(_("only a signed-in person can sign"), "signature"), Kind.signature)
    return {
        "meaning": step.signed, "by": by.pseudonym, "at_us": clock.now_us(), "method": proof.method,
        "record_hash": hashlib.sha256(canonical(content).encode()).hexdigest(),
    }  # fmt: skip
