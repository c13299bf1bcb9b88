"""`/healthz` for whoever asks, `/metrics` for those who may."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

import plantbeat
from plantbeat.facts.source import FactSource
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Grant, Site, User
from plantbeat.kernel.act import act
from plantbeat.shell import metrics

pytestmark = [pytest.mark.django_db, pytest.mark.urls("shell.plant_urls")]
SYSTEM = Actor.system("test")
SAMPLE = re.compile(r'[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? -?[0-9.e+-]+')


@pytest.fixture(autouse=True)
def _installed(settings: Any, db: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    user_with("administrator")


def user_with(role: str) -> User:
    user = act(User, "create", SYSTEM, {"username": f"the-{role}"})
    Grant.objects.create(user=user, role=role, site=None)
    return act(user, "set_password", SYSTEM, {"password": "correct horse"})


def task(queue: str, age_s: float, **more: Any) -> None:
    values = {
        "run_after": get_date_max(),
        "args_kwargs": {},
        "queue_name": queue,
        "backend_name": "default",
    } | more
    made = DBTaskResult.objects.create(task_path="x", **values)
    DBTaskResult.objects.filter(pk=made.pk).update(enqueued_at=timezone.now() - timedelta(seconds=age_s))


def test_a_healthy_installation_says_so_without_sign_in() -> None:
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.json()
    assert set(told.pop("disk")) == {"free", "least_free", "ok"}
    assert told == {
        "status": "ok",
        "version": plantbeat.__version__,
        "database": {"kind": connection.vendor, "ok": True},
        "queue": {"now": 0, "heavy": 0, "oldest_s": None},
        "last_fact_age_s": None,
    }


def test_waiting_tasks_are_counted_by_queue_with_the_age_of_the_oldest() -> None:
    task("now", 5)
    task("now", 40)
    task("heavy", 20)
    task("heavy", 500, status="SUCCESSFUL")
    task("now", 900, run_after=timezone.now() + timedelta(hours=1))
    task("now", 900, run_after=timezone.now() - timedelta(seconds=3))
    queue = Client().get("/healthz").json()["queue"]
    assert (queue["now"], queue["heavy"]) == (3, 1)
    assert 40 <= queue["oldest_s"] < 60


def test_the_age_of_the_last_fact_is_by_the_clock_of_the_plant() -> None:
    with clock.at(1_795_334_400_000_000):
        site = act(Site, "create", SYSTEM, {"code": "N", "name": "North"})
        source = act(FactSource, "create", SYSTEM, {"site": site, "name": "gw", "kind": "gateway"})
        FactSource.objects.filter(pk=source.pk).update(last_heard_us=clock.now_us() - 2_500_000)
        assert Client().get("/healthz").json()["last_fact_age_s"] == 2.5


def test_without_a_database_it_is_unavailable_and_tells_no_detail() -> None:
    def away(*_call: Any) -> None:
        raise OperationalError('connection to server at "db.plant.local", user "secret" failed')

    with connection.execute_wrapper(away):
        answer = Client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["database"] == {"kind": connection.vendor, "ok": False}
    assert "secret" not in answer.content.decode()


def test_health_is_only_asked_for() -> None:
    assert Client().post("/healthz").status_code == 405


@pytest.fixture
def scraped() -> Any:
    def scrape(**headers: Any) -> Any:
        return Client(**headers).get("/metrics")

    return scrape


def test_every_line_is_in_the_text_format(scraped: Any) -> None:
    metrics.REQUESTS.add('odd "name"\\\n', "GET", "200")
    answer = scraped()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert f'plantbeat_info{{version="{plantbeat.__version__}"}} 1' in lines
    assert r'plantbeat_requests_total{route="odd \"name\"\\\n",method="GET",status="200"} 1' in lines
    assert all(
        line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line.replace(r"\"", "")) for line in lines
    )


def test_pages_are_counted_and_timed_under_the_name_of_their_route(scraped: Any) -> None:
    def figures() -> dict[str, float]:
        pairs = (line.rsplit(" ", 1) for line in metrics.exposition().splitlines() if line[0] != "#")
        return {name: float(value) for name, value in pairs}

    before = figures()
    client = Client()
    client.get("/hello")
    client.get("/hello")
    client.get("/no-such-page")
    client.generic("BREW", "/hello")

    def more(name: str) -> float:
        return figures()[name] - before.get(name, 0)

    assert more('plantbeat_requests_total{route="hello",method="GET",status="200"}') == 2
    assert more('plantbeat_requests_total{route="hello",method="other",status="200"}') == 1
    assert more('plantbeat_requests_total{route="none",method="GET",status="404"}') == 1
    assert more('plantbeat_request_seconds_count{route="hello"}') == 3
    assert more('plantbeat_request_seconds_bucket{route="hello",le="+Inf"}') == 3
    assert more('plantbeat_request_seconds_sum{route="hello"}') > 0


def test_buckets_are_cumulative_and_include_their_bound() -> None:
    times = metrics.Histogram("t_seconds", "Times.", buckets=(0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 2.0):
        times.observe(value)
    assert list(times.samples()) == [
        ("_bucket", ("0.1",), 2),
        ("_bucket", ("1",), 3),
        ("_bucket", ("+Inf",), 4),
        ("_sum", (), 2.65),
        ("_count", (), 4),
    ]


def test_a_figure_the_database_does_not_give_leaves_the_others_standing(monkeypatch: Any) -> None:
    def away() -> float:
        raise OperationalError("away")

    monkeypatch.setattr(metrics, "_metrics", dict(metrics._metrics))
    metrics.reading("plantbeat_away", "Asks the database.", away)
    text = metrics.exposition()
    assert "# TYPE plantbeat_away gauge\n" in text
    assert "\nplantbeat_away " not in text
    assert "process_cpu_seconds_total " in text


@pytest.mark.requirement("X6")
@pytest.mark.parametrize("headers", [{"REMOTE_ADDR": "10.1.2.3"}, {"HTTP_X_FORWARDED_FOR": "10.1.2.3"}])
def test_others_than_this_machine_itself_see_no_figures(scraped: Any, headers: dict[str, str]) -> None:
    answer = scraped(**headers)
    assert answer.status_code == 403
    assert b"plantbeat_info" not in answer.content


def test_the_token_opens_from_anywhere_and_only_the_right_one(scraped: Any, monkeypatch: Any) -> None:
    assert scraped(REMOTE_ADDR="10.1.2.3", HTTP_AUTHORIZATION="Bearer ").status_code == 403
    monkeypatch.setenv("PLANTBEAT_METRICS_TOKEN", "right")
    assert scraped(REMOTE_ADDR="10.1.2.3", HTTP_AUTHORIZATION="Bearer right").status_code == 200
    assert scraped(REMOTE_ADDR="10.1.2.3", HTTP_AUTHORIZATION="Bearer wrong").status_code == 403


@pytest.mark.requirement("X6")
def test_an_administrator_sees_the_figures_from_anywhere_and_a_manager_does_not() -> None:
    for user, status in ((User.objects.get(), 200), (user_with("manager"), 403)):
        client = Client(REMOTE_ADDR="10.1.2.3")
        client.force_login(user)
        assert client.get("/metrics").status_code == status
