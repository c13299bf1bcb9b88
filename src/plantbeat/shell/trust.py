"""How a tablet learns to trust the plant's own certificate authority: one page, one QR code, one file."""

from __future__ import annotations

import io

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.kernel import clock
from plantbeat.shell.certificates import Authority, own_authority

KINDS = {"cer": "application/x-x509-ca-cert", "pem": "application/x-pem-file"}


def _authority() -> Authority:
    folder = settings.DATA / "certificates"
    if not (folder / "authority.pem").is_file():
        raise Http404
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    return own_authority(folder, names, now=clock.now())


@require_GET
def trust(request: HttpRequest) -> HttpResponse:
    """The fingerprint to compare, the file to install, and the code that brings a tablet here."""
    authority = _authority()
    frame = {"page_title": _("Trust this plant's certificate"), "authority": authority}
    return render(request, "trust.html", frame)


@require_GET
def authority_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The authority's certificate, as phones and tablets (`cer`) or servers (`pem`) take it."""
    if kind not in KINDS:
        raise Http404
    authority = _authority()
    response = HttpResponse(authority.der if kind == "cer" else authority.pem, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="plantbeat-authority.{kind}"'
    return response


@require_GET
def trust_code(request: HttpRequest) -> HttpResponse:
    """QR code of the trust page."""
    import segno

    _authority()
    drawn = io.BytesIO()
    segno.make(request.build_absolute_uri(reverse("trust")), error="m").save(
        drawn, kind="svg", scale=5, border=2
    )
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
