"""The state of an installation: its folder, its database, whether somebody can administer it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import User

INSTALLER = Actor.system("installation")


def make_folders() -> None:
    """The data folder and what lies in it, readable by the owner alone."""
    for folder in (settings.DATA, Path(settings.MEDIA_ROOT)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def pending_migrations() -> list[str]:
    """Migrations the database still lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def is_fresh() -> bool:
    """True before the first migration ever ran."""
    return "django_migrations" not in connection.introspection.table_names()


def migrate() -> None:
    """Bring the database to this version's tables."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def has_administrator() -> bool:
    """True if somebody can sign in who administers the whole installation."""
    users = visible(User, INSTALLER).filter(is_active=True).exclude(password="")
    return users.filter(grants__role=Role.administrator, grants__site=None).exists()
