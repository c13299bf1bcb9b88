"""The tables that a new demo plant gets at once are those that all migrations make one after the other."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MADE = "import django; django.setup(); from {module} import {made} as made; made()"


def described(database: Path) -> dict[str, Any]:
    """Columns, keys, indexes and triggers of a database, with its migrations and how many rows it has."""
    found: dict[str, Any] = {}
    with sqlite3.connect(database) as rows:
        for kind, name, sql in rows.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
            if kind != "table":
                found[f"{kind} {name}"] = sql
                continue
            found[name] = (
                sorted(row[1:] for row in rows.execute(f"PRAGMA table_info({name})")),
                sorted(row[2:] for row in rows.execute(f"PRAGMA foreign_key_list({name})")),
                sql.count("CHECK"),
                name == "sqlite_sequence" or rows.execute(f"SELECT COUNT(*) FROM {name}").fetchone(),
            )
        found["migrations"] = sorted(rows.execute("SELECT app, name FROM django_migrations"))
    return found


def made_by(folder: Path, module: str, made: str) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLANTBEAT_")}
    environment |= {"PLANTBEAT_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "plantbeat.shell.settings"}
    folder.mkdir()
    command = [sys.executable, "-c", MADE.format(module=module, made=made)]
    subprocess.run(command, env=environment, check=True, timeout=300)
    return described(folder / "plantbeat.sqlite3")


@pytest.mark.slow
def test_both_ways_end_with_the_same_tables(tmp_path: Path) -> None:
    at_once = made_by(tmp_path / "once", "plantbeat.shell.demo.tables", "make_tables")
    in_steps = made_by(tmp_path / "steps", "plantbeat.shell.installation", "migrate")
    assert len(at_once) > 300
    assert "trigger fact_no_update" in at_once
    assert at_once == in_steps
