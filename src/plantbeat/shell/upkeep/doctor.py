"""Is the installation well? Each check answers with what it found and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from plantbeat.facts import disk
from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.fields import ReferenceField
from plantbeat.kernel.record import Record
from plantbeat.shell.installation import has_administrator, pending_migrations
from plantbeat.shell.upkeep.backing_up import broken_chains

DOCTOR = Actor.system("doctor")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer."""

    name: str
    well: bool
    said: str


def examine() -> list[Finding]:
    """Run every check; one that cannot run is a finding itself."""
    findings = []
    for check in (_database, _migrations, _administrator, _disk, _chains, _references, _failed_tasks):
        name = check.__name__.strip("_").replace("_", " ")
        try:
            findings += [Finding(name, well, said) for well, said in check()]
        except (DatabaseError, OSError) as error:
            findings.append(Finding(name, False, f"could not be checked: {error}".strip()))
    return findings


Answers = Iterator[tuple[bool, str]]
Check = Callable[[], Answers]


def _database() -> Answers:
    version = ".".join(str(part) for part in connection.get_database_version())
    yield True, f"{connection.vendor} {version} answers"


def _migrations() -> Answers:
    pending = pending_migrations()
    yield (
        not pending,
        f"{len(pending)} migrations to apply: run plantbeat upgrade" if pending else "up to date",
    )


def _administrator() -> Answers:
    known = has_administrator()
    yield (
        known,
        "somebody can administer" if known else "nobody can administer: use the one-time link of serve",
    )


def _disk() -> Answers:
    left = disk.room()
    said = f"{left.free // disk.MIB} MiB free for {settings.DATA}"
    kept = f"facts and imports are refused below {left.least // disk.MIB} MiB (PLANTBEAT_LEAST_FREE_MB)"
    yield left.suffices, f"{said}; {kept}"


def _chains() -> Answers:
    faults = broken_chains()
    yield not faults, faults[0] if faults else "change log and fact log hold"


def _references() -> Answers:
    dangling = [text for model in registry.records() for text in _dangling(model)]
    yield not dangling, f"points to nothing: {dangling[0]}" if dangling else "every reference has its record"


def _dangling(model: type[Record]) -> Iterator[str]:
    fields = [field.name for field in model._meta.concrete_fields if isinstance(field, ReferenceField)]
    for name in fields:
        for record in visible(model, DOCTOR).exclude(**{name: ""}).iterator(1000):
            code, _colon, pk = getattr(record, name).partition(":")
            if not visible(registry.record(code), DOCTOR).filter(pk=pk).exists():
                yield f"{model.__name__} {record} → {code}:{pk}"


def _failed_tasks() -> Answers:
    failed = DBTaskResultQuerySet(DBTaskResult).failed().count()
    yield not failed, f"{failed} background tasks failed" if failed else "no background task failed"
