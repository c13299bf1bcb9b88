"""The tables of the fact log that are no records: facts, their chain and keys, assets, days to recompute."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField


class AssetLevel(models.TextChoices):
    """What an asset is in the equipment hierarchy (ISA-95 part 1, 5.3)."""

    site = "site", _("Site")
    area = "area", _("Area")
    line = "line", _("Line")
    cell = "cell", _("Work cell")
    machine = "machine", _("Machine")


class FactAsset(models.Model):
    """What facts are about: the narrow copy of the plant's tree that the log and its files need.

    `ref` is the stable name of the record behind it, so that a new code keeps the history. An asset lives
    from `valid_from_us` (None: always) until `valid_to_us` (None: still), half-open.
    """

    site = models.ForeignKey(Site, models.PROTECT)
    ref = models.CharField(max_length=80)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    level = ChoiceField(AssetLevel, default=AssetLevel.machine)
    line = models.CharField(max_length=60, blank=True)
    valid_from_us = models.BigIntegerField(null=True)
    valid_to_us = models.BigIntegerField(null=True)

    class Meta:
        db_table = "fact_asset"
        constraints = [
            models.UniqueConstraint(fields=["site", "ref"], name="fact_asset_ref"),
            models.UniqueConstraint(fields=["site", "code"], name="fact_asset_code"),
        ]

    def __str__(self) -> str:
        return self.code


class LsnField(models.BigIntegerField):  # type: ignore[type-arg]
    """A 64-bit key that is the row id on SQLite, so that facts lie in the table in the order of the log."""

    def db_type(self, connection: Any) -> str | None:
        """`integer`, which with PRIMARY KEY is the row id, on SQLite; bigint elsewhere."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class BareLink(models.ForeignKey):  # type: ignore[type-arg]
    """A link of bulk rows: `append` has looked up what it points to, which is never deleted."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.update(db_constraint=False, db_index=False)
        super().__init__(*args, **options)


class Fact(models.Model):
    """One thing that happened. Appended by `log`, never changed: the database refuses it.

    lsn       place in the log: commit order
    seq       the source's own number, from 1 without holes; None where the source has none
    t_us      when it happened, by the source's clock; rx_us when it was received
    body      JSON text in the one spelling of its kind
    actor     pseudonym of the person who said it; empty where the source itself speaks
    reverses  lsn of the fact this one takes back, with the reason
    """

    lsn = LsnField(primary_key=True)
    src = BareLink("facts.FactSource", models.PROTECT, db_column="src")
    seq = models.BigIntegerField(null=True)
    asset = BareLink(FactAsset, models.PROTECT, db_column="asset")
    t_us = models.BigIntegerField()
    rx_us = models.BigIntegerField()
    kind = models.CharField(max_length=30)
    schema_v = models.SmallIntegerField()
    body = models.TextField()
    actor = models.CharField(max_length=60)
    reverses = models.BigIntegerField(null=True)
    reason = models.TextField()

    class Meta:
        db_table = "fact"
        constraints = [
            models.UniqueConstraint(fields=["src", "seq"], condition=Q(seq__isnull=False), name="fact_key"),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="fact_reversed_once"
            ),
        ]
        indexes = [models.Index(fields=["asset", "t_us"], name="fact_asset_time")]

    def __str__(self) -> str:
        return f"fact {self.lsn}"


class FactDigest(models.Model):
    """Key of a fact whose source has no numbers: its content. It outlives sealing, as a frontier does."""

    pk = models.CompositePrimaryKey("src_id", "digest")
    src = BareLink("facts.FactSource", models.PROTECT, db_column="src")
    digest = models.BinaryField(max_length=16)

    class Meta:
        db_table = "fact_digest"


class FactBlock(models.Model):
    """The facts of one append, sealed by a hash over them and the block before."""

    last_lsn = models.BigIntegerField(primary_key=True)
    first_lsn = models.BigIntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "fact_block"


class SealedMonth(models.Model):
    """Manifest of facts moved to a file: those of the month up to `last_lsn`. Only they may be deleted here.

    Facts that come late for a sealed month have a higher lsn and stay until the next manifest of the month.
    `head` is the hash of the block that `last_lsn` lies in.
    """

    month = models.CharField(max_length=7)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    last_lsn = models.BigIntegerField()
    rows = models.BigIntegerField()
    path = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    head = models.CharField(max_length=64)
    sealed_us = models.BigIntegerField()

    class Meta:
        db_table = "fact_sealed_month"
        constraints = [models.UniqueConstraint(fields=["month", "last_lsn"], name="fact_sealed_month_key")]

    def __str__(self) -> str:
        return self.month


class DirtyDay(models.Model):
    """A local day of an asset whose views must be computed again, because of the facts up to `lsn`.

    Whoever recomputes deletes the row only if its `lsn` is still the one it began with.
    """

    asset = models.ForeignKey(FactAsset, models.CASCADE, db_constraint=False)
    day = models.DateField()
    lsn = models.BigIntegerField()

    class Meta:
        db_table = "fact_dirty_day"
        constraints = [models.UniqueConstraint(fields=["asset", "day"], name="fact_dirty_day_key")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.day}"
