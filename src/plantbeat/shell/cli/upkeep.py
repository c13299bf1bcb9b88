"""`plantbeat backup`, `restore`, `upgrade`, `doctor`, `support-bundle`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from plantbeat.shell.cli import database_fault, django_ready

P = ParamSpec("P")
R = TypeVar("R")
FILE = click.Path(path_type=Path)


def _said(work: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    """Do it, or end in the one sentence that says why not."""
    from django.db import DatabaseError

    from plantbeat.shell.upkeep.archive import ArchiveError

    try:
        return work(*args, **options)
    except ArchiveError as problem:
        raise click.ClickException(str(problem)) from problem
    except DatabaseError as problem:
        raise click.ClickException(database_fault(problem)) from problem


@click.command()
@click.argument("target", type=FILE, default=Path())
def backup(target: Path) -> None:
    """Back up database, files and sealed months into TARGET (a file, or a folder)."""
    django_ready()
    from plantbeat.shell.upkeep import backing_up

    made = _said(backing_up.backup, target)
    click.echo(f"{made} ({made.stat().st_size >> 10} KiB)")


@click.command()
@click.argument("source", type=FILE)
@click.option("--replace", is_flag=True, help="Put it in the place of what is here. Stop the server first.")
def restore(source: Path, replace: bool) -> None:
    """Put the backup SOURCE back; checked whole before anything is touched."""
    django_ready()
    from plantbeat.shell.upkeep import backing_up

    manifest = _said(backing_up.restore, source, replace=replace)
    click.echo(f"restored what was backed up at {manifest.made_at} by version {manifest.version}")


@click.command()
@click.option("--backup-to", type=FILE, default=Path(), show_default="this folder")
def upgrade(backup_to: Path) -> None:
    """Bring the database to this version: back up, migrate, verify. Stop the server first."""
    django_ready()
    from plantbeat.shell.upkeep import backing_up

    saved, applied = _said(backing_up.upgrade, backup_to)
    click.echo(f"backup: {saved}")
    click.echo(f"applied: {', '.join(applied)}" if applied else "the database was up to date")


@click.command()
def doctor() -> None:
    """Examine the installation; exit 1 if something is not well."""
    django_ready()
    from plantbeat.shell.upkeep.doctor import examine

    findings = _said(examine)
    for one in findings:
        click.echo(f"{'well' if one.well else 'NOT WELL':9}{one.name:14}{one.said}")
    sys.exit(0 if all(one.well for one in findings) else 1)


@click.command("support-bundle")
@click.argument("target", type=FILE, default=Path("plantbeat-support.zip"))
def support_bundle(target: Path) -> None:
    """Write TARGET (a ZIP) for whoever helps you; no secret and no person is in it."""
    django_ready()
    from plantbeat.shell.upkeep import support

    click.echo(str(_said(support.support_bundle, target)))
