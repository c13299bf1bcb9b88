"""The chain over the log finds every change, and the database refuses the plain ones."""

from __future__ import annotations

import re

import pytest
from django.db import DatabaseError, connection, transaction
from fact_plant import NOW_US, SYSTEM, count

from plantbeat.facts.chain import COLUMNS, block_hash, verify_facts
from plantbeat.facts.log import append, reverse
from plantbeat.facts.models import Fact, FactBlock, SealedMonth
from plantbeat.kernel.log import GENESIS

MONTH = {"month": "2026-11", "from_us": 1_793_491_200_000_000, "until_us": 1_796_083_200_000_000}


@pytest.fixture
def log(facts):
    """Three blocks: facts 1 to 3, 4 and 5, 6 (a correction of 2)."""
    append([count(1), count(2), count(3)], SYSTEM, facts.gateway)
    append([count(4), count(5, actor="p-4")], SYSTEM, facts.gateway)
    reverse(Fact.objects.get(lsn=2), SYSTEM, "wrong")
    return facts


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def refused(sql: str) -> bool:
    try:
        with transaction.atomic():
            run(sql)
    except DatabaseError as error:
        return bool(re.search("never (changed|deleted)", str(error)))
    return False


@pytest.fixture
def unguarded(log):
    """The log as somebody finds it who has switched off the triggers; undone with the test."""
    if connection.vendor == "postgresql":
        for table in ("fact", "fact_block", "fact_sealed_month"):
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
    return log


def test_an_untouched_log_holds(log):
    check = verify_facts()
    assert (check.blocks, check.facts, check.broken) == (3, 6, None)
    assert check.head == FactBlock.objects.get(last_lsn=6).hash


def test_an_empty_log_holds(facts):
    assert verify_facts().head == GENESIS


@pytest.mark.parametrize(
    "statement", ["UPDATE fact SET body = '{}'", "DELETE FROM fact", "DELETE FROM fact WHERE lsn = 1"]
)
def test_a_fact_is_never_changed_or_deleted(log, statement):
    assert refused(statement)
    assert Fact.objects.count() == 6


@pytest.mark.parametrize("table", ["fact_block", "fact_sealed_month"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET last_lsn = 99", "DELETE FROM {}"])
def test_blocks_and_manifests_are_never_changed_or_deleted(log, table, statement):
    SealedMonth.objects.create(**MONTH, last_lsn=2, rows=2, path="x", sha256="0", head="0", sealed_us=1)
    assert refused(statement.format(table))


@pytest.mark.postgresql  # SQLite has no TRUNCATE
def test_tables_of_the_log_are_not_emptied(log):
    assert refused("TRUNCATE fact")


def test_only_facts_of_a_month_with_a_manifest_are_deleted(log):
    SealedMonth.objects.create(**MONTH, last_lsn=4, rows=4, path="x", sha256="0", head="0", sealed_us=NOW_US)
    run("DELETE FROM fact WHERE lsn <= 4")
    assert list(Fact.objects.values_list("lsn", flat=True)) == [5, 6]
    assert refused("DELETE FROM fact WHERE lsn = 5")


def test_a_manifest_of_another_month_permits_nothing(log):
    december = {"month": "2026-12", "from_us": MONTH["until_us"], "until_us": MONTH["until_us"] + 1}
    SealedMonth.objects.create(**december, last_lsn=99, rows=4, path="x", sha256="0", head="0", sealed_us=1)
    assert refused("DELETE FROM fact WHERE lsn = 1")


def test_a_sealed_fact_that_comes_again_is_still_a_duplicate(log):
    SealedMonth.objects.create(**MONTH, last_lsn=6, rows=6, path="x", sha256="0", head="0", sealed_us=NOW_US)
    run("DELETE FROM fact")
    receipt = append([count(1), count(2, good=77), count(6)], SYSTEM, log.gateway)
    assert (receipt.accepted, receipt.duplicates, receipt.quarantined) == (1, 2, [])
    assert receipt.lsns == [None, None, 7]


def test_sealed_facts_are_proved_from_their_files(log):
    names = [{"src": "src_id", "asset": "asset_id"}.get(name, name) for name in COLUMNS]
    filed = list(Fact.objects.filter(lsn__lte=4).order_by("lsn").values_list(*names))
    SealedMonth.objects.create(**MONTH, last_lsn=4, rows=4, path="x", sha256="0", head="0", sealed_us=NOW_US)
    run("DELETE FROM fact WHERE lsn <= 4")

    def from_file(first, last):
        return [row for row in filed if first <= row[0] <= last]

    assert verify_facts(from_file).broken is None
    assert "its file was not read" in str(verify_facts().broken)
    filed[1] = (*filed[1][:8], '{"good":2}', *filed[1][9:])
    assert str(verify_facts(from_file).broken) == "facts 1 to 3: a fact was altered after it was written"


changes = [
    *[
        f"UPDATE fact SET {column} = {column} + 1 WHERE lsn = 4"
        for column in ("src", "asset", "t_us", "rx_us", "schema_v")
    ],
    "UPDATE fact SET seq = 44 WHERE lsn = 4",
    "UPDATE fact SET seq = NULL WHERE lsn = 4",
    "UPDATE fact SET kind = 'scrap' WHERE lsn = 4",
    "UPDATE fact SET body = '{\"good\":2}' WHERE lsn = 4",
    "UPDATE fact SET actor = 'p-5' WHERE lsn = 5",
    "UPDATE fact SET reverses = 3 WHERE lsn = 6",
    "UPDATE fact SET reason = 'no reason' WHERE lsn = 6",
    "UPDATE fact_block SET hash = previous WHERE last_lsn = 5",
]  # fmt: skip


@pytest.mark.parametrize("change", changes)
def test_every_change_of_a_stored_fact_is_found(unguarded, change):
    run(change)
    broken = verify_facts().broken
    assert broken is not None
    assert broken.first_lsn in (4, 6)
    assert "altered" in broken.message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DELETE FROM fact WHERE lsn = 4", "facts 4 to 5: fact 4 is missing"),
        ("DELETE FROM fact WHERE lsn = 5", "facts 4 to 5: fact 5 is missing"),
        ("DELETE FROM fact_block WHERE last_lsn = 3", "facts 4 to 5: the block that holds fact 1 is missing"),
        ("DELETE FROM fact_block WHERE last_lsn = 5", "facts 6 to 6: the block that holds fact 4 is missing"),
        ("DELETE FROM fact_block WHERE last_lsn = 6", "facts 6 to 6: fact 6 belongs to no block"),
        (
            "UPDATE fact_block SET previous = hash WHERE last_lsn = 5",
            "facts 4 to 5: the block does not follow the one before it",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(unguarded, change, says):
    run(change)
    assert str(verify_facts().broken) == says


def test_a_block_written_anew_breaks_the_one_after_it(unguarded):
    run("UPDATE fact SET body = '{\"good\":9}' WHERE lsn = 1")
    names = [{"src": "src_id", "asset": "asset_id"}.get(name, name) for name in COLUMNS]
    rows = list(Fact.objects.filter(lsn__lte=3).order_by("lsn").values_list(*names))
    run(f"UPDATE fact_block SET hash = '{block_hash(GENESIS, rows)}' WHERE last_lsn = 3")
    assert str(verify_facts().broken) == "facts 4 to 5: the block does not follow the one before it"


def test_each_flipped_character_of_a_body_is_found(unguarded):
    body = Fact.objects.get(lsn=1).body
    for place in range(len(body)):
        flipped = body[:place] + chr(ord(body[place]) ^ 1) + body[place + 1 :]
        with connection.cursor() as cursor:
            cursor.execute("UPDATE fact SET body = %s WHERE lsn = 1", [flipped])
        assert verify_facts().broken is not None, flipped


def test_a_sealed_fact_without_number_that_comes_again_is_still_a_duplicate(facts):
    append([count(good=3)], SYSTEM, facts.gateway)
    SealedMonth.objects.create(**MONTH, last_lsn=1, rows=1, path="x", sha256="0", head="0", sealed_us=NOW_US)
    run("DELETE FROM fact")
    assert append([count(good=3)], SYSTEM, facts.gateway).duplicates == 1
    assert not Fact.objects.exists()
