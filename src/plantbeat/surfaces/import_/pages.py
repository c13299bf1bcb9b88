"""Import of one record type in the browser: upload, see what would happen, load."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from plantbeat.kernel.access import visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.disk import require_room
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.export.sheets import XLSX
from plantbeat.surfaces.export.workbook import refused_rows
from plantbeat.surfaces.import_.columns import folded, layouts
from plantbeat.surfaces.import_.loading import Loaded, load, rehearse
from plantbeat.surfaces.import_.planning import part_of, plan
from plantbeat.surfaces.import_.plans import BAD, Part, Plan
from plantbeat.surfaces.import_.reading import read_tables
from plantbeat.surfaces.import_.remembering import remember, understood
from plantbeat.surfaces.import_.staging import Upload, stage, staged
from plantbeat.surfaces.pages.view import actor_of, record_page, site_of

SHOWN_ROWS = 200
HEADER_CHOICES = 12
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
    return stage(file, file.name or "file", int(request.user.pk or 0), purpose, site.pk if site else None)


@require_http_methods(["GET", "POST"])
@record_page
def preview(request: HttpRequest, model: type[Record], job: int) -> HttpResponse:
    """What would be created, changed, left alone and refused; then load all, the good rows, or nothing."""
    upload = staged(job, int(request.user.pk or 0), model.type_code())
    parts = _parts(request, model, upload)
    if request.method == "POST" and "map" in request.POST:
        _keep_reading(request, upload, parts[0])
        return redirect(address(model, "import_preview", job=job))
    frame: dict[str, Any] = {**_frame(model), **_reading(parts[0]), "upload": upload}
    status = 200
    made = plan(parts, actor_of(request), _site(request, upload))
    try:
        rehearse(made, actor_of(request))
        if request.method == "POST":
            messages.success(request, in_words(_loaded(request, upload, made)))
            return redirect(address(model))
    except Refused as refused:
        frame["problems"], status = refused.problems[:SHOWN_ROWS], status_of(refused)
    rows = [row for part in made.parts for row in part.rows]
    shown = sorted(rows, key=lambda row: (row.fate != BAD, row.part is not parts[0], row.row))[:SHOWN_ROWS]
    faults = [fault for part in parts for fault in part.faults]
    frame |= {"plan": made, "counts": made.counts(), "faults": faults}
    frame |= {"shown": shown, "more": len(rows) - len(shown)}
    return render(request, "surfaces/import_preview.html", frame, status=status)


def _frame(model: type[Record]) -> dict[str, Any]:
    plural = str(model._meta.verbose_name_plural)
    return {
        "model": model,
        "page_title": _("Import %(what)s") % {"what": plural},
        "crumbs": [{"label": capfirst(plural), "url": address(model)}],
    }


def _site(request: HttpRequest, upload: Upload) -> Site | None:
    """The site in view at the upload, if the actor may still see it."""
    return visible(Site, actor_of(request)).filter(pk=upload.site_id or 0).first()


def _parts(request: HttpRequest, model: type[Record], upload: Upload) -> list[Part]:
    """The sheet of the records (the one named after them, else the first), then sheets of their lines."""
    with upload.open() as content:
        tables = read_tables(content, upload.file_name)
    own, *lines = layouts(model)
    table = next((table for table in tables if folded(table.name) in own.names), tables[0])
    if upload.header_row is not None:
        parts = [part_of(own, table.headed(upload.header_row), upload.mapping, upload.defaults)]
    else:
        parts = [understood(own, table, actor_of(request))]
    for layout in lines:
        matching = [one for one in tables if one.name != table.name and folded(one.name) in layout.names]
        parts += [understood(layout, one, actor_of(request)) for one in matching[:1]]
    return parts


def _keep_reading(request: HttpRequest, upload: Upload, part: Part) -> None:
    """Keep which row is the header, which column is what, and what is assumed; also for the next file."""
    table, columns = part.table, part.layout.columns
    row = request.POST.get("header_row", "")
    if row.isdigit() and int(row) != table.header_row:
        dataclasses.replace(upload, header_row=int(row), mapping=None, defaults=None).keep()
        return
    chosen = {title: request.POST.get(f"column-{place}", "") for place, title in enumerate(table.header)}
    mapping = {title: name for title, name in chosen.items() if name in columns}
    mapping = {title: name for name, title in {name: title for title, name in mapping.items()}.items()}
    defaults = {name: request.POST.get(f"assume-{name}", "").strip() for name in columns}
    defaults = {name: value for name, value in defaults.items() if value}
    dataclasses.replace(upload, header_row=table.header_row, mapping=mapping, defaults=defaults).keep()
    remember(part, mapping, defaults, actor_of(request))


def _reading(part: Part) -> dict[str, Any]:
    """How the sheet is read, as the page shows it for change."""
    table, columns = part.table, part.layout.columns
    example = table.rows[0][1] if table.rows else []
    choices = [
        {
            "place": place,
            "title": title,
            "example": example[place] if place < len(example) else "",
            "options": [
                (one.name, one.label, part.mapping.get(title) == one.name) for one in columns.values()
            ],
        }
        for place, title in enumerate(table.header)
        if title
    ]
    headers = [
        {"row": n, "text": " · ".join(str(v) for v in cells if v != "")[:80]}
        for n, cells in table.lines[:HEADER_CHOICES]
    ]
    assumable = [
        one for one in columns.values() if one.spec.required and one.name not in part.layout.model.key
    ]
    assumed = [(one, part.defaults.get(one.name, "")) for one in assumable]
    return {"table": table, "part": part, "choices": choices, "headers": headers, "assumed": assumed}


def _loaded(request: HttpRequest, upload: Upload, made: Plan) -> Loaded:
    loaded = load(
        made,
        actor_of(request),
        good_rows_only=request.POST.get("mode") == "good",
        source=upload.file_name,
        reason=_("import of %s") % upload.file_name,
    )
    if not loaded.counts[BAD]:
        upload.discard()
    return loaded


def in_words(loaded: Loaded) -> str:
    """What an import did, in one sentence."""
    text = _("%(create)s created, %(update)s changed, %(same)s left as they were, %(bad)s refused.")
    return text % loaded.counts


@require_GET
@record_page
def bad_rows(request: HttpRequest, model: type[Record], job: int) -> HttpResponse:
    """The refused rows as a workbook with a column that says why, ready to correct and load again."""
    upload = staged(job, int(request.user.pk or 0), model.type_code())
    made = plan(_parts(request, model, upload), actor_of(request), _site(request, upload))
    rehearse(made, actor_of(request))
    return workbook_answer(refused_rows(made), "bad-rows.xlsx")


def workbook_answer(content: bytes, name: str) -> HttpResponse:
    """A workbook to download."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
