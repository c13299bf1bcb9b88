"""Sending the notices of e-mail and of the gateway: from their due rows, with a timeout, and again later.

A notice is claimed before it is sent: of two workers one sends it. A worker that dies between sending and
noting it sends it again after the claim has run out; the number of the notice lets the receiver know it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from plantbeat.areas.due_rows import DueRows
from plantbeat.areas.execution.andon.ladder import rule_of
from plantbeat.areas.execution.andon.subjects import ANDON, Message, subject_of
from plantbeat.areas.execution.records.notice import Channel, Notice
from plantbeat.kernel import clock
from plantbeat.kernel.access import visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

TIMEOUT_S = 8.0
AT_ONCE = 50
SECOND_US = 1_000_000
AGAIN_AFTER_US = (20 * SECOND_US, 60 * SECOND_US, 300 * SECOND_US)
"""After a failure; then it has failed for good."""
CLAIM_US = 60 * SECOND_US
NOTICES = DueRows("notice", again_s=20.0)
URL, SECRET = "PLANTBEAT_ANDON_GATEWAY_URL", "PLANTBEAT_ANDON_GATEWAY_SECRET"


class NotSent(Exception):  # noqa: N818  (an answer of the channel)
    """The channel did not take it; trying again may help."""


class NotSetUp(Exception):  # noqa: N818  (an answer of the installation)
    """The channel is not set up; trying again does not help."""


class _NoRedirects(HTTPRedirectHandler):
    """Only the address that was set up is called."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """None: the redirect is the answer."""


_open = build_opener(ProxyHandler({}), _NoRedirects()).open


def send_due() -> int:
    """Send every notice that is due now; how many were taken up."""
    due = visible(Notice, ANDON).filter(state="waiting", try_us__lte=clock.now_us())
    due = NOTICES.awake(due).order_by("try_us", "pk")
    ids = list(due.values_list("pk", flat=True)[:AT_ONCE])
    if not ids:  # most looks find nothing: they are kept cheap
        return 0
    found = due.filter(pk__in=ids).select_related("escalation__site", "person__user")
    return NOTICES.each(found, _take_up)


def _take_up(notice: Notice) -> bool:
    now_us, (subject, record) = clock.now_us(), subject_of(notice.escalation)
    try:
        claim = {"attempts": notice.attempts + 1, "try_us": now_us + CLAIM_US}
        claimed = act(notice, "try_now", ANDON, claim, version=notice.version)
    except Refused:
        return False  # another worker was faster
    if not subject.waits(record, notice.escalation.limit):
        act(claimed, "drop", ANDON)
        return True
    try:
        result = _SEND[Channel(notice.channel)](notice, subject.message(record))
    except NotSetUp as why:
        act(claimed, "lack", ANDON, {"at_us": clock.now_us(), "result": str(why)[:300]})
    except NotSent as why:
        _failed(claimed, str(why)[:300])
    except Exception as error:
        _failed(claimed, _("Plantbeat cannot send it: %(why)s") % {"why": type(error).__name__})
        raise
    else:
        act(claimed, "deliver", ANDON, {"at_us": clock.now_us(), "result": result[:300]})
    return True


def _failed(notice: Notice, why: str) -> None:
    now_us = clock.now_us()
    if notice.attempts > len(AGAIN_AFTER_US):
        act(notice, "fail", ANDON, {"at_us": now_us, "result": why})
    else:
        again_us = now_us + AGAIN_AFTER_US[notice.attempts - 1]
        act(notice, "try_later", ANDON, {"try_us": again_us, "result": why})


def _send_mail(notice: Notice, said: Message) -> str:
    if not is_mail_set_up():
        raise NotSetUp(_("no mail server is set up (PLANTBEAT_SMTP_HOST)"))
    address = notice.person.user.email if notice.person is not None and notice.person.user is not None else ""
    if not address:
        raise NotSetUp(_("this person has no e-mail address"))
    number = {"Message-ID": f"<andon-{notice.pk}@plantbeat>"}
    message = EmailMessage(said.subject, said.text, settings.DEFAULT_FROM_EMAIL, [address], headers=number)
    message.connection = get_connection(timeout=TIMEOUT_S)
    try:
        message.send()
    except OSError as error:  # SMTP errors are OSErrors
        raise NotSent(_("the mail server said: %(why)s") % {"why": error}) from error
    return _("accepted by the mail server")


def is_mail_set_up() -> bool:
    """True if the installation has a mail server."""
    return bool(settings.EMAIL_HOST) or "smtp" not in settings.EMAIL_BACKEND


def gateway_of(site: Site) -> str:
    """Address of the gateway for SMS or webhook: the site's, else the installation's; empty without one."""
    rule = rule_of(site)
    return (rule.gateway_url if rule is not None else "") or os.environ.get(URL, "")


def _send_to_gateway(notice: Notice, said: Message) -> str:
    site = notice.escalation.site
    url = gateway_of(site)
    if not url.startswith(("http://", "https://")):
        raise NotSetUp(_("no gateway is set up (andon rule of the site, or %(name)s)") % {"name": URL})
    told = said.fields | {
        "notice": notice.pk, "site": site.code, "rung": notice.escalation.rung, "role": notice.role,
        "subject": said.subject, "text": said.text,
        "to": notice.person.name if notice.person is not None else "",
        "phone": notice.person.phone if notice.person is not None else "",
    }  # fmt: skip
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"andon-{notice.pk}"}
    if secret := os.environ.get(SECRET, ""):
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers["X-Plantbeat-Signature"] = f"sha256={digest}"
    try:
        with _open(Request(url, body, headers, method="POST"), timeout=TIMEOUT_S) as answer:  # noqa: S310
            return _("the gateway answered %(status)s") % {"status": answer.status}
    except HTTPError as error:
        raise NotSent(_("the gateway answered %(status)s") % {"status": error.code}) from error
    except (OSError, ValueError) as error:
        raise NotSent(_("the gateway cannot be reached: %(why)s") % {"why": error}) from error


_SEND = {Channel.email: _send_mail, Channel.gateway: _send_to_gateway}
