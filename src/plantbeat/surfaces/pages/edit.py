"""Create and edit any record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plantbeat.kernel.access import Actor
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may, may_create
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import keyed_fields, parse
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.form.fields import grids, inputs, posted
from plantbeat.surfaces.pages.view import actor_of, found_record, record_page, site_of

STATUS = {Kind.conflict: 409, Kind.forbidden: 403}


@require_http_methods(["GET", "POST"])
@record_page
def new(request: HttpRequest, model: type[Record]) -> HttpResponse:
    """A new record at the site in view."""
    by, site = actor_of(request), site_of(request)
    if not may_create(model, by):
        raise Refused(_("your role does not allow creating this here"), Kind.forbidden)
    site_id = site.pk if site is not None and model.scope == "site" else None
    if request.method == "GET":
        return render(request, "surfaces/form.html", _frame(model, by, site_id, raw=_start(model, request)))
    raw = posted(model, request.POST)
    data, problems = parse(model, raw, site.pk if site else None)
    if site_id is not None:
        data["site"] = site
    try:
        made = act(model, "create", by, _or_refuse(data, problems))
    except Refused as refused:
        frame = _frame(model, by, site_id, raw=raw, problems=refused.problems)
        return render(request, "surfaces/form.html", frame, status=STATUS.get(refused.kind, 422))
    messages.success(request, _("%(name)s was created.") % {"name": made})
    if "another" in request.POST:
        return redirect(address(model, "new"))
    return redirect(address_of(made))


@require_http_methods(["GET", "POST"])
@record_page
def edit(request: HttpRequest, model: type[Record], pk: int) -> HttpResponse:
    """Change a record; somebody else's change in between is shown, never overwritten."""
    by = actor_of(request)
    found = found_record(model, by, pk)
    if reasons := may(found, "edit", by):
        raise Refused(reasons, Kind.forbidden)
    site_id = found.site_id_of_record
    if request.method == "GET":
        return render(request, "surfaces/form.html", _frame(model, by, site_id, record=found))
    raw = posted(model, request.POST)
    data, problems = parse(model, raw, site_id)
    given = request.POST.get("version", "")
    try:
        version = int(given) if given.isdigit() else None
        act(
            found,
            "edit",
            by,
            _or_refuse(data, problems),
            version=version,
            reason=request.POST.get("reason", ""),
        )
    except Refused as refused:
        frame = _frame(model, by, site_id, record=found, raw=raw, problems=refused.problems)
        return render(request, "surfaces/form.html", frame, status=STATUS.get(refused.kind, 422))
    messages.success(request, _("%(name)s was saved.") % {"name": found})
    return redirect(address_of(found))


def _or_refuse(data: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    if problems:
        raise Refused(problems)
    return data


def _start(model: type[Record], request: HttpRequest) -> dict[str, Any] | None:
    """Values a link to the form may bring along, over the defaults."""
    given = {
        name: request.GET[name] for name in keyed_fields(model) if name in request.GET and name != "site"
    }
    if not given:
        return None
    defaults = {
        name: spec.model_field.get_default()
        for name, spec in keyed_fields(model).items()
        if spec.model_field.has_default()
    }
    return {**defaults, **given}


def _frame(
    model: type[Record],
    by: Actor,
    site_id: int | None,
    *,
    record: Record | None = None,
    raw: dict[str, Any] | None = None,
    problems: list[Problem] | None = None,
) -> dict[str, Any]:
    problems = problems or []
    fields = inputs(model, by, site_id, record=record, raw=raw, problems=problems)
    placed = {problem.field for one in fields for problem in one.problems}
    name = str(model._meta.verbose_name)
    title = (
        _("Edit %(name)s") % {"name": record} if record is not None else _("New %(what)s") % {"what": name}
    )
    crumbs = [{"label": capfirst(str(model._meta.verbose_name_plural)), "url": address(model)}]
    return {
        "page_title": title,
        "crumbs": crumbs
        + ([{"label": str(record), "url": address_of(record)}] if record is not None else []),
        "model": model,
        "record": record,
        "inputs": fields,
        "grids": grids(model, by, site_id, record=record, raw=raw, problems=problems),
        "problems": problems,
        "loose": [p for p in problems if p.field not in placed and not p.sheet],
        "back": address_of(record) if record is not None else address(model),
    }
