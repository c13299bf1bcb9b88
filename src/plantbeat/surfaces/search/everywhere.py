"""One search box over every record type the actor may read, and look-ups for links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor, hidden_fields
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.record import Record
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.filter.query import listed, matching
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

PER_TYPE = 6
others: list[Callable[[str], list[dict[str, Any]]]] = []
"""What else is found by a text: asked of the installation, which knows its pages."""


def _readable(by: Actor) -> list[type[Record]]:
    return [model for model in registry.records() if model.face.menu and by.sites(model.access.read)]


def menu(by: Actor) -> list[tuple[str, str, str]]:
    """(label, icon, address) of every record type the actor may read."""
    return sorted((str(m._meta.verbose_name_plural), m.face.icon, address(m)) for m in _readable(by))


def _hits(text: str, by: Actor, site: Site | None) -> list[dict[str, Any]]:
    """Records that match every word, and lists whose name does, best types first."""
    found = [one for ask in others for one in ask(text)]
    for model in _readable(by):
        records = [(row.key_and_name(), address_of(row)) for row in _rows(model, text, by, site)]
        label = str(model._meta.verbose_name_plural)
        if records or text.casefold() in label.casefold():
            found.append({"label": label, "link": address(model), "records": records})
    return sorted(found, key=lambda one: (not one["records"], one["label"]))


def _rows(model: type[Record], text: str, by: Actor, site: Site | None) -> list[Record]:
    found = listed(model, by, site).filter(matching(model, text, hidden_fields(model, by)))
    return list(found[:PER_TYPE])


@require_GET
@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """Results page; as a fragment while typing."""
    text = request.GET.get("q", "").strip()
    by = actor_of(request)
    found = _hits(text, by, site_of(request)) if text else []
    if request.headers.get("HX-Request") == "true":
        frame = {"query": text, "results": _suggestions(found)}
        return render(request, "components/search_results.html", frame)
    frame = {"page_title": _("Search"), "text": text, "hits": found, "menu": menu(by)}
    return render(request, "surfaces/search.html", frame)


def _suggestions(found: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Records of all types in one list, and the lists themselves, for the box at the top."""
    shown = [(one["label"], label, url) for one in found for label, url in one["records"]]
    records = [{"url": url, "label": label, "kind": kind} for kind, label, url in shown]
    lists = [{"url": one["link"], "label": capfirst(one["label"]), "kind": _("list")} for one in found]
    return records[:12] + lists[:6]


@require_GET
@signed_in
def lookup(request: HttpRequest, code: str) -> HttpResponse:
    """Suggestions for a link: natural keys and names of matching records."""
    by = actor_of(request)
    try:
        model = registry.record(code)
    except KeyError:
        raise Http404 from None
    rows = _rows(model, request.GET.get("q", ""), by, site_of(request))
    return JsonResponse({"items": [{"key": row.key_text(), "label": row.key_and_name()} for row in rows]})
