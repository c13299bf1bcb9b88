"""Where a record type and a record live in the address bar."""

from __future__ import annotations

from django.http import Http404
from django.urls import reverse

from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor
from plantbeat.kernel.record import Record


def record_type(area: str, slug: str, by: Actor) -> type[Record]:
    """The record type of an address; 404 if there is none or the actor may not read it anywhere."""
    for model in registry.records():
        if (model._meta.app_label, model.slug()) == (area, slug) and by.sites(model.access.read):
            return model
    raise Http404


def address(model: type[Record], page: str = "records", **more: object) -> str:
    """Address of a page about a record type (`records`, `new`, `import`, `export` …)."""
    return reverse(page, kwargs={"area": model._meta.app_label, "slug": model.slug(), **more})


def address_of(record: Record, page: str = "record", **more: object) -> str:
    """Address of a page about one record (`record`, `edit`, `label` …)."""
    return address(type(record), page, pk=record.pk, **more)
