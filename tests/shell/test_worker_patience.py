"""A worker lives through a database that is busy or away, and asks for its lock only when there is work."""

from __future__ import annotations

import time

import pytest
from django.db import OperationalError

from plantbeat.shell import worker
from plantbeat.shell.worker import PatientWorker

pytestmark = pytest.mark.django_db


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> PatientWorker:
    """A worker of the queue `now` that pauses for no time."""
    monkeypatch.setattr(worker, "AGAIN_S", 0.0)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker, "connection", type("Kept", (), {"close": lambda _self: None})())
    return PatientWorker(
        queue_names=["now"],
        interval=0.0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="now-test",
        excluded_queue_names=[],
    )


def test_a_busy_database_is_waited_for(idle: PatientWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def look(_self: PatientWorker) -> bool:
        looked.append("look")
        if len(looked) < 3:
            raise OperationalError("database is locked")
        return True

    def work(self: PatientWorker) -> None:
        looked.append("work")
        if looked.count("work") == 1:
            raise OperationalError("database is locked")  # as the package's own loop is ended by it
        self.running = False

    monkeypatch.setattr(PatientWorker, "_has_work", look)
    monkeypatch.setattr(PatientWorker, "run", work)
    idle.run_on()
    assert looked == ["look", "look", "look", "work", "look", "work"]


def test_an_empty_queue_takes_no_lock(idle: PatientWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        idle.running = len(pauses) < 3

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(PatientWorker, "run", lambda _self: pytest.fail("there is no work"))
    idle.run_on()
    assert len(pauses) == 3
