"""What every request passes: id, security policy, the actor, refusals turned into answers."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from plantbeat.facts import disk
from plantbeat.kernel import devices
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Refused
from plantbeat.shell import logs

Next = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger("plantbeat.request")

STATUS = {
    Kind.invalid: 422,
    Kind.forbidden: 403,
    Kind.state: 409,
    Kind.conflict: 409,
    Kind.missing: 404,
    Kind.signature: 403,
    Kind.busy: 503,
    Kind.full: 507,
}
RETRY_S = {Kind.busy: 2, Kind.full: disk.RETRY_S}
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


def request_id(get_response: Next) -> Next:
    """Give each request an id that logs, the error page and the answer's header share."""

    def middleware(request: HttpRequest) -> HttpResponse:
        rid = request.META.get("plantbeat.request_id") or secrets.token_hex(8)
        request.request_id = rid  # type: ignore[attr-defined]
        token = logs.request_id.set(rid)
        try:
            response = get_response(request)
        finally:
            logs.request_id.reset(token)
        response["X-Request-Id"] = rid
        return response

    return middleware


def content_security_policy(get_response: Next) -> Next:
    """No inline script, no inline style, nothing from elsewhere."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


def actor(get_response: Next) -> Next:
    """Put the actor and the site in view on the request, and speak their language and time zone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor_of(request))  # type: ignore[attr-defined]
        request.site_in_view = SimpleLazyObject(lambda: site_in_view(request))  # type: ignore[attr-defined]
        known = hasattr(request, "program") or request.user.is_authenticated
        if not known and devices.COOKIE not in request.COOKIES:
            return get_response(request)
        zone = request.site_in_view.zone if request.site_in_view else "UTC"  # type: ignore[attr-defined]
        # Only what operators see is translated: whoever has not chosen a language gets pages of one language.
        own = getattr(request.user, "language", "") or settings.LANGUAGE_CODE
        language = own if request.user.is_authenticated else translation.get_language() or own
        with timezone.override(ZoneInfo(zone)), translation.override(language):
            return get_response(request)

    return middleware


def _actor_of(request: HttpRequest) -> Actor:
    if hasattr(request, "program"):
        return cast("Actor", request.program)
    if not request.user.is_authenticated:
        device = devices.device_of(request.COOKIES.get(devices.COOKIE, ""))
        return devices.actor_of(device) if device is not None else Actor(pseudonym="nobody")
    return Actor.of(request.user, request_id=request.request_id)  # type: ignore[attr-defined]


def site_in_view(request: HttpRequest) -> Site | None:
    """The site chosen with `?site=CODE` (kept in the session), else the first the person may see."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    sites = visible(Site, by).order_by("code")
    program = hasattr(request, "program")
    wanted = request.GET.get("site") or (None if program else request.session.get("site"))
    chosen = sites.filter(code=wanted).first() if wanted else None
    if chosen is not None and not program and request.session.get("site") != chosen.code:
        request.session["site"] = chosen.code
    return chosen or sites.first()


def _refused_by_the_database(error: Exception) -> Refused | None:
    """A full disk and a database that others write to are no faults of the program; the rest is."""
    if not isinstance(error, OperationalError | OSError):
        return None
    if disk.is_full(error):
        logger.error("the disk is full: %s", error)
        return Refused(_("The disk of the server is full; nothing was changed."), Kind.full)
    if "database is locked" in str(error):
        return Refused(_("The database is busy; nothing was changed. Please try again."), Kind.busy)
    return None


def refusals(get_response: Next) -> Next:
    """Turn a refusal into the door's answer: JSON for programs, a page for people."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        refused = error if isinstance(error, Refused) else _refused_by_the_database(error)
        if refused is None:
            return None
        status = STATUS[refused.kind]
        problems = [problem.as_dict() for problem in refused.problems]
        if request.path.startswith("/api/"):
            answer: HttpResponse = JsonResponse({"kind": refused.kind, "problems": problems}, status=status)
        else:
            frame = {"problems": refused.problems, "status": status}
            answer = render(request, "refused.html", frame, status=status)
        if refused.kind in RETRY_S:
            answer["Retry-After"] = str(RETRY_S[refused.kind])
        return answer

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
