"""`plantbeat import`, `export` and `template`: the plant in one workbook."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import click

from plantbeat.shell.cli import database_fault, django_ready

if TYPE_CHECKING:
    from plantbeat.areas.plant.workbook import Reading
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Site
    from plantbeat.kernel.problems import Problem
    from plantbeat.surfaces.import_.columns import Plan

REFUSED, UNUSABLE = 1, 2
MOST_SHOWN = 50
_COUNTS = (("rows", "rows"), ("create", "new"), ("update", "changed"), ("same", "as is"), ("bad", "refused"))


class Unusable(click.ClickException):
    """The command cannot begin: a file that cannot be read, a site that is not there."""

    exit_code = UNUSABLE


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--site", "site_code", help="Code of the site; needed if there is more than one.")
@click.option("--zone", help="Time zone of a new site: makes the site if there is none with this code.")
@click.option("--dry-run", is_flag=True, help="Show what would happen; write nothing.")
@click.option(
    "--good-rows", is_flag=True, help="Load the good rows; the others go to a workbook with the reason."
)
@click.option("--refused", type=click.Path(path_type=Path), help="That workbook (else FILE-refused.xlsx).")
@click.option("--as", "sheet", help="What the first sheet holds, whatever its name, as in “Items”.")
@click.option("--header-row", type=int, help="Row with the titles (with --as).")
@click.option("--column", multiple=True, metavar="TITLE=FIELD", help="Which field a column is (with --as).")
@click.option(
    "--assume", multiple=True, metavar="FIELD=VALUE", help="Value for a field not given (with --as)."
)
@click.option("--user", help="Act as this person, with their rights; else as the installation itself.")
@click.option("--undo", metavar="ID", help="Take back the import with this id; no FILE then.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def import_(file: Path | None, undo: str | None, user: str | None, **options: Any) -> None:
    """Load the plant workbook FILE, or with --as any other sheet, into a site.

    All rows are loaded or none, unless --good-rows is given. Exit code: 0 all is well, 1 something was
    refused, 2 the file or the site cannot be used.
    """
    if (file is None) == (undo is None):
        raise click.UsageError("say which FILE to load, or which import to take back with --undo ID")
    if file is not None and not file.is_file():
        raise Unusable(
            f"{file} cannot be read: {'it is a folder' if file.is_dir() else 'there is no such file'}"
        )
    django_ready()
    with _in_one_sentence():
        _set_up()
        by = _actor(user)
        if file is None:
            _take_back(str(undo), by)
        else:
            _import(file, by, options)


def _import(file: Path, by: Actor, options: dict[str, Any]) -> None:
    from plantbeat.kernel.problems import Refused
    from plantbeat.surfaces.import_.columns import remember
    from plantbeat.surfaces.import_.loading import load

    site = _site(options["site_code"], by, options["zone"])
    planned, told = _planned(file, by, site, options)
    problems = planned.problems()
    if not options["dry_run"] and (options["good_rows"] or not problems):
        if site.pk == 0:
            site = _made(site, by)
            planned, told = _planned(file, by, site, options)
        why = {"source": file.name, "reason": f"import of {file.name}"}
        try:
            done = load(planned, by, good_rows_only=options["good_rows"], progress=_progress, **why)
        except Refused as refused:
            problems = refused.problems
            told["problems"] = [problem.as_dict() for problem in problems]
        else:
            told |= {"loaded": True, "import": done.import_id}
            for part in planned.parts if options["sheet"] else ():
                remember(part, part.mapping, part.defaults, by)
            if problems:
                told["refused_rows"] = str(_write_refused(planned, file, options["refused"]))
    click.echo(
        json.dumps(told, indent=2, ensure_ascii=False) if options["as_json"] else _in_words(told, problems)
    )
    if problems:
        raise SystemExit(REFUSED)


def _planned(file: Path, by: Actor, site: Site, options: dict[str, Any]) -> tuple[Plan, dict[str, Any]]:
    from plantbeat.areas.plant.workbook import read_book, report
    from plantbeat.surfaces.import_.loading import rehearse
    from plantbeat.surfaces.import_.planning import plan

    try:
        content = io.BytesIO(file.read_bytes())
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror}") from error
    book = read_book(content, file.name, by, _reading(options))
    planned = plan(book.parts, by, site)
    if site.pk:
        rehearse(planned, by)
    return planned, {"file": file.name, "site": site.code, "loaded": False, **report(book, planned)}


def _reading(options: dict[str, Any]) -> Reading | None:
    from plantbeat.areas.plant.workbook import Reading

    columns, assumed = _pairs("--column", options["column"]), _pairs("--assume", options["assume"])
    if options["sheet"]:
        return Reading(options["sheet"], options["header_row"], columns, assumed)
    if columns or assumed or options["header_row"] is not None:
        raise Unusable("--header-row, --column and --assume go with --as SHEET")
    return None


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for text, (name, sign, value) in zip(given, pairs, strict=True):
        if not (name and sign and value):
            raise Unusable(f"{option} “{text}”: write it as NAME=VALUE")
    return {name.strip(): value.strip() for name, _sign, value in pairs}


def _write_refused(planned: Plan, file: Path, target: Path | None) -> Path:
    from plantbeat.surfaces.export.workbook import refused_rows

    target = target or file.with_name(f"{file.stem}-refused.xlsx")
    _write(target, refused_rows(planned), force=True)
    return target


def _progress(rows: int) -> None:
    click.echo(f"{rows:,} rows written", err=True)


def _in_words(told: dict[str, Any], problems: Sequence[Problem]) -> str:
    sheets = [one for one in told["sheets"] if one["rows"]]
    width = max([len(one["sheet"]) for one in sheets], default=0)
    head = " ".join([" " * width, *(f"{title:>8}" for _name, title in _COUNTS)])
    lines = [f"{told['file']}, site {told['site']}", "", head]
    for one in sheets:
        lines.append(" ".join([f"{one['sheet']:<{width}}", *(f"{one[name]:>8,}" for name, _t in _COUNTS)]))
        if one["columns_left_out"]:
            lines.append(f"  columns left out: {', '.join(one['columns_left_out'])}")
        if one["lines_gone"]:
            lines.append(f"  lines that are not in the file and go: {one['lines_gone']:,}")
        if one["assumed"]:
            lines.append(f"  values assumed: {one['assumed']:,}")
    lines += [f"sheet left out: “{name}”" for name in told["left_out"]]
    lines += ["", *(_problem_in_words(problem) for problem in problems[:MOST_SHOWN])]
    if len(problems) > MOST_SHOWN:
        lines.append(f"… and {len(problems) - MOST_SHOWN:,} more (all of them with --json)")
    if told["loaded"] and any(one["create"] or one["update"] for one in told["sheets"]):
        lines.append(f"Loaded. To take it back: plantbeat import --undo {told['import']}")
    else:
        lines.append("Nothing was changed.")
    if "refused_rows" in told:
        lines.append(f"Refused rows, with the reason: {told['refused_rows']}")
    return "\n".join(lines)


def _problem_in_words(problem: Problem) -> str:
    place = [problem.sheet, f"row {problem.row}" if problem.row else "", problem.column or problem.field]
    where, message = ", ".join(part for part in place if part), str(problem.message).rstrip(".")
    if problem.value not in (None, "") and str(problem.value) not in message:
        message += f": “{problem.value}”"
    said = f"{where}: {message}" if where else message
    return said + (f"; allowed: {problem.allowed}" if problem.allowed else "")


def _take_back(import_id: str, by: Actor) -> None:
    from plantbeat.kernel.questions import changes_under
    from plantbeat.surfaces.import_.loading import take_back

    count = len(changes_under(import_id))
    if not count:
        raise Unusable(f"there is no import with the id “{import_id}”")
    left = take_back(import_id, by, reason=f"import {import_id} taken back")
    for problem in left:
        click.echo(_problem_in_words(problem))
    click.echo(f"{count - len(left):,} of {count:,} changes taken back.")
    if left:
        raise SystemExit(REFUSED)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--site", "site_code", help="Code of the site; needed if there is more than one.")
@click.option("--user", help="Export what this person may read; else everything.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def export(file: Path, site_code: str | None, user: str | None, force: bool) -> None:
    """Write all records of a site to the workbook FILE, as `plantbeat import` takes them back."""
    django_ready()
    with _in_one_sentence():
        from plantbeat.areas.plant.workbook import filled_workbook

        by = _actor(user)
        _write(file, filled_workbook(_site(site_code, by), by), force=force)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from-site", "site_code", help="Fill it with the records of the site with this code.")
@click.option("--from-demo", is_flag=True, help="Fill it with the demo plant.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def template(file: Path, site_code: str | None, from_demo: bool, force: bool) -> None:
    """Write a workbook to fill in, with instructions, notes and drop-downs, to FILE."""
    if from_demo:
        # The demo plant is built aside, in memory: nothing of it enters the plant's own database.
        os.environ["PLANTBEAT_DATABASE_URL"] = "sqlite:///:memory:"
    django_ready()
    with _in_one_sentence():
        from plantbeat.areas.plant.workbook import empty_workbook, filled_workbook
        from plantbeat.kernel import clock

        by = _actor(None)
        if from_demo:
            from plantbeat.shell.demo.master_data import build
            from plantbeat.shell.installation import migrate

            migrate()
            content = filled_workbook(build(clock.now().date()), by)
        elif site_code:
            content = filled_workbook(_site(site_code, by), by)
        else:
            content = empty_workbook(by)
        _write(file, content, force=force)


def _set_up() -> None:
    """The first command on a fresh installation makes its tables."""
    from plantbeat.shell.installation import is_fresh, make_folders, migrate

    make_folders()
    if is_fresh():
        click.echo("first use: setting up the database …", err=True)
        migrate()


def _write(file: Path, content: bytes, *, force: bool) -> None:
    if file.exists() and not force:
        raise Unusable(f"{file} is there already; write over it with --force")
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Unusable(f"{file} cannot be written: {error.strerror}") from error
    click.echo(f"{file} written", err=True)


def _actor(user_name: str | None) -> Actor:
    """The person named, else the installation itself; the log names the account of the machine."""
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import User
    from plantbeat.kernel.questions import own

    if user_name is None:
        account = os.environ.get("USER") or os.environ.get("USERNAME") or "unknown"
        return Actor.system(f"cli:{account}"[:40])
    user = own(User, username=user_name)
    if user is None or not user.is_active:
        raise Unusable(f"nobody signs in as “{user_name}”")
    return Actor.of(user, door="cli")


def _site(code: str | None, by: Actor, zone: str | None = None) -> Site:
    """The site of a code, or the only one; with a zone a new one that is not saved yet."""
    from plantbeat.kernel.access import visible
    from plantbeat.kernel.accounts import Site

    sites = list(visible(Site, by).order_by("code"))
    found = [site for site in sites if code in (None, site.code)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(site.code for site in sites)
    if code is None:
        raise Unusable(f"say which site with --site; there are: {known}" if known else _no_site("CODE"))
    if zone is None:
        raise Unusable(f"there is no site “{code}”; there are: {known}" if known else _no_site(code))
    if zone not in available_timezones():
        raise Unusable(f"“{zone}” is no time zone; write it as in America/Chicago or Europe/Berlin")
    return Site(pk=0, code=code, name=code, zone=zone)


def _no_site(code: str) -> str:
    return f"there is no site yet; make one with: plantbeat import FILE --site {code} --zone America/Chicago"


def _made(site: Site, by: Actor) -> Site:
    from plantbeat.kernel.act import act

    return act(type(site), "create", by, {"code": site.code, "name": site.name, "zone": site.zone})


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    """Refusals and a database that is not there end in a sentence, not in a trace."""
    from django.db import DatabaseError

    from plantbeat.kernel.problems import Refused

    try:
        yield
    except Refused as refused:
        raise Unusable("\n".join(_problem_in_words(problem) for problem in refused.problems)) from refused
    except DatabaseError as error:
        raise Unusable(database_fault(error)) from error
