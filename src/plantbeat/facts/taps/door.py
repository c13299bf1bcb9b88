"""The doors of taps; both answer only after the commit.

`POST /taps/` is for enrolled tablets, outside session and CSRF; `POST /taps/SITE/` for somebody signed in on
a screen of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from plantbeat.facts import disk
from plantbeat.facts.taps.reading import MOST_BYTES, Sent, sent_of
from plantbeat.facts.taps.receiving import TapReceipt, receive, receive_own
from plantbeat.facts.taps.tries import RETRY_S, BadgeTries, TooManyTries
from plantbeat.kernel import clock, devices
from plantbeat.kernel.accounts import Device, DeviceKind, Site, User
from plantbeat.kernel.problems import Kind, Problem, Refused

WAIT_S = 1.0
"""How long a tablet waits for its turn before it is told to come again."""

_one = threading.Lock()
_STATUS = {
    Kind.invalid: 422,
    Kind.forbidden: 403,
    Kind.missing: 401,
    Kind.conflict: 409,
    Kind.busy: 429,
    Kind.full: 507,
}


@csrf_exempt
@require_POST
def taps(request: HttpRequest) -> JsonResponse:
    """Take taps: `{session, clock_us, taps: [{seq, kind, clock_us, offset_us, pass, badge, data}]}`.

    The answer has `results` (one per tap that has its outcome), `committed_up_to`, and `now_us`, the plant's
    clock. What is sent again is answered again.
    """
    try:
        device = tablet_of(request)
        sent, tries = _sent(request), BadgeTries(request)
        receipt = _in_turn(lambda: receive(device, sent, tries, request_id=_id_of(request)))
    except Refused as refused:
        return refusal(refused)
    return _answer(receipt)


@require_POST
def own_taps(request: HttpRequest, site: str) -> JsonResponse:
    """Take taps of the person signed in, about a site; sent and answered as those of tablets."""
    try:
        user = request.user
        if not isinstance(user, User):
            message = _("you are signed out; what is saved here stays until you sign in again")
            raise Refused(Problem(message), Kind.missing)
        place = Site.objects.filter(code=site).first()
        if place is None:
            raise Refused(Problem(_("there is no such site"), "site", site), Kind.conflict)
        sent = _sent(request)
        receipt = _in_turn(lambda: receive_own(user, place, sent, request_id=_id_of(request)))
    except Refused as refused:
        return refusal(refused)
    return _answer(receipt)


def _sent(request: HttpRequest) -> Sent:
    """What was sent. Raises `Refused` for what cannot be taken as a whole."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise Refused(Problem(_("taps are sent as JSON"), "Content-Type", allowed="application/json"))
    if len(request.body) > MOST_BYTES:
        allowed = _("at most %(most)s bytes") % {"most": MOST_BYTES}
        raise Refused(Problem(_("too much at once"), allowed=allowed))
    disk.require_room(len(request.body))
    return sent_of(request.body)


def _id_of(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))


def _answer(receipt: TapReceipt) -> JsonResponse:
    return JsonResponse(
        {
            "results": [result.as_dict() for result in receipt.results],
            "committed_up_to": receipt.committed_up_to,
            "now_us": clock.now_us(),
        }
    )


def _in_turn(take: Callable[[], TapReceipt]) -> TapReceipt:
    with _turn():
        return take()


@contextmanager
def _turn() -> Iterator[None]:
    """One tablet at a time: there is one writer anyway, and who waits for it would hold the pages up."""
    if not _one.acquire(timeout=WAIT_S):
        raise Refused(Problem(_("other tablets are sending; this one comes again by itself")), Kind.busy)
    try:
        yield
    finally:
        _one.release()


def tablet_of(request: HttpRequest) -> Device:
    """The tablet that sent a request. Raises `Refused` for a token that is none, and for a wall board."""
    scheme, _blank, shown = request.headers.get("Authorization", "").partition(" ")
    bearer = shown.strip() if scheme.lower() == "bearer" else ""
    device = devices.device_of(bearer or request.COOKIES.get(devices.COOKIE, ""))
    if device is None:
        message = _("this tablet is not paired; what is saved on it stays until it is paired again")
        raise Refused(Problem(message, "device"), Kind.missing)
    if device.kind != DeviceKind.tablet:
        raise Refused(Problem(_("a wall board reads only"), "device"), Kind.forbidden)
    return device


def refusal(refused: Refused) -> JsonResponse:
    """A refusal as JSON, with the plant's clock."""
    problems = [problem.as_dict() for problem in refused.problems]
    answer = JsonResponse(
        {"problems": problems, "now_us": clock.now_us()}, status=_STATUS.get(refused.kind, 422)
    )
    if refused.kind is Kind.full:
        answer["Retry-After"] = str(disk.RETRY_S)
    elif refused.kind is Kind.busy:
        answer["Retry-After"] = str(RETRY_S if isinstance(refused, TooManyTries) else 1)
    return answer
