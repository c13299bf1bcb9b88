"""The change log: one row per act, chained by hash per site, private values outside the chain."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from plantbeat.kernel.access import Actor

GENESIS = "0" * 64
INSTALLATION = 0
"""Chain of records that belong to no site."""


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
        content = [
            self.previous,
            self.chain,
            self.place,
            self.at_us,
            self.actor,
            self.door,
            self.request_id,
            self.type_code,
            self.record_id,
            self.verb,
            self.before,
            self.after,
            self.reason,
            self.signature,
        ]
        return hashlib.sha256(canonical(content).encode()).hexdigest()


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


@dataclass(slots=True)
class Entry:
    """A change waiting for the end of its transaction to be sealed."""

    site_id: int | None
    at_us: int
    by: Actor
    type_code: str
    record_id: int
    verb: str
    before: dict[str, Any]
    after: dict[str, Any]
    private: frozenset[str]
    reason: str = ""
    signature: dict[str, Any] | None = None


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces, real characters."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def seal(entries: Sequence[Entry]) -> None:
    """Append entries to their chains. Call as the last statement of the transaction that made them."""
    for chain in sorted({entry.site_id or INSTALLATION for entry in entries}):
        ChainHead.objects.get_or_create(chain=chain)
        head = ChainHead.objects.select_for_update().get(chain=chain)
        rows, hidden = [], []
        for entry in entries:
            if (entry.site_id or INSTALLATION) != chain:
                continue
            row, private = _row(entry, head)
            rows.append(row)
            hidden.append(private)
        made = Change.objects.bulk_create(rows, batch_size=500)
        values = [v for row, private in zip(made, hidden, strict=True) for v in _owned(row, private)]
        if values:
            ChangePrivate.objects.bulk_create(values, batch_size=500)
        head.save(update_fields=["place", "hash"])


def _row(entry: Entry, head: ChainHead) -> tuple[Change, list[ChangePrivate]]:
    before, after, private = _apart(entry)
    row = Change(
        chain=head.chain,
        place=head.place + 1,
        at_us=entry.at_us,
        actor=entry.by.pseudonym,
        door=entry.by.door,
        request_id=entry.by.request_id,
        type_code=entry.type_code,
        record_id=entry.record_id,
        verb=entry.verb,
        before=before,
        after=after,
        reason=entry.reason,
        signature=entry.signature,
        previous=head.hash,
    )
    row.hash = row.sealed()
    head.place, head.hash = row.place, row.hash
    return row, private


def _apart(entry: Entry) -> tuple[dict[str, Any], dict[str, Any], list[ChangePrivate]]:
    before, after, private = dict(entry.before), dict(entry.after), []
    for field in sorted(entry.private & (before.keys() | after.keys())):
        salt = secrets.token_hex(16)
        private.append(
            ChangePrivate(field=field, salt=salt, before=before.get(field), after=after.get(field))
        )
        for side in (before, after):
            if field in side:
                side[field] = {"digest": digest(salt, side[field])}
    return before, after, private


def digest(salt: str, value: Any) -> str:
    """Salted fingerprint of a private value, as it stands in the chain."""
    return hashlib.sha256(f"{salt}|{canonical(value)}".encode()).hexdigest()


def _owned(row: Change, private: list[ChangePrivate]) -> list[ChangePrivate]:
    for value in private:
        value.change = row
    return private


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
        return Break(
            chain, head.place, None, f"rows after place {place} are missing: the head says {head.place}"
        )
    return None


def _altered(row: Change, value: ChangePrivate) -> str:
    for name, side in (("before", row.before), ("after", row.after)):
        if value.field in side and digest(value.salt, getattr(value, name)) != side[value.field].get(
            "digest"
        ):
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
