"""Pairing pages: what a bare screen shows, and where somebody types its code in."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from plantbeat.kernel import devices
from plantbeat.kernel.accounts import Device, DeviceKind
from plantbeat.kernel.permission import may_create
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

YEAR_S = 366 * 24 * 3600


@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """A screen opens this address: it shows its code, and its board as soon as it is enrolled."""
    token = request.COOKIES.get(devices.COOKIE) or secrets.token_urlsafe(32)
    device = devices.device_of(token)
    if device is not None:
        board = _shown_on(device)
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": board})
        return redirect(board)
    code = devices.waiting_code(token)
    frame = {"page_title": _("Pair this screen"), "code": f"{code[:3]} {code[3:]}"}
    response = render(request, "devices/screen.html", frame)
    response.set_cookie(
        devices.COOKIE, token, max_age=YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


@require_http_methods(["GET", "POST"])
@signed_in
def enrol(request: HttpRequest) -> HttpResponse:
    """Type in the six digits a screen shows."""
    by, site = actor_of(request), site_of(request)
    if site is None or not may_create(Device, by):
        raise Refused(_("your role does not allow enrolling screens here"), Kind.forbidden)
    given = {name: request.POST.get(name, "").strip() for name in ("code", "name", "kind", "place")}
    frame = {"page_title": _("Pair a screen"), "given": given, "kinds": DeviceKind.choices}
    if request.method == "GET":
        return render(request, "devices/enrol.html", frame)
    try:
        device = devices.enrol(
            given["code"].replace(" ", ""),
            by,
            site=site,
            name=given["name"],
            kind=given["kind"] or DeviceKind.wall,
            place=given["place"],
        )
    except Refused as refused:
        problems: list[Problem] = refused.problems
        return render(request, "devices/enrol.html", {**frame, "problems": problems}, status=422)
    messages.success(
        request, _("%(name)s is paired. It shows its board within seconds.") % {"name": device.name}
    )
    return redirect(address(Device))


def _shown_on(device: Device) -> str:
    """The page a screen is for: a tablet's terminal, a board's line."""
    if device.kind == DeviceKind.tablet:
        return reverse("terminal", kwargs={"code": device.place}) if device.place else reverse("terminals")
    return reverse("wall", kwargs={"code": device.place}) if device.place else reverse("overview")
