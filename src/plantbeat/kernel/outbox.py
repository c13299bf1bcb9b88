"""What the rest of the world must learn about a write, kept in the same transaction as the write."""

from __future__ import annotations

from django.db import connection, models

CHANNEL = "plantbeat"


class Outbox(models.Model):
    """A message that follows from a write; readers go by id, which is commit order per database."""

    at_us = models.BigIntegerField()
    topic = models.CharField(max_length=80)
    site_id = models.BigIntegerField(null=True)
    payload = models.JSONField(default=dict)

    class Meta:
        db_table = "kernel_outbox"


class Sequence(models.Model):
    """Last running number given, per name (`site:type`)."""

    name = models.CharField(max_length=120, primary_key=True)
    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "kernel_sequence"


def next_numbers(name: str, count: int, taken: int = 0) -> range:
    """The next running numbers, without gaps once committed; those up to `taken` came from elsewhere."""
    Sequence.objects.get_or_create(name=name)
    row = Sequence.objects.select_for_update().get(name=name)
    first = max(row.last, taken) + 1
    row.last = first + count - 1
    row.save(update_fields=["last"])
    return range(first, row.last + 1)


def wake(topic: str) -> None:
    """Tell listening processes, at commit, that something new can be read (PostgreSQL; SQLite is polled)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, topic])
