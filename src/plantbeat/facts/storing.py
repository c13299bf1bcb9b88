"""The statements of the fact log, set-wise, in the two databases' common SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from plantbeat.facts.chain import COLUMNS, Row
from plantbeat.facts.frontier import Frontier
from plantbeat.facts.incoming import Arrival
from plantbeat.kernel.log import GENESIS

_LOCK = 0x706C616E74626561
"""Key of PostgreSQL's advisory lock under which the log grows."""

_CHUNK = 500
_COPY_FROM = 32
"""Rows from which PostgreSQL's COPY is faster than single inserts."""

_INSERT = f"INSERT INTO fact ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608


@dataclass(slots=True)
class Sender:
    """A source as it stands while facts of it are appended."""

    id: int
    name: str
    site_id: int
    zone: str
    kind: str
    token_hash: str
    revoked: bool
    frontier: Frontier
    last_heard_us: int | None
    skew_us: int | None
    fresh: dict[int, Arrival] = field(default_factory=dict)
    digests: set[bytes] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class KnownAsset:
    """An asset a fact may be about, and the time it exists, half-open."""

    id: int
    valid_from_us: int | None
    valid_to_us: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of a number that has arrived before: the content of its fact."""

    lsn: int
    content: tuple[Any, ...]


def one_writer() -> None:
    """Wait until this transaction is the one that may append; SQLite's write transaction is that already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def head() -> tuple[int, str]:
    """Last lsn given and the hash of its block. Call under `one_writer`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_lsn, hash FROM fact_block ORDER BY last_lsn DESC LIMIT 1")
        last: tuple[int, str] | None = cursor.fetchone()
    return last or (0, GENESIS)


def senders(ids: Iterable[int]) -> dict[int, Sender]:
    """The sources with these ids as they stand now."""
    sql = (
        "SELECT s.id, s.name, s.site_id, site.zone, s.kind, s.token_hash, s.revoked_us IS NOT NULL,"
        " s.committed_up_to, s.ahead, s.last_heard_us, s.skew_us"
        " FROM fact_source s JOIN kernel_site site ON site.id = s.site_id WHERE s.id IN "
    )
    found = {}
    for row in _in_chunks(sql, [], list(ids)):
        source_id, name, site_id, zone, kind, token_hash, revoked, up_to, spans, heard_us, skew_us = row
        frontier = Frontier.of(up_to, spans)
        found[source_id] = Sender(
            source_id, name, site_id, zone, kind, token_hash, bool(revoked), frontier, heard_us, skew_us
        )
    return found


def assets(site_id: int, codes: Iterable[str]) -> dict[str, KnownAsset]:
    """Assets of a site by code, of those asked for."""
    sql = "SELECT code, id, valid_from_us, valid_to_us FROM fact_asset WHERE site_id = %s AND code IN "
    return {row[0]: KnownAsset(*row[1:]) for row in _in_chunks(sql, [site_id], list(codes))}


def stored_facts(source_id: int, seqs: Iterable[int]) -> dict[int, Stored]:
    """Facts of a source by number, of those asked for that are not sealed."""
    sql = (
        "SELECT f.seq, f.lsn, a.code, f.t_us, f.kind, f.schema_v, f.body, f.actor, f.reverses"
        " FROM fact f JOIN fact_asset a ON a.id = f.asset WHERE f.src = %s AND f.seq IN "
    )
    return {row[0]: Stored(row[1], row[2:]) for row in _in_chunks(sql, [source_id], list(seqs))}


def quarantined_numbers(source_id: int, seqs: Iterable[int]) -> dict[int, str]:
    """Numbers of a source that are in quarantine, with the fingerprint of what came first."""
    sql = "SELECT seq, raw_hash, id FROM fact_quarantine WHERE source_id = %s AND seq IN "
    rows = sorted(_in_chunks(sql, [source_id], list(seqs)), key=lambda row: -row[2])
    return {row[0]: row[1] for row in rows}


def quarantined_hashes(source_id: int, hashes: Iterable[str]) -> set[str]:
    """Those of the fingerprints that are in quarantine already."""
    sql = "SELECT raw_hash FROM fact_quarantine WHERE source_id = %s AND raw_hash IN "
    return {row[0] for row in _in_chunks(sql, [source_id], list(hashes))}


def stored_digests(source_id: int, digests: Iterable[bytes]) -> set[bytes]:
    """Those of the content keys that are stored already."""
    sql = "SELECT digest FROM fact_digest WHERE src = %s AND digest IN "
    return {bytes(row[0]) for row in _in_chunks(sql, [source_id], list(digests))}


def insert_facts(rows: Sequence[Row]) -> None:
    """Append rows (`COLUMNS`) to the log."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= _COPY_FROM:
            with cursor.copy(f"COPY fact ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(_INSERT, rows)


def insert_block(first_lsn: int, last_lsn: int, previous: str, digest: str) -> None:
    """Seal the facts from first to last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fact_block (first_lsn, last_lsn, previous, hash) VALUES (%s, %s, %s, %s)",
            [first_lsn, last_lsn, previous, digest],
        )


def insert_digests(rows: Sequence[tuple[int, bytes]]) -> None:
    """Keep the content keys of facts without numbers."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO fact_digest (src, digest) VALUES (%s, %s)", rows)


def mark_days(marks: Mapping[tuple[int, date], int]) -> None:
    """Note that the views of these (asset, local day) must be computed again."""
    if marks:
        rows = [(asset, day.isoformat(), lsn) for (asset, day), lsn in sorted(marks.items())]
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO fact_dirty_day (asset_id, day, lsn) VALUES (%s, %s, %s)"
                " ON CONFLICT (asset_id, day) DO UPDATE SET lsn = excluded.lsn",
                rows,
            )


def update_senders(known: Iterable[Sender]) -> None:
    """Store how far each source has come."""
    rows = [
        (s.frontier.up_to, s.frontier.highest, s.frontier.spans_text(), s.last_heard_us, s.skew_us, s.id)
        for s in sorted(known, key=lambda sender: sender.id)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE fact_source SET committed_up_to = %s, max_seq = %s, ahead = %s, last_heard_us = %s,"
            " skew_us = %s WHERE id = %s",
            rows,
        )


def _in_chunks(sql: str, first: list[Any], values: list[Any]) -> Iterator[tuple[Any, ...]]:
    """Rows of `sql IN (values)`, in steps that both databases take as parameters."""
    for start in range(0, len(values), _CHUNK):
        part = values[start : start + _CHUNK]
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} ({', '.join(['%s'] * len(part))})", [*first, *part])
            yield from cursor.fetchall()
