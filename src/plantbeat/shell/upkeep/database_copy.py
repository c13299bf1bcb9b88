"""A consistent copy of the database while it is in use, and putting one back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from plantbeat.shell.upkeep.archive import ArchiveError


def copy_out(target: Path) -> str:
    """Copy the database into a file; returns its kind (`sqlite`, `postgresql`)."""
    if connection.vendor == "sqlite":
        with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as source:
            copy = sqlite3.connect(target)
            source.backup(copy)
            copy.close()
        source.close()
        return "sqlite"
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}")
    return "postgresql"


def put_back(source: Path, kind: str) -> None:
    """Replace the database by a copy of the same kind; the old SQLite file is kept beside it."""
    if kind != connection.vendor:
        raise ArchiveError(f"the backup is of {kind}, this installation uses {connection.vendor}")
    connections.close_all()
    if kind == "sqlite":
        name = Path(settings.DATABASES["default"]["NAME"])
        _fold_in_journal(name)
        for suffix in ("-wal", "-shm"):
            name.with_name(name.name + suffix).unlink(missing_ok=True)
        if name.exists():
            name.replace(name.with_name(f"{name.name}.before-restore"))
        shutil.copyfile(source, name)
        name.chmod(0o600)
        return
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(source))


def _fold_in_journal(name: Path) -> None:
    """Bring what is still in the journal into the file, so that the file alone is the whole database."""
    if name.exists():
        journal = sqlite3.connect(name)
        journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        journal.close()


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise ArchiveError(f"{program} is not installed; on Debian: apt install postgresql-client")
    given = settings.DATABASES["default"]
    environment = {**os.environ, "PGPASSWORD": given["PASSWORD"]} if given["PASSWORD"] else dict(os.environ)
    where = ["--dbname" if program == "pg_restore" else "-d", given["NAME"]]
    for option, value in (("-h", given["HOST"]), ("-p", given["PORT"]), ("-U", given["USER"])):
        if value:
            where += [option, value]
    done = subprocess.run(  # noqa: S603 (a database tool from the PATH, with our own settings)
        [found, *where, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ArchiveError(f"{program} failed: {said[0] if said else done.returncode}")
