"""Backup and restore of an installation on PostgreSQL."""

from __future__ import annotations

import psycopg
import pytest

from shell.installation_at_hand import Installation
from shell.plant import new_postgresql_database

pytestmark = pytest.mark.postgresql


def test_a_backup_put_back_into_an_empty_database_is_the_same_installation(tmp_path):
    with new_postgresql_database() as address, new_postgresql_database() as other:
        source = Installation(tmp_path / "source", PLANTBEAT_DATABASE_URL=address)
        source.make()
        target = tmp_path / "plant.tar.gz"
        done = source.run("backup", str(target))
        assert done.returncode == 0, done.stderr
        new = Installation(tmp_path / "new", PLANTBEAT_DATABASE_URL=other)
        done = new.run("restore", str(target))
        assert done.returncode == 0, done.stderr
        with psycopg.connect(other) as database:
            assert database.execute("SELECT code FROM kernel_site").fetchall() == [("N",)]
        assert (new.folder / "files" / "photo.txt").read_text() == "a picture"
        assert "rows hold" in new.run("verify-log").stdout
        done = new.run("restore", str(target))
        assert (done.returncode, "--replace" in done.stderr) == (1, True)
        done = Installation(tmp_path / "lite").run("restore", str(target))
        assert (done.returncode, "the backup is of postgresql" in done.stderr) == (1, True)
