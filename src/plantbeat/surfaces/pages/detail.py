"""One record: its fields, its lines, what can be done with it and why not, its history, its label."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, hidden_fields
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.kernel.permission import REMOVE, may
from plantbeat.kernel.problems import Refused
from plantbeat.kernel.questions import changes_of, names_of, names_of_records
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import FieldSpec, fields_of, parsed
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.form.fields import inputs, posted
from plantbeat.surfaces.pages.view import actor_of, crumb, found_record, record_page, version_of
from plantbeat.surfaces.table.rows import Cell, cell

MOST_ACTS = 50
Links = dict[tuple[str, int], str]
"""Names of what a link pointed to, by field and id."""


@require_GET
@record_page
def record(request: HttpRequest, model: type[Record], pk: int) -> HttpResponse:
    """The page of one record."""
    by = actor_of(request)
    found = found_record(model, by, pk)
    return render(request, "surfaces/detail.html", _frame(found, by))


def _frame(found: Record, by: Actor) -> dict[str, Any]:
    model = type(found)
    hidden = hidden_fields(model, by, found.site_id_of_record)
    specs = [spec for name, spec in fields_of(model).items() if name not in hidden]
    panels = [one(found, by) for one in model.face.panels]
    return {
        "record": found,
        "model": model,
        "page_title": str(found),
        "crumbs": [crumb(model)],
        "state": model.states().get(getattr(found, "state", "")),
        "cells": [cell(found, spec, unit_in_header=False) for spec in specs],
        "lines": [_lines(found, name) for name in model.line_types()],
        "deeds": _deeds(found, by),
        "why_not_edit": may(found, "edit", by),
        "why_not_remove": may(found, "remove", by),
        "history": history(found, by),
        "panels": [panel for panel in panels if panel is not None],
    }


def _deeds(found: Record, by: Actor) -> list[dict[str, Any]]:
    """Steps that leave the present state, and plain actions; each with its reasons why not."""
    model = type(found)
    listed = []
    for verb, step in model.steps().items():
        if step.target is not None and getattr(found, "state", None) not in step.sources:
            continue
        asked = [name for name in step.asks if name in fields_of(model)]
        asks = inputs(model, by, found.site_id_of_record, source=found, only=asked) if asked else []
        listed.append({"step": step, "reasons": may(found, verb, by), "asks": asks})
    return listed


def _lines(found: Record, name: str) -> dict[str, Any]:
    model = found.line_types()[name]
    specs = fields_of(model)
    columns = [specs[column] for column in (model.columns or specs)]
    links = [spec.name for spec in columns if spec.kind == "link"]
    rows: list[list[Cell]] = [
        [cell(row, spec) for spec in columns]
        for row in getattr(found, name).select_related(*links).order_by(*model.line_key())
    ]
    return {"name": name, "label": model._meta.verbose_name_plural, "columns": columns, "rows": rows}


@require_POST
@record_page
def do(request: HttpRequest, model: type[Record], pk: int, verb: str) -> HttpResponse:
    """Take a step of the lifecycle or another declared action, or, with `remove`, the record away.

    What was refused is shown beside the record, with the reasons.
    """
    by, steps = actor_of(request), model.steps()
    found = found_record(model, by, pk)
    if verb in steps:
        done, target = _("%(step)s: done.") % {"step": steps[verb].label}, address_of(found)
    elif verb == REMOVE:
        done, target = _("%(name)s was removed.") % {"name": found}, address(model)
    else:
        raise Http404
    given = {name: request.POST.get(name, "") for name in ("reason", "secret")}
    try:
        act(found, verb, by, _asked(request, found, verb), version=version_of(request), **given)
    except Refused as refused:
        frame = {**_frame(found, by), "problems": refused.problems}
        return render(request, "surfaces/detail.html", frame, status=422)
    messages.success(request, done)
    return redirect(target)


def _asked(request: HttpRequest, found: Record, verb: str) -> dict[str, Any]:
    """What the form of a step gave: values of fields, and what is no field, such as a new password."""
    model = type(found)
    asks = model.steps()[verb].asks if verb in model.steps() else ()
    fields = [name for name in asks if name in fields_of(model)]
    data = parsed(model, posted(model, request.POST, only=fields), found.site_id_of_record, only=asks)
    others = [name for name in asks if name not in fields and name in request.POST]
    return data | {name: request.POST[name] for name in others}


def history(record: Record, by: Actor) -> list[dict[str, Any]]:
    """Who changed what, when: the latest acts, newest first; fields the actor may not read are left out."""
    model, words = type(record), _words(type(record))
    rows = changes_of(record, MOST_ACTS)
    names, links = names_of(row.actor for row in rows), _linked(model, rows)
    hidden = hidden_fields(model, by, record.site_id_of_record)
    return [
        {
            "at": clock.from_us(row.at_us),
            "who": names.get(row.actor) or row.actor.removeprefix("system:"),
            "verb": words.get(row.verb, row.verb),
            "changes": _changes(model, row, hidden, links),
            "reason": row.reason,
            "signature": row.signature,
        }
        for row in rows
    ]


def _words(model: type[Record]) -> dict[str, str]:
    """How a verb reads in a history."""
    built_in = {"create": _("created"), "edit": _("changed"), "remove": _("removed")}
    return built_in | {verb: str(step.label) for verb, step in model.steps().items()}


def _linked(model: type[Record], rows: list[Change]) -> Links:
    """Today's names of what links pointed to, one query per link field."""
    found: Links = {}
    sides = [side for row in rows for side in (row.before, row.after)]
    for name, spec in fields_of(model).items():
        if spec.kind == "link":
            wanted = {side[name] for side in sides if isinstance(side.get(name), int)}
            texts = names_of_records(spec.model_field.related_model, wanted)
            found |= {(name, pk): text for pk, text in texts.items()}
    return found


def _changes(
    model: type[Record], row: Change, hidden: frozenset[str], links: Links
) -> list[tuple[str, str, str]]:
    labels = {name: str(spec.label) for name, spec in fields_of(model).items() if name not in hidden}
    labels |= {name: str(line._meta.verbose_name_plural) for name, line in model.line_types().items()}
    private = {value.field: (value.before, value.after) for value in row.private.all()}
    changes = []
    for name, label in labels.items():
        before, after = row.before.get(name), row.after.get(name)
        if name in model.access.private and (name in row.before or name in row.after):
            before, after = private.get(name, ("…", "…"))
        if before not in (None, "", []) or after not in (None, "", []):
            spec = fields_of(model).get(name)
            changes.append((label, _shown(spec, before, links), _shown(spec, after, links)))
    return changes


def _shown(spec: FieldSpec | None, value: Any, links: Links) -> str:
    if value is None or value == "":
        return ""
    if spec is None:
        return str(len(value)) if isinstance(value, list) else str(value)
    if spec.kind == "link":
        return links.get((spec.name, value), f"#{value}")
    if spec.kind in ("choice", "state"):
        return str(dict(spec.choices()).get(value, value))
    if spec.kind == "datetime":
        return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    return f"{value} {spec.unit}".strip()


@require_GET
@record_page
def label(request: HttpRequest, model: type[Record], pk: int) -> HttpResponse:
    """The label of one record, ready to print."""
    if not model.face.label:
        raise Http404
    found = found_record(model, actor_of(request), pk)
    return render(request, "surfaces/label.html", {"record": found, "model": model, "page_title": str(found)})


@require_GET
@record_page
def code(request: HttpRequest, model: type[Record], pk: int) -> HttpResponse:
    """The QR code of a record's address as SVG."""
    import segno

    found = found_record(model, actor_of(request), pk)
    buffer = io.BytesIO()
    made = segno.make(request.build_absolute_uri(address_of(found)), error="m")
    made.save(buffer, kind="svg", scale=4, border=2)
    return HttpResponse(buffer.getvalue(), content_type="image/svg+xml")
