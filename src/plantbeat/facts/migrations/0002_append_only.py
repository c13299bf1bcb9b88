"""The database itself refuses to change or delete facts, their blocks and the manifests of sealed months.

The one permitted delete is sealing: facts of a month up to the last lsn of one of its manifests.

A later migration that alters one of these tables makes it anew on SQLite, without its triggers: it must end
with `install` of this one.
"""

from django.db import migrations

SEALED = """
    SELECT 1 FROM fact_sealed_month AS m
    WHERE OLD.t_us >= m.from_us AND OLD.t_us < m.until_us AND OLD.lsn <= m.last_lsn
"""
KEPT = ("fact_block", "fact_sealed_month")


def sqlite_triggers():
    yield """
        CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact
        BEGIN SELECT RAISE(ABORT, 'a fact is never changed; reverse it and append what is right'); END
    """
    yield f"""
        CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact WHEN NOT EXISTS ({SEALED})
        BEGIN SELECT RAISE(ABORT, 'a fact is never deleted; only months with a manifest are sealed'); END
    """
    for table in KEPT:
        for event in ("UPDATE", "DELETE"):
            yield f"""
                CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}
                BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END
            """


def postgresql_triggers():
    yield """
        CREATE FUNCTION fact_refused() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are never changed or deleted; reverse a fact and append what is right',
                TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """
    yield f"""
        CREATE FUNCTION fact_delete_judged() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS ({SEALED}) THEN RETURN OLD; END IF;
            RAISE EXCEPTION 'a fact is never deleted; only months with a manifest are sealed'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """
    yield "CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact FOR EACH ROW EXECUTE FUNCTION fact_refused()"
    yield "CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact FOR EACH ROW EXECUTE FUNCTION fact_delete_judged()"
    for table in KEPT:
        yield f"""
            CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION fact_refused()
        """
    for table in ("fact", *KEPT):
        yield f"""
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION fact_refused()
        """


def install(apps, schema_editor):
    vendors = {"sqlite": sqlite_triggers, "postgresql": postgresql_triggers}
    for statement in vendors[schema_editor.connection.vendor]():
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("facts", "0001_initial")]
    operations = [migrations.RunPython(install)]
