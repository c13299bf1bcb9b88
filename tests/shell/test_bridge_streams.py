"""Answers made bit by bit: streams and files over the bridge, and clients that are slow or leave."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.shell.bridge import Bridge
from plantbeat.shell.lasting_threads import LastingThreads
from shell.bridged_pages import Streaming, bridged, large_file, said
from shell.serving_thread import connected, eventually, get, until_closed


def test_a_stream_arrives_while_it_is_still_being_made() -> None:
    go_on = threading.Event()

    def chunks() -> Iterator[bytes]:
        yield b"first"
        assert go_on.wait(5)
        yield b"second"

    def pages(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Streaming:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Streaming(chunks())

    with bridged(pages) as (address, _), httpx.stream("GET", f"http://{address}/", timeout=5) as answer:
        assert answer.headers["transfer-encoding"] == "chunked"
        arriving = answer.iter_raw()
        assert next(arriving) == b"first"
        go_on.set()
        assert b"".join(arriving) == b"second"


def test_a_stream_is_closed_by_its_own_thread_when_the_client_leaves() -> None:
    made = threading.Semaphore(0)
    threads: set[str] = set()

    def chunks() -> Iterator[bytes]:
        while True:
            threads.add(threading.current_thread().name)
            made.release()
            yield b"x" * 1_000
            time.sleep(0.005)

    answers: list[Streaming] = []

    def pages(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Streaming:
        start_response("200 OK", [])
        answers.append(Streaming(chunks()))
        return answers[0]

    with bridged(pages) as (address, bridge):
        with connected(address) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert made.acquire(timeout=5)
            connection.recv(100)
        eventually(lambda: answers[0].closed_in)
        eventually(lambda: bridge.threads.busy == 0)
    assert threads == {answers[0].closed_in}


def test_a_client_that_takes_nothing_is_given_up() -> None:
    answers: list[Streaming] = []

    def pages(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Streaming:
        start_response("200 OK", [])
        answers.append(Streaming(b"x" * 100_000 for _ in range(1_000)))
        return answers[0]

    with bridged(pages, window=500_000, stall_s=0.3) as (address, bridge), connected(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: answers and answers[0].closed_in)
        eventually(lambda: bridge.threads.busy == 0)
        received = until_closed(connection)
    assert not received.endswith(b"0\r\n\r\n"), "a broken-off stream must not look complete"


def test_a_slow_download_of_a_file_holds_no_thread() -> None:
    size = 30_000_000

    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] != "/file":
            return said("quick")(environ, start_response)
        file = large_file(size)
        start_response("200 OK", [("Content-Length", str(size))])
        return environ["wsgi.file_wrapper"](file)

    with bridged(pages, threads=1) as (address, _), connected(address) as slow:
        slow.sendall(b"GET /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        slow.recv(1_000)
        for _ in range(3):
            assert get(address, "/page").text == "quick"
        head_and_rest = until_closed(slow)
    assert len(head_and_rest) > size - 1_000


def test_a_file_is_closed_when_the_client_leaves() -> None:
    file = large_file(50_000_000)

    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        start_response("200 OK", [("Content-Length", "50000000")])
        return environ["wsgi.file_wrapper"](file)

    with bridged(pages) as (address, _):
        with connected(address) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.recv(1_000)
        eventually(lambda: file.closed)


def test_a_fault_in_the_middle_of_a_stream_breaks_the_answer_off() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x" * 1_000
        raise RuntimeError("half way")

    def pages(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Streaming:
        start_response("200 OK", [])
        return Streaming(chunks())

    with bridged(pages) as (address, _), pytest.raises(httpx.RemoteProtocolError):
        get(address)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=12), st.booleans(), st.integers(1, 600))
def test_whatever_the_chunks_and_the_window_the_body_is_their_sum(
    chunks: list[bytes], streaming: bool, window: int
) -> None:
    def pages(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        start_response("200 OK", [])
        return Streaming(iter(chunks)) if streaming else list(chunks)

    async def answer() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {}

        threads = LastingThreads(1, waiting_limit=1, name="pages")
        threads.start()
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "http_version": "1.1"}
        await Bridge(pages, threads, window=window)(scope, receive, send)
        await threads.stop(5)
        return sent

    head, *body = asyncio.run(answer())
    assert head["status"] == 200
    assert b"".join(message["body"] for message in body) == b"".join(chunks)
    assert [message["more_body"] for message in body] == [True] * (len(body) - 1) + [False]
