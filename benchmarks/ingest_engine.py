"""How fast `facts.log.append` takes facts in bulk, beside what the database takes raw.

    .venv/bin/python benchmarks/ingest_engine.py [--facts 200000] [--batch 5000]

An empty SQLite database in a temporary folder (or the one of PLANTBEAT_DATABASE_URL, which must be empty
and is not cleaned up). Ours: checked bodies, keys, clocks, assets, dirty days, the hash chain, one commit
per batch. Raw: the very rows that were stored, by `executemany` into a copy of the table with its indexes,
the same rows to a commit, the same durability. Both are taken in turns. Goal: 40,000 facts/s.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time

from asking import whole

TURNS = 4
MOST_FACTS = 1_000_000
START_US = 1_795_334_400_000_000


def prepared():
    """A migrated database with a site, 200 machines and a source; the source and its actor."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", "facts", verbosity=0, skip_checks=True)
    from plantbeat.facts.assets import publish_asset
    from plantbeat.facts.source import FactSource, source_actor
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Site
    from plantbeat.kernel.act import act

    by = Actor.system("benchmark")
    site = act(Site, "create", by, {"code": "B", "name": "Benchmark", "zone": "Europe/Berlin"})
    for number in range(200):
        publish_asset(site.pk, f"M{number}", f"Machine {number}")
    data = {"site": site, "name": "bulk", "kind": "gateway"}
    return act(FactSource, "create", by, data), source_actor("bulk")


def made(first: int, count: int):
    """Facts of 200 machines, one a minute each: nine counts to a state."""
    from plantbeat.facts.bodies import Count, State
    from plantbeat.facts.incoming import NewFact

    bodies = {"state": State(state="RUN"), "count": Count(good=3)}
    return [
        NewFact(seq=seq, asset=f"M{seq % 200}", t_us=START_US + seq * 300_000, kind=kind, body=bodies[kind])
        for seq in range(first, first + count)
        for kind in ("count" if seq % 10 else "state",)
    ]


def raw_copy() -> tuple[str, str]:
    """An empty copy of the fact table with its indexes; its insert and its columns."""
    from django.db import connection

    from plantbeat.facts.chain import COLUMNS

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("CREATE TABLE raw_fact (LIKE fact INCLUDING ALL)")
        else:
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = 'fact' AND type IN ('table', 'index')"
            )
            for (sql,) in [row for row in cursor.fetchall() if row[0]]:
                cursor.execute(sql.replace('"fact_', '"raw_fact_').replace('"fact"', '"raw_fact"'))
    columns = ", ".join(COLUMNS)
    return f"INSERT INTO raw_fact ({columns}) VALUES ({', '.join(['%s'] * len(COLUMNS))})", columns


def run(facts: int, batch: int) -> None:
    from django.db import connection, transaction

    source, by = prepared()
    from plantbeat.facts.log import append

    insert, columns = raw_copy()
    ours_s = raw_s = 0.0
    share = facts // TURNS // batch * batch
    for turn in range(TURNS):
        fresh = made(1 + turn * share, share)
        began = time.perf_counter()
        for start in range(0, share, batch):
            append(fresh[start : start + batch], by, source)
        ours_s += time.perf_counter() - began
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM fact WHERE lsn > %s ORDER BY lsn", [turn * share])
            rows = cursor.fetchall()
        began = time.perf_counter()
        for start in range(0, share, batch):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(insert, rows[start : start + batch])
        raw_s += time.perf_counter() - began
        assert len(rows) == share
    total, load = share * TURNS, os.getloadavg()[0]
    print(f"{connection.vendor}, {total:,} facts, {batch:,} a commit, load average {load:.1f}\n")
    print("| what | facts/s | ratio |\n| --- | --- | --- |")
    print(f"| append | {total / ours_s:,.0f} | {raw_s / ours_s:.2f} |")
    print(f"| raw executemany | {total / raw_s:,.0f} | 1 |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--facts", type=whole(1, MOST_FACTS), default=200_000)
    parser.add_argument("--batch", type=whole(1, 100_000), default=5_000)
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "plantbeat.shell.settings"
    with tempfile.TemporaryDirectory(prefix="plantbeat-benchmark-") as folder:
        os.environ["PLANTBEAT_DATA"] = folder
        run(given.facts, given.batch)


if __name__ == "__main__":
    main()
