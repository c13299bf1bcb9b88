"""Answers the server gives by itself, where no page can: too large, too busy, broken."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.shell.middleware import POLICY

Headers = list[tuple[bytes, bytes]]
KINDS = {404: "missing", 408: "invalid", 413: "invalid", 500: "fault", 503: "busy"}
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1><p>{sentence}</p><p>{reference}</p></body></html>"
)


def plain_answer(
    scope: dict[str, Any], status: int, sentence: str, request_id: str, *, retry_s: int | None = None
) -> tuple[Headers, bytes]:
    """Headers and body that say one sentence and the request's id: JSON for programs, a page for people."""
    if _wants_json(scope):
        content_type = b"application/json"
        told = {"kind": KINDS[status], "problems": [{"message": sentence}], "request_id": request_id}
        body = json.dumps(told, ensure_ascii=False).encode()
    else:
        content_type = b"text/html; charset=utf-8"
        said = {
            "title": _("This did not work"),
            "sentence": sentence,
            "reference": _("Reference: %(id)s") % {"id": request_id},
        }
        body = PAGE.format_map({name: escape(text) for name, text in said.items()}).encode()
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request_id.encode()),
    ]
    if retry_s is not None:
        headers.append((b"retry-after", str(retry_s).encode()))
    return headers, body


def _wants_json(scope: dict[str, Any]) -> bool:
    if scope["path"].startswith(("/api/", "/ingest/", "/live/")):
        return True
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return b"json" in accept and b"html" not in accept
