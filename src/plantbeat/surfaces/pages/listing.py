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
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.permission import may_create
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.questions import own
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import fields_of, keyed_fields
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.filter.query import ListQuery, filter_inputs, list_query
from plantbeat.surfaces.models import SavedView
from plantbeat.surfaces.pages.view import actor_of, record_page, site_of
from plantbeat.surfaces.table.rows import cell

PAGE_SIZES = (25, 50, 100, 200)
NOT_IN_BULK = {"state", "number", "long_text", "datetime", "time", "instant"}


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
        "rows": [_row(record, query) for record in page.object_list],
        "heads": [_head(query, spec) for spec in query.columns],
        "filters": filter_inputs(model, by, request.GET, site),
        "views": visible(SavedView, by).filter(record_type=model.type_code()).order_by("name"),
        "may_create": may_create(model, by),
        "bulk_fields": _bulk_fields(model, by),
        "asked_at": clock.now(),
        "sizes": PAGE_SIZES,
        "text": " ".join(query.params.get("q", [])),
        "all_columns": [{"spec": one, "shown": one in query.columns} for one in fields_of(model).values()],
    }
    return render(request, "surfaces/list.html", frame)


def _page(query: ListQuery, request: HttpRequest) -> Page[Record]:
    size = request.GET.get("size", "")
    per_page = int(size) if size.isdigit() and int(size) in PAGE_SIZES else PAGE_SIZES[1]
    return Paginator(query.rows, per_page).get_page(request.GET.get("page"))


def _row(record: Record, query: ListQuery) -> dict[str, Any]:
    cells = [cell(record, spec) for spec in query.columns]
    return {"record": record, "link": address_of(record), "title": str(record), "cells": cells}


def _head(query: ListQuery, spec: Any) -> dict[str, Any]:
    ascending = query.sort == spec.name
    return {
        "spec": spec,
        "numeric": spec.numeric,
        "sorted": "ascending" if ascending else "descending" if query.sort == f"-{spec.name}" else "none",
        "address": "?" + query.address(sort=f"-{spec.name}" if ascending else spec.name, page=None),
    }


def _bulk_fields(model: type[Record], by: Actor) -> list[Any]:
    kept = {*model.key, *model.access.private}
    specs = keyed_fields(model).values() if by.sites(model.access.edit) else ()
    return [spec for spec in specs if spec.kind not in NOT_IN_BULK and spec.name not in kept]


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
        found = visible(model, by).filter(pk__in=chosen)
        changed = act_many(model, "edit", by, [{"id": one.pk, spec.name: value} for one in found])
    except ValidationError as error:
        messages.error(request, str(Problem(error.messages[0], spec.name, allowed=spec.allowed())))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        said = ngettext("%(n)s record changed.", "%(n)s records changed.", len(changed))
        messages.success(request, said % {"n": len(changed)})
    return redirect(_back(request, model))


def _back(request: HttpRequest, model: type[Record]) -> str:
    query = request.POST.get("back", "")
    return f"{address(model)}?{query}" if query else address(model)


@require_POST
@record_page
def save_view(request: HttpRequest, model: type[Record]) -> HttpResponse:
    """Keep the list as it is filtered now under a name, or take a kept one away."""
    by, name = actor_of(request), request.POST.get("name", "").strip()
    key = {"owner": request.user, "record_type": model.type_code(), "name": name}
    kept = {"query": request.POST.get("back", "")[:1000], "shared": request.POST.get("shared") == "on"}
    try:
        if (mine := own(SavedView, **key)) is not None:
            act(mine, "remove", by)
        if not request.POST.get("remove"):
            act(SavedView, "create", by, key | kept)
            messages.success(request, _("View “%(name)s” kept.") % {"name": name})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(_back(request, model))
