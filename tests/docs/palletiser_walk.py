"""Runs the connector of the recipe against the real door for facts; prints what came of it as JSON.

The transport is the connector's `send`: it calls the ingest application in this process, and loses the
answer of the first delivery on purpose.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import django

django.setup()

from palletiser import deliver  # noqa: E402  (written by the test from the recipe)

from plantbeat.facts.assets import publish_asset  # noqa: E402
from plantbeat.facts.ingest import ingest, shutdown  # noqa: E402
from plantbeat.facts.models import Fact, FactSource, Quarantine  # noqa: E402
from plantbeat.facts.tokens import token_create  # noqa: E402
from plantbeat.kernel.access import Actor  # noqa: E402
from plantbeat.kernel.accounts import Site  # noqa: E402
from plantbeat.kernel.act import act  # noqa: E402

SYSTEM = Actor.system("trial")
LINES = """2026-03-31T06:00:00Z;state;RUN
2026-03-31T06:00:00Z;parts;1200
??? paper jam
2026-03-31T06:20:00Z;state;STOP
2026-03-31T06:20:00Z;parts;1460
"""


class Transport:
    """Posts to the ingest application, and once gives no answer although everything is committed."""

    def __init__(self, runner: asyncio.Runner, token: str) -> None:
        self.runner, self.token, self.posts, self.lost = runner, token, 0, False

    def __call__(self, batch: list[dict]) -> int:
        self.posts += 1
        status, answer = self.runner.run(self._post(json.dumps(batch).encode()))
        assert status == 200, answer
        if batch and not self.lost:
            self.lost = True
            raise ConnectionError("the answer got lost")
        return next(iter(answer["committed_up_to"].values()))

    async def _post(self, body: bytes) -> tuple[int, dict]:
        sent: list[dict] = []
        headers = [
            (b"authorization", f"Bearer {self.token}".encode()),
            (b"content-type", b"application/json"),
        ]
        scope = {"type": "http", "method": "POST", "path": "/ingest/facts", "headers": headers}

        async def receive() -> dict:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict) -> None:
            sent.append(message)

        await ingest(scope, receive, send)
        return sent[0]["status"], json.loads(sent[1]["body"])


def walk() -> dict[str, object]:
    site = act(Site, "create", SYSTEM, {"code": "N", "name": "North", "zone": "America/Chicago"})
    publish_asset(site.pk, "P1", "Palletiser", line="L1")
    token = token_create("palletiser", site, SYSTEM)
    log = Path("palletiser.log")
    log.write_text(LINES, encoding="utf-8")
    with asyncio.Runner() as runner:
        transport = Transport(runner, token)
        try:
            deliver(log, "P1", transport)
        except ConnectionError as error:
            first = str(error)
        stored = Fact.objects.count()
        deliver(log, "P1", transport)
        again = Fact.objects.count()
        log.write_text(LINES + "2026-03-31T06:45:00Z;state;RUN\n", encoding="utf-8")
        deliver(log, "P1", transport)
        runner.run(shutdown())
    return {
        "first": first,
        "stored": stored,
        "again": again,
        "kinds": list(Fact.objects.order_by("seq").values_list("seq", "kind", "body")),
        "quarantined": [[q.seq, q.fault, "paper jam" in q.raw] for q in Quarantine.objects.all()],
        "committed_up_to": FactSource.objects.get(name="palletiser").committed_up_to,
    }


print(json.dumps(walk()))
