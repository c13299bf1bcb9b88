"""The change log: one row per act, chained by hash per site, private values outside the chain.

A row holds a record as plain values (`snapshot`), cut down to what the act changed (`differences`).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from plantbeat.kernel import registry
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import fields_of

GENESIS = "0" * 64
INSTALLATION = 0
"""Chain of records that belong to no site."""

SEALED = (
    "previous", "chain", "place", "at_us", "actor", "door", "request_id", "type_code", "record_id", "verb",
    "before", "after", "reason", "signature",
)  # fmt: skip
"""What the hash of a change covers, in this order."""


class Change(models.Model):
    """One act on one record: who, when, what before and after, and the hash that seals it."""

    chain = models.BigIntegerField()
    place = models.BigIntegerField()
    at_us = models.BigIntegerField()
    actor = models.CharField(max_length=60)
    door = models.CharField(max_length=20)
    request_id = models.CharField(max_length=40, blank=True)
    type_code = models.CharField(max_length=80)
    record_id = models.BigIntegerField()
    verb = models.CharField(max_length=40)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    signature = models.JSONField(null=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "kernel_change"
        constraints = [models.UniqueConstraint(fields=["chain", "place"], name="kernel_change_place")]
        indexes = [
            models.Index(fields=["type_code", "record_id", "at_us"], name="kernel_change_record"),
            models.Index(fields=["at_us"], name="kernel_change_time"),
        ]

    def sealed(self) -> str:
        """Hash of the row's content and of the row before it."""
        content = [getattr(self, name) for name in SEALED]
        return hashlib.sha256(canonical(content).encode()).hexdigest()

    def set_apart(self) -> list[ChangePrivate]:
        """Take the private values out of a row not yet sealed; salted digests stand in their place."""
        private = registry.record(self.type_code).access.private
        values = []
        for field in sorted(private.keys() & (self.before.keys() | self.after.keys())):
            salt, before, after = secrets.token_hex(16), self.before.get(field), self.after.get(field)
            values.append(ChangePrivate(change=self, field=field, salt=salt, before=before, after=after))
            for side in (self.before, self.after):
                if field in side:
                    side[field] = {"digest": digest(salt, side[field])}
        return values


class ChangePrivate(models.Model):
    """A private value of a change, kept apart so that it can be erased without breaking the chain."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="private")
    field = models.CharField(max_length=60)
    salt = models.CharField(max_length=32)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        db_table = "kernel_change_private"


class ChainHead(models.Model):
    """Last place and hash of a chain; its row is locked as the last statement of a transaction."""

    chain = models.BigIntegerField(primary_key=True)
    place = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        db_table = "kernel_chain_head"


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces, real characters."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def seal(changes: Sequence[Change]) -> None:
    """Append changes to their chains. Call as the last statement of the transaction that made them."""
    for chain in sorted({change.chain for change in changes}):
        ChainHead.objects.get_or_create(chain=chain)
        head = ChainHead.objects.select_for_update().get(chain=chain)
        rows = [change for change in changes if change.chain == chain]
        private = [value for row in rows for value in row.set_apart()]
        for row in rows:
            row.place, row.previous = head.place + 1, head.hash
            row.hash = row.sealed()
            head.place, head.hash = row.place, row.hash
        Change.objects.bulk_create(rows, batch_size=500)
        ChangePrivate.objects.bulk_create(private, batch_size=500)
        head.save(update_fields=["place", "hash"])


def digest(salt: str, value: Any) -> str:
    """Salted fingerprint of a private value, as it stands in the chain."""
    return hashlib.sha256(f"{salt}|{canonical(value)}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """The first row of a chain that does not hold."""

    chain: int
    place: int
    change_id: int | None
    message: str


def broken(chain: int) -> Break | None:
    """Recompute one chain from its first row; None if every row and the head hold."""
    previous, place, last = GENESIS, 0, None
    for last in Change.objects.filter(chain=chain).order_by("place").iterator(2000):
        place += 1
        if last.place != place:
            return Break(chain, place, last.pk, f"row {place} of the chain is missing")
        if last.previous != previous:
            return Break(chain, place, last.pk, "does not follow the row before it")
        if last.hash != last.sealed():
            return Break(chain, place, last.pk, "was altered after it was written")
        for value in last.private.all():
            if message := _altered(last, value):
                return Break(chain, place, last.pk, message)
        previous = last.hash
    head = ChainHead.objects.filter(chain=chain).first()
    if head and (head.place, head.hash) != (place, previous):
        message = f"rows after place {place} are missing: the head says {head.place}"
        return Break(chain, head.place, None, message)
    return None


def _altered(row: Change, value: ChangePrivate) -> str:
    for name, side in (("before", row.before), ("after", row.after)):
        kept = digest(value.salt, getattr(value, name))
        if value.field in side and kept != side[value.field].get("digest"):
            return f"private value of “{value.field}” was altered"
    return ""


def chains() -> Iterator[int]:
    """Every chain that has a row or a head."""
    known = set(ChainHead.objects.values_list("chain", flat=True))
    yield from sorted(known | set(Change.objects.values_list("chain", flat=True).distinct()))


def head_of(chain: int) -> tuple[int, str]:
    """Number of rows and last hash of a chain, as printed on signed papers."""
    head = ChainHead.objects.filter(chain=chain).first()
    return (head.place, head.hash) if head else (0, GENESIS)


def snapshot(record: Record, *, lines: bool = True) -> dict[str, Any]:
    """All fields and lines of a record as JSON scalars and lists of them."""
    taken: dict[str, Any] = {name: _value(record, name) for name in fields_of(type(record))}
    if lines:
        for name, model in record.line_types().items():
            taken[name] = lines_snapshot(model, getattr(record, name).order_by(*model.line_key()))
    return taken


def lines_snapshot(model: type[Line], rows: Iterable[Line]) -> list[dict[str, Any]]:
    """Lines of one record as plain values."""
    return [{field: _value(row, field) for field in fields_of(model)} for row in rows]


def _value(row: Record | Line, name: str) -> Any:
    """Links enter as id, not as text, so that renaming what they point to changes no history."""
    spec = fields_of(type(row))[name]
    kept = spec.kind in ("link", "reference")
    return getattr(row, spec.model_field.attname) if kept else spec.plain(row)


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two snapshots cut down to what differs."""
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return {n: before.get(n) for n in sorted(changed)}, {n: after.get(n) for n in sorted(changed)}
