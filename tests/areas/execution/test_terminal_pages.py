"""The terminal's pages: on a tablet, for somebody signed in, and for those who lead."""

from __future__ import annotations

import json

import pytest
from django.templatetags.static import static
from django.test import Client
from line_of_machines import MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.execution.records.machine_buttons import MachineButtons
from plantbeat.areas.execution.records.reason_buttons import ReasonButtons
from plantbeat.facts.models import Fact, Tap
from plantbeat.kernel import clock, devices
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R146", "R156")]

NOW = at("2026-03-03", "10:00")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Hall:
    """Line L1 counted by hand, people, and a paired tablet."""

    def __init__(self) -> None:
        self.line = LineOfMachines(source="taps")
        self.line.say(self.line.fact("state", NOW - 60 * MIN, asset="M1", state="own_stop"))
        self.line.say(self.line.fact("state", NOW - 30 * MIN, asset="M1", state="running"))
        self.line.drain()
        self.user("chief", Role.administrator)
        self.tablet = Client()
        self.tablet.cookies[devices.COOKIE] = "secret"
        by = Actor("p-lead", grants=((Role.supervisor, self.line.site.pk),))
        where = {"site": self.line.site, "name": "Tablet", "kind": "tablet", "place": "L1"}
        self.device = devices.enrol(devices.waiting_code("secret"), by, **where)

    def user(self, name: str, role: Role, **more: object) -> User:
        grants = [{"role": role, "site": self.line.site if role != Role.administrator else None}]
        made = act(User, "create", SYSTEM, {"username": name, "name": name, "grants": grants, **more})
        return act(made, "set_password", SYSTEM, {"password": "a good long passphrase"})

    def signed_in(self, role: Role) -> Client:
        client = Client()
        client.force_login(self.user(f"the-{role}", role), backend=BACKEND)
        return client


@pytest.fixture
def hall(db):
    with clock.at(NOW):
        yield Hall()


def once_of(page) -> str:
    return page.context["once"]


def test_a_tablet_opens_its_line_and_strangers_sign_in(hall):
    assert hall.tablet.get("/terminal/").url == "/terminal/L1/"
    assert hall.tablet.get("/screen/").url == "/terminal/L1/"
    page = hall.tablet.get("/terminal/L1/")
    assert (page.status_code, b"data-terminal " in page.content) == (200, True)
    assert b"no reason yet" in page.content
    assert "/accounts/login/" in Client().get("/terminal/L1/").url
    assert hall.tablet.get("/terminal/L9/").status_code == 404
    assert hall.tablet.get("/terminal/?choose").status_code == 200


def test_the_part_that_changes_comes_alone(hall):
    part = hall.tablet.get("/terminal/L1/?part=now").content.decode()
    assert part.startswith("\n<div") or part.lstrip().startswith("<div")
    assert "<html" not in part
    assert f'data-now-us="{NOW}"' in part


def test_a_terminal_speaks_the_language_of_the_badge(hall):
    assert "Piezas buenas" in hall.tablet.get("/terminal/L1/?lang=es").content.decode()
    assert "Good pieces" in hall.tablet.get("/terminal/L1/?lang=xx").content.decode()


def test_somebody_signed_in_taps_once_however_often_it_is_sent(hall):
    operator = hall.signed_in(Role.operator)
    once = once_of(operator.get("/terminal/L1/"))
    given = {"kind": "count", "line": "L1", "good": "24", "once": once}
    for _ in range(2):
        assert operator.post("/terminal/L1/tap/", given).status_code == 302
    assert Fact.objects.filter(kind="count").count() == 1
    after = operator.get(f"/terminal/L1/?tapped={once}")
    undo = {"kind": "undo", "line": "L1", "session": once, "seq": "1", "once": once_of(after)}
    assert operator.post("/terminal/L1/tap/", undo).status_code == 302
    assert Fact.objects.filter(kind="correction").count() == 1


@pytest.mark.parametrize(
    "given", [{"once": ""}, {"good": "many"}, {"kind": "dance"}, {"line": "L9"}, {"good": "-3"}]
)
def test_bad_input_on_a_page_is_refused_in_words(hall, given):
    operator = hall.signed_in(Role.operator)
    once = once_of(operator.get("/terminal/L1/"))
    usual = {"kind": "count", "line": "L1", "good": "1", "once": once}
    answer = operator.post("/terminal/L1/tap/", usual | given)
    assert (answer.status_code, bool(answer.context["problems"])) == (422, True)
    assert not Fact.objects.filter(kind="count").exists()


def test_who_only_reads_taps_nothing(hall):
    analyst = hall.signed_in(Role.analyst)
    page = analyst.get("/terminal/L1/")
    assert not page.context["may_tap"]
    given = {"kind": "count", "line": "L1", "good": "1", "once": once_of(page)}
    assert analyst.post("/terminal/L1/tap/", given).status_code == 422
    assert not Fact.objects.filter(kind="count").exists()


def test_a_badge_becomes_a_pass_that_goes_with_taps(hall):
    hall.user("ann", Role.operator, badge="0451")

    def post(path, body):
        return hall.tablet.post(path, json.dumps(body), content_type="application/json")

    assert post("/terminal/sign-in/", {"badge": "999"}).status_code == 422
    assert post("/terminal/sign-in/", [1]).status_code == 422
    stranger = Client().post("/terminal/sign-in/", "{}", content_type="application/json")
    assert stranger.status_code == 401
    told = post("/terminal/sign-in/", {"badge": "0451"}).json()
    assert told["name"] == "ann"
    tap = {"seq": 1, "kind": "count", "clock_us": NOW, "offset_us": 0, "pass": told["pass"]}
    tap["data"] = {"line": "L1", "good": 1}
    answer = post("/taps/", {"session": "session-of-tablet", "clock_us": NOW, "taps": [tap]}).json()
    assert [one["outcome"] for one in answer["results"]] == ["done"]


@pytest.mark.parametrize(
    "tries", [[{"badge": f"{n:05d}"} for n in range(10)], [{"username": "ann", "pin": "0000"}] * 5]
)
def test_who_tries_badges_or_pins_over_and_over_is_told_to_wait(hall, tries):
    hall.user("ann", Role.operator, badge="0451")

    def post(body):
        return hall.tablet.post("/terminal/sign-in/", json.dumps(body), content_type="application/json")

    assert {post(one).status_code for one in tries} == {422}
    held = post(tries[-1])
    assert (held.status_code, held.headers["Retry-After"]) == (429, "60")
    assert "wait a few minutes or ask your lead" in held.json()["problems"][0]["message"]


def test_the_app_names_its_icons_and_its_worker_takes_the_files_along(hall):
    about = hall.tablet.get("/terminal/manifest.webmanifest").json()
    assert (about["start_url"], about["scope"], about["display"]) == (
        "/terminal/",
        "/terminal/",
        "standalone",
    )
    assert {icon["sizes"] for icon in about["icons"]} == {"192x192", "512x512", "any"}
    worker = hall.tablet.get("/terminal/worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    files = json.loads(worker.content.decode().splitlines()[0].removeprefix("self.PLANTBEAT = ").rstrip(";"))
    assert static("dist/app.js") in files["assets"]
    assert not any("echarts" in name for name in files["assets"])


def test_the_review_saves_places_and_takes_proposals(hall):
    lead = hall.signed_in(Role.line_lead)
    assert lead.get("/terminal/L1/buttons/").status_code == 200
    twice = lead.post("/terminal/L1/buttons/", {"place-1": "JAM", "place-2": "JAM"})
    assert (twice.status_code, ReasonButtons.objects.count()) == (422, 0)
    assert lead.post("/terminal/L1/buttons/", {"place-1": "JAM", "place-5": "EMPTY"}).status_code == 302
    row = ReasonButtons.objects.get()
    assert row.reviewed_us == NOW
    assert list(row.places.order_by("place").values_list("place", "reason__code")) == [
        (1, "JAM"),
        (5, "EMPTY"),
    ]
    assert lead.post("/terminal/L1/buttons/", {"take": "proposals"}).status_code == 302
    operator = hall.signed_in(Role.operator)
    assert operator.post("/terminal/L1/buttons/", {"place-1": "JAM"}).status_code == 422


def test_the_review_gives_a_machine_its_own_places_and_takes_them_back(hall):
    lead = hall.signed_in(Role.line_lead)
    lead.post("/terminal/L1/buttons/", {"place-1": "JAM"})
    page = lead.get("/terminal/L1/buttons/?machine=M1").content.decode()
    assert "no buttons of its own" in page
    assert lead.get("/terminal/L1/buttons/?machine=M9").status_code == 404
    assert lead.post("/terminal/L1/buttons/?machine=M1", {"place-2": "EMPTY"}).status_code == 302
    own = MachineButtons.objects.get()
    assert (own.machine.code, own.reviewed_us, ReasonButtons.objects.count()) == ("M1", NOW, 1)
    assert "Places of M1." in hall.tablet.get("/terminal/L1/").content.decode()
    assert "shows the own buttons of M1" in lead.get("/terminal/L1/buttons/").content.decode()
    assert lead.post("/terminal/L1/buttons/?machine=M1", {"drop": "1"}).status_code == 302
    assert (MachineButtons.objects.count(), ReasonButtons.objects.count()) == (0, 1)
    assert lead.post("/terminal/L1/buttons/?machine=M1", {"drop": "1"}).status_code == 422


def test_a_stop_shows_the_fixed_buttons_of_its_machine_first(hall):
    lead = hall.signed_in(Role.line_lead)
    address = f"/lines/M1/stops/{NOW - 45 * MIN}/"
    assert "All reasons" not in lead.get(address).content.decode()
    lead.post("/terminal/L1/buttons/?machine=M1", {"place-2": "EMPTY"})
    page = lead.get(address).content.decode()
    assert page.index("No material") < page.index("All reasons") < page.index("Jam")


def test_refused_taps_are_there_for_those_who_lead(hall):
    operator = hall.signed_in(Role.operator)
    once = once_of(operator.get("/terminal/L1/"))
    operator.post("/terminal/L1/tap/", {"kind": "count", "line": "L1", "good": "0", "once": once})
    assert Tap.objects.get().outcome == "refused"
    page = hall.signed_in(Role.supervisor).get("/terminal/refused/").content.decode()
    assert "whole number" in page
    assert "the-operator" not in page
