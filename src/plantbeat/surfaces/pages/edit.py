"""Create and edit any record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may, may_create
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import keyed_fields, parsed
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.form.fields import Source, grids, inputs, posted
from plantbeat.surfaces.pages.view import actor_of, crumb, found_record, record_page, site_of, version_of

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
        return _form(request, model, site_id, _start(model, request))
    raw = posted(model, request.POST)
    try:
        data = parsed(model, raw, site.pk if site else None)
        made = act(model, "create", by, data if site_id is None else data | {"site": site})
    except Refused as refused:
        return _form(request, model, site_id, raw, refused=refused)
    messages.success(request, _("%(name)s was created.") % {"name": made})
    return redirect(address(model, "new") if "another" in request.POST else address_of(made))


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
        return _form(request, model, site_id, found, found)
    raw = posted(model, request.POST)
    reason = request.POST.get("reason", "")
    try:
        data = parsed(model, raw, site_id)
        act(found, "edit", by, data, version=version_of(request), reason=reason)
    except Refused as refused:
        return _form(request, model, site_id, raw, found, refused)
    messages.success(request, _("%(name)s was saved.") % {"name": found})
    return redirect(address_of(found))


def _start(model: type[Record], request: HttpRequest) -> dict[str, Any] | None:
    """Values a link to the form may bring along, over the defaults."""
    fields = [spec for name, spec in keyed_fields(model).items() if name != "site"]
    given = {spec.name: request.GET[spec.name] for spec in fields if spec.name in request.GET}
    defaults = {one.name: one.model_field.get_default() for one in fields if one.model_field.has_default()}
    return defaults | given if given else None


def _form(
    request: HttpRequest,
    model: type[Record],
    site_id: int | None,
    source: Source,
    record: Record | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    """The form of a new record, or of the one given, with what was refused."""
    by, problems = actor_of(request), list[Problem](refused.problems if refused else ())
    fields = inputs(model, by, site_id, source, problems)
    placed = {problem.field for one in fields for problem in one.problems}
    title, back = _("New %(what)s") % {"what": model._meta.verbose_name}, address(model)
    crumbs = [crumb(model)]
    if record is not None:
        title, back = _("Edit %(name)s") % {"name": record}, address_of(record)
        crumbs.append({"label": str(record), "url": back})
    frame = {
        "page_title": title,
        "crumbs": crumbs,
        "model": model,
        "record": record,
        "inputs": fields,
        "grids": grids(model, by, site_id, source, problems),
        "problems": problems,
        "loose": [problem for problem in problems if problem.field not in placed and not problem.sheet],
        "back": back,
    }
    status = STATUS.get(refused.kind, 422) if refused else 200
    return render(request, "surfaces/form.html", frame, status=status)
