"""Facts in force of some assets over a time, in an order that does not depend on when they arrived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from plantbeat.facts.kinds import KINDS

_CHUNK = 400
_READ = {code: kind.read for code, kind in KINDS.items()}
_COLUMNS = "f.t_us, f.src, COALESCE(f.seq, 0), f.kind, f.body, f.lsn, f.asset, f.reverses"


class FactRow(NamedTuple):
    """One fact in force; `said` is its body as its kind declares it."""

    t_us: int
    kind: str
    said: Any
    lsn: int
    asset: int
    body: str


def facts_between(assets: Sequence[int], start_us: int, end_us: int) -> list[FactRow]:
    """Facts in force of the assets with an instant in ``[start_us, end_us)``.

    In order of time; facts of one instant by source, the source's own number, kind and content, so that any
    order of arrival gives the same list.
    """
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for asset in assets:
            cursor.execute(
                f"SELECT {_COLUMNS} FROM fact f WHERE f.asset = %s AND f.t_us >= %s AND f.t_us < %s"  # noqa: S608
                " ORDER BY f.t_us",
                [asset, start_us, end_us],
            )
            rows += cursor.fetchall()
    return _in_force(rows)


def facts_numbered(lsns: Iterable[int]) -> list[FactRow]:
    """Those facts, by lsn, of the ones given that are in force; in the same order."""
    wanted = sorted(set(lsns))
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            places = ", ".join(["%s"] * len(part))
            cursor.execute(
                f"SELECT {_COLUMNS} FROM fact f WHERE f.lsn IN ({places})"  # noqa: S608  (placeholders only)
                " AND NOT EXISTS (SELECT 1 FROM fact c WHERE c.reverses = f.lsn)",
                part,
            )
            rows += cursor.fetchall()
    return _in_force(rows)


def head_lsn() -> int:
    """The last lsn that can be read now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(last_lsn), 0) FROM fact_block")
        return int(cursor.fetchone()[0])


def _in_force(rows: list[tuple[Any, ...]]) -> list[FactRow]:
    """Rows without those taken back, and without the corrections, which lie at the same instants."""
    back = {row[7] for row in rows if row[7] is not None}
    rows.sort()
    return [
        FactRow(t_us, kind, _READ[kind](body), lsn, asset, body)
        for t_us, _src, _seq, kind, body, lsn, asset, reverses in rows
        if reverses is None and kind != "correction" and lsn not in back
    ]
