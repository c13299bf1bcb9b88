"""Incident rooms: one for each trouble, a timeline nobody writes, decisions that are actions at once."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from line_of_machines import SYSTEM, at
from shift_to_hand_over import DAY, NOW, ShiftToHandOver

from plantbeat.areas.daily.handoffs.actions import make_due, refreshed
from plantbeat.areas.daily.incidents import actions
from plantbeat.areas.daily.incidents.printing import incident_pdf, incident_sheet
from plantbeat.areas.daily.incidents.questions import open_rooms
from plantbeat.areas.daily.incidents.timeline import timeline
from plantbeat.areas.daily.records.incident import IncidentDecision, IncidentMessage, IncidentRoom
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.stops.questions import stop_story
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.safety.records.hazard import Hazard
from plantbeat.facts.live.topics import Message, topic_named
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R155")]

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STOOD = at(DAY, "12:40")


@pytest.fixture
def shift():
    with clock.at(NOW):
        yield ShiftToHandOver()


@pytest.fixture
def lead(shift):
    by = shift.somebody(Role.line_lead)
    shift.make(Person, number="77", name="Lee", user=User.objects.get(pk=by.user_id))
    return by


@pytest.fixture
def room(shift, lead):
    return actions.open_room_on_stop(shift.site, "L1", STOOD, lead)


def browser(shift: ShiftToHandOver, role: Role) -> Client:
    """A browser somebody without a person of the site has signed in with."""
    client, by = Client(), shift.somebody(role)
    client.force_login(User.objects.get(pk=by.user_id), backend=BACKEND)
    return client


def texts(room, by=SYSTEM) -> list[str]:
    return [one.text for one in timeline(room, by)]


def test_the_same_stop_opened_twice_is_the_same_room_with_who_opened_it_as_lead(shift, lead, room):
    again = actions.open_room_on_stop(shift.site, "M1", STOOD + 60_000_000, SYSTEM)
    assert again.pk == room.pk
    assert (room.line.code, room.lead.name) == ("L1", "Lee")
    assert [one.person.name for one in room.members.all()] == ["Lee"]
    assert room.began_us == at(DAY, "12:30")


def test_the_timeline_writes_itself_from_stops_calls_and_what_people_do(shift, lead, room):
    actions.say(room, "Gripper is off, spare is on its way", lead)
    actions.decide(room, "Fit the spare gripper", shift.kim, date(2026, 3, 11), lead)
    entries = timeline(room, SYSTEM)
    assert [one.at_us for one in entries] == sorted(one.at_us for one in entries)
    kinds = {one.kind for one in entries}
    assert {"stop", "call", "message", "decision", "person", "room"} <= kinds
    stop = next(one for one in entries if one.kind == "stop")
    story = stop_story(shift.site, "L1", STOOD, SYSTEM).stop
    assert (stop.at_us, stop.lsn, stop.opens) == (
        story.start_us, story.facts[0], f"/lines/L1/stops/{story.start_us}/",
    )  # fmt: skip
    call = next(one for one in entries if one.kind == "call")
    assert "Call for help" in call.text
    assert call.lsn
    assert next(one for one in entries if one.kind == "message").who != ""
    assert all(one.opens for one in entries)


def test_when_the_stop_ends_the_room_tells_how_long_it_was_to_the_second(shift, lead, room):
    with clock.at(at(DAY, "13:40")):
        shift.say(shift.fact("state", at(DAY, "13:32"), state="running"))
        shift.drain()
        assert "L1 stood 1 h 2 min" in texts(room)


def test_orders_that_start_on_the_line_stand_in_it(shift, lead, room):
    with clock.at(at(DAY, "13:40")):
        shift.say(shift.fact("order_start", at(DAY, "13:35"), "L1", order="W2", item="P"))
        shift.drain()
        assert "W2 starts on L1" in texts(room)
        assert "W1 starts on L1" not in texts(room)


def test_a_decision_is_an_action_in_the_same_act_or_nothing(shift, lead, room):
    made = actions.decide(room, "Fit the spare gripper", shift.kim, date(2026, 3, 11), lead)
    action = ImprovementAction.objects.get(source=f"daily.IncidentDecision:{made.pk}")
    assert (action.title, action.owner, action.due, action.line) == (
        made.what, shift.kim, made.due, room.line,
    )  # fmt: skip
    with pytest.raises(Refused, match="is required"):
        actions.decide(room, "Something", None, None, lead)
    assert IncidentDecision.objects.count() == 1


def test_closing_needs_a_summary_and_a_closed_room_takes_nothing_until_it_is_reopened(shift, lead, room):
    with pytest.raises(Refused, match="what happened and how it ended"):
        act(room, "close", lead, {"summary": " "})
    closed = act(room, "close", lead, {"summary": "Gripper changed."})
    assert closed.closed_us == NOW
    with pytest.raises(Refused, match="the room is closed"):
        actions.say(closed, "one more thing", lead)
    assert not IncidentMessage.objects.exists()
    with pytest.raises(Refused, match="reason"):
        act(closed, "reopen", lead)
    again = act(closed, "reopen", lead, reason="stands again")
    assert (again.state, again.closed_us) == ("open", None)
    assert actions.say(again, "stands again", lead).pk
    assert any("opened again: stands again" in one for one in texts(again))


def test_a_call_a_hazard_and_an_order_open_rooms_too(shift, lead):
    call = AndonCall.objects.order_by("raised_us").first()
    hazard = shift.make(Hazard, what="Guard open at the capper", line=shift.line)
    order = WorkOrder.objects.first()
    for source, begins in ((call, "L1: "), (hazard, "Hazard: Guard"), (order, "Hot order")):
        made = actions.open_room(shift.site, f"{source.type_code()}:{source.pk}", lead)
        assert made.title.startswith(begins)
        assert texts(made)
        assert actions.open_room(shift.site, made.source, lead).pk == made.pk
    act(hazard, "start", lead)
    room = IncidentRoom.objects.get(source=f"safety.Hazard:{hazard.pk}")
    assert f"{hazard.number} Start" in texts(room)
    with pytest.raises(Refused, match="there is nothing of this kind"):
        actions.open_room(shift.site, "safety.Hazard:999", lead)
    with pytest.raises(Refused, match="there is nothing of this kind"):
        actions.open_room(shift.site, "plant.Line:1", lead)


def test_an_open_room_is_in_the_handoff_and_cannot_be_left_out(shift, lead, room):
    (handoff,) = make_due(shift.site)
    item = refreshed(handoff).items.get(code=f"room:{room.number}")
    assert item.unsafe
    assert room.number in item.words
    act(room, "close", lead, {"summary": "Gripper changed."})
    assert not refreshed(handoff).items.filter(code=f"room:{room.number}").exists()


def test_the_paper_tells_times_in_the_zone_of_the_site(shift, lead, room):
    actions.say(room, "Gripper is off", lead)
    sheet = incident_sheet(room, lead)
    assert any("Gripper is off" in one["what"] for one in sheet["timeline"])
    assert sheet["timeline"][0]["when"] == "03-10 12:30:00"
    assert incident_pdf(room, lead).startswith(b"%PDF")
    assert incident_pdf(room, lead, "us-letter").startswith(b"%PDF")
    with pytest.raises(Refused, match="no such paper"):
        incident_pdf(room, lead, "a3")


def test_one_tap_on_the_pages_of_a_stop_and_a_call_opens_the_room(shift):
    client = browser(shift, Role.supervisor)
    page = client.get(f"/lines/L1/stops/{STOOD}/").content.decode()
    assert "/incidents/open/" in page
    opened = client.post("/incidents/open/", {"place": "L1", "at_us": STOOD})
    room = IncidentRoom.objects.get()
    assert (opened.status_code, opened["Location"]) == (302, f"/incidents/{room.pk}/")
    call = AndonCall.objects.order_by("raised_us").first()
    assert "/incidents/open/" in client.get(f"/andon/{call.number}/").content.decode()
    assert client.post("/incidents/open/", {"place": "L1", "at_us": at(DAY, "07:00")}).status_code == 422
    assert client.post("/incidents/open/", {"title": " "}).status_code == 422
    assert client.post("/incidents/open/", {"title": "Power cut"}).status_code == 302
    assert client.get("/incidents/").content.decode().count("/incidents/") >= 2
    assert room.number in client.get("/overview/").content.decode()
    assert room.number in client.get("/sync-now/").content.decode()


def test_the_room_on_a_phone_says_decides_closes_and_names_what_is_wrong(shift, lead, room):
    client = browser(shift, Role.supervisor)
    here = f"/incidents/{room.pk}/"
    live = client.get(here).context["seen"]
    assert client.get(f"{here}live/", {"seen": live}).status_code == 204
    assert client.post(f"{here}say/", {"text": ""}).status_code == 422
    assert client.post(f"{here}say/", {"text": "<b>on my way</b>"}).status_code == 302
    fresh = client.get(f"{here}live/", {"seen": live})
    assert fresh.status_code == 200
    assert "&lt;b&gt;on my way" in fresh.content.decode()
    wrong = client.post(f"{here}decide/", {"what": "Change it", "owner": "nobody", "due": "2026-03-11"})
    assert wrong.status_code == 422
    assert "Change it" in wrong.content.decode()
    assert client.post(f"{here}decide/", {"what": "x", "owner": "1 Kim", "due": "soon"}).status_code == 422
    assert (
        client.post(f"{here}decide/", {"what": "x", "owner": "1 Kim", "due": "2026-03-11"}).status_code == 302
    )
    assert client.post(f"{here}come/").status_code == 422
    assert client.post(f"{here}lead/", {"person": "1 Kim"}).status_code == 302
    room.refresh_from_db()
    assert room.lead == shift.kim
    assert client.post(f"{here}nonsense/").status_code == 404
    assert client.post(f"{here}close/", {"summary": ""}).status_code == 422
    assert client.post(f"{here}close/", {"summary": "Over."}).status_code == 302
    assert client.get(here).status_code == 200
    paper = client.get(f"{here}paper/")
    assert paper["Content-Type"] == "application/pdf"
    assert open_rooms(shift.site, SYSTEM) == []


def test_who_only_reads_opens_nothing_and_an_operator_closes_nothing(shift, lead, room):
    for role, status in ((Role.analyst, 422), (Role.operator, 302)):
        client = browser(shift, role)
        page = client.get(f"/incidents/{room.pk}/").content.decode()
        assert f"/incidents/{room.pk}/close/" not in page
        assert client.post(f"/incidents/{room.pk}/say/", {"text": f"from {role}"}).status_code == status
        assert client.post(f"/incidents/{room.pk}/close/", {"summary": "x"}).status_code == 422
    assert IncidentRoom.objects.get().state == "open"


def test_the_room_costs_the_same_however_much_is_said(shift, lead, room, django_assert_max_num_queries):
    client = browser(shift, Role.supervisor)
    for number in range(30):
        actions.say(room, f"word {number}", lead)
    client.get(f"/incidents/{room.pk}/")
    with django_assert_max_num_queries(60):
        client.get(f"/incidents/{room.pk}/")


def test_two_who_open_it_in_the_same_moment_meet_in_one_room(shift, lead, room, monkeypatch):
    real, asked = actions._room_of, []

    def not_yet(*given):
        asked.append(given)
        return None if len(asked) == 1 else real(*given)

    monkeypatch.setattr(actions, "_room_of", not_yet)
    assert actions.open_room(shift.site, room.source, lead).pk == room.pk
    assert IncidentRoom.objects.count() == 1


def test_the_page_of_a_room_follows_its_signature(shift, lead, room):
    page = browser(shift, Role.supervisor).get(f"/incidents/{room.pk}/")
    topic = topic_named("incident")
    assert page.context["live_topic"] == f"incident/{room.pk}@L1"
    part = f"incident.{room.pk}"
    assert f'data-live-key="{part}"' in page.content.decode()
    before = topic.frame(f"{room.pk}@L1", lead)[part]["signature"]
    assert before == page.context["seen"] == topic.frame(f"{room.pk}@L1", lead)[part]["signature"]
    actions.say(room, "We need a fitter", lead)
    assert topic.frame(f"{room.pk}@L1", lead)[part]["signature"] != before


def test_a_room_is_told_of_its_line_and_its_records_and_of_no_other_site(shift, room):
    concern, key = topic_named("incident").concern, f"{room.pk}@L1"
    fact = '{"asset": "M1", "line": "%s", "kind": "state"}'
    assert concern(Message(0, "fact", shift.site.pk, fact % "L1"), key)
    assert not concern(Message(0, "fact", shift.site.pk, fact % "L2"), key)
    assert not concern(Message(0, "fact", shift.site.pk, fact % ""), f"{room.pk}@")
    assert concern(Message(1, "record:daily.IncidentMessage", shift.site.pk), key)
    assert not concern(Message(1, "record:people.Person", shift.site.pk), key)
    stranger = Actor(pseudonym="p-x", grants=((Role.manager, shift.site.pk + 1),))
    for watched, by in ((key, stranger), ("999999@L1", SYSTEM), ("x", SYSTEM)):
        with pytest.raises(Refused, match="no such room"):
            topic_named("incident").frame(watched, by)
