"""The first administrator of an installation, made over a one-time link; till then nothing is served."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.writing import writing
from plantbeat.shell.installation import has_administrator

SALT = "plantbeat.first-administrator"
GOOD_FOR_S = 24 * 3600
OPEN_BEFORE = ("/first/", "/static/", "/healthz", "/trust/", "/api/openapi.json")
Next = Callable[[HttpRequest], HttpResponse]


def link_path() -> str:
    """Path of the one-time link; good for a day, and only until there is an administrator."""
    return reverse("first_administrator", kwargs={"token": signing.dumps("first", salt=SALT)})


def gate(get_response: Next) -> Next:
    """Until the first administrator exists, only the page that makes them is served."""
    known = False

    def middleware(request: HttpRequest) -> HttpResponse:
        nonlocal known
        if not known and not request.path.startswith(OPEN_BEFORE):
            known = has_administrator()
            if not known:
                return render(request, "first_waiting.html", status=503)
        return get_response(request)

    return middleware


@require_http_methods(["GET", "POST"])
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    """Choose sign-in name and password of the first administrator."""
    try:
        signing.loads(token, salt=SALT, max_age=GOOD_FOR_S)
    except signing.BadSignature:
        raise Http404 from None
    if has_administrator():
        raise Http404
    if request.method == "GET":
        return render(request, "first_administrator.html")
    given = {name: request.POST.get(name, "").strip() for name in ("username", "name", "password")}
    try:
        _make(given)
    except Refused as refused:
        frame = {"problems": refused.problems, "given": given}
        return render(request, "first_administrator.html", frame, status=422)
    messages.success(request, _("The administrator was made. Sign in now."))
    return redirect("account_login")


def _make(given: dict[str, str]) -> None:
    by = Actor.system("one-time link")
    try:
        validate_password(given["password"], User(username=given["username"], name=given["name"]))
    except ValidationError as error:
        raise Refused([Problem(message, "password") for message in error.messages]) from error
    with transaction.atomic(), writing():
        if has_administrator():
            raise Refused(Problem(_("there is an administrator already")))
        grants = [{"role": Role.administrator, "site": None}]
        user = act(
            User, "create", by, {"username": given["username"], "name": given["name"], "grants": grants}
        )
        act(user, "set_password", by, {"password": given["password"]})
