"""Signing in on a tablet: a badge, or a name and PIN, becomes a pass that goes with the taps."""

from __future__ import annotations

import json
from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from plantbeat.facts.taps.door import refusal, tablet_of
from plantbeat.facts.taps.passes import GOOD_FOR_US, OperatorPass, pass_text
from plantbeat.facts.taps.tries import ACTION, TooManyTries
from plantbeat.kernel import clock
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.shell.operator_sign_in import operator_found

MOST_BYTES = 4096


@csrf_exempt
@require_POST
def terminal_sign_in(request: HttpRequest) -> JsonResponse:
    """`{badge}` or `{username, pin}` of an operator, from an enrolled tablet; answers with their pass."""
    try:
        device = tablet_of(request)
        badge, name, pin = _given(request)
    except Refused as refused:
        return refusal(refused)
    if not ratelimit.consume(request, action=ACTION, key=badge or name, dry_run=True):
        return refusal(TooManyTries())
    user = operator_found(badge, name, pin)
    if user is None:
        ratelimit.consume(request, action=ACTION, key=badge or name)
        return refusal(Refused(Problem(_("this badge or PIN is not known; ask your lead"))))
    now_us = clock.now_us()
    return JsonResponse(
        {
            "pass": pass_text(OperatorPass(user.pk, device.pk, now_us)),
            "id": user.pseudonym,
            "name": user.name or user.username,
            "username": user.username,
            "language": user.language,
            "until_us": now_us + GOOD_FOR_US,
            "now_us": now_us,
        }
    )


def _given(request: HttpRequest) -> tuple[str, str, str]:
    """Badge, name and PIN. Raises `Refused` for what cannot be read."""
    try:
        if len(request.body) > MOST_BYTES:
            raise ValueError
        given: Any = json.loads(request.body)
        badge, name, pin = (str(given.get(field) or "").strip() for field in ("badge", "username", "pin"))
    except (ValueError, AttributeError, RecursionError):
        message = _("the sign-in cannot be read")
        raise Refused(
            Problem(message, allowed=_("a badge, or a sign-in name and a PIN")), Kind.invalid
        ) from None
    return badge, name, pin
