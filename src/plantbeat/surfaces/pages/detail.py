"""One record: its fields, its lines, what can be done with it and why not, its history, its label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.kernel.access import Actor, hidden_fields
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import fields_of, parse
from plantbeat.kernel.signature import Signing
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.form.fields import Input, inputs, posted
from plantbeat.surfaces.pages.history import history
from plantbeat.surfaces.pages.view import actor_of, found_record, record_page
from plantbeat.surfaces.table.rows import Cell, cell

UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done with a record, or why it cannot."""

    verb: str
    label: str
    reasons: list[Problem]
    asks: list[Input]
    signed: str
    needs_reason: bool


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
    cells = [
        cell(found, spec, unit_in_header=False)
        for name, spec in fields_of(model).items()
        if name not in hidden
    ]
    return {
        "record": found,
        "model": model,
        "page_title": str(found),
        "crumbs": [{"label": capfirst(str(model._meta.verbose_name_plural)), "url": address(model)}],
        "state": model.states().get(getattr(found, "state", "")),
        "cells": cells,
        "lines": [_lines(found, name) for name in model.line_types()],
        "deeds": deeds(found, by),
        "why_not_edit": may(found, "edit", by),
        "why_not_remove": may(found, "remove", by),
        "history": history(found, by)[:50],
        "panels": [panel for panel in (one(found, by) for one in model.face.panels) if panel is not None],
    }


def deeds(found: Record, by: Actor) -> list[Deed]:
    """Steps that leave the present state, and plain actions; each with its reasons why not."""
    model = type(found)
    listed = []
    for verb, step in model.steps().items():
        if step.target is not None and getattr(found, "state", None) not in step.sources:
            continue
        asked = [name for name in step.asks if name in fields_of(model)]
        asks = inputs(model, by, found.site_id_of_record, record=found, only=asked) if asked else []
        listed.append(Deed(verb, str(step.label), may(found, verb, by), asks, step.signed, step.reason))
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
    """Take a step of the lifecycle or another declared action."""
    by = actor_of(request)
    found = found_record(model, by, pk)
    step = model.steps().get(verb)
    if step is None:
        raise Http404
    site_id = found.site_id_of_record
    raw = posted(model, request.POST, only=[name for name in step.asks if name in fields_of(model)])
    data, problems = parse(model, raw, site_id, only=step.asks)
    data |= {
        name: request.POST[name]
        for name in step.asks
        if name not in fields_of(model) and name in request.POST
    }
    signing = Signing(request.POST["secret"]) if request.POST.get("secret") else None
    try:
        if problems:
            raise Refused(problems)
        act(
            found,
            verb,
            by,
            data,
            version=_version(request),
            reason=request.POST.get("reason", ""),
            signing=signing,
        )
    except Refused as refused:
        frame = {**_frame(found, by), "problems": refused.problems}
        return render(request, "surfaces/detail.html", frame, status=UNPROCESSABLE)
    messages.success(request, _("%(step)s: done.") % {"step": step.label})
    return redirect(address_of(found))


@require_POST
@record_page
def remove(request: HttpRequest, model: type[Record], pk: int) -> HttpResponse:
    """Take a record away; the log keeps what it was."""
    by = actor_of(request)
    found = found_record(model, by, pk)
    name = str(found)
    try:
        act(found, "remove", by, version=_version(request), reason=request.POST.get("reason", ""))
    except Refused as refused:
        frame = {**_frame(found, by), "problems": refused.problems}
        return render(request, "surfaces/detail.html", frame, status=UNPROCESSABLE)
    messages.success(request, _("%(name)s was removed.") % {"name": name})
    return redirect(address(model))


def _version(request: HttpRequest) -> int | None:
    given = request.POST.get("version", "")
    return int(given) if given.isdigit() else None
