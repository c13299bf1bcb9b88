"""Escalations: accepted above, answered within one working day, confirmed by the raiser, else one tier up."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import date, timedelta

import pytest
from board_of_a_line import TUESDAY, at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people_of_the_plant import SYSTEM
from plantbeat.areas.daily.records.escalation import Escalation
from plantbeat.areas.daily.tiers.escalating import climb_overdue
from plantbeat.kernel import clock
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R141")]

FRIDAY = date(2026, 11, 27)


def asked(boards, **more):
    data = {"from_board": boards.line_board, "question": "May we?", "raised_by": boards.lead}
    return boards.make(Escalation, **data | more)


def test_a_question_goes_to_the_board_above_and_is_due_on_the_next_working_day(boards):
    one = asked(boards)
    assert (one.at_board, one.due_us) == (boards.area_board, at(TUESDAY + timedelta(days=1)))
    with clock.at(at(FRIDAY, 15)):
        assert asked(boards).due_us == at(FRIDAY + timedelta(days=3), 15)
    with pytest.raises(Refused, match="has no board above it to ask"):
        asked(boards, from_board=boards.site_board)
    with pytest.raises(Refused, match="must be a board above"):
        asked(boards, at_board=boards.line_board)


def test_it_comes_back_with_an_answer_that_only_the_raiser_confirms(boards):
    lead, above = boards.by(boards.lead_user), boards.by(boards.supervisor_user)
    one = asked(boards)
    with pytest.raises(Refused, match="your role does not allow"):
        act(one, "accept", lead)
    one = act(one, "accept", above)
    with pytest.raises(Refused, match="say what the answer is"):
        act(one, "answer", above, {"answer": " "})
    one = act(one, "answer", above, {"answer": "Yes"})
    for other in (above, boards.by(boards.manager_user), boards.by(boards.operator_user)):
        with pytest.raises(Refused, match="your role does not allow"):
            act(one, "confirm", other)
    again = act(one, "ask_again", lead, {"question": "Yes, but when?"}, reason="no date")
    assert (again.state, again.answer, again.accepted_us) == ("raised", "", None)
    one = act(act(act(again, "accept", above), "answer", above, {"answer": "Monday"}), "confirm", lead)
    assert (one.state, one.settled_us) == ("confirmed", at())
    said = Change.objects.filter(type_code="daily.Escalation", verb="answer").order_by("pk")
    assert [change.after["answer"] for change in said] == ["Yes", "Monday"]


def test_unanswered_it_goes_up_one_tier_until_the_top_and_a_second_look_changes_nothing(boards):
    one = asked(boards)
    assert climb_overdue() == 0
    with clock.at(at(TUESDAY + timedelta(days=1), 7, 1)):
        assert climb_overdue() == 1
        assert climb_overdue() == 0
        one.refresh_from_db()
        assert (one.at_board, one.climbs, one.state) == (boards.site_board, 1, "raised")
    with clock.at(at(TUESDAY + timedelta(days=8))):
        assert climb_overdue() == 0
        with pytest.raises(Refused, match="there is no board above"):
            act(one, "climb", SYSTEM)


def test_an_accepted_question_still_climbs_and_an_answered_one_does_not(boards):
    above = boards.by(boards.supervisor_user)
    accepted = act(asked(boards), "accept", above)
    answered = act(act(asked(boards), "accept", above), "answer", above, {"answer": "Yes"})
    with clock.at(at(TUESDAY + timedelta(days=2))):
        assert climb_overdue() == 1
    accepted.refresh_from_db()
    answered.refresh_from_db()
    assert (accepted.climbs, answered.climbs) == (1, 0)


def test_an_overdue_question_is_red_on_the_board_it_is_at(boards, browse):
    asked(boards)
    with clock.at(at(TUESDAY + timedelta(days=1), 9)):
        page = browse(boards.supervisor_user).get("/tiers/FILL/").content.decode()
        assert "too late" in page
        assert "answer too late" in browse(boards.supervisor_user).get("/tiers/").content.decode()


def test_the_page_raises_accepts_answers_and_confirms(boards, browse):
    lead, above = browse(boards.lead_user), browse(boards.supervisor_user)
    lead.post("/tiers/L1/say/escalate/", {"question": "Who decides?", "raised_by": "1"})
    one = Escalation._base_manager.get()
    for client, board, step, text in (
        (above, "FILL", "accept", ""),
        (above, "FILL", "answer", "The planner"),
        (lead, "L1", "confirm", ""),
    ):
        answer = client.post(f"/tiers/{board}/say/step/", {"escalation": one.pk, "step": step, "text": text})
        assert answer.status_code == 302
    one.refresh_from_db()
    assert (one.state, one.answer) == ("confirmed", "The planner")
    refused = lead.post("/tiers/L1/say/step/", {"escalation": one.pk, "step": "accept"})
    assert refused.status_code == 422
    nobody = lead.post("/tiers/L1/say/escalate/", {"question": "", "raised_by": "1"})
    assert nobody.status_code == 422


ALLOWED = {
    "accept": {"raised"}, "answer": {"accepted"}, "confirm": {"answered"},
    "ask_again": {"answered", "returned"}, "send_back": {"raised", "accepted"},
    "withdraw": {"raised", "accepted", "returned"},
}  # fmt: skip
DOORS = ("act", "rest", "page")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    walk=st.lists(
        st.tuples(st.sampled_from(sorted(ALLOWED)), st.sampled_from(DOORS), st.integers(0, 3)), max_size=7
    )
)
def test_no_door_reaches_a_state_that_the_lifecycle_does_not_allow(boards, browse, walk):
    one = asked(boards)
    users = (boards.lead_user, boards.supervisor_user, boards.manager_user, boards.operator_user)
    clients = [browse(user) for user in users]
    for verb, door, who in walk:
        before, text = one.state, "because"
        data = {"answer": {"answer": text}, "ask_again": {"question": text}}.get(verb, {})
        if door == "act":
            with suppress(Refused):
                act(one, verb, boards.by(users[who]), data, reason=text)
        elif door == "rest":
            body = json.dumps({**data, "reason": text})
            address = f"/api/daily/escalations/{one.pk}/{verb.replace('_', '-')}"
            answer = clients[who].post(address, body, content_type="application/json")
            assert answer.status_code in (200, 403, 409, 422)
        else:
            address = f"/r/daily/escalations/{one.pk}/do/{verb}/"
            assert clients[who].post(address, {**data, "reason": text}).status_code in (302, 422)
        one.refresh_from_db()
        if one.state != before:
            assert before in ALLOWED[verb]
        if one.state == "confirmed" and before != "confirmed":
            assert users[who] == boards.lead_user
    assert (one.settled_us is not None) == (one.state in ("confirmed", "withdrawn"))


def test_an_import_and_rest_make_no_state_of_their_own(boards, browse):
    manager = browse(boards.manager_user)
    row = {"site": "N", "from_board": "L1", "question": "May we?", "raised_by": "1", "state": "confirmed"}
    answer = manager.post("/api/daily/escalations", json.dumps(row), content_type="application/json")
    assert answer.status_code in (400, 422)
    text = "from_board,question,raised_by,state\nL1,May we?,1,confirmed\n"
    file = io.BytesIO(text.encode())
    file.name = "escalations.csv"
    manager.post("/r/daily/escalations/import/", {"file": file})
    assert not Escalation._base_manager.filter(state="confirmed").exists()
