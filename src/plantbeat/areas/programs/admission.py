"""The door for programs: `Authorization: Bearer …` on `/api/`, in place of a session."""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from plantbeat.areas.programs.actions import PREFIX, api_token_used, token_hash
from plantbeat.areas.programs.records.api_token import ApiToken
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible

DOOR = "api"
ADDRESSES = "/api/"
WRONG_PER_MINUTE = 30
NOTED_EVERY_US = 3_600_000_000
_MINUTE_S, _MOST_KEPT = 60.0, 10_000

logger = logging.getLogger("plantbeat.programs")
Next = Callable[[HttpRequest], HttpResponse]


class Pace:
    """Counts per key in each minute; a flood is told when to come again. Each process counts its own."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._begun_s = now_s()
        self._counts: dict[str, int] = {}

    def wait_s(self, key: str, most: int) -> int:
        """Count one more; 0 if it is within `most` a minute, else the seconds until it will be."""
        now_s = self._now_s()
        if now_s - self._begun_s >= _MINUTE_S or len(self._counts) > _MOST_KEPT:
            self._begun_s, self._counts = now_s, {}
        self._counts[key] = self._counts.get(key, 0) + 1
        return 0 if self._counts[key] <= most else int(self._begun_s + _MINUTE_S - now_s) + 1


def programs(get_response: Next) -> Next:
    """Middleware: put the program behind a token on the request, or answer 401 or 429."""
    used, wrong = Pace(), Pace()

    def middleware(request: HttpRequest) -> HttpResponse:
        scheme, _blank, shown = request.headers.get("Authorization", "").partition(" ")
        if not request.path.startswith(ADDRESSES) or scheme.lower() != "bearer":
            return get_response(request)
        token = _token_of(shown.strip())
        if token is None:
            if wait_s := wrong.wait_s(request.META.get("REMOTE_ADDR", ""), WRONG_PER_MINUTE):
                return _refused(_("too many wrong tokens from your address"), 429, wait_s)
            return _refused(_("the token is wrong, expired or revoked"), 401)
        if wait_s := used.wait_s(str(token.pk), settings.API_PER_MINUTE):
            most = {"most": settings.API_PER_MINUTE}
            return _refused(_("a program may call %(most)s times a minute") % most, 429, wait_s)
        _note(token)
        by = Actor.of(token.account, door=DOOR, request_id=request.request_id)  # type: ignore[attr-defined]
        request.program = by  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def _token_of(shown: str) -> ApiToken | None:
    """The token as it is stored, if it is good now."""
    prefix, _dot, rest = shown.partition(".")
    number, _dot, secret = rest.partition(".")
    if prefix != PREFIX or not secret or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    found = visible(ApiToken, Actor.system(DOOR)).select_related("account").filter(pk=int(number)).first()
    if found is None or not hmac.compare_digest(found.token_hash, token_hash(shown)):
        return None
    ended = found.revoked_us is not None or not found.account.is_active
    return None if ended or clock.now_us() >= (found.expires_us or 0) else found


def _note(token: ApiToken) -> None:
    """Note the use once an hour; a busy database is no reason to turn the program away."""
    if token.last_used_us is not None and clock.now_us() - token.last_used_us < NOTED_EVERY_US:
        return
    try:
        api_token_used(token)
    except OperationalError as error:
        logger.warning("the use of token %s was not noted: %s", token.pk, error)


def _refused(message: str, status: int, wait_s: int = 0) -> HttpResponse:
    kind = "unauthenticated" if status == 401 else "busy"
    answer = JsonResponse({"kind": kind, "problems": [{"message": message}]}, status=status)
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    else:
        answer["Retry-After"] = str(wait_s)
    return answer
