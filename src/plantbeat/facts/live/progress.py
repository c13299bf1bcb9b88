"""How far a reader of the outbox has come, and when old messages may go."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from plantbeat.kernel import clock

DAY_US = 86_400 * 1_000_000


class Progress:
    """Ids seen so far in a table whose rows may become visible out of order.

    PostgreSQL gives an id when a row is written and shows it when the transaction commits. A missing id is
    therefore waited for, up to `patience_s`; no write transaction lasts so long.
    """

    def __init__(self, low: int, *, patience_s: float = 30.0) -> None:
        self.low = self.high = low
        self._patience_s = patience_s
        self._above: set[int] = set()
        self._gap: tuple[int, float] | None = None

    def take(self, ids: Iterable[int], now_s: float) -> list[int]:
        """Those of the ids that were not seen before. All ids up to `low` are seen or given up."""
        fresh = [one for one in ids if one > self.low and one not in self._above]
        self._above.update(fresh)
        self.high = max([self.high, *fresh])
        self._advance()
        if not self._above:
            self._gap = None
        elif self._gap is None or self._gap[0] != self.low:
            self._gap = self.low, now_s
        elif now_s - self._gap[1] > self._patience_s:
            self.low = min(self._above) - 1
            self._advance()
        return fresh

    def _advance(self) -> None:
        while self.low + 1 in self._above:
            self.low += 1
            self._above.discard(self.low)


def prune(days: int, *, needed_from: int | None = None, chunk: int = 5_000) -> int:
    """Delete messages older than `days`, from the oldest on; how many went.

    `needed_from` is the lowest id that a reader (webhooks, mail) has not handled yet: it and all after it
    stay. Each chunk is a transaction of its own, so that writers wait for one chunk at most.
    """
    before_us = clock.now_us() - days * DAY_US
    gone = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id, at_us FROM kernel_outbox ORDER BY id LIMIT %s", [chunk])
            rows = cursor.fetchall()
            old = 0
            while old < len(rows) and rows[old][1] < before_us and rows[old][0] != needed_from:
                old += 1
            if old:
                cursor.execute("DELETE FROM kernel_outbox WHERE id <= %s", [rows[old - 1][0]])
        gone += old
        if old < chunk:
            return gone
