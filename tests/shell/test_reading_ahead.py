"""What is read ahead after a start: in small pieces, not while a page is made, whatever goes wrong."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError

from plantbeat.shell import reading_ahead
from plantbeat.shell.reading_ahead import ReadingAhead, pieces_of_all_sites

PATIENCE_S = 20.0
Pieces = Callable[[], Iterator[Callable[[], object]]]


@pytest.fixture
def read(monkeypatch):
    """Start reading ahead without pauses; it has ended when the test has."""
    monkeypatch.setattr(reading_ahead, "PAUSES_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr(reading_ahead, "REST_S", 0.001)
    started: list[ReadingAhead] = []

    def start(pieces: Pieces, is_busy: Callable[[], bool] = lambda: False) -> ReadingAhead:
        started.append(ReadingAhead(is_busy, pieces))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.stop()
        one.join(PATIENCE_S)
        assert not one.is_alive()


def ended(thread: ReadingAhead) -> bool:
    thread.join(PATIENCE_S)
    return not thread.is_alive()


def test_all_is_read_once_and_the_thread_ends(read, caplog):
    caplog.set_level(logging.INFO, "plantbeat.serve")
    done: list[int] = []
    assert ended(read(lambda: iter([lambda: done.append(1), lambda: done.append(2)])))
    assert done == [1, 2]
    assert caplog.messages[0].startswith("read ahead 2 pieces in ")


def test_nothing_is_read_while_a_page_is_being_made(read):
    page, looked, done = threading.Event(), threading.Event(), threading.Event()
    page.set()

    def is_busy() -> bool:
        looked.set()
        return page.is_set()

    thread = read(lambda: iter([done.set]), is_busy)
    assert looked.wait(PATIENCE_S)
    assert not done.is_set()
    page.clear()
    assert ended(thread)
    assert done.is_set()


def test_a_server_that_stops_does_not_wait_for_it(read):
    looked = threading.Event()

    def is_busy() -> bool:
        looked.set()
        return True

    thread = read(lambda: iter([lambda: pytest.fail("read while a page is made")]), is_busy)
    assert looked.wait(PATIENCE_S)
    thread.stop()
    assert ended(thread)


def test_a_database_that_is_away_is_tried_again_later(read):
    tries: list[str] = []

    def pieces() -> Iterator[Callable[[], object]]:
        tries.append("try")
        if len(tries) == 1:
            raise OperationalError("no such table: kernel_site")
        yield lambda: tries.append("read")

    assert ended(read(pieces))
    assert tries == ["try", "try", "read"]


def test_a_fault_of_the_program_ends_it_and_is_said(read, caplog):
    def broken() -> object:
        raise ValueError("no calendar")

    assert ended(read(lambda: iter([broken])))
    assert caplog.messages == ["reading ahead has ended; pages read what they need themselves"]
    assert "no calendar" in caplog.text


@pytest.mark.django_db
def test_an_installation_where_nothing_is_set_up_has_nothing_to_read():
    assert list(pieces_of_all_sites()) == []
