"""A real server that is killed under load: whatever it acknowledged is there, once."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time

import pytest
from fact_server import FactServer

KILLS = 20
POSTERS = 6


@pytest.fixture
def server(tmp_path):
    made = FactServer(tmp_path)
    yield made
    ended(made)


def ended(server: FactServer) -> None:
    if server.process is not None and server.process.poll() is None:
        server.kill()


class Poster(threading.Thread):
    """An edge outbox: keeps facts until the server says `committed_up_to`, sends again after any failure."""

    def __init__(self, name: str, token: str, port: int, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.token, self.port, self.dice = token, port, random.Random(seed)
        self.acknowledged = self.failures = 0
        self.strange: list[str] = []
        self.done = threading.Event()

    def run(self) -> None:
        connection = None
        while not self.done.is_set():
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            first = max(1, self.acknowledged - self.dice.randrange(3))
            batch = range(first, self.acknowledged + self.dice.choice((2, 5, 20)) + 1)
            try:
                self._post(connection, batch)
            except (OSError, http.client.HTTPException):
                self.failures += 1
                connection.close()
                connection = None
                time.sleep(0.02)

    def _post(self, connection: http.client.HTTPConnection, batch: range) -> None:
        facts = [
            {
                "seq": n,
                "asset": f"M{n % 10}",
                "t": "2026-11-22T07:00:00Z",
                "kind": "count",
                "body": {"good": n},
            }
            for n in batch
        ]
        headers = {"Authorization": f"Bearer {self.token}"}
        connection.request("POST", "/ingest/facts", json.dumps(facts).encode(), headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        if answer.status == 200 and not content["quarantined"]:
            self.acknowledged = max(self.acknowledged, content["committed_up_to"][self.name])
        elif answer.status != 503:
            self.strange.append(f"{answer.status} {content}")


@pytest.mark.slow
@pytest.mark.requirement("R156", "R161")
def test_a_server_killed_twenty_times_under_load_loses_and_doubles_nothing(server):
    tokens = server.script("prepare", str(POSTERS))
    server.start()
    posters = [Poster(name, token, server.port, seed) for seed, (name, token) in enumerate(tokens.items())]
    dice = random.Random(7)
    for poster in posters:
        poster.start()
    progress = []
    for _kill in range(KILLS):
        time.sleep(dice.uniform(0.1, 0.6))
        server.kill()
        progress.append(sum(poster.acknowledged for poster in posters))
        server.start()
    time.sleep(0.5)
    for poster in posters:
        poster.done.set()
    for poster in posters:
        poster.join(timeout=30)
    assert server.stop() == 0
    found = server.script("stored")

    assert [poster.strange for poster in posters] == [[]] * POSTERS
    assert sum(poster.failures for poster in posters) >= KILLS
    assert len(set(progress)) > KILLS // 2
    for poster in posters:
        seqs = found["seqs"][poster.name]
        assert poster.acknowledged > 0
        assert sorted(seqs) == list(range(1, len(seqs) + 1))
        assert len(seqs) >= poster.acknowledged
        assert found["committed_up_to"][poster.name] == len(seqs)
    assert found["broken"] == ""


@pytest.mark.slow
def test_two_processes_on_one_database_lose_and_double_nothing(server):
    tokens = server.script("prepare", str(POSTERS))
    twin = server.twin()
    try:
        server.start()
        twin.start()
        # Both processes hear every source, so each meets numbers the other has stored.
        posters = [
            Poster(name, token, port, seed)
            for seed, (name, token) in enumerate(tokens.items())
            for port in (server.port, twin.port)
        ]
        for poster in posters:
            poster.start()
        time.sleep(5)
        for poster in posters:
            poster.done.set()
        for poster in posters:
            poster.join(timeout=30)
        assert (server.stop(), twin.stop()) == (0, 0)
    finally:
        ended(twin)
    found = server.script("stored")
    assert [poster.strange for poster in posters] == [[]] * len(posters)
    for poster in posters:
        seqs = found["seqs"][poster.name]
        assert sorted(seqs) == list(range(1, len(seqs) + 1))
        assert len(seqs) >= poster.acknowledged > 50
    assert found["broken"] == ""
