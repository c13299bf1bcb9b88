"""Bringing a log file into a site: mapped, appended in parts, and told row by row what could not be taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from plantbeat.areas.plant.records.machine import Machine
from plantbeat.facts.incoming import Arrival, NewFact
from plantbeat.facts.log import append
from plantbeat.facts.source import FactSource, SourceKind
from plantbeat.facts.views.dimensions import asset_with_code
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.disk import require_room
from plantbeat.wire.csv.event_file import event_facts
from plantbeat.wire.csv.file_fault import FileFault
from plantbeat.wire.csv.mapping import EventMapping, Mapping, OperationMapping
from plantbeat.wire.csv.operation_list import Operation, operation_facts, operations
from plantbeat.wire.csv.table_file import table_rows

AT_ONCE = 5_000
"""Facts in one transaction."""


@dataclass(slots=True)
class Imported:
    """What became of a file: facts stored now, known before, and refused with the sentence for each."""

    facts: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: list[str] = field(default_factory=list)
    machines_made: list[str] = field(default_factory=list)


def import_file(path: Path, mapping: Mapping, site: Site, by: Actor) -> Imported:
    """Append the facts of a file to the log. The same file again changes nothing.

    Raises `FileFault` for a file that does not fit its mapping, or names machines that the site lacks.
    """
    report = Imported()
    with table_rows(path, mapping.columns) as rows:
        if isinstance(mapping, EventMapping):
            _known_asset(site, mapping.asset, path)
            _append(event_facts(rows, mapping), _source(site, mapping.source, by), by, report)
        else:
            found = list(operations(rows, mapping))
            _machines(found, mapping, site, by, report)
            _append(operation_facts(found), _source(site, mapping.source, by), by, report)
    return report


def _append(facts: Iterator[NewFact | Arrival], source: FactSource, by: Actor, report: Imported) -> None:
    while part := list(islice(facts, AT_ONCE)):
        require_room()
        receipt = append(part, by, source)
        report.facts += len(part)
        report.accepted += receipt.accepted
        report.duplicates += receipt.duplicates
        report.refused += [one.message for one in receipt.quarantined]


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
    found: Iterable[object], mapping: OperationMapping, site: Site, by: Actor, report: Imported
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
