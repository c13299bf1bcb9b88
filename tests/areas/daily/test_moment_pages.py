"""Every moment has a page, and Now opens the one that is due, by role."""

from __future__ import annotations

import pytest
from django.test import Client
from line_of_machines import SYSTEM, LineOfMachines, at

from plantbeat.areas.people.records.person import Person
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R141")]

TUESDAY = "2026-03-10"


@pytest.fixture
def line(administered):
    with clock.at(at(TUESDAY, "09:00")):
        yield LineOfMachines()


def signed_in(line: LineOfMachines, role: Role, *, home: bool = False) -> Client:
    grants = [{"role": role, "site": line.site}]
    user = act(User, "create", SYSTEM, {"username": f"u-{role}", "grants": grants})
    if home:
        line.make(Person, number="1", name="At home", home_line=line.line, user=user)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("path", ["/gemba-now/", "/sync-now/", "/people-now/", "/results/", "/start-up/"])
@pytest.mark.parametrize("role", [Role.manager, Role.operator, Role.analyst])
def test_every_moment_has_a_page_that_says_what_is_not_there(line, path, role):
    answer = signed_in(line, role).get(path)
    assert answer.status_code == 200
    bar = [entry["code"] for entry in answer.context["moments"]]
    assert bar == [
        "now", "start_up", "tune", "gemba", "sync", "people", "results", "handoff", "overview",
    ]  # fmt: skip


def test_each_moment_leads_to_the_next_one(line):
    client, page, seen = signed_in(line, Role.manager), "/start-up/", list[str]()
    while (following := client.get(page).context["next_moment"]) is not None:
        page = following["url"]
        seen.append(following["code"])
    assert seen == ["tune", "gemba", "sync", "people", "results", "handoff"]
    assert client.get("/andon/").context["next_moment"] is None


@pytest.mark.parametrize(
    ("role", "home", "opens"),
    [
        (Role.manager, False, "/schedule/"),
        (Role.supervisor, False, "/schedule/"),
        (Role.planner, False, "/schedule/"),
        (Role.line_lead, True, "/lines/L1/hours/"),
        (Role.line_lead, False, "/overview/"),
        (Role.ehs, False, "/r/safety/hazards/?state=reported&state=in_work"),
        (Role.administrator, False, "/overview/"),
    ],
)
def test_now_opens_by_role_and_by_the_time_of_the_day(line, role, home, opens):
    answer = signed_in(line, role, home=home).get("/")
    assert (answer.status_code, answer["Location"]) == (302, opens)


def test_there_is_one_front_page_and_its_old_address_leads_to_it(line):
    client = signed_in(line, Role.manager)
    moved = client.get("/here/?site=N")
    assert (moved.status_code, moved["Location"]) == (301, "/?site=N")
    page = client.get("/start-up/").content.decode()
    assert 'class="pb-brand" href="/"' in page
    assert "/here/" not in page


def test_now_of_an_operator_is_their_line(line):
    assert "L1" in signed_in(line, Role.operator, home=True).get("/")["Location"]


def test_now_follows_the_time(line):
    client = signed_in(line, Role.manager)
    for clock_time, opens in (("06:40", "/start-up/"), ("10:30", "/gemba-now/"), ("17:10", "/handoff/")):
        with clock.at(at(TUESDAY, clock_time)):
            assert client.get("/")["Location"] == opens


def test_the_bar_costs_the_same_on_every_page(line, django_assert_max_num_queries):
    client = signed_in(line, Role.operator)
    client.get("/hazards/report/")
    with django_assert_max_num_queries(16):
        client.get("/hazards/report/")
