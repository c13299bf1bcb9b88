"""The bridge between the asynchronous server and the pages, over real connections."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import pytest

from plantbeat.shell import lasting_threads
from plantbeat.shell.bridge import Bridge
from plantbeat.shell.dispatch import Dispatcher, Role
from plantbeat.shell.environ import environ_of
from plantbeat.shell.lasting_threads import LastingThreads
from shell.bridged_pages import bridged, echo, said
from shell.serving_thread import connected, eventually, get


def test_a_page_sees_who_asks_for_what_and_how() -> None:
    with bridged(echo) as (address, _):
        answer = get(
            address, "/r/caf%C3%A9/%FF/a%20b?q=%C3%A9&q=2", headers=[("X-Line", "1"), ("X-Line", "2")]
        )
    seen = answer.json()
    assert seen["REQUEST_METHOD"] == "GET"
    assert seen["PATH_INFO"].encode("latin-1") == b"/r/caf\xc3\xa9/\xff/a b"
    assert seen["QUERY_STRING"] == "q=%C3%A9&q=2"
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert seen["wsgi.url_scheme"] == "http"
    assert seen["HTTP_HOST"] == address
    assert seen["SERVER_PORT"] == address.split(":")[1]
    assert seen["HTTP_X_LINE"] == "1,2"
    assert seen["CONTENT_LENGTH"] == ""


def test_cookies_sent_as_several_headers_are_one_list() -> None:
    with bridged(echo) as (address, _):
        seen = get(address, headers=[("Cookie", "a=1"), ("Cookie", "b=2")]).json()
    assert seen["HTTP_COOKIE"] == "a=1; b=2"


def test_headers_that_could_be_mistaken_for_others_never_arrive() -> None:
    with bridged(echo) as (address, _):
        seen = get(
            address, headers={"X_Forwarded_For": "1.2.3.4", "Proxy": "http://evil", "X-Fine": "yes"}
        ).json()
    assert seen["HTTP_X_FINE"] == "yes"
    assert "HTTP_PROXY" not in seen
    assert "HTTP_X_FORWARDED_FOR" not in seen


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_a_body_arrives_whole_whatever_its_size(size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with bridged(echo) as (address, _):
        seen = httpx.post(f"http://{address}/", content=body).json()
        chunks = (body[start : start + 50_000] for start in range(0, len(body), 50_000))
        chunked = httpx.post(f"http://{address}/", content=chunks).json()
    assert seen["length"] == chunked["length"] == size
    assert seen["sha256"] == chunked["sha256"] == hashlib.sha256(body).hexdigest()
    assert chunked["CONTENT_LENGTH"] == (str(size) if size else "")


def test_a_body_beyond_a_megabyte_lies_on_disk_and_is_closed_afterwards() -> None:
    kept: list[Any] = []

    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        kept.append((environ["wsgi.input"], environ["wsgi.input"]._rolled))
        start_response("200 OK", [])
        return [b"ok"]

    with bridged(pages) as (address, _):
        for size in (1_000, 2_000_000):
            assert httpx.post(f"http://{address}/", content=b"x" * size).status_code == 200
        eventually(lambda: all(body.closed for body, _rolled in kept))
    assert [rolled for _body, rolled in kept] == [False, True]


def test_a_body_declared_too_large_is_refused_before_it_is_sent() -> None:
    with bridged(echo, largest_body=1_000) as (address, bridge):
        with connected(address) as connection:
            connection.sendall(
                b"POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n"
            )
            answer = connection.recv(65_536)
        assert answer.startswith(b"HTTP/1.1 413 ")
        eventually(lambda: bridge.refused[413] == 1)


def test_a_body_that_turns_out_too_large_is_refused_in_one_sentence() -> None:
    with bridged(echo, largest_body=100_000) as (address, _):
        endless = (b"x" * 10_000 for _ in range(50))
        answer = httpx.post(f"http://{address}/api/x", content=endless)
    assert answer.status_code == 413
    assert answer.json()["problems"] == [{"message": "What was sent is too large; at most 1 MB are allowed."}]


def test_a_body_that_stops_arriving_is_given_up() -> None:
    with bridged(echo, stall_s=0.2) as (address, _), connected(address) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 408 ")


def test_a_client_that_leaves_in_the_middle_of_its_body_runs_no_page() -> None:
    ran: list[str] = []

    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        ran.append(environ["PATH_INFO"])
        return said("ok")(environ, start_response)

    with bridged(pages) as (address, _):
        with connected(address) as connection:
            connection.sendall(b"POST /half HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        assert get(address, "/whole").text == "ok"
        time.sleep(0.1)
    assert ran == ["/whole"]


def test_when_all_threads_are_busy_and_the_queue_is_full_the_answer_is_503_with_retry_after() -> None:
    go_on = threading.Event()

    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        assert go_on.wait(10)
        return said("ok")(environ, start_response)

    with bridged(pages, threads=1, waiting=2) as (address, bridge):
        answers: list[httpx.Response] = []
        clients = [threading.Thread(target=lambda: answers.append(get(address))) for _ in range(3)]
        for client in clients:
            client.start()
        eventually(lambda: (bridge.threads.busy, bridge.threads.waiting) == (1, 2))
        page, program = get(address), get(address, "/api/x")
        go_on.set()
        for client in clients:
            client.join(5)
    assert [answer.text for answer in answers] == ["ok"] * 3
    assert page.status_code == program.status_code == 503
    assert int(page.headers["retry-after"]) > 0
    assert "<p>The server is busy; please try again in a moment.</p>" in page.text
    assert program.json()["kind"] == "busy"


def test_a_request_that_waits_too_long_for_a_thread_is_answered_503() -> None:
    go_on = threading.Event()
    ran: list[str] = []

    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        ran.append(environ["PATH_INFO"])
        assert go_on.wait(10)
        return said("ok")(environ, start_response)

    with bridged(pages, threads=1, waiting_s=0.2) as (address, bridge):
        first = threading.Thread(target=get, args=(address, "/first"))
        first.start()
        eventually(lambda: bridge.threads.busy == 1)
        assert get(address, "/second").status_code == 503
        go_on.set()
        first.join(5)
    assert ran == ["/first"], "what was refused must not run later"


def test_a_request_whose_client_left_the_queue_is_not_run() -> None:
    go_on = threading.Event()
    ran: list[str] = []

    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        ran.append(environ["PATH_INFO"])
        assert go_on.wait(10)
        return said("ok")(environ, start_response)

    with bridged(pages, threads=1) as (address, bridge):
        first = threading.Thread(target=get, args=(address, "/first"))
        first.start()
        eventually(lambda: bridge.threads.busy == 1)
        with connected(address) as impatient:
            impatient.sendall(b"GET /impatient HTTP/1.1\r\nHost: x\r\n\r\n")
            eventually(lambda: bridge.threads.waiting == 1)
        time.sleep(0.1)
        go_on.set()
        first.join(5)
        assert get(address, "/last").text == "ok"
    assert ran == ["/first", "/last"]


def test_a_fault_shows_a_reference_that_the_log_carries_and_no_stack_trace(caplog: Any) -> None:
    def pages(_environ: dict[str, Any], _start_response: Callable[..., Any]) -> list[bytes]:
        raise RuntimeError("secret detail")

    with bridged(pages) as (address, _), caplog.at_level(logging.ERROR, "plantbeat.bridge"):
        page, program = get(address, headers={"Accept": "text/html"}), get(address, "/api/x")
    assert page.status_code == program.status_code == 500
    reference = page.headers["x-request-id"]
    assert f"Reference: {reference}" in page.text
    assert program.json()["request_id"] == program.headers["x-request-id"]
    for answer in (page, program):
        assert "secret detail" not in answer.text
        assert "Traceback" not in answer.text
    assert any("secret detail" in str(record.exc_info) for record in caplog.records)


def test_the_log_line_of_a_fault_has_the_request_id(capsys: Any) -> None:
    from plantbeat.shell.logs import JsonLines, WithRequestId

    def pages(_environ: dict[str, Any], _start_response: Callable[..., Any]) -> list[bytes]:
        raise RuntimeError("boom")

    handler = logging.StreamHandler(written := _Text())
    handler.setFormatter(JsonLines())
    handler.addFilter(WithRequestId())
    logger = logging.getLogger("plantbeat.bridge")
    logger.addHandler(handler)
    try:
        with bridged(pages) as (address, _):
            answer = get(address)
    finally:
        logger.removeHandler(handler)
    assert json.loads(written.text)["request_id"] == answer.headers["x-request-id"]


class _Text:
    text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")]
)
def test_answers_that_have_no_body_have_none_and_the_connection_goes_on(method: str, status: str) -> None:
    def pages(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response(status, [("Content-Length", "5"), ("ETag", '"a"')])
        return [b"hello"]

    with bridged(pages) as (address, _), httpx.Client(base_url=f"http://{address}") as client:
        first, second = client.request(method, "/"), client.request(method, "/")
    for answer in (first, second):
        assert answer.status_code == int(status[:3])
        assert answer.content == b""
        assert answer.headers["etag"] == '"a"'
        assert answer.headers.get("content-length") == ("5" if method == "HEAD" else None)


def test_a_complete_answer_gets_its_length_and_keeps_the_connection() -> None:
    with bridged(said("hello")) as (address, _):
        answer = get(address)
    assert answer.headers["content-length"] == "5"
    assert "transfer-encoding" not in answer.headers
    assert "connection" not in answer.headers


def test_what_goes_beyond_the_promised_length_is_cut_and_what_falls_short_breaks_off() -> None:
    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [("Content-Length", environ["PATH_INFO"][1:])])
        return [b"hello"]

    with bridged(pages) as (address, _):
        assert get(address, "/3").content == b"hel"
        with pytest.raises(httpx.RemoteProtocolError):
            get(address, "/9")


def test_threads_last_and_each_closes_its_connections_when_the_server_stops(monkeypatch: Any) -> None:
    closed: list[str] = []

    class Connections:
        def close_all(self) -> None:
            closed.append(threading.current_thread().name)

    monkeypatch.setattr(lasting_threads, "connections", Connections())
    seen: set[int] = set()

    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        seen.add(threading.get_ident())
        return said("ok")(environ, start_response)

    with bridged(pages, threads=3) as (address, _), httpx.Client(base_url=f"http://{address}") as client:
        for _ in range(30):
            assert client.get("/").text == "ok"
        assert closed == []
    assert 1 <= len(seen) <= 3
    assert sorted(closed) == ["pages-0", "pages-1", "pages-2"]


def test_a_websocket_is_refused() -> None:
    async def refused() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        bridge = Bridge(echo, LastingThreads(1, waiting_limit=1, name="pages"))
        await Dispatcher(Role.all, bridge)({"type": "websocket", "path": "/live/x"}, receive, send)
        return sent

    assert [(message["type"], message["code"]) for message in asyncio.run(refused())] == [
        ("websocket.close", 1008)
    ]


def test_a_request_to_upgrade_gets_an_ordinary_answer() -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "x",
    }
    with bridged(said("no upgrade")) as (address, _):
        answer = get(address, headers=upgrade)
    assert (answer.status_code, answer.text) == (200, "no upgrade")


def test_https_and_a_root_path_are_told_to_the_page() -> None:
    scope = {
        "type": "http", "method": "GET", "path": "/plant/now", "raw_path": b"/plant/now", "headers": [],
        "root_path": "/plant", "http_version": "1.1", "query_string": b"", "scheme": "https",
        "server": ("::1", 443), "client": None,
    }  # fmt: skip
    environ = environ_of(scope, BytesIO(), 0, "id")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/plant", "/now")
    assert (environ["wsgi.url_scheme"], environ["HTTPS"], environ["REMOTE_ADDR"]) == ("https", "on", "")


def test_a_reference_has_sixteen_hexadecimal_digits() -> None:
    with bridged(echo) as (address, _):
        assert re.fullmatch(r"[0-9a-f]{16}", get(address).json()["plantbeat.request_id"])
