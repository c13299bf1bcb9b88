"""The server process: how it starts, how it refuses to, how it stops, and what each role answers."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from plantbeat.kernel import clock
from plantbeat.shell.certificates import own_authority, own_certificate
from plantbeat.shell.serving import _trusted_proxies
from shell.plant import SCRIPT, Plant, plant_on_sqlite
from shell.serving_thread import connected, eventually, until_closed


@pytest.fixture(scope="module")
def plant(tmp_path_factory: Any) -> Iterator[Plant]:
    with plant_on_sqlite(tmp_path_factory.mktemp("plant")) as made:
        made.write("site", code="B1")
        yield made


def refused(plant: Plant, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "serve", *arguments],
        env=plant.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


def test_a_port_in_use_is_one_sentence_and_code_2(plant: Plant) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = refused(plant, "pages", str(port))
    assert code == 2
    assert said.startswith(f"plantbeat: Port {port} on 127.0.0.1 is already in use by another program")
    assert said.count("\n") == 1


def test_a_role_there_is_not_is_one_sentence_and_code_2(plant: Plant) -> None:
    code, said = refused(plant, "boss", "0")
    assert code == 2
    assert said == "plantbeat: PLANTBEAT_ROLE is “boss”; allowed are all, pages, ingest, live, worker\n"


def test_a_certificate_that_cannot_be_used_is_one_sentence_and_code_2(plant: Plant, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    for certificate in (tmp_path / "missing.pem", empty):
        code, said = refused(plant, "pages", "0", str(certificate), str(empty))
        assert code == 2
        assert said.startswith(
            f"plantbeat: The certificate {certificate} with the key {empty} cannot be used:"
        )
        assert said.count("\n") == 1


def test_it_serves_https_with_a_certificate(plant: Plant, tmp_path: Path) -> None:
    names = ["127.0.0.1"]
    pair = own_certificate(tmp_path, names, now=clock.now())
    trusted = ssl.create_default_context(cadata=own_authority(tmp_path, names, now=clock.now()).pem.decode())
    with plant.serving("pages", str(pair.certificate), str(pair.key)) as server:
        assert server.url.startswith("https://")
        assert httpx.get(f"{server.url}/hello", verify=trusted).text == "hello from 127.0.0.1 by https"


def test_a_stop_lets_a_running_answer_end(plant: Plant) -> None:
    with plant.serving("pages") as server:
        answers: list[httpx.Response] = []
        url = f"{server.url}/slow/15"
        client = threading.Thread(target=lambda: answers.append(httpx.get(url, timeout=10)))
        client.start()
        time.sleep(0.5)
        assert server.stop() < 10
        client.join(5)
    assert [answer.text for answer in answers] == ["slow"]
    assert server.process.returncode == 0


def test_a_stop_does_not_wait_for_an_endless_answer(plant: Plant) -> None:
    with plant.serving("pages") as server, connected(server.url.removeprefix("http://")) as connection:
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        connection.recv(100)
        assert server.stop(12) < 10
        assert server.process.returncode == 0
        assert not until_closed(connection).endswith(b"0\r\n\r\n")


def test_the_log_is_json_with_the_id_that_the_error_page_shows(plant: Plant) -> None:
    with plant.serving("pages") as server:
        page = httpx.get(f"{server.url}/fault")
        eventually(lambda: any("secret detail" in line for line in server.lines))
        logged = server.logged()
        assert len(logged) == len(server.lines), "nothing but JSON"
    assert page.status_code == 500
    assert page.text == f"broken, reference {page.headers['x-request-id']}"
    faults = [line for line in logged if "secret detail" in line.get("exception", "")]
    assert [line["request_id"] for line in faults] == [page.headers["x-request-id"]]


def test_forwarded_addresses_count_only_where_a_proxy_is_trusted(plant: Plant) -> None:
    headers = {"X-Forwarded-For": "6.6.6.6, 10.1.2.3", "X-Forwarded-Proto": "https"}
    with plant.serving("pages") as server:
        assert httpx.get(f"{server.url}/hello", headers=headers).text == "hello from 127.0.0.1 by http"
    with plant.serving("pages", PLANTBEAT_TRUST_PROXY="1") as server:
        text = httpx.get(f"{server.url}/hello", headers=headers).text
        assert text == "hello from 10.1.2.3 by https", "the entry the proxy wrote, not what the client claims"
    with plant.serving("pages", PLANTBEAT_TRUST_PROXY="192.168.7.0/24") as server:
        assert httpx.get(f"{server.url}/hello", headers=headers).text == "hello from 127.0.0.1 by http"


@pytest.mark.parametrize(
    ("role", "answers"),
    [
        ("all", {"/hello": 200, "/live/none/1": 401, "/ingest/facts": 405}),
        ("pages", {"/hello": 200, "/live/none/1": 404, "/ingest/facts": 404}),
        ("live", {"/hello": 404, "/live/none/1": 401, "/ingest/facts": 404}),
        ("ingest", {"/hello": 404, "/live/none/1": 404, "/ingest/facts": 405}),
        ("worker", {"/hello": 404, "/live/none/1": 404, "/ingest/facts": 404}),
    ],
)
def test_a_role_answers_its_part_and_always_its_health(
    plant: Plant, role: str, answers: dict[str, int]
) -> None:
    with plant.serving(role) as server:
        assert {path: httpx.get(server.url + path).status_code for path in answers} == answers
        assert httpx.get(f"{server.url}/healthz").json()["status"] == "ok"
        assert "plantbeat_page_threads 8\n" in httpx.get(f"{server.url}/metrics").text
        assert server.stop() < 10


def test_facts_sent_to_one_process_are_counted_and_leave_with_the_stop(plant: Plant) -> None:
    plant.write("asset", site="B1", code="M1")
    token = plant.write("source", site="B1", name="gw")
    with plant.serving("all") as server:
        fact = {"asset": "M1", "t_us": clock.now_us(), "kind": "count", "body": {"good": 1}, "seq": 1}
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{server.url}/ingest/facts", json=[fact], headers=headers)
        assert answer.json()["committed_up_to"] == {"gw": 1}
        figures = httpx.get(f"{server.url}/metrics").text
        assert 'plantbeat_ingest_requests_total{status="200"} 1\n' in figures
        assert "plantbeat_facts_total 1\n" in figures
        assert httpx.get(f"{server.url}/healthz").json()["last_fact_age_s"] < 30
        assert server.stop() < 10


def test_health_is_503_while_the_database_is_away(plant: Plant, tmp_path: Path) -> None:
    away = Plant("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    with away.serving("pages") as server:
        answer = httpx.get(f"{server.url}/healthz", timeout=10)
    assert answer.status_code == 503
    assert answer.json()["database"] == {"kind": "postgresql", "ok": False}


@pytest.mark.parametrize("given", ["yes", "proxy.plant", "10.0.0.300", "10.0.0.1, all"])
def test_a_proxy_that_is_no_address_is_named_before_anybody_is_served(given):
    with pytest.raises(ValueError, match=r"PLANTBEAT_TRUST_PROXY: .* allowed: 1, or addresses"):
        _trusted_proxies(given)


def test_proxies_are_this_machine_addresses_and_networks():
    assert _trusted_proxies("1") == "127.0.0.1,::1"
    assert _trusted_proxies("192.168.7.0/24, 10.0.0.1") == "192.168.7.0/24, 10.0.0.1"
    assert _trusted_proxies("") == ""
