"""`plantbeat facts import`: a log file into the fact log of a site, by a mapping file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plantbeat.engine.calendars.civil import HOUR_US
from plantbeat.shell.cli import django_ready

if TYPE_CHECKING:
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Site
    from plantbeat.wire.csv.importing import Imported

_SHOWN = 20


class ImportFault(click.ClickException):
    """The file cannot be imported; the message says why and what is allowed."""

    exit_code = 2


@click.command("import", short_help="Bring an event file or a list of operations into a site.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--map", "map_file", required=True, metavar="MAPPING",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="TOML file that says which column means what.",
)  # fmt: skip
@click.option("--site", "site_code", metavar="CODE", help="Code of the site, if there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def import_facts(file: Path, map_file: Path, site_code: str | None, as_json: bool) -> None:
    """Import FILE, a CSV (plain or .gz), as facts.

    The mapping's layout is “events” (time, key, value of one machine), “operations” (one row per operation
    with order, machine, time, labour and quantities) or “lifecycle” (a row where an operation starts and one
    where it ends). Rows that cannot be taken go to quarantine, named by their number. The same file imported
    again changes nothing; a corrected file is another source.
    """
    django_ready()
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.problems import Refused
    from plantbeat.wire.csv.file_fault import FileFault
    from plantbeat.wire.csv.importing import import_file
    from plantbeat.wire.csv.mapping import read_mapping

    by = Actor.system("facts import")
    try:
        report = import_file(file, read_mapping(map_file), _site(site_code, by), by)
    except FileFault as fault:
        raise ImportFault(str(fault)) from None
    except Refused as refused:
        raise ImportFault(f"{file}: {refused}") from None
    click.echo(_as_json(report) if as_json else _as_text(file, report))


def _site(code: str | None, by: Actor) -> Site:
    from plantbeat.kernel.access import visible
    from plantbeat.kernel.accounts import Site

    sites = list(visible(Site, by).order_by("code"))
    wanted = [site for site in sites if code in (None, site.code)]
    if len(wanted) != 1:
        known = ", ".join(site.code for site in sites) or "none"
        said = f"there is no site {code!r}" if code is not None else "name the site with --site"
        raise ImportFault(f"{said}; sites: {known}.")
    return wanted[0]


def _as_json(report: Imported) -> str:
    return json.dumps(
        {
            "facts": report.facts, "accepted": report.accepted, "duplicates": report.duplicates,
            "quarantined": report.refused, "machines": report.machines_made,
            "operations": report.operations, "hours": round(report.worked_us / HOUR_US, 4),
            "stated": report.stated,
        },
        indent=2, ensure_ascii=False,
    )  # fmt: skip


def _as_text(file: Path, report: Imported) -> str:
    stored = f"{report.facts:,} facts, {report.accepted:,} stored, {report.duplicates:,} known before"
    lines = [f"{file.name}: {stored}, {len(report.refused):,} in quarantine"]
    if report.operations is not None:
        lines.append(
            f"{report.operations:,} operations, {report.worked_us / HOUR_US:,.2f} h from start to end"
        )
    if report.machines_made:
        lines.append(f"machines made: {', '.join(report.machines_made)}")
    lines += _first(report.refused, "on the quarantine page")
    if report.stated:
        lines.append(f"{len(report.stated):,} rows taken that you may want to look at:")
        lines += _first(report.stated, "with --json")
    return "\n".join(lines)


def _first(sentences: list[str], where: str) -> list[str]:
    rest = len(sentences) - _SHOWN
    return [
        *(f"  {sentence}" for sentence in sentences[:_SHOWN]),
        *([f"  and {rest:,} more, {where}"] if rest > 0 else []),
    ]
