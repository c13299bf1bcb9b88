"""What the gateways of the demo plant have to send, kept until the server has said that it is stored.

One SQLite file holds the facts on their way, the simulation that made them and the steps of orders that
follow from them; they are written together, so that whatever is killed, nothing is told twice or never.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from plantbeat.shell.demo.line_plan import Told

_TABLES = """
CREATE TABLE IF NOT EXISTS place (source TEXT PRIMARY KEY, next_seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fact (
    source TEXT, seq INTEGER, said TEXT NOT NULL, PRIMARY KEY (source, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS step (id INTEGER PRIMARY KEY, verb TEXT, order_number TEXT, t_us INTEGER);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
STEPS = {"order_start": "start", "order_end": "complete"}
"""What a fact means for the record of its order."""


@dataclass(frozen=True, slots=True)
class OrderStep:
    """A step of a work order that was told but not yet recorded."""

    id: int
    verb: str
    order: str
    t_us: int


class Outbox:
    """The outbox of all gateways of a demo plant."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._file.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _TABLES)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def put(self, told: Mapping[str, Iterable[Told]], actor: str, simulation: bytes) -> int:
        """Keep facts by source, the order steps they mean, and the simulation that goes on after them."""
        count = 0
        with self._transaction():
            for source, facts in told.items():
                seq = first = self.next_seq(source)
                for one in facts:
                    row = source, seq, _said(one, seq, actor)
                    self._file.execute("INSERT INTO fact VALUES (?, ?, ?)", row)
                    self._note_step(one)
                    seq += 1
                self._place(source, seq)
                count += seq - first
            self._keep("simulation", simulation)
        return count

    def _note_step(self, one: Told) -> None:
        if verb := STEPS.get(one.kind):
            row = verb, one.body["order"], one.t_us
            self._file.execute("INSERT INTO step (verb, order_number, t_us) VALUES (?, ?, ?)", row)

    def next_seq(self, source: str) -> int:
        """The number of the next fact of a source."""
        row = self._file.execute("SELECT next_seq FROM place WHERE source = ?", (source,)).fetchone()
        return row[0] if row else 1

    def pending(self, source: str, most: int) -> list[tuple[int, bytes]]:
        """The first facts of a source that are not known to be stored: number and JSON."""
        return self._file.execute(
            "SELECT seq, said FROM fact WHERE source = ? ORDER BY seq LIMIT ?", (source, most)
        ).fetchall()

    def waiting(self) -> int:
        """Facts not known to be stored."""
        return int(self._file.execute("SELECT COUNT(*) FROM fact").fetchone()[0])

    def stored(self, source: str, up_to: int) -> None:
        """The server has every fact of the source up to this number."""
        self._file.execute("DELETE FROM fact WHERE source = ? AND seq <= ?", (source, up_to))

    def steps(self) -> list[OrderStep]:
        """Steps of orders to be recorded, in the order they were told."""
        rows = self._file.execute("SELECT id, verb, order_number, t_us FROM step ORDER BY id")
        return [OrderStep(*row) for row in rows]

    def step_done(self, step: OrderStep) -> None:
        """The step is recorded."""
        self._file.execute("DELETE FROM step WHERE id = ?", (step.id,))

    def simulation(self) -> bytes | None:
        """The simulation as it was put away last."""
        row = self._file.execute("SELECT value FROM state WHERE name = 'simulation'").fetchone()
        return row[0] if row else None

    def _keep(self, name: str, value: bytes) -> None:
        self._file.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def _place(self, source: str, next_seq: int) -> None:
        self._file.execute("INSERT OR REPLACE INTO place VALUES (?, ?)", (source, next_seq))

    def _transaction(self) -> _Transaction:
        return _Transaction(self._file)


class _Transaction:
    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file

    def __enter__(self) -> None:
        self._file.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.execute("COMMIT" if kind is None else "ROLLBACK")


def _said(one: Told, seq: int, actor: str) -> bytes:
    said = {"seq": seq, "asset": one.asset, "t_us": one.t_us, "kind": one.kind, "body": one.body}
    return msgspec.json.encode({**said, "actor": actor} if one.by_hand else said)
