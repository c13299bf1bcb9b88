"""What a screen asks for, and the answer to one that gets no stream."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from django.utils.translation import gettext as _

from plantbeat.facts.live.audience import Credentials
from plantbeat.facts.live.topics import Topic, topic_named

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PREFIX = "/live/"
MOST_WATCHED = 32


class NotAdmitted(Exception):  # noqa: N818  (an answer, not a fault of the program)
    """Why a screen gets no stream."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    async def answer(self, send: Send) -> None:
        """Say it as JSON."""
        body = json.dumps({"problems": [{"message": self.message}]}, ensure_ascii=False).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        if self.status == 503:
            headers.append((b"retry-after", b"2"))
        if self.status == 405:
            headers.append((b"allow", b"GET"))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def credentials(scope: Scope) -> Credentials:
    """Cookies, token, language and site of a request."""
    headers: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        headers[name] = (
            f"{headers[name]}; {value.decode('latin-1')}" if name in headers else value.decode("latin-1")
        )
    site, language = (_query(scope).get(name, [""])[0] for name in ("site", "lang"))
    return Credentials(
        cookie=headers.get(b"cookie", ""),
        authorization=headers.get(b"authorization", ""),
        accept_language=headers.get(b"accept-language", ""),
        site=site,
        language=language,
    )


def wanted(scope: Scope) -> list[tuple[Topic, str]]:
    """Topics and keys to watch. Raises NotAdmitted."""
    path = scope["path"].removeprefix(PREFIX).strip("/")
    asked = [path] if path else _query(scope).get("watch", [])
    if not asked:
        raise NotAdmitted(404, _("Say what to watch: /live/<topic>/<key>."))
    if len(asked) > MOST_WATCHED:
        raise NotAdmitted(422, _("At most %(n)s things can be watched at once.") % {"n": MOST_WATCHED})
    pairs = [one.partition("/") for one in dict.fromkeys(asked)]
    return [(_known(name), key) for name, _slash, key in pairs]


def _known(name: str) -> Topic:
    topic = topic_named(name)
    if topic is None:
        raise NotAdmitted(404, _("There is nothing to watch under “%(name)s”.") % {"name": name})
    return topic


def _query(scope: Scope) -> dict[str, list[str]]:
    return parse_qs(scope.get("query_string", b"").decode("latin-1"), encoding="utf-8")
