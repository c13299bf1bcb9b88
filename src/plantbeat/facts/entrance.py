"""Who may come in: bearer tokens, kept in memory as hashes once they have been seen.

A token that has been revoked is refused by the transaction it comes with, which compares it again; so what is
kept here need not be fresh, and a revoked token is good for nothing from the moment it is revoked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plantbeat.facts.request_body import Refusal
from plantbeat.facts.source import FactSource, source_actor
from plantbeat.facts.tokens import is_token, source_id_of
from plantbeat.kernel.access import Actor
from plantbeat.kernel.problems import Problem

LOOK_AGAIN_S = 1.0
"""A source is looked up at most this often for tokens that are not its own, so that guessing costs little."""

_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A source that has shown its token."""

    source_id: int
    name: str
    token_hash: str
    by: Actor


class Entrance:
    """The tokens this process has seen; `run` does a look-up where the database connection is."""

    def __init__(self, run: Callable[[Callable[[], Any]], asyncio.Future[Any]]) -> None:
        self._run = run
        self._known: dict[int, Entry] = {}
        self._looked: dict[int, float] = {}
        self._looking: dict[int, asyncio.Future[Any]] = {}

    async def admitted(self, authorization: bytes) -> Entry:
        """The source of an `Authorization` header; raises `Refusal` (401; 503 if it cannot be looked up)."""
        scheme, _blank, given = authorization.decode("latin-1").partition(" ")
        token = given.strip()
        if scheme.lower() != "bearer" or not token:
            raise _unauthorised("send the source's token: “Authorization: Bearer …”")
        source_id = source_id_of(token)
        if source_id is None:
            raise _unauthorised("this is no token of a source")
        entry = self._known.get(source_id)
        if entry is None or not is_token(token, entry.token_hash):
            entry = await self._looked_up(source_id)
        if entry is None or not is_token(token, entry.token_hash):
            raise _unauthorised("the token is wrong or revoked")
        return entry

    def forget(self, source_id: int) -> None:
        """Look a source up again when it comes next."""
        self._known.pop(source_id, None)

    async def _looked_up(self, source_id: int) -> Entry | None:
        """The source as it is stored; those who ask at the same time wait for the same look-up."""
        looking = self._looking.get(source_id)
        if looking is None:
            if self._looked.get(source_id, float("-inf")) + LOOK_AGAIN_S > time.monotonic():
                return self._known.get(source_id)
            looking = self._looking[source_id] = self._run(lambda: _entry_of(source_id))
            looking.add_done_callback(lambda future: self._remember(source_id, future.result()))
        found = await asyncio.shield(looking)
        if found is None or isinstance(found, Entry):
            return found
        raise Refusal(503, Problem("tokens cannot be checked now; send it again"), [(b"retry-after", b"2")])

    def _remember(self, source_id: int, found: Any) -> None:
        del self._looking[source_id]
        self._known.pop(source_id, None)
        if isinstance(found, Entry):
            self._known[source_id] = found
        if found is None or isinstance(found, Entry):
            if len(self._looked) > _MOST_REMEMBERED:
                self._looked.clear()
            self._looked[source_id] = time.monotonic()


def _entry_of(source_id: int) -> Entry | None:
    source = FactSource.objects.filter(pk=source_id, revoked_us=None).first()
    if source is None:
        return None
    return Entry(source.pk, source.name, source.token_hash, source_actor(source.name))


def _unauthorised(message: str) -> Refusal:
    problem = Problem(message, "authorization", allowed="a token made with “plantbeat token create NAME”")
    return Refusal(401, problem, [(b"www-authenticate", b"Bearer")])
