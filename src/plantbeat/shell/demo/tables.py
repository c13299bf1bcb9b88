"""The tables of a new demo plant, made at once as they stand today.

Going through every migration since the first takes ten seconds of processor time, for tables that are empty.
A test holds that both ways end with the same tables, indexes and triggers.
"""

from __future__ import annotations

from importlib import import_module

from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from plantbeat.shell.installation import is_fresh, migrate

TRIGGERS = "plantbeat.facts.migrations.0002_append_only"
"""The migration that makes more than the models say."""


def make_tables() -> None:
    """Bring the demo plant's database to this version's tables."""
    if not is_fresh():
        migrate()
        return
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        import_module(TRIGGERS).install(apps, editor)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    with transaction.atomic():
        for app, name in MigrationLoader(None).disk_migrations:
            recorder.record_applied(app, name)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
    call_command("createcachetable", verbosity=0)
