"""The list of any record type: search, filters, saved views, sort, pages, bulk edit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may_create
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.questions import own
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import fields_of, keyed_fields
from plantbeat.kernel.writing import writing
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.filter.choices import filter_inputs
from plantbeat.surfaces.filter.query import ListQuery, list_query
from plantbeat.surfaces.models import SavedView
from plantbeat.surfaces.pages.view import actor_of, record_page, site_of
from plantbeat.surfaces.table.rows import table_rows

PAGE_SIZES = (25, 50, 100, 200)
BULK_KINDS = {
    "choice",
    "boolean",
    "date",
    "link",
    "text",
    "integer",
    "decimal",
    "duration",
    "quantity",
    "money",
}


@require_GET
@record_page
def records(request: HttpRequest, model: type[Record]) -> HttpResponse:
    """Rows the actor may see, as a table on wide screens and as cards on a phone."""
    by, site = actor_of(request), site_of(request)
    query = list_query(model, by, request.GET, site)
    page = _page(query, request)
    frame = {
        "model": model,
        "page_title": capfirst(str(model._meta.verbose_name_plural)),
        "query": query,
        "query_string": query.address(),
        "base_query": f"{query.address(page=None)}&",
        "page": page,
        "page_range": page.paginator.get_elided_page_range(page.number),
        "rows": table_rows(page.object_list, query.columns),
        "heads": [_head(query, spec) for spec in query.columns],
        "filters": filter_inputs(model, by, request.GET, site),
        "views": visible(SavedView, by).filter(record_type=model.type_code()).order_by("name"),
        "may_create": may_create(model, by),
        "bulk_fields": _bulk_fields(model, by),
        "asked_at": clock.now(),
        "sizes": PAGE_SIZES,
        "text": " ".join(query.params.get("q", [])),
        "all_columns": _all_columns(model, query),
    }
    return render(request, "surfaces/list.html", frame)


def _page(query: ListQuery, request: HttpRequest) -> Page[Record]:
    size = request.GET.get("size", "")
    per_page = int(size) if size.isdigit() and int(size) in PAGE_SIZES else PAGE_SIZES[1]
    return Paginator(query.rows, per_page).get_page(request.GET.get("page"))


def _head(query: ListQuery, spec: Any) -> dict[str, Any]:
    ascending = query.sort == spec.name
    return {
        "spec": spec,
        "numeric": spec.numeric,
        "sorted": "ascending" if ascending else "descending" if query.sort == f"-{spec.name}" else "none",
        "address": "?" + query.address(sort=f"-{spec.name}" if ascending else spec.name, page=None),
    }


def _all_columns(model: type[Record], query: ListQuery) -> list[dict[str, Any]]:
    shown = {spec.name for spec in query.columns}
    return [{"spec": spec, "shown": name in shown} for name, spec in fields_of(model).items()]


def _bulk_fields(model: type[Record], by: Actor) -> list[Any]:
    if not by.sites(model.access.edit) and not by.trusted:
        return []
    return [
        spec
        for name, spec in keyed_fields(model).items()
        if spec.kind in BULK_KINDS and name not in model.key and name not in model.access.private
    ]


@require_POST
@record_page
def bulk(request: HttpRequest, model: type[Record]) -> HttpResponse:
    """Set one field of the chosen records to one value, all or none."""
    by, site = actor_of(request), site_of(request)
    chosen = [int(pk) for pk in request.POST.getlist("chosen") if pk.isdigit()]
    spec = keyed_fields(model).get(request.POST.get("field", ""))
    if not chosen or spec is None:
        messages.error(request, _("Choose at least one row and the field to change."))
        return redirect(_back(request, model))
    try:
        value = spec.parse(request.POST.get("value", ""), site.pk if site else None)
        changed = _change_all(model, chosen, spec.name, value, by)
    except ValidationError as error:
        messages.error(request, str(Problem(error.messages[0], spec.name, allowed=spec.allowed())))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        said = ngettext("%(n)s record changed.", "%(n)s records changed.", changed)
        messages.success(request, said % {"n": changed})
    return redirect(_back(request, model))


def _change_all(model: type[Record], chosen: list[int], name: str, value: Any, by: Actor) -> int:
    with writing():
        found = list(visible(model, by).filter(pk__in=chosen))
        for record in found:
            act(record, "edit", by, {name: value})
    return len(found)


def _back(request: HttpRequest, model: type[Record]) -> str:
    query = request.POST.get("back", "")
    return f"{address(model)}?{query}" if query else address(model)


@require_POST
@record_page
def save_view(request: HttpRequest, model: type[Record]) -> HttpResponse:
    """Keep the list as it is filtered now under a name, or take a kept one away."""
    by = actor_of(request)
    name = request.POST.get("name", "").strip()
    query = request.POST.get("back", "")
    mine = own(SavedView, owner_id=by.user_id, record_type=model.type_code(), name=name)
    try:
        if mine is not None:
            act(mine, "remove", by)
        if not request.POST.get("remove"):
            kept = {
                "owner": request.user,
                "record_type": model.type_code(),
                "name": name,
                "query": query[:1000],
            }
            act(SavedView, "create", by, {**kept, "shared": request.POST.get("shared") == "on"})
            messages.success(request, _("View “%(name)s” kept.") % {"name": name})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(_back(request, model))
