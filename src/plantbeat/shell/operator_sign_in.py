"""Operators sign in by badge, or by name and PIN; people whose role reaches further use their password."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import User
from plantbeat.kernel.problems import Problem

FLOOR_ROLES = {Role.operator, Role.line_lead}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SHIFT_S = 12 * 3600
BUSY = 429


@require_http_methods(["GET", "POST"])
def operator_sign_in(request: HttpRequest) -> HttpResponse:
    """One scan, or a short PIN: good for a shift. A badge alone signs in and never signs anything."""
    onward = request.POST.get("next") or request.GET.get("next") or ""
    if request.method == "GET":
        return render(request, "account/operator.html", {"next": onward})
    badge, name = (request.POST.get(field, "").strip() for field in ("badge", "username"))
    if not ratelimit.consume(request, action="login_failed", key=badge or name, dry_run=True):
        problem = Problem(_("too many wrong tries; wait a few minutes or ask your lead"))
        return render(request, "account/operator.html", {"next": onward, "problems": [problem]}, status=BUSY)
    user = operator_found(badge, name, request.POST.get("pin", ""))
    if user is None:
        ratelimit.consume(request, action="login_failed", key=badge or name)
        problem = Problem(_("this badge or PIN is not known; ask your lead"))
        return render(request, "account/operator.html", {"next": onward, "problems": [problem]}, status=422)
    login(request, user, backend=BACKEND)
    request.session.set_expiry(SHIFT_S)
    safe = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return redirect(onward if safe else "now")


def operator_found(badge: str, name: str, pin: str) -> User | None:
    """Whoever a badge, or a sign-in name with its PIN, is of; None if nobody, or the role reaches further."""
    people = visible(User, Actor.system("sign-in")).filter(is_active=True)
    if badge:
        found = list(people.filter(badge=badge)[:2])
        user = found[0] if len(found) == 1 else None
    else:
        user = people.filter(username__iexact=name).first() if name else None
        if user is not None and not user.check_pin(pin):
            user = None
    return user if user is not None and _only_floor(user) else None


def _only_floor(user: User) -> bool:
    roles = set(user.grants.values_list("role", flat=True))
    return bool(roles) and roles <= FLOOR_ROLES
