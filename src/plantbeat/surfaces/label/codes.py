"""A label with a QR code that opens the record."""

from __future__ import annotations

import io

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from plantbeat.kernel.record import Record
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.pages.view import actor_of, found_record, record_page


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
    segno.make(request.build_absolute_uri(address_of(found)), error="m").save(
        buffer, kind="svg", scale=4, border=2
    )
    return HttpResponse(buffer.getvalue(), content_type="image/svg+xml")
