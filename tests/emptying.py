"""Lets a test that really commits be cleaned up, though the fact log refuses to be emptied."""

from __future__ import annotations

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations


@pytest.fixture(scope="session", autouse=True)
def log_can_be_emptied():
    """Tests that really commit are cleaned up by emptying all tables, which the fact log forbids.

    Its guards are lifted for that moment only.
    """
    flush = BaseDatabaseOperations.execute_sql_flush

    def without_guards(operations, statements):
        guards = _guards(operations.connection)
        for lift, _restore in guards:
            _execute(operations.connection, lift)
        flush(operations, statements)
        for _lift, restore in guards:
            _execute(operations.connection, restore)

    BaseDatabaseOperations.execute_sql_flush = without_guards
    yield
    BaseDatabaseOperations.execute_sql_flush = flush


def _guards(connection) -> list[tuple[str, str]]:
    """How each trigger is lifted and put back."""
    if connection.vendor == "postgresql":
        tables = ("fact", "fact_block", "fact_sealed_month")
        return [
            (f"ALTER TABLE {t} DISABLE TRIGGER USER", f"ALTER TABLE {t} ENABLE TRIGGER USER") for t in tables
        ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return [(f"DROP TRIGGER {name}", sql) for name, sql in cursor.fetchall()]


def _execute(connection, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
