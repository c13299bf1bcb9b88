"""Backup, restore and upgrade of an installation."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

import plantbeat
from plantbeat.facts.chain import verify_facts
from plantbeat.kernel import clock
from plantbeat.kernel.log import broken, chains, head_of
from plantbeat.shell.installation import is_fresh, make_folders, migrate
from plantbeat.shell.upkeep import archive, database_copy
from plantbeat.shell.upkeep.archive import ArchiveError, Manifest


def backup(target: Path) -> Path:
    """Back the installation up into a file, or into a folder under a name with the time."""
    if target.is_dir():
        target = target / f"plantbeat-{clock.now():%Y%m%d-%H%M%S}.tar.gz"
    if not target.parent.is_dir():
        raise ArchiveError(f"{target.parent}: there is no such folder")
    with tempfile.TemporaryDirectory(dir=settings.DATA) as scratch:
        copy = Path(scratch) / archive.DATABASE
        kind = database_copy.copy_out(copy)
        manifest = Manifest(
            version=plantbeat.__version__,
            made_at=clock.now().isoformat(timespec="seconds"),
            database=kind,
            migrations=applied_migrations(),
            chain_heads={str(chain): list(head_of(chain)) for chain in chains()},
        )
        return archive.write(target, manifest, copy, _folders())


def _folders() -> dict[str, Path]:
    return {
        "files": Path(settings.MEDIA_ROOT),
        "sealed": settings.DATA / "sealed",
        "certificates": settings.DATA / "certificates",
    }


def applied_migrations() -> list[str]:
    """Migrations the database has, as `app.name`."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def restore(source: Path, *, replace: bool) -> Manifest:
    """Put a backup back. Everything in it is checked before anything here is touched."""
    make_folders()
    if not replace and not is_fresh():
        raise ArchiveError(
            "this installation already has a database; say --replace to put the backup in its place"
        )
    with tempfile.TemporaryDirectory(dir=settings.DATA) as scratch:
        folder = Path(scratch)
        manifest = archive.unpack(source, folder)
        database_copy.put_back(folder / archive.DATABASE, manifest.database)
        for name, target in _folders().items():
            if (folder / name).is_dir():
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(folder / name, target)
    migrate()
    if faults := broken_chains():
        raise ArchiveError(f"restored, but a log does not hold: {faults[0]}")
    return manifest


def broken_chains() -> list[str]:
    """Every chain of the change log that does not hold, and the fact log if it does not, in words."""
    found = [broken(chain) for chain in chains()]
    said = [
        f"change log, chain {fault.chain}, place {fault.place}: {fault.message}" for fault in found if fault
    ]
    facts = verify_facts().broken
    return [*said, f"fact log, {facts}"] if facts else said


def upgrade(folder: Path) -> tuple[Path, list[str]]:
    """Back up, migrate, verify; returns the backup and the migrations that were applied."""
    saved = backup(folder)
    before = set(applied_migrations())
    migrate()
    if faults := broken_chains():
        raise ArchiveError(
            f"a log does not hold after the upgrade: {faults[0]}; "
            f"go back with: plantbeat restore --replace {saved}"
        )
    return saved, sorted(set(applied_migrations()) - before)
