"""Notices commits, by whichever process they were made, and reads what outbox and fact log tell about them.

SQLite: a read-only connection asks `PRAGMA data_version` every 50 ms. PostgreSQL: LISTEN on one connection,
queries on a second one (the first is busy listening).
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from plantbeat.facts.live.progress import Progress
from plantbeat.facts.live.settling import Settling
from plantbeat.facts.live.topics import Message
from plantbeat.kernel.outbox import CHANNEL

logger = logging.getLogger("plantbeat.live")

POLL_S = 0.05
LISTEN_S = 0.5
PAGE = 1_000
LAST = "SELECT coalesce((SELECT max(id) FROM kernel_outbox), 0), coalesce((SELECT max(lsn) FROM fact), 0)"
MESSAGES = (
    "SELECT id, topic, site_id, CAST(payload AS text) FROM kernel_outbox WHERE id > %s ORDER BY id LIMIT %s"
)
FACTS = (
    "SELECT a.site_id, a.code, a.line, f.kind, max(f.lsn) FROM fact f JOIN fact_asset a ON a.id = f.asset"
    " WHERE f.lsn > %s GROUP BY a.site_id, a.code, a.line, f.kind"
)
LONGEST_PAUSE_S = 5.0
Changed = Callable[[list[Message] | None, int], None]
"""Called from the watching thread with new messages (None: anything may have changed) and the last id."""


class Source(Protocol):
    """One open way of noticing commits."""

    def wait(self) -> bool:
        """Wait a little; True if there may be something to read. Raises the driver's errors."""

    def ask(self, query: str, *values: int) -> list[Any]:
        """Rows of a query with `%s` for each value."""

    def close(self) -> None:
        """Let go of the connections."""


class SqliteSource:
    """Watches the version of the database file."""

    def __init__(self, name: str) -> None:
        address = f"{Path(name).absolute().as_uri()}?mode=ro"
        self._connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=1.0)
        self._version = self._data_version()

    def _data_version(self) -> int:
        return int(self.ask("PRAGMA data_version")[0][0])

    def wait(self) -> bool:
        """Look once, after a pause."""
        time.sleep(POLL_S)
        before, self._version = self._version, self._data_version()
        return self._version != before

    def ask(self, query: str, *values: int) -> list[Any]:
        """Rows of a query."""
        return self._connection.execute(query.replace("%s", "?"), values).fetchall()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PostgresSource:
    """Listens for notices; looks twice a second in any case, so that a lost one costs half a second."""

    def __init__(self, alias: str) -> None:
        self._listening, self._reading = (_connected(alias) for _ in range(2))
        self._listening.connection.execute(f"LISTEN {CHANNEL}")
        self._reading.connection.execute("SET default_transaction_read_only TO on")
        self._looked_s = time.monotonic()

    def wait(self) -> bool:
        """Wait for a notice; many at once are read together."""
        pause = POLL_S - (time.monotonic() - self._looked_s)
        if pause > 0:
            time.sleep(pause)
        for _ in self._listening.connection.notifies(timeout=LISTEN_S, stop_after=1):
            pass
        self._looked_s = time.monotonic()
        return True

    def ask(self, query: str, *values: int) -> list[Any]:
        """Rows of a query."""
        found: list[Any] = self._reading.connection.execute(query, values).fetchall()
        return found

    def close(self) -> None:
        """Close both connections."""
        self._listening.close()
        self._reading.close()


def _connected(alias: str) -> BaseDatabaseWrapper:
    wrapper: BaseDatabaseWrapper = connections.create_connection(alias)
    wrapper.ensure_connection()
    return wrapper


def opened(alias: str) -> Source:
    """The way to watch the database behind an alias of the settings."""
    wrapper = connections[alias]
    if wrapper.vendor == "postgresql":
        return PostgresSource(alias)
    return SqliteSource(str(wrapper.settings_dict["NAME"]))


class Watch:
    """A thread that reports commits while it is wanted, and opens the database anew when it was gone."""

    def __init__(
        self, changed: Changed, open_source: Callable[[], Source] = lambda: opened("default")
    ) -> None:
        self._changed, self._open = changed, open_source
        self._wanted, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._looked_s = float("-inf")

    @property
    def is_current(self) -> bool:
        """True if the database was reached within the last seconds."""
        return time.monotonic() - self._looked_s < 2.0 + LISTEN_S

    def want(self, wanted: bool) -> None:
        """Watch, or rest because nobody is there to be told."""
        if self._thread is None and wanted:
            self._thread = threading.Thread(target=self._run, name="live-watch", daemon=True)
            self._thread.start()
        (self._wanted.set if wanted else self._wanted.clear)()

    def stop(self) -> None:
        """End the thread; it is gone within a second."""
        self._stopping.set()
        self._wanted.set()

    def _run(self) -> None:
        pause = 0.1
        try:
            while self._wanted.wait() and not self._stopping.is_set():
                try:
                    with closing(self._open()) as source:
                        self._follow(source)
                except Exception as error:  # noqa: BLE001  (whatever the driver raises: try again)
                    pause = 0.1 if self.is_current else min(pause * 2, LONGEST_PAUSE_S)
                    logger.warning(
                        "live boards cannot reach the database, next try in %.1f s: %s", pause, error
                    )
                    self._stopping.wait(pause)
        finally:
            connections.close_all()

    def _follow(self, source: Source) -> None:
        last_id, last_lsn = source.ask(LAST)[0]
        reading = Reading(source, Progress(max(0, last_id - PAGE)), last_lsn)
        settling = Settling(source.ask)
        reading.messages()
        self._looked_s = time.monotonic()
        self._changed(None, reading.progress.high)
        while self._wanted.is_set() and not self._stopping.is_set():
            if source.wait() or settling.is_waiting:
                settled = settling.told(reading.facts(), time.monotonic())
                if messages := [*reading.messages(), *settled]:
                    self._changed(messages, reading.progress.high)
            self._looked_s = time.monotonic()


@dataclass(slots=True)
class Reading:
    """How far the two logs, messages and facts, have been read."""

    source: Source
    progress: Progress
    last_lsn: int

    def messages(self) -> list[Message]:
        """Messages that were not there before."""
        found: dict[int, Message] = {}
        after, full = self.progress.low, True
        while full:
            rows = self.source.ask(MESSAGES, after, PAGE)
            found.update({row[0]: Message(*row) for row in rows})
            full = len(rows) == PAGE
            after = rows[-1][0] if rows else after
        return [found[one] for one in self.progress.take(found, time.monotonic())]

    def facts(self) -> list[Message]:
        """One message per asset and kind of fact that came since; facts become visible in lsn order."""
        made = []
        for site_id, asset, line, kind, lsn in self.source.ask(FACTS, self.last_lsn):
            self.last_lsn = max(self.last_lsn, lsn)
            made.append(Message(0, "fact", site_id, json.dumps({"asset": asset, "line": line, "kind": kind})))
        return made
