"""Noticing commits: by another connection, in either log, and again after the database was away."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from plantbeat.facts.assets import publish_asset
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.live import settling, watching
from plantbeat.facts.live.progress import Progress
from plantbeat.facts.live.topics import Message
from plantbeat.facts.live.watching import Reading, SqliteSource, Watch
from plantbeat.facts.log import append
from plantbeat.facts.source import FactSource
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.outbox import Outbox

SYSTEM = Actor.system("test")
TABLES = """
CREATE TABLE kernel_outbox (id integer PRIMARY KEY AUTOINCREMENT, topic text, site_id integer, payload text);
CREATE TABLE fact (lsn integer PRIMARY KEY, asset integer, kind text);
CREATE TABLE fact_asset (id integer PRIMARY KEY, site_id integer, code text, line text);
CREATE TABLE fact_dirty_day (asset_id integer);
INSERT INTO fact_asset VALUES (1, 7, 'M1', 'L1'), (2, 7, 'M2', 'L1');
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plant with space %.sqlite3"
    with writer(path) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.executescript(TABLES)
    return path


@contextmanager
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(path)
    with made:
        yield made
    made.close()


def write(path: Path, *statements: str) -> None:
    with writer(path) as made:
        for statement in statements:
            made.execute(statement)


def message(topic: str) -> str:
    return f"INSERT INTO kernel_outbox (topic, site_id, payload) VALUES ('{topic}', 7, '{{\"id\": 1}}')"


@contextmanager
def watched(open_source: Callable[[], Any]) -> Iterator[tuple[Watch, list[list[Message] | None]]]:
    told: list[list[Message] | None] = []
    watch = Watch(lambda messages, _last: told.append(messages), open_source)
    watch.want(True)
    try:
        yield watch, told
    finally:
        watch.stop()
        assert watch._thread is not None
        watch._thread.join(5)
        assert not watch._thread.is_alive()


def eventually(holds: Callable[[], Any], within_s: float = 3.0) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.005)


def test_a_commit_by_another_connection_is_told_with_its_messages(file: Path) -> None:
    write(file, message("old"))
    with watched(lambda: SqliteSource(str(file))) as (watch, told):
        eventually(lambda: told)
        assert told == [None], "at first anything may have changed"
        write(file, message("record:plant.Item"), message("record:plant.Line"))
        eventually(lambda: len(told) == 2)
        assert watch.is_current
    assert told[1] is not None
    assert [(one.topic, one.site_id, one.payload) for one in told[1]] == [
        ("record:plant.Item", 7, {"id": 1}),
        ("record:plant.Line", 7, {"id": 1}),
    ]


def test_facts_are_told_once_per_asset_and_kind(file: Path) -> None:
    write(file, "INSERT INTO fact VALUES (1, 1, 'state')")
    with watched(lambda: SqliteSource(str(file))) as (_watch, told):
        eventually(lambda: told)
        rows = ", ".join(f"({lsn}, {1 + lsn % 2}, 'count')" for lsn in range(2, 1_002))
        write(file, f"INSERT INTO fact VALUES {rows}")
        eventually(lambda: len(told) == 2)
    assert told[1] is not None
    assert {(one.topic, one.site_id) for one in told[1]} == {("fact", 7)}
    assert sorted(told[1], key=lambda one: one.raw) == [
        Message(0, "fact", 7, json.dumps({"asset": asset, "line": "L1", "kind": "count"}))
        for asset in ("M1", "M2")
    ]


def test_more_messages_than_a_page_all_arrive(file: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(watching, "PAGE", 10)
    source = SqliteSource(str(file))
    reading = Reading(source, Progress(0), 0)
    write(file, *[message(f"t{number}") for number in range(35)])
    assert [one.topic for one in reading.messages()] == [f"t{number}" for number in range(35)]
    assert reading.messages() == []
    source.close()


def test_a_commit_that_tells_nothing_wakes_nobody(file: Path) -> None:
    with watched(lambda: SqliteSource(str(file))) as (_watch, told):
        eventually(lambda: told)
        write(file, "CREATE TABLE session (id integer)")
        time.sleep(0.2)
    assert told == [None]


def test_the_database_is_only_read(file: Path) -> None:
    source = SqliteSource(str(file))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        source.ask("DELETE FROM kernel_outbox")
    source.close()


def test_after_the_database_was_away_everything_counts_as_changed(file: Path, caplog: Any) -> None:
    away = [True]

    def open_source() -> SqliteSource:
        if away[0]:
            raise sqlite3.OperationalError("unable to open database file")
        return SqliteSource(str(file))

    with watched(open_source) as (watch, told):
        eventually(lambda: "cannot reach the database" in caplog.text)
        assert not watch.is_current
        away[0] = False
        eventually(lambda: told == [None])
        eventually(lambda: watch.is_current)


def test_nobody_is_told_while_nobody_listens(file: Path) -> None:
    opened = []

    def open_source() -> SqliteSource:
        opened.append(1)
        return SqliteSource(str(file))

    with watched(open_source) as (watch, told):
        eventually(lambda: told)
        watch.want(False)
        time.sleep(0.2)
        write(file, message("unheard"))
        time.sleep(0.2)
        assert told == [None]
        watch.want(True)
        eventually(lambda: told == [None, None])
    assert len(opened) == 2


class ThroughDjango:
    """The logs as the product's own tables hold them, on whichever database the suite runs."""

    def wait(self) -> bool:
        return True

    def ask(self, query: str, *values: int) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    def close(self) -> None:
        pass


def test_the_queries_fit_the_tables_of_the_product(db: Any) -> None:
    source = ThroughDjango()
    last_id, last_lsn = source.ask(watching.LAST)[0]
    reading = Reading(source, Progress(last_id), last_lsn)
    Outbox.objects.create(at_us=1, topic="record:plant.Item", payload={"id": 5, "verb": "edit"})
    assert [(one.topic, one.payload) for one in reading.messages()] == [
        ("record:plant.Item", {"id": 5, "verb": "edit"})
    ]
    assert reading.facts() == []
    site = act(Site, "create", SYSTEM, {"code": "N", "name": "North"})
    gateway = act(FactSource, "create", SYSTEM, {"site": site, "name": "gw", "kind": "gateway"})
    publish_asset(site.pk, "M1", "Machine 1", line="L1")
    with clock.at(1_795_334_400_000_000):
        counts = [
            NewFact(seq=n, asset="M1", t_us=clock.now_us(), kind="count", body={"good": n}) for n in (1, 2)
        ]
        assert append(counts, SYSTEM, gateway).accepted == 2
    told = [(one.topic, one.site_id, one.payload) for one in reading.facts()]
    assert told == [("fact", site.pk, {"asset": "M1", "line": "L1", "kind": "count"})]
    assert reading.facts() == []
    assert list(map(tuple, source.ask(settling.DIRTY))) == [(site.pk, "M1")]
