"""One search box over every record type the actor may read, and look-ups for links."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor, hidden_fields, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.record import Record
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.filter.query import matching
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

PER_TYPE = 6


@dataclass(frozen=True, slots=True)
class Hits:
    """What one record type has to say to a search."""

    label: str
    icon: str
    link: str
    records: list[tuple[str, str, str]]


def menu(by: Actor) -> list[tuple[str, str, str]]:
    """(label, icon, address) of every record type the actor may read."""
    listed = [
        (str(model._meta.verbose_name_plural), model.face.icon, address(model))
        for model in registry.records()
        if model.face.menu and (by.trusted or by.sites(model.access.read))
    ]
    return sorted(listed)


def hits(text: str, by: Actor, site: Site | None) -> list[Hits]:
    """Records that match every word, and lists whose name does, best types first."""
    found = []
    for model in registry.records():
        if not model.face.menu or not (by.trusted or by.sites(model.access.read)):
            continue
        rows = _rows(model, text, by, site)
        listed = [(key_and_name(row), "", address_of(row)) for row in rows]
        label = str(model._meta.verbose_name_plural)
        if listed or text.casefold() in label.casefold():
            found.append(Hits(label, model.face.icon, address(model), listed))
    return sorted(found, key=lambda one: (not one.records, one.label))


def _rows(model: type[Record], text: str, by: Actor, site: Site | None) -> list[Record]:
    if not model.face.search:
        return []
    rows = visible(model, by).filter(matching(model, text, hidden_fields(model, by)))
    if site is not None and model.scope not in (None, "id"):
        rows = rows.filter(**{model.scope: site})
    return list(rows.order_by(*(model.face.order or ["pk"]))[:PER_TYPE])


def key_and_name(record: Record) -> str:
    """How a record is named in a list of suggestions."""
    key, name = record.key_text(), str(getattr(record, "name", "") or getattr(record, "title", "") or "")
    return f"{key} – {name}" if name and name != key else key


@require_GET
@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """Results page; as a fragment while typing."""
    text = request.GET.get("q", "").strip()
    by = actor_of(request)
    found = hits(text, by, site_of(request)) if text else []
    if request.headers.get("HX-Request") == "true":
        return render(
            request, "components/search_results.html", {"query": text, "results": _suggestions(found)}
        )
    frame = {"page_title": _("Search"), "text": text, "hits": found, "menu": menu(by)}
    return render(request, "surfaces/search.html", frame)


def _suggestions(found: list[Hits]) -> list[dict[str, str]]:
    """Records of all types in one list, and the lists themselves, for the box at the top."""
    records = [
        {"url": url, "label": label, "kind": one.label, "detail": detail}
        for one in found
        for label, detail, url in one.records
    ]
    lists = [
        {"url": one.link, "label": capfirst(one.label), "kind": _("list"), "detail": ""} for one in found
    ]
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
    return JsonResponse({"items": [{"key": row.key_text(), "label": key_and_name(row)} for row in rows]})
