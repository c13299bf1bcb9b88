"""The body of an ingest request: received within limits, unpacked, and parted into facts."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec

from plantbeat.facts.declaration import reader_sentence
from plantbeat.kernel.problems import Problem

_GZIP_WINDOW = 31
_list = msgspec.json.Decoder(list[msgspec.Raw])
_LINES = (b"application/x-ndjson", b"application/jsonl", b"application/x-jsonlines")


class Refusal(Exception):  # noqa: N818  (a refusal is an answer, not an error of the program)
    """An answer other than 200, with the one thing that is wrong."""

    def __init__(
        self, status: int, problem: Problem, headers: list[tuple[bytes, bytes]] | None = None
    ) -> None:
        super().__init__(str(problem))
        self.status, self.problem, self.headers = status, problem, headers or []


class Left(Exception):  # noqa: N818
    """The client went away before its request was complete."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The most one request may bring, unpacked."""

    most_bytes: int
    most_facts: int


async def received(
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]], headers: Mapping[bytes, bytes], sizes: Sizes
) -> bytes:
    """The whole body, unpacked. Raises `Refusal` beyond the sizes, `Left` if the client goes away."""
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in (b"identity", b"gzip"):
        problem = Problem(
            "the content encoding is not known", "content-encoding", encoding.decode("latin-1"), "gzip"
        )
        raise Refusal(415, problem)
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > sizes.most_bytes:
        raise _too_large(sizes)
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        part = message.get("body", b"")
        size += len(part)
        if size > sizes.most_bytes:
            raise _too_large(sizes)
        parts.append(part)
        more = message.get("more_body", False)
    body = b"".join(parts)
    return _unpacked(body, sizes) if encoding == b"gzip" else body


def facts_in(body: bytes, content_type: bytes, sizes: Sizes) -> list[bytes | msgspec.Raw]:
    """The facts of a body: a JSON array, or one fact a line where the content type says so."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        problem = Problem(f"the body is not UTF-8 at byte {error.start}", allowed="JSON in UTF-8")
        raise Refusal(400, problem) from None
    facts: list[bytes | msgspec.Raw]
    if content_type.partition(b";")[0].strip().lower() in _LINES:
        facts = [line for line in body.splitlines() if line.strip()]
    else:
        try:
            facts = list(_list.decode(body))
        except (msgspec.MsgspecError, RecursionError) as error:
            message = f"the body is no JSON array of facts: {reader_sentence(error)}"
            raise Refusal(400, Problem(message, allowed="[{fact}, {fact} ...]")) from None
    if len(facts) > sizes.most_facts:
        message = f"the request has {len(facts):,} facts"
        raise Refusal(413, Problem(message, allowed=f"at most {sizes.most_facts:,} facts in a request"))
    return facts


def _unpacked(body: bytes, sizes: Sizes) -> bytes:
    unpacking = zlib.decompressobj(_GZIP_WINDOW)
    try:
        unpacked = unpacking.decompress(body, sizes.most_bytes + 1)
    except zlib.error as error:
        raise Refusal(400, Problem(f"the body is not gzip: {error}")) from None
    if len(unpacked) > sizes.most_bytes:
        raise _too_large(sizes)
    if not unpacking.eof:
        raise Refusal(400, Problem("the gzip body ends too early"))
    return unpacked


def _too_large(sizes: Sizes) -> Refusal:
    allowed = f"at most {sizes.most_bytes // 1024 // 1024} MiB unpacked in a request"
    return Refusal(413, Problem("the request is too large", allowed=allowed))
