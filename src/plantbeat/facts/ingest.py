"""`POST /ingest/facts`: the door for gateways, tablets and scripts, as a plain ASGI application.

It answers only after commit. A source sends until it is told `committed_up_to`, and may send anything again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from plantbeat.facts import disk
from plantbeat.facts.batch import Batch, Receipt
from plantbeat.facts.entrance import Entrance, Entry
from plantbeat.facts.group_commit import GroupCommit, Outcome, QueueFull, Setback
from plantbeat.facts.incoming import Arrival, arrivals_of_json
from plantbeat.facts.request_body import Left, Refusal, Sizes, facts_in, received
from plantbeat.facts.source import source_actor
from plantbeat.kernel import clock
from plantbeat.kernel.problems import Kind, Problem, Refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = "/ingest/facts"
SIZES = Sizes(most_bytes=8 * 1024 * 1024, most_facts=10_000)
_LARGE = 128 * 1024
"""Bytes from which a request is read in a thread, so that the others do not wait for it."""

_STATUS = {Kind.forbidden: 401, Kind.missing: 401, Kind.conflict: 409}
_json = msgspec.json.Encoder().encode


class _Door:
    """What one process keeps for its sources: the writer and the tokens it has seen."""

    def __init__(self) -> None:
        self.writer = GroupCommit()
        self.entrance = Entrance(self.writer.call)


_door: _Door | None = None


async def startup() -> None:
    """Start the writer of this process. Without it the first request does."""
    _opened()


async def shutdown() -> None:
    """Commit what is queued and stop the writer."""
    global _door
    door, _door = _door, None
    if door is not None:
        await door.writer.close()


def _opened() -> _Door:
    global _door
    if _door is None or _door.writer.loop is not asyncio.get_running_loop():
        _door = _Door()
    return _door


async def ingest(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application; one request."""
    try:
        status, answer, headers = await _answer(scope, receive)
    except Refusal as refusal:
        status, headers = refusal.status, refusal.headers
        answer = {"problems": [refusal.problem.as_dict()]}
    except Left:
        return
    content = _json(answer)
    fixed = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": content})


async def _answer(scope: Scope, receive: Receive) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
    if scope["path"] != PATH:
        raise Refusal(404, Problem("there is nothing here", "path", scope["path"], f"post facts to {PATH}"))
    if scope["method"] != "POST":
        refused = Problem("facts are posted", "method", scope["method"], "POST")
        raise Refusal(405, refused, [(b"allow", b"POST")])
    door, headers = _opened(), dict(scope["headers"])
    entry = await door.entrance.admitted(headers.get(b"authorization", b""))
    body = await received(receive, headers, SIZES)
    received_us = clock.now_us()
    if body.strip() != b"[]" and (problem := disk.problem(len(body))) is not None:
        raise _no_room(problem)
    arrivals = await _read(body, headers.get(b"content-type", b""), entry.name)
    batch = Batch(entry.source_id, entry.by, arrivals, received_us, entry.token_hash)
    try:
        outcome = await door.writer.offer(batch, len(body))
    except QueueFull as full:
        raise _come_again(full) from None
    if isinstance(outcome, Receipt):
        return 200, _told(outcome, arrivals), []
    if isinstance(outcome, Refused) and outcome.kind is not Kind.conflict:
        door.entrance.forget(entry.source_id)
    raise _refusal(outcome)


async def _read(body: bytes, content_type: bytes, source: str) -> list[Arrival]:
    def read() -> list[Arrival]:
        return arrivals_of_json(facts_in(body, content_type, SIZES), source)

    return read() if len(body) < _LARGE else await asyncio.to_thread(read)


def _told(receipt: Receipt, arrivals: list[Arrival]) -> dict[str, Any]:
    """The answer after commit. Facts without a number are told one by one."""
    answer: dict[str, Any] = {
        "committed_up_to": {receipt.source: receipt.committed_up_to},
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "quarantined": receipt.quarantined,
    }
    results = [
        {"index": index, "result": _result(receipt, index)}
        for index, arrival in enumerate(arrivals)
        if arrival.seq is None
    ]
    return answer | {"results": results} if results else answer


def _result(receipt: Receipt, index: int) -> str:
    if receipt.lsns[index] is not None:
        return "accepted"
    return "duplicate" if receipt.duplicate[index] else "quarantined"


def _come_again(full: QueueFull) -> Refusal:
    if full.by_source:
        problem = Problem("this source has too many facts waiting; send fewer at a time")
        return Refusal(429, problem, [(b"retry-after", b"1")])
    problem = Problem("the server has too much waiting; nothing of this was stored, send it again")
    return Refusal(503, problem, [(b"retry-after", b"1")])


def _no_room(problem: Problem) -> Refusal:
    return Refusal(507, problem, [(b"retry-after", str(disk.RETRY_S).encode())])


def _refusal(outcome: Outcome) -> Refusal:
    if isinstance(outcome, Refused):
        return Refusal(_STATUS.get(outcome.kind, 400), outcome.problems[0])
    if outcome is Setback.full:
        return _no_room(Problem("the disk of the server is full; nothing of this was stored, send it again"))
    if outcome is Setback.busy:
        problem = Problem("the database is busy or away; nothing of this was stored, send it again")
        return Refusal(503, problem, [(b"retry-after", b"2")])
    return Refusal(
        500, Problem("this could not be stored; nothing of it was. The log of the server says why")
    )


__all__ = ["PATH", "SIZES", "Entry", "ingest", "shutdown", "source_actor", "startup"]
