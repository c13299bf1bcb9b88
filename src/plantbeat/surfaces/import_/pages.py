"""Import of one record type in the browser: upload, see what would happen, load.

The uploaded file is kept until the import is loaded or a day has passed.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from plantbeat.facts.disk import require_room
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.export.workbook import refused_rows, workbook_answer
from plantbeat.surfaces.import_.columns import BAD, Part, folded, layouts, remember, understood
from plantbeat.surfaces.import_.loading import load, rehearse
from plantbeat.surfaces.import_.planning import plan
from plantbeat.surfaces.import_.reading import read_tables
from plantbeat.surfaces.pages.view import actor_of, crumb, record_page, site_of

SHOWN_ROWS = 200
COPIES = 20
"""Room an upload needs, in its own sizes: its rows, their history and the journal of the database."""


@require_http_methods(["GET", "POST"])
@record_page
def start(request: HttpRequest, model: type[Record]) -> HttpResponse:
    """Choose a file; nothing is written yet."""
    site = site_of(request)
    frame: dict[str, Any] = {**_frame(model), "columns": layouts(model)[0].columns.values()}
    if request.method == "GET":
        return render(request, "surfaces/import.html", frame)
    try:
        upload = uploaded(request, model.type_code(), site)
    except Refused as refused:
        frame["problems"] = refused.problems
        return render(request, "surfaces/import.html", frame, status=status_of(refused))
    return redirect(address(model, "import_preview", job=upload.token))


def status_of(refused: Refused) -> int:
    """HTTP status of a page that shows what was refused."""
    return 507 if refused.kind is Kind.full else 422


def uploaded(request: HttpRequest, purpose: str, site: Site | None) -> Upload:
    """The posted file, kept for the pages that follow. Raises `Refused` if it cannot be read."""
    file: Any = request.FILES.get("file")
    if file is None:
        raise Refused(Problem(_("choose a file first"), "file", allowed=_("CSV or XLSX")))
    require_room(COPIES * file.size)
    read_tables(file, file.name or "file")
    file.seek(0)
    _forget_old()
    name, owner = Path(file.name or "file").name[:120], int(request.user.pk or 0)
    upload = Upload(secrets.randbelow(TOKENS), owner, purpose, site.pk if site else None, name)
    upload.folder.mkdir(parents=True)
    with (upload.folder / "content").open("wb") as target:
        shutil.copyfileobj(file, target)
    upload.keep()
    return upload


@require_http_methods(["GET", "POST"])
@record_page
def preview(request: HttpRequest, model: type[Record], job: int) -> HttpResponse:
    """What would be created, changed, left alone and refused; then load all, the good rows, or nothing."""
    by, upload = actor_of(request), staged(job, int(request.user.pk or 0), model.type_code())
    parts = _parts(model, upload, by)
    if "map" in request.POST:
        _keep_reading(request, upload, parts[0])
        return redirect(address(model, "import_preview", job=job))
    frame: dict[str, Any] = {**_frame(model), **_reading(parts[0]), "upload": upload}
    status, made = 200, plan(parts, by, upload.site(by))
    try:
        rehearse(made, by)
        if request.method == "POST":
            good = request.POST.get("mode") == "good"
            loaded = load(made, by, source=upload.file_name, good_rows_only=good)
            if not loaded.counts[BAD]:
                upload.discard()
            messages.success(request, in_words(loaded.counts))
            return redirect(address(model))
    except Refused as refused:
        frame["problems"], status = refused.problems[:SHOWN_ROWS], status_of(refused)
    rows = [row for part in made.parts for row in part.rows]
    shown = sorted(rows, key=lambda row: (row.fate != BAD, row.part is not parts[0], row.row))[:SHOWN_ROWS]
    faults = [fault for part in parts for fault in part.faults]
    frame |= {"plan": made, "counts": made.counts(), "faults": faults}
    frame |= {"shown": shown, "more": len(rows) - len(shown)}
    return render(request, "surfaces/import_preview.html", frame, status=status)


@require_GET
@record_page
def bad_rows(request: HttpRequest, model: type[Record], job: int) -> HttpResponse:
    """The refused rows as a workbook with a column that says why, ready to correct and load again."""
    by, upload = actor_of(request), staged(job, int(request.user.pk or 0), model.type_code())
    made = plan(_parts(model, upload, by), by, upload.site(by))
    rehearse(made, by)
    return workbook_answer(refused_rows(made), "bad-rows.xlsx")


def _frame(model: type[Record]) -> dict[str, Any]:
    title = _("Import %(what)s") % {"what": model._meta.verbose_name_plural}
    return {"model": model, "page_title": title, "crumbs": [crumb(model)]}


def _parts(model: type[Record], upload: Upload, by: Actor) -> list[Part]:
    """The sheet of the records (the one named after them, else the first), then sheets of their lines."""
    with upload.open() as content:
        tables = read_tables(content, upload.file_name)
    own, *lines = layouts(model)
    table = next((table for table in tables if folded(table.name) in own.names), tables[0])
    parts = [understood(own, table, by, upload.header_row)]
    for layout in lines:
        matching = [one for one in tables if one.name != table.name and folded(one.name) in layout.names]
        parts += [understood(layout, one, by) for one in matching[:1]]
    return parts


def _keep_reading(request: HttpRequest, upload: Upload, part: Part) -> None:
    """Keep which row is the header, and which column is what and what is assumed for the next file too."""
    table, columns = part.table, part.layout.columns
    row = request.POST.get("header_row", "")
    if row.isdigit() and int(row) != table.header_row:
        dataclasses.replace(upload, header_row=int(row)).keep()
        return
    chosen = {title: request.POST.get(f"column-{place}", "") for place, title in enumerate(table.header)}
    titles = {name: title for title, name in chosen.items() if name in columns}
    mapping = {title: name for name, title in titles.items()}
    defaults = {name: request.POST.get(f"assume-{name}", "").strip() for name in columns}
    remember(part, mapping, {name: value for name, value in defaults.items() if value}, actor_of(request))


def _reading(part: Part) -> dict[str, Any]:
    """How the sheet is read, as the page shows it for change."""
    table, columns = part.table, list(part.layout.columns.values())
    example = table.rows[0][1] if table.rows else []
    choices = [
        {
            "place": place,
            "title": title,
            "example": example[place] if place < len(example) else "",
            "options": [(one.name, one.label, part.mapping.get(title) == one.name) for one in columns],
        }
        for place, title in enumerate(table.header)
        if title
    ]
    needed = [one for one in columns if one.spec.required and one.name not in part.layout.model.key]
    assumed = [(one, part.defaults.get(one.name, "")) for one in needed]
    return {"table": table, "part": part, "choices": choices, "assumed": assumed}


def in_words(counts: Mapping[str, int]) -> str:
    """What an import did, in one sentence."""
    text = _("%(create)s created, %(update)s changed, %(same)s left as they were, %(bad)s refused.")
    return text % counts


KEPT_S = 86_400
TOKENS = 10**17


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file and whose it is, kept under a number nobody can guess."""

    token: int
    owner: int
    record_type: str
    site_id: int | None
    file_name: str
    header_row: int | None = None

    @property
    def folder(self) -> Path:
        """Where its parts lie."""
        return _root() / str(self.token)

    def open(self) -> BinaryIO:
        """The file's content."""
        return (self.folder / "content").open("rb")

    def site(self, by: Actor) -> Site | None:
        """The site in view at the upload, if the actor may still see it."""
        return visible(Site, by).filter(pk=self.site_id or 0).first()

    def keep(self) -> None:
        """Store (again) what is known about the file."""
        (self.folder / "about.json").write_text(json.dumps(asdict(self)), encoding="utf-8")

    def discard(self) -> None:
        """Throw the file away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


def staged(token: int, owner: int, record_type: str) -> Upload:
    """The staged file of a number; 404 unless it is the owner's and for this record type."""
    about = _root() / str(token) / "about.json"
    if token >= TOKENS or not about.is_file():
        raise Http404
    upload = Upload(**json.loads(about.read_text(encoding="utf-8")))
    if (upload.owner, upload.record_type) != (owner, record_type):
        raise Http404
    return upload


def _forget_old() -> None:
    for folder in _root().glob("*"):
        if folder.stat().st_mtime < clock.real_us() / 1_000_000 - KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
