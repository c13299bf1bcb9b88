"""Stop, call, reason, gap of the hour, scrap and action are one event: each leads to all the others."""

from __future__ import annotations

import pytest
from django.test import Client
from half_shift import DAY, NOW, early
from line_of_machines import HOUR, MIN, SYSTEM, at
from test_hour_board import freeze, line  # noqa: F401  (a fixture)

from plantbeat.areas.execution.actions import explain_stop
from plantbeat.areas.execution.andon.actions import raise_call, resolve
from plantbeat.areas.execution.hours.actions import explain_hour
from plantbeat.areas.execution.hours.questions import hour_board
from plantbeat.areas.execution.questions import stop_at
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.stops.actions import stop_record
from plantbeat.areas.execution.stops.drafts import action_draft, take_action
from plantbeat.areas.execution.stops.questions import stop_story
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.engine.hours import GapPart
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.surfaces.addresses import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R146", "R145", "R083")]

NOON = at(DAY, "12:00")


@pytest.fixture
def browser(line):  # noqa: F811
    everywhere = [{"role": Role.administrator, "site": None}]
    chief = act(User, "create", SYSTEM, {"username": "chief", "name": "Chief", "grants": everywhere})
    act(chief, "set_password", SYSTEM, {"password": "a good long passphrase"})
    grants = [{"role": Role.supervisor, "site": line.site}]
    user = act(User, "create", SYSTEM, {"username": "sam", "name": "Sam", "grants": grants})
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page_of(browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def parts_at(site, hour: str) -> dict[str, int]:
    """Reasons of the stops of an hour on the board, with their µs."""
    board = hour_board(site, "L1", early().pk, SYSTEM)
    row = next(row for row in board.rows if row.start_us == at(DAY, hour))
    return {one.reason.code if one.reason else "": one.us for one in row.reasons if one.part is GapPart.stop}


def test_from_the_call_to_its_stop_and_back(line, browser):  # noqa: F811
    call = raise_call(line.site, "M1", "maintenance", SYSTEM)
    stop_url = f"/lines/L1/stops/{NOON}/"
    text = page_of(browser, f"/andon/{call}/")
    assert stop_url in text
    assert "30 min" in text
    record = stop_record(line.site, "L1", NOW - MIN, SYSTEM)
    assert record.number in page_of(browser, f"/andon/{call}/")
    assert f"/andon/{call}/" in page_of(browser, stop_url)
    assert stop_url in page_of(browser, address_of(record))
    with clock.at(NOW + 10 * MIN):
        resolve(call, SYSTEM)
        line.say(line.fact("state", NOW + 8 * MIN, state="running"))
        line.drain()
        assert stop_url in page_of(browser, f"/andon/{call}/")


def test_a_call_shortly_before_the_stop_leads_to_it_and_one_without_a_stop_says_none(line, browser):  # noqa: F811
    line.say(line.fact("state", NOW, state="running"))
    line.drain()
    with clock.at(NOW + 5 * MIN):
        line.drain()
        call = raise_call(line.site, "M1", "maintenance", SYSTEM)
        assert "The stop it is about" not in page_of(browser, f"/andon/{call}/")
    with clock.at(NOW + 20 * MIN):
        line.say(line.fact("state", NOW + 9 * MIN, state="stopped"))
        line.drain()
        assert f"/lines/L1/stops/{NOW + 9 * MIN}/" in page_of(browser, f"/andon/{call}/")


def test_from_the_stop_to_a_call_which_is_the_same_however_often(line, browser):  # noqa: F811
    text = page_of(browser, f"/lines/L1/stops/{NOON}/")
    assert 'href="/lines/L1/call/"' in text
    for _again in range(2):
        answer = browser.post("/lines/L1/call/", {"category": "maintenance"})
        assert answer.status_code == 302
    call = AndonCall.objects.get()
    text = page_of(browser, f"/lines/L1/stops/{NOON}/")
    assert call.number in text
    assert 'href="/lines/L1/call/"' not in text
    over = page_of(browser, f"/lines/L1/stops/{at(DAY, '08:00')}/")
    assert 'href="/lines/L1/call/"' not in over


def test_from_the_reason_of_a_stop_to_the_gap_of_its_hours(line):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    assert parts_at(line.site, "12:00") == {"": 30 * MIN}
    stop = stop_at(line.site, "L1", NOW - MIN, SYSTEM)
    explain_stop(line.site, "L1", stop, "JAM", SYSTEM)
    assert parts_at(line.site, "12:00") == {"JAM": 30 * MIN}


def test_from_the_gap_of_an_hour_to_the_reason_of_its_stop(line, browser):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    start_us = at(DAY, "12:00")
    explain_hour(line.site, "L1", early().pk, start_us, start_us + HOUR, "EMPTY", SYSTEM)
    story = stop_story(line.site, "L1", NOW - MIN, SYSTEM)
    assert story.stop.reason.code == "EMPTY"
    board = page_of(browser, f"/lines/L1/hours/?shift={early().pk}")
    assert f"/lines/L1/stops/{NOON}/" in board
    assert f"#hour-{NOON}" in page_of(browser, f"/lines/L1/stops/{NOON}/")


def test_from_scrap_to_the_stop_it_came_with(line, browser):  # noqa: F811
    line.say(line.fact("scrap", at(DAY, "08:50"), "M2", quantity=4, reason="CAP"))
    line.drain()
    story = stop_story(line.site, "L1", at(DAY, "08:10"), SYSTEM)
    assert [(one.pieces, one.defect, one.is_after) for one in story.scrap] == [(4, "CAP", True)]
    assert "CAP" in page_of(browser, f"/lines/L1/stops/{at(DAY, '08:00')}/")


def test_from_the_stop_to_its_action_and_back(line, browser):  # noqa: F811
    line.make(Person, number="7", name="Kim")
    story = stop_story(line.site, "L1", at(DAY, "08:10"), SYSTEM)
    draft = action_draft(line.site, story, SYSTEM)
    assert draft.title == f"L1: keep “Jam” from coming back ({DAY})"
    made = take_action(line.site, story, {"owner": "7"}, SYSTEM)
    again = stop_story(line.site, "L1", at(DAY, "08:10"), SYSTEM)
    assert [one.number for one in again.actions] == [made.number]
    action = ImprovementAction.objects.get()
    assert (action.title, action.line) == (draft.title, line.line)
    record = stop_record(line.site, "L1", at(DAY, "08:10"), SYSTEM)
    assert action.source == f"{record.type_code()}:{record.pk}"
    assert address_of(record) in page_of(browser, address_of(action))
    assert f"/lines/L1/stops/{record.start_us}/" in page_of(browser, address_of(record))
    assert action.number in page_of(browser, f"/lines/L1/stops/{record.start_us}/")
