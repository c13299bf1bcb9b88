"""One transaction for whatever is written together: records, facts, log and outbox."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import models, transaction

from plantbeat.kernel.log import Change, seal
from plantbeat.kernel.outbox import Outbox, wake

logger = logging.getLogger("plantbeat.write")
LONG_S = 2.0
"""No write transaction may hold the database longer: others wait for the one writer."""

observers: list[Callable[[float], None]] = []
"""Told how many seconds each write transaction held the database."""

_open = threading.local()


@dataclass(slots=True)
class Writing:
    """What the open transaction still has to seal when it ends."""

    changes: list[Change] = field(default_factory=list)
    messages: list[Outbox] = field(default_factory=list)


@contextmanager
def writing() -> Iterator[Writing]:
    """Enter the write transaction, or join the one this thread is already in.

    Change log and outbox are written as its last statements, so that the locks on the chain heads are held
    for as short as possible; a failure anywhere undoes all of it.
    """
    joined: Writing | None = getattr(_open, "writing", None)
    if joined is not None:
        with transaction.atomic():
            mark = len(joined.changes), len(joined.messages)
            try:
                yield joined
            except BaseException:
                del joined.changes[mark[0] :], joined.messages[mark[1] :]
                raise
        return
    mine = _open.writing = Writing()
    started = time.perf_counter()
    try:
        with transaction.atomic():
            started = time.perf_counter()  # SQLite's one writer is ours from here
            yield mine
            if mine.messages:
                Outbox.objects.bulk_create(mine.messages, batch_size=500)
                wake("outbox")
            if mine.changes:
                seal(mine.changes)
    finally:
        _open.writing = None
        for observe in observers:
            observe(time.perf_counter() - started)
        if (held := time.perf_counter() - started) > LONG_S:
            logger.warning("write transaction held the database for %.1f s", held)


def store_results(rows: Iterable[models.Model], instead_of: Iterable[models.QuerySet[Any]] = ()) -> int:
    """Write computed rows, those of one type together, in the caller's transaction; how many there were.

    The version they belong to is a record, and the act that makes, finishes or tunes it logs them all.
    """
    count = 0
    with writing():
        for old in instead_of:
            old.delete()
        for model, group in groupby(rows, key=lambda row: type(row)):
            count += len(model._base_manager.bulk_create(list(group), batch_size=500))
    return count
