"""The ingest door: answers after commit, refuses clearly, and one source never harms another."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading

import httpx
import pytest
from django.db import OperationalError, connection
from fact_plant import SYSTEM

from plantbeat.facts import group_commit, ingest
from plantbeat.facts.models import Fact, FactSource, Quarantine
from plantbeat.facts.tokens import token_create, token_renew, token_revoke

pytestmark = pytest.mark.django_db(transaction=True)


def fact(seq=None, good=1, **changes):
    made = {"asset": "M1", "t": "2026-11-22T07:59:00Z", "kind": "count", "body": {"good": good}}
    return made | ({} if seq is None else {"seq": seq}) | changes


@pytest.fixture
def token(facts):
    return token_create("line-1", facts.north, SYSTEM)


def drive(scenario, token=""):
    """Run a scenario against the started door with a client that shows the token."""

    async def run():
        await ingest.startup()
        transport = httpx.ASGITransport(app=ingest.ingest)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            async with httpx.AsyncClient(
                transport=transport, base_url="http://plant", headers=headers
            ) as client:
                return await scenario(client)
        finally:
            await ingest.shutdown()

    return asyncio.run(run())


def post(token, content, **headers):
    """One request with any body; JSON unless it is bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return drive(lambda client: client.post(ingest.PATH, content=body, headers=named), token)


def problem(answer) -> str:
    (only,) = answer.json()["problems"]
    return f"{only['message']} | {only.get('allowed', '')}"


def test_facts_are_answered_for_after_they_are_committed(token):
    answer = post(token, [fact(1), fact(2), fact(2), fact(4)])
    assert answer.status_code == 200
    assert answer.json() == {
        "committed_up_to": {"line-1": 2},
        "accepted": 3,
        "duplicates": 1,
        "quarantined": [],
    }
    assert sorted(Fact.objects.values_list("seq", flat=True)) == [1, 2, 4]
    assert Fact.objects.filter(actor="").count() == 3


def test_an_empty_array_asks_how_far_the_source_has_come(token):
    post(token, [fact(1), fact(2)])
    assert post(token, []).json()["committed_up_to"] == {"line-1": 2}


def test_a_poison_row_does_not_fail_the_good_ones(token):
    answer = post(
        token, [fact(1), {"seq": 2, "asset": "M1"}, "nonsense", fact(3, kind="dance"), fact(4)]
    ).json()
    assert (answer["accepted"], answer["committed_up_to"]) == (2, {"line-1": 4})
    assert [(q["index"], q["seq"], q["reason"]) for q in answer["quarantined"]] == [
        (1, 2, "malformed"), (2, None, "malformed"), (3, 3, "unknown_kind"),
    ]  # fmt: skip
    assert "missing required field kind" in answer["quarantined"][0]["message"]
    assert answer["results"] == [{"index": 2, "result": "quarantined"}]
    assert Quarantine.objects.count() == 3


def test_facts_without_numbers_are_told_one_by_one(token):
    content = [fact(good=1), fact(good=2), fact(good=1), fact(5), fact(good=3, asset="M9")]
    answer = post(token, content).json()
    assert answer["results"] == [
        {"index": 0, "result": "accepted"},
        {"index": 1, "result": "accepted"},
        {"index": 2, "result": "duplicate"},
        {"index": 4, "result": "quarantined"},
    ]
    assert post(token, content).json()["accepted"] == 0


def test_lines_are_read_as_well_as_arrays(token):
    lines = b"\n".join(json.dumps(one).encode() for one in (fact(1), fact(2))) + b'\n\n{"seq": 3,\n'
    answer = post(token, lines, content_type="application/x-ndjson; charset=utf-8").json()
    assert (answer["accepted"], [q["reason"] for q in answer["quarantined"]]) == (2, ["malformed"])


def test_a_packed_body_is_read(token):
    packed = gzip.compress(json.dumps([fact(seq) for seq in range(1, 2001)]).encode())
    assert post(token, packed, content_encoding="gzip").json()["accepted"] == 2000


@pytest.mark.parametrize(
    ("content", "headers", "status", "says"),
    [
        (b"", {}, 400, "no JSON array of facts"),
        (b'{"seq":1}', {}, 400, "no JSON array of facts: expected array, got object | [{fact}"),
        (b"[{]", {}, 400, "no JSON array of facts"),
        (b"[" * 5000, {}, 400, "nested too deeply"),
        (b'["\xff"]', {}, 400, "not UTF-8 at byte 2"),
        (b"plain text", {"content_encoding": "gzip"}, 400, "not gzip"),
        (gzip.compress(b"[]" * 50, mtime=0)[:-9], {"content_encoding": "gzip"}, 400, "ends too early"),
        (b"x", {"content_encoding": "br"}, 415, "encoding is not known"),
        (b" " * (8 * 1024 * 1024 + 1), {}, 413, "at most 8 MiB"),
        (gzip.compress(b" " * (8 * 1024 * 1024 + 1)), {"content_encoding": "gzip"}, 413, "at most 8 MiB"),
        (b"[" + b"1," * 10_000 + b"1]", {}, 413, "10,001 facts | at most 10,000 facts"),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_with_what_is_allowed(token, content, headers, status, says):
    answer = post(token, content, **headers)
    assert answer.status_code == status
    assert says in problem(answer)
    assert not Quarantine.objects.exists()


def test_a_body_without_declared_length_is_stopped_at_the_limit(token):
    async def endless():
        for _part in range(200):
            yield b" " * 65_536

    answer = drive(lambda client: client.post(ingest.PATH, content=endless()), token)
    assert answer.status_code == 413


def test_only_posts_to_the_one_address_are_served(token):
    got = drive(lambda client: client.get(ingest.PATH), token)
    assert (got.status_code, got.headers["allow"]) == (405, "POST")
    assert drive(lambda client: client.post("/ingest/other"), token).status_code == 404


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer ", "Basic abc", "Bearer abc", "Bearer pbt.1.guess", "Bearer pbt.999.x"]
)
def test_without_a_token_nobody_comes_in(facts, shown):
    answer = drive(lambda client: client.post(ingest.PATH, json=[fact(1)], headers={"authorization": shown}))
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "plantbeat token create" in problem(answer)
    assert not Fact.objects.exists()


def test_a_revoked_token_is_refused_from_the_next_request_on(token):
    async def scenario(client):
        first = await client.post(ingest.PATH, json=[fact(1)])
        await asyncio.to_thread(token_revoke, "line-1", SYSTEM)
        return [first, *[await client.post(ingest.PATH, json=[fact(2)]) for _again in range(3)]]

    assert [answer.status_code for answer in drive(scenario, token)] == [200, 401, 401, 401]
    assert Fact.objects.count() == 1


def test_a_renewed_token_is_known_within_seconds_and_the_old_one_is_not(token, monkeypatch):
    monkeypatch.setattr("plantbeat.facts.entrance.LOOK_AGAIN_S", 0.05)

    async def scenario(client):
        answers = [await client.post(ingest.PATH, json=[fact(1)])]
        source = await asyncio.to_thread(FactSource.objects.get, name="line-1")
        renewed = await asyncio.to_thread(token_renew, source, SYSTEM)
        answers.append(await client.post(ingest.PATH, json=[fact(2)]))
        await asyncio.sleep(0.1)
        headers = {"authorization": f"Bearer {renewed}"}
        answers.append(await client.post(ingest.PATH, json=[fact(2)], headers=headers))
        return answers

    assert [answer.status_code for answer in drive(scenario, token)] == [200, 401, 200]


def test_fifty_at_once_with_a_token_nobody_has_seen_yet_all_come_in(token):
    async def scenario(client):
        return await asyncio.gather(*(client.post(ingest.PATH, json=[fact(n)]) for n in range(1, 51)))

    assert {answer.status_code for answer in drive(scenario, token)} == {200}


@pytest.mark.requirement("R156", "R161")
def test_fifty_posters_at_once_lose_and_double_nothing(facts):
    tokens = {f"tab-{n}": token_create(f"tab-{n}", facts.north, SYSTEM) for n in range(50)}

    async def poster(client, name):
        headers = {"authorization": f"Bearer {tokens[name]}"}
        answers = []
        for seq in range(1, 21):
            pair = [fact(seq, good=seq), fact(max(seq - 1, 1), good=max(seq - 1, 1))]
            answers.append(await client.post(ingest.PATH, json=pair, headers=headers))
        return answers

    async def scenario(client):
        return await asyncio.gather(*(poster(client, name) for name in tokens))

    for answers in drive(scenario):
        assert {answer.status_code for answer in answers} == {200}
        assert sum(answer.json()["accepted"] for answer in answers) == 20
    assert Fact.objects.count() == 1000
    assert set(
        FactSource.objects.filter(name__startswith="tab").values_list("committed_up_to", flat=True)
    ) == {20}


def test_a_client_that_leaves_does_not_stop_the_writer(token):
    async def scenario(client):
        hurried = [asyncio.create_task(client.post(ingest.PATH, json=[fact(n)])) for n in range(1, 30)]
        await asyncio.sleep(0.01)
        for task in hurried[::2]:
            task.cancel()
        stayed = await asyncio.gather(*hurried[1::2])
        return [*stayed, await client.post(ingest.PATH, json=[fact(30)])]

    assert {answer.status_code for answer in drive(scenario, token)} == {200}


def test_a_client_that_leaves_before_its_body_is_complete_changes_nothing(token):
    messages = iter([{"type": "http.request", "body": b"[", "more_body": True}, {"type": "http.disconnect"}])
    sent = []

    async def scenario(client):
        scope = {
            "type": "http", "method": "POST", "path": ingest.PATH,
            "headers": [(b"authorization", f"Bearer {token}".encode())],
        }  # fmt: skip
        await ingest.ingest(scope, lambda: asyncio.sleep(0, next(messages)), sent.append)
        return await client.post(ingest.PATH, json=[fact(1)])

    assert drive(scenario, token).status_code == 200
    assert sent == []


class Gate:
    """Holds the writer so that the queue before it fills."""

    def __init__(self, monkeypatch):
        self.open = threading.Event()
        append_all = group_commit.append_all

        def held(batches):
            assert self.open.wait(10)
            return append_all(batches)

        monkeypatch.setattr(group_commit, "append_all", held)


def test_beyond_the_queue_sources_are_told_to_come_again_and_what_was_taken_is_stored(token, monkeypatch):
    gate = Gate(monkeypatch)
    monkeypatch.setattr(group_commit, "MOST_WAITING", 30)

    async def scenario(client):
        tasks = [asyncio.create_task(client.post(ingest.PATH, json=[fact(n)])) for n in range(1, 41)]
        await asyncio.sleep(0.3)
        gate.open.set()
        return await asyncio.gather(*tasks)

    answers = drive(scenario, token)
    taken = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert (len(taken), len(refused)) == (30, 10)
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert "send it again" in problem(refused[0])
    assert Fact.objects.count() == 30


def test_one_source_cannot_fill_the_queue_of_all(token, facts, monkeypatch):
    gate = Gate(monkeypatch)
    monkeypatch.setattr(group_commit, "MOST_OF_ONE_SOURCE", 5)
    other = token_create("line-2", facts.north, SYSTEM)

    async def scenario(client):
        tasks = [asyncio.create_task(client.post(ingest.PATH, json=[fact(n)])) for n in range(1, 9)]
        await asyncio.sleep(0.2)
        headers = {"authorization": f"Bearer {other}"}
        gate.open.set()
        tasks.append(asyncio.create_task(client.post(ingest.PATH, json=[fact(1)], headers=headers)))
        return await asyncio.gather(*tasks)

    answers = drive(scenario, token)
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3 + [200]
    assert answers[6].headers["retry-after"] == "1"


def test_a_database_that_is_away_is_told_and_nothing_is_stored(token, monkeypatch):
    def away(_batches):
        raise OperationalError("database is locked")

    monkeypatch.setattr(group_commit, "append_all", away)
    answer = post(token, [fact(1)])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    monkeypatch.undo()
    assert post(token, [fact(1)]).json()["accepted"] == 1


def test_one_request_that_fails_does_not_fail_those_committed_with_it(token, monkeypatch):
    append_all, sizes = group_commit.append_all, []

    def fails_for_number_7(batches):
        sizes.append(len(batches))
        if any(arrival.seq == 7 for batch in batches for arrival in batch.arrivals):
            raise RuntimeError("a fault of the program")
        return append_all(batches)

    monkeypatch.setattr(group_commit, "append_all", fails_for_number_7)

    async def scenario(client):
        return await asyncio.gather(*(client.post(ingest.PATH, json=[fact(n)]) for n in range(1, 13)))

    answers = drive(scenario, token)
    assert [answer.status_code for answer in answers] == [200] * 6 + [500] + [200] * 5
    assert max(sizes) > 1
    assert "nothing of it was" in problem(answers[6])
    assert Fact.objects.count() == 11


def test_too_many_gaps_are_a_conflict(token):
    answer = post(token, [fact(2 * n) for n in range(1, 1003)])
    assert answer.status_code == 409
    assert "send number 1 first" in problem(answer)
    assert not Fact.objects.exists()


def test_what_is_queued_at_shutdown_is_committed(token, monkeypatch):
    gate = Gate(monkeypatch)

    async def scenario(client):
        tasks = [asyncio.create_task(client.post(ingest.PATH, json=[fact(n)])) for n in range(1, 6)]
        await asyncio.sleep(0.2)
        stopping = asyncio.create_task(ingest.shutdown())
        gate.open.set()
        await stopping
        return await asyncio.gather(*tasks)

    assert {answer.status_code for answer in drive(scenario, token)} == {200}
    assert Fact.objects.count() == 5


def test_without_room_on_the_disk_facts_are_refused_in_time_and_taken_again_later(token, settings):
    settings.LEAST_FREE_MB = 10**9
    answer = post(token, [fact(1)])
    assert (answer.status_code, answer.headers["retry-after"]) == (507, "10")
    assert "nothing of this was stored" in problem(answer)
    assert not Fact.objects.exists()
    assert post(token, []).json()["committed_up_to"] == {"line-1": 0}, "how far it has come is still told"
    settings.LEAST_FREE_MB = 0
    assert post(token, [fact(1)]).json()["committed_up_to"] == {"line-1": 1}


@pytest.mark.parametrize(
    "words", ["database or disk is full", "could not extend file: No space left on device"]
)
def test_a_disk_that_is_full_after_all_is_told_as_such(token, monkeypatch, words):
    def full(_batches):
        raise OperationalError(words)

    monkeypatch.setattr(group_commit, "append_all", full)
    answer = post(token, [fact(1)])
    assert (answer.status_code, answer.headers["retry-after"]) == (507, "10")
    monkeypatch.undo()
    assert post(token, [fact(1)]).json()["committed_up_to"] == {"line-1": 1}


@pytest.mark.postgresql  # SQLite has no server that could cut a connection
def test_a_lost_database_connection_is_found_again(token):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()

    def cut():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
                [own],
            )
        connection.close()

    async def scenario(client):
        answers = [await client.post(ingest.PATH, json=[fact(1)])]
        await asyncio.to_thread(cut)
        answers += [await client.post(ingest.PATH, json=[fact(2)]) for _again in range(2)]
        return answers

    answers = drive(scenario, token)
    assert [answer.status_code for answer in answers][::2] == [200, 200]
    assert answers[1].status_code in (200, 503)
    assert Fact.objects.count() == 2
