"""A shift pack as a file in a folder and on a printer; what became of it stands in its sheet."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from plantbeat.areas.daily.packs.gathering import pack_sheet
from plantbeat.areas.daily.paper_rules import paper_of, paper_rule
from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.execution.sheets.actions import PRINTER
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.paper import PAPERS, pdf

PRINT_COMMANDS = ("lp", "lpr")
PRINT_S = 30


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the packs of a site go; empty: not set up."""

    folder: str
    printer: str
    minutes_before: int

    @property
    def any(self) -> bool:
        """True if packs go anywhere by themselves."""
        return bool(self.folder or self.printer)


def ways_of(site: Site, by: Actor) -> Ways:
    """As the paper rule of the site says, else as the installation's setting."""
    rule = paper_rule(site, by)
    folder = (rule.folder if rule else "") or str(getattr(settings, "PACK_FOLDER", "") or "")
    if folder:
        folder = str(Path(settings.DATA) / folder)  # a whole path stays as it is
    return Ways(folder, rule.printer if rule else "", rule.minutes_before if rule else 30)


def pack_pdf(sheet: ShiftSheet, by: Actor, paper: str = "") -> bytes:
    """The PDF of a pack, on the site's paper unless one is asked for. Raises `Refused` for no paper."""
    if paper and paper not in PAPERS:
        raise Refused(Problem(_("there is no such paper"), "paper", paper, ", ".join(PAPERS)))
    language = (get_language() or "en").split("-")[0]
    return pdf(
        "shift_pack", pack_sheet(sheet, by), paper=paper or paper_of(sheet.site, by), language=language
    )


def file_name(sheet: ShiftSheet) -> str:
    """`2026-03-10_early_L1_SH-000012.pdf`: what sorts well in a folder."""
    shift = slugify(sheet.shift) or "shift"
    return f"{sheet.production_day.isoformat()}_{shift}_{sheet.line.code}_{sheet.number}.pdf"


def deliver(sheet: ShiftSheet) -> ShiftSheet:
    """Write a pack to the folder and the printer of its site, and note in the sheet what became of it.

    Nothing is raised for a folder or printer that fails: the sheet tells it, and the page shows it.
    """
    ways, done, trouble = ways_of(sheet.site, PRINTER), [], []
    made = pack_pdf(sheet, PRINTER)
    for place, put in ((ways.folder, _into_folder), (ways.printer, _onto_printer)):
        if not place:
            continue
        try:
            done.append(put(made, place, file_name(sheet)))
        except (OSError, subprocess.SubprocessError) as error:
            trouble.append(_why(place, error))
    values = {
        "written_us": clock.now_us() if done else None,
        "written_to": ", ".join(done)[:400],
        "trouble": "; ".join(trouble)[:400],
    }
    return act(sheet, "pack_written", PRINTER, values)


def _into_folder(made: bytes, folder: str, name: str) -> str:
    """Write beside, then rename, so that nobody finds half a pack."""
    target = Path(folder) / name
    handle, scratch = tempfile.mkstemp(dir=folder, prefix=".pack-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(made)
        Path(scratch).chmod(0o644)
        Path(scratch).replace(target)
    except OSError:
        Path(scratch).unlink(missing_ok=True)
        raise
    return str(target)


def _onto_printer(made: bytes, printer: str, name: str) -> str:
    command = next((path for one in PRINT_COMMANDS if (path := shutil.which(one))), None)
    if command is None:
        raise FileNotFoundError(2, _("there is no print command (lp or lpr) on this server"))
    is_lp = Path(command).name == "lp"
    arguments = [command, "-d", printer, "-t", name] if is_lp else [command, "-P", printer, "-T", name]
    subprocess.run(  # noqa: S603  (the queue's name is checked by its record)
        arguments, input=made, check=True, capture_output=True, timeout=PRINT_S
    )
    return _("printer %(name)s") % {"name": printer}


def _why(place: str, error: OSError | subprocess.SubprocessError) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        said = (error.stderr or b"").decode("utf-8", "replace").strip().splitlines()
        return f"{place}: {said[0] if said else error}"
    if isinstance(error, subprocess.TimeoutExpired):
        return _("%(place)s: no answer in %(s)s s") % {"place": place, "s": PRINT_S}
    return f"{place}: {getattr(error, 'strerror', '') or error}"
