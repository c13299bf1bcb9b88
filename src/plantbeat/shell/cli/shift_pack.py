"""`plantbeat shift-pack`: what a line needs to work a shift on paper, as a PDF."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from plantbeat.paper import PAPERS
from plantbeat.shell.cli import django_ready

if TYPE_CHECKING:
    from plantbeat.facts.views.dimension_tables import FactShift
    from plantbeat.kernel.accounts import Site

LOOK_BACK_DAYS, LOOK_AHEAD_DAYS = 1, 8
DAY_US = 86_400_000_000


class Unusable(click.ClickException):
    """What was asked for does not exist; the message says what there is."""

    exit_code = 2


def _pdf_to_write(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    if value.suffix.casefold() != ".pdf":
        raise click.BadParameter(f"{value} must end in .pdf.", ctx, param)
    if value.is_dir():
        raise click.BadParameter(f"{value} is a folder.", ctx, param)
    if not value.parent.is_dir():
        raise click.BadParameter(f"the folder {value.parent} does not exist.", ctx, param)
    return value


@click.command("shift-pack")
@click.option("--site", "site_code", required=True, help="Code of the site.")
@click.option("--line", required=True, help="Code of the line.")
@click.option("--shift", "name", default="", help="Name of the shift; left out: the next one that begins.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Production day of the shift.")
@click.option("--paper", type=click.Choice(PAPERS), help="Left out: the paper of the site.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), callback=_pdf_to_write, help="A .pdf file."
)
def shift_pack(
    site_code: str, line: str, name: str, day: datetime | None, paper: str | None, out: Path
) -> None:
    """Dispatch list, hour sheet, check sheets, attendance list, what is open, the last handoff."""
    django_ready()
    from plantbeat.areas.daily.packs.writing import pack_pdf
    from plantbeat.areas.execution.sheets.actions import PRINTER, sheet_for
    from plantbeat.kernel.access import visible
    from plantbeat.kernel.accounts import Site
    from plantbeat.kernel.problems import Refused
    from plantbeat.paper import PaperError

    site = visible(Site, PRINTER).filter(code=site_code).first()
    if site is None:
        known = ", ".join(visible(Site, PRINTER).order_by("code").values_list("code", flat=True))
        raise Unusable(f"there is no site “{site_code}”; there are: {known or 'none yet'}")
    shift = _shift(site, line, name, day.date() if day else None)
    try:
        sheet = sheet_for(site, line, shift, PRINTER)
        made = pack_pdf(sheet, PRINTER, paper or "")
    except (Refused, PaperError) as refused:
        raise Unusable(str(refused)) from refused
    out.write_bytes(made)
    click.echo(f"{out}: {sheet.number}, {line}, {shift.owner_day.isoformat()} {shift.shift}")


def _shift(site: Site, line: str, name: str, day: date | None) -> FactShift:
    """The shift that is meant. Raises `Unusable` with those there are."""
    from plantbeat.areas.daily.packs.worker import shifts_beginning
    from plantbeat.facts.questions import assets
    from plantbeat.facts.views import shifts
    from plantbeat.kernel import clock
    from plantbeat.kernel.access import Actor

    lines = assets(Actor.system("shift pack")).filter(site=site, level="line", valid_to_us=None)
    codes = sorted(lines.values_list("code", flat=True))
    if line not in codes:
        raise Unusable(
            f"there is no line “{line}” at {site.code}; there are: {', '.join(codes) or 'none yet'}"
        )
    now_us = clock.now_us()
    first_us, last_us = now_us - LOOK_BACK_DAYS * DAY_US, now_us + LOOK_AHEAD_DAYS * DAY_US
    if day is not None:
        midnight_us = clock.to_us(datetime.combine(day, datetime.min.time(), ZoneInfo(site.zone)))
        first_us, last_us = midnight_us - DAY_US, midnight_us + 2 * DAY_US
        shifts.ensure(site.pk, day, day)
    found = [shift for code, shift in shifts_beginning(site, first_us, last_us) if code == line]
    if day is not None:
        found = [shift for shift in found if shift.owner_day == day]
    elif not name:
        found = [shift for shift in found if shift.start_us >= now_us]
    else:
        found = [shift for shift in found if shift.end_us > now_us]
    wanted = [shift for shift in found if not name or shift.shift == name]
    if not wanted:
        there = ", ".join(dict.fromkeys(f"{one.owner_day.isoformat()} {one.shift}" for one in found))
        asked = " ".join(part for part in (day.isoformat() if day else "", name) if part) or "shift"
        raise Unusable(f"{line} works no “{asked}”; it works: {there or 'nothing in that time'}")
    return wanted[0]
