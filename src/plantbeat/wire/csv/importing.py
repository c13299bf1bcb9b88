"""Bringing a log file into a site: mapped, appended in parts, and told row by row what could not be taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from plantbeat.areas.plant.records.machine import Machine
from plantbeat.facts.disk import require_room
from plantbeat.facts.log import append
from plantbeat.facts.source import FactSource, SourceKind
from plantbeat.facts.views.dimensions import asset_with_code
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.wire.csv.event_file import Told, event_facts
from plantbeat.wire.csv.file_fault import FileFault, RowFault
from plantbeat.wire.csv.lifecycle_rows import paired_operations
from plantbeat.wire.csv.mapping import EventMapping, LifecycleMapping, Mapping, OperationMapping
from plantbeat.wire.csv.operation_facts import operation_facts
from plantbeat.wire.csv.operation_list import Operation, operations
from plantbeat.wire.csv.table_file import TableRow, table_rows

AT_ONCE = 5_000
"""Facts in one transaction."""


@dataclass(slots=True)
class Imported:
    """What became of a file: facts stored now, known before, and refused with the sentence for each.

    Of operations, how many there are and their time in µs; `stated` are sentences on rows that were taken
    although they are unusual.
    """

    facts: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: list[str] = field(default_factory=list)
    machines_made: list[str] = field(default_factory=list)
    operations: int | None = None
    worked_us: int = 0
    stated: list[str] = field(default_factory=list)


def import_file(path: Path, mapping: Mapping, site: Site, by: Actor) -> Imported:
    """Append the facts of a file to the log. The same file again changes nothing.

    Raises `FileFault` for a file that does not fit its mapping, or names machines that the site lacks.
    """
    report = Imported()
    with table_rows(path, mapping.columns) as rows:
        if isinstance(mapping, EventMapping):
            _known_asset(site, mapping.asset, path)
            told = event_facts(rows, mapping, path)
        else:
            found = _operations(rows, mapping, path, report)
            _machines(found, mapping, site, by, report)
            told = operation_facts(found)
        _append(told, site, mapping.source, by, report)
    return report


def _operations(
    rows: Iterator[TableRow], mapping: OperationMapping | LifecycleMapping, path: Path, report: Imported
) -> list[Operation | tuple[TableRow, RowFault]]:
    """What the rows say. Raises `FileFault` if none is of use: then the mapping is wrong, not the rows."""
    if isinstance(mapping, LifecycleMapping):
        paired = paired_operations(rows, mapping, path)
        found, report.stated = paired.found, paired.stated
    else:
        found = list(operations(rows, mapping))
    known = [one for one in found if isinstance(one, Operation)]
    faults = [one for one in found if not isinstance(one, Operation)]
    if faults and not known:
        row, fault = faults[0]
        raise FileFault(f"{path}: none of {len(faults):,} rows can be taken; row {row.number}: {fault}.")
    report.operations = len(known)
    report.worked_us = sum(one.end_us - one.start_us for one in known)
    return found


def _append(told: Iterator[Told], site: Site, source: str, by: Actor, report: Imported) -> None:
    """Append in parts; what the log refuses is named by its row, too."""
    kept_by = None
    while part := list(islice(told, AT_ONCE)):
        kept_by = kept_by or _source(site, source, by)
        require_room()
        receipt = append([one.fact for one in part], by, kept_by)
        report.facts += len(part)
        report.accepted += receipt.accepted
        report.duplicates += receipt.duplicates
        report.refused += [_named(part[one.index].row, one.message) for one in receipt.quarantined]


def _named(row: int, message: str) -> str:
    return message if message.startswith(f"row {row}: ") else f"row {row}: {message}"


def _source(site: Site, name: str, by: Actor) -> FactSource:
    """The source of the mapping, made at first use."""
    known = visible(FactSource, by).filter(name=name).first()
    if known is None:
        data = {"site": site, "name": name, "kind": SourceKind.file}
        return act(FactSource, "create", by, data)
    if known.site_id != site.pk:
        raise FileFault(f"the source {name!r} belongs to another site; give the source another name.")
    return known


def _known_asset(site: Site, code: str, path: Path) -> None:
    if asset_with_code(site.pk, code) is None:
        raise FileFault(f"{path} is mapped to {code!r}, but {site.code} has no such line or machine.")


def _machines(
    found: Iterable[object],
    mapping: OperationMapping | LifecycleMapping,
    site: Site,
    by: Actor,
    report: Imported,
) -> None:
    """Make the machines that the file names and the site lacks, if the mapping says so."""
    codes = {one.asset for one in found if isinstance(one, Operation)}
    lacking = sorted(code for code in codes if asset_with_code(site.pk, code) is None)
    if lacking and not mapping.create:
        shown = ", ".join(lacking[:10]) + (" ..." if len(lacking) > 10 else "")
        raise FileFault(
            f"{site.code} has no machine {shown}; make them, or set create = true in [assets] of the mapping."
        )
    for code in lacking:
        act(Machine, "create", by, {"site": site, "code": code, "name": code.replace("-", " ")})
        report.machines_made.append(code)
