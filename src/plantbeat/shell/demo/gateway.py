"""A gateway of the demo plant: posts what is in its outbox until the server says that it is stored."""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Callable

from plantbeat.shell.demo.outbox import Outbox

logger = logging.getLogger("plantbeat.demo")

MOST_AT_ONCE = 1000
PATH = "/ingest/facts"
TIMEOUT_S = 30
PATIENCE_S = 1.0


class Gateway:
    """The gateway of one line. `renew` makes a new token when the old one is refused."""

    def __init__(
        self, source: str, token: str, address: tuple[str, int], renew: Callable[[str], str]
    ) -> None:
        self.source, self._token, self._renew = source, token, renew
        self._connection = http.client.HTTPConnection(*address, timeout=TIMEOUT_S)

    def deliver(self, outbox: Outbox) -> float:
        """Send what is waiting; seconds to wait before trying again, 0 when nothing is left."""
        while rows := outbox.pending(self.source, MOST_AT_ONCE):
            try:
                status, answer, retry_s = self._post(b"[" + b",".join(said for _seq, said in rows) + b"]")
            except (OSError, http.client.HTTPException, ValueError):
                self._connection.close()
                return PATIENCE_S
            if status == 401:
                logger.warning("the token of %s was refused; renewing it", self.source)
                self._token = self._renew(self.source)
                return PATIENCE_S
            if status != 200:
                logger.warning("facts of %s were not taken: %d %s", self.source, status, answer)
                return retry_s
            up_to = answer["committed_up_to"][self.source]
            if up_to < rows[0][0]:
                logger.warning("the server lacks facts of %s before number %d", self.source, rows[0][0])
                return PATIENCE_S
            outbox.stored(self.source, up_to)
        return 0.0

    def _post(self, body: bytes) -> tuple[int, dict, float]:  # type: ignore[type-arg]
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        self._connection.request("POST", PATH, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        retry_s = float(answer.getheader("Retry-After") or PATIENCE_S)
        return answer.status, json.loads(content), retry_s

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
