"""The pages of calls for help: two taps to raise, big buttons, a timeline that proves what happened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from andon_floor import MINUTE_US, NOON, Floor
from django.test import Client

from plantbeat.areas.execution.andon import actions
from plantbeat.areas.execution.andon.escalating import fire_due
from plantbeat.areas.execution.live import andon_frame, line_frame
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.people.records.on_call import OnCall
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import User

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R145")]


@pytest.fixture
def floor(plant):
    with clock.at(NOON):
        yield Floor(plant)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def as_(floor):
    """`as_(role)` is the signed-in browser of the one on duty in a role."""

    def signed_in(role: Role) -> Client:
        return browser(User.objects.get(pk=floor.actors[role].user_id))

    return signed_in


def verbs(page) -> list[str]:
    return [button["verb"] for card in page.context["cards"] for button in card["buttons"]]


def test_two_taps_from_the_line_call_for_help(floor, as_):
    operator = as_(Role.operator)
    assert "/lines/L1/call/" in operator.get("/lines/L1/").content.decode()
    page = operator.get("/lines/L1/call/")
    assert [kind.code for kind in page.context["kinds"]][:2] == ["maintenance", "quality"]
    done = operator.post("/lines/L1/call/", {"category": "maintenance", "asset": ""})
    call = AndonCall.objects.get()
    assert (done.status_code, done.url) == (302, f"/andon/{call.number}/")
    assert (call.asset, call.raised_by) == ("L1", floor.operator.pseudonym)


def test_who_is_called_sees_the_buttons_of_the_state(floor, as_):
    call = actions.raise_call(floor.site, "F1", "maintenance", floor.operator)
    fitter, operator = as_(Role.maintenance), as_(Role.operator)
    assert verbs(fitter.get("/andon/")) == ["acknowledge", "arrive"]
    for verb, left in (
        ("acknowledge", ["arrive", "resolve"]),
        ("arrive", ["resolve", "contain"]),
        ("resolve", ["reopen"]),
    ):
        done = fitter.post(f"/andon/{call.number}/{verb}/", {"back": "/andon/"})
        assert (done.status_code, done.url) == (302, "/andon/")
        assert verbs(fitter.get("/andon/calls/")) == left
    assert "not by the helper alone" in fitter.get("/andon/").content.decode()
    assert fitter.post(f"/andon/{call.number}/confirm/").status_code == 422
    assert verbs(operator.get("/andon/")) == ["confirm", "reopen"]
    operator.post(f"/andon/{call.number}/confirm/")
    call.refresh_from_db()
    assert call.state == "confirmed"
    assert call.number in operator.get("/andon/").content.decode()


def test_the_page_of_a_call_proves_who_was_told(floor, as_):
    floor.remove(Role.maintenance)
    call = actions.raise_call(floor.site, "F1", "maintenance", floor.operator, note="belt slips")
    while fire_due():
        pass
    text = as_(Role.line_lead).get(f"/andon/{call.number}/").content.decode()
    for said in ("belt slips", "Nobody on duty", "Rung 1: Maintenance", "Rung 2: Line lead", "tablet sound"):
        assert said in text


def test_the_board_says_what_is_default_and_what_is_not_set_up(floor, as_):
    text = as_(Role.operator).get("/andon/").content.decode()
    for said in ("This is the default ladder.", "Nobody calls", "No test call per shift is set up"):
        assert said in text


def test_bad_input_is_a_sentence_and_changes_nothing(floor, as_):
    page = as_(Role.operator).post("/lines/L1/call/", {"category": "pizza"})
    assert page.status_code == 422
    assert "no such kind of call" in page.content.decode()
    assert not AndonCall.objects.exists()
    assert as_(Role.operator).get("/lines/NO/call/").status_code == 404
    assert as_(Role.operator).get("/andon/AC-9/").status_code == 404


def test_who_only_reads_has_no_buttons(floor):
    call = actions.raise_call(floor.site, "F1", "maintenance", floor.operator)
    analyst = browser(floor.plant.user(Role.analyst))
    assert verbs(analyst.get("/andon/")) == []
    assert analyst.post(f"/andon/{call.number}/acknowledge/").status_code == 422
    assert "does not call for help" in analyst.get("/lines/L1/call/").content.decode()
    stranger = browser(floor.plant.user(Role.manager, floor.plant.south))
    assert stranger.get(f"/andon/{call.number}/").status_code == 404


def test_nobody_is_sent_to_a_foreign_address(floor, as_):
    call = actions.raise_call(floor.site, "F1", "maintenance", floor.operator)
    done = as_(Role.maintenance).post(f"/andon/{call.number}/arrive/", {"back": "https://evil.example/"})
    assert done.url == f"/andon/{call.number}/"


def test_a_leader_makes_a_test_call(floor, as_):
    assert as_(Role.operator).post("/andon/test/").status_code == 404
    assert as_(Role.supervisor).post("/andon/test/").status_code == 302
    assert AndonCall.objects.get().is_test


def test_live_frames_carry_the_call_and_its_sound_until_somebody_takes_it(floor):
    before = line_frame("L1", floor.lead)
    assert before["L1.andon"]["text"] == ""
    assert before["L1.andon"]["status"] == "none"
    call = actions.raise_call(floor.site, "F1", "maintenance", floor.operator)
    fire_due()
    frame = line_frame("L1", floor.lead)
    assert (frame["L1.andon"]["text"], frame["L1.andon"]["status"], frame["L1.andon"]["n"]) == (
        "Maintenance",
        "act",
        1,
    )
    assert frame["L1.andon_sound"]["ring"] is not None
    signature = andon_frame("N", floor.lead)["andon.calls"]["signature"]
    actions.acknowledge(call, floor.fitter)
    after = andon_frame("N", floor.lead)["andon.calls"]
    assert after["signature"] != signature
    assert (after["ring"], after["n"]) == (None, 1)


def test_the_board_costs_the_same_queries_for_many_calls(floor, as_, django_assert_max_num_queries):
    for asset in ("F1", "P1"):
        for kind in ("maintenance", "quality", "material", "safety", "help"):
            actions.raise_call(floor.site, asset, kind, floor.operator)
    lead = as_(Role.line_lead)
    with django_assert_max_num_queries(45):
        lead.get("/andon/")


@pytest.mark.requirement("R183")
def test_the_on_duty_page_names_who_answers_and_says_nobody_plainly(floor, as_):
    boss = Person.objects.create(site=floor.site, number="9", name="Maria Boss")
    now = clock.from_us(NOON)
    duty = {"person": boss, "role": Role.manager, "starts": now, "ends": now + timedelta(hours=4)}
    floor.make(OnCall, **duty)
    page = as_(Role.supervisor).get("/on-duty/")
    (block,) = page.context["blocks"]
    said = {row["role"]: [one["name"] for one in row["cells"][0]["people"]] for row in block["rows"]}
    assert said["Production manager"] == ["Maria Boss"]
    assert said["Maintenance"] == ["Maintenance"]
    assert said["EHS"] == []
    assert "Nobody on duty" in page.content.decode()
    assert MINUTE_US
