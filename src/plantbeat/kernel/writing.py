"""One transaction for whatever is written together: records, facts, log and outbox."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from plantbeat.kernel import outbox
from plantbeat.kernel.log import Entry, seal

logger = logging.getLogger("plantbeat.write")
LONG_S = 2.0
"""No write transaction may hold the database longer: others wait for the one writer."""

observers: list[Callable[[float], None]] = []
"""Told how many seconds each write transaction held the database."""

_open = threading.local()


@dataclass(slots=True)
class Writing:
    """What the open transaction still has to seal when it ends."""

    entries: list[Entry] = field(default_factory=list)
    messages: list[tuple[int, str, int | None, dict[str, Any]]] = field(default_factory=list)

    def log(self, entry: Entry) -> None:
        """Add a change; it is sealed into its chain just before commit."""
        self.entries.append(entry)

    def tell(self, at_us: int, topic: str, site_id: int | None, **payload: Any) -> None:
        """Add a message for the outbox."""
        self.messages.append((at_us, topic, site_id, payload))


@contextmanager
def writing() -> Iterator[Writing]:
    """Enter the write transaction, or join the one this thread is already in.

    Change log and outbox are written as its last statements, so that the locks on the chain heads are held
    for as short as possible; a failure anywhere undoes all of it.
    """
    joined: Writing | None = getattr(_open, "writing", None)
    if joined is not None:
        with transaction.atomic():
            mark = len(joined.entries), len(joined.messages)
            try:
                yield joined
            except BaseException:
                del joined.entries[mark[0] :], joined.messages[mark[1] :]
                raise
        return
    mine = _open.writing = Writing()
    started = time.perf_counter()
    try:
        with transaction.atomic():
            yield mine
            if mine.messages:
                outbox.put(mine.messages)
                outbox.wake("outbox")
            if mine.entries:
                seal(mine.entries)
    finally:
        _open.writing = None
        for observe in observers:
            observe(time.perf_counter() - started)
        if (held := time.perf_counter() - started) > LONG_S:
            logger.warning("write transaction held the database for %.1f s", held)
