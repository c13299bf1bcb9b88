"""The board, the move form, the rush order and the diff as pages."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from shop import MONDAY, Shop

from people_of_the_plant import PASSWORD, SYSTEM
from plantbeat.areas.planning import questions
from plantbeat.areas.planning.actions import ask_for_schedule
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.solving import solve_schedule
from plantbeat.areas.planning.tuning import actions
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.log import Change
from plantbeat.surfaces.addresses import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R002")]


@pytest.fixture
def solved(shop) -> Schedule:
    return shop.solved(apart_h=2)


@pytest.fixture
def draft(solved) -> Schedule:
    return actions.tune(solved, SYSTEM)


@pytest.fixture
def planner(plant) -> Client:
    client = Client()
    client.force_login(plant.user(Role.planner, plant.north))
    return client


@pytest.fixture
def operator(plant) -> Client:
    client = Client()
    client.force_login(plant.user(Role.operator, plant.north))
    return client


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def last_of(schedule: Schedule, machine: str = "F1"):
    return [one for one in questions.planned_operations(schedule) if one.machine.code == machine][-1]


def test_without_a_schedule_the_board_says_what_to_do(shop, planner):
    answer = planner.get("/schedule/board/")
    assert "No schedule yet" in text(answer)
    assert "Go to the schedule" in text(answer)


def test_the_schedule_itself_offers_to_tune_or_to_go_on(solved, planner, operator):
    assert "Tune this schedule" in text(planner.get("/schedule/"))
    assert "Tune this schedule" not in text(operator.get("/schedule/"))
    draft = actions.tune(solved, SYSTEM)
    assert f"Go on with draft {draft.number}" in text(planner.get(f"/schedule/?version={solved.pk}"))


def test_a_solved_version_is_shown_and_tuned_into_a_draft(solved, planner):
    answer = planner.get("/schedule/board/")
    assert "Tune this schedule" in text(answer)
    data = json.loads(re.search(r'id="board-bars"[^>]*>(.*?)</script>', answer.content.decode())[1])
    assert (len(data["bars"]), [lane["id"] for lane in data["lanes"]]) == (6, ["F1", "F2"])
    assert data["tunable"] is False
    made = planner.post(f"/schedule/board/{solved.pk}/tune/")
    draft = Schedule.objects.exclude(pk=solved.pk).get()
    assert made["Location"] == f"/schedule/board/?version={draft.pk}"
    page = planner.get(made["Location"])
    assert "Nothing changed yet" in text(page)
    back = planner.get(f"/schedule/board/?version={solved.pk}")
    assert f"Go on with draft {draft.number}" in text(back)


@pytest.mark.requirement("R103")
def test_late_bars_say_what_they_waited_for(shop, planner):
    for _ in range(6):
        shop.order("red", quantity=6000, due_h=9)
    schedule = ask_for_schedule(shop.site, SYSTEM, 1)
    solve_schedule(schedule.pk)
    answer = planner.get("/schedule/board/")
    data = json.loads(re.search(r'id="board-bars"[^>]*>(.*?)</script>', answer.content.decode())[1])
    late = [bar for bar in data["bars"] if bar.get("late_us")]
    assert late
    assert all(bar["why"] and bar["status"] == "act" for bar in late)
    assert any("waited for F" in why or "closed" in why for bar in late for why in bar["why"])


def test_a_preview_writes_nothing_and_a_move_does_what_it_said(draft, planner):
    one = last_of(draft)
    asked = {"order": one.order.number, "step": 10, "machine": "F2", "version": draft.version}
    said = planner.get(f"/schedule/board/{draft.pk}/preview/", asked)
    assert said.status_code == 200
    draft.refresh_from_db()
    assert draft.version == asked["version"]
    done = planner.post(f"/schedule/board/{draft.pk}/move/", asked, headers={"accept": "application/json"})
    bars = {bar["id"]: bar for bar in done.json()["bars"]}
    moved = bars[f"{one.order.number}/10"]
    assert (moved["lane"], moved["from_us"], moved["to_us"]) == (
        "F2",
        said.json()["setup_us"],
        said.json()["end_us"],
    )
    page = text(planner.get(f"/schedule/board/?version={draft.pk}"))
    assert "Take the last move back" in page
    planner.post(f"/schedule/board/{draft.pk}/do/back/")
    assert "taken back" in text(planner.get(f"/schedule/board/?version={draft.pk}"))


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"machine": ""}, 422, "machine is required"),
        ({"machine": "X9"}, 422, "machine X9 belongs to no work centre"),
        ({"step": "ten"}, 422, "step must be a whole number"),
        ({"order": "WO-999999"}, 422, "does not hold step 10 of WO-999999"),
        ({"version": 1}, 409, "somebody else has changed"),
        ({"after": "WO-999999/10"}, 422, "does not hold step 10"),
    ],
)
def test_a_bad_move_is_refused_in_one_sentence_and_nothing_changes(draft, planner, changes, status, said):
    asked = {"order": last_of(draft).order.number, "step": 10, "machine": "F2", "version": draft.version}
    answer = planner.get(f"/schedule/board/{draft.pk}/preview/", asked | changes)
    assert (answer.status_code, said in answer.json()["refused"]) == (status, True), answer.json()
    answer = planner.post(
        f"/schedule/board/{draft.pk}/move/", asked | changes, headers={"accept": "application/json"}
    )
    assert answer.status_code == status
    draft.refresh_from_db()
    assert draft.version == asked["version"]


def test_an_operator_sees_the_board_and_moves_nothing(draft, operator):
    page = operator.get(f"/schedule/board/?version={draft.pk}")
    assert "Tune this schedule" not in text(page)
    assert "Freeze everything" not in text(page)
    asked = {"order": last_of(draft).order.number, "step": 10, "machine": "F2"}
    answer = operator.post(f"/schedule/board/{draft.pk}/move/", asked, headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert operator.get(f"/schedule/board/{draft.pk}/preview/", asked).status_code == 409
    operator.post(f"/schedule/board/{draft.pk}/do/freeze/", {"until": "2026-11-24T06:00"})
    draft.refresh_from_db()
    assert draft.frozen_until_us is None


def test_freezing_by_a_time_of_the_sites_clock(draft, planner):
    planner.post(f"/schedule/board/{draft.pk}/do/freeze/", {"until": "2026-11-23T08:00"})
    draft.refresh_from_db()
    assert draft.frozen_until_us == clock.to_us(MONDAY + timedelta(hours=9))
    answer = planner.post(f"/schedule/board/{draft.pk}/do/freeze/", {"until": "soon"}, follow=True)
    assert "is not a time such as" in text(answer)


def test_an_operation_is_moved_with_a_form_alone(draft, planner):
    one = last_of(draft)
    asked = {"order": one.order.number, "step": 10}
    form = planner.get(f"/schedule/board/{draft.pk}/move/form/", asked)
    assert "first, as soon as it may" in text(form)
    shown = planner.get(f"/schedule/board/{draft.pk}/move/form/", asked | {"machine": "F2", "show": 1})
    assert "What it does" in text(shown)
    assert "Operations that move" in text(shown)
    done = planner.post(f"/schedule/board/{draft.pk}/move/", asked | {"machine": "F2"}, follow=True)
    assert "is moved" in text(done)
    nobody = planner.get(f"/schedule/board/{draft.pk}/move/form/", {"order": "WO-1", "step": "x"})
    assert nobody.status_code == 422


def rush_of(shop: Shop, **changes) -> dict[str, object]:
    due = "2026-11-23T09:00"
    return {"item": "RED", "quantity": "1800", "due": due, "weight": "3", "customer": "Hospital"} | changes


@pytest.mark.requirement("R009")
def test_a_rush_order_is_looked_at_and_then_accepted(shop, draft, planner):
    address = f"/schedule/board/{draft.pk}/rush/"
    looked = planner.get(address, rush_of(shop, show=1))
    assert "As soon as possible" in text(looked)
    assert "The other orders" in text(looked)
    assert WorkOrder.objects.count() == 6
    done = planner.post(address, rush_of(shop, kind="soonest", version=draft.version), follow=True)
    assert "WO-000007 is in the draft" in text(done)
    order = WorkOrder.objects.get(number="WO-000007")
    assert (order.state, order.customer, order.weight) == ("firm", "Hospital", 3)
    assert questions.planned_operations(draft).filter(order=order).exists()
    page = text(planner.get(f"/schedule/diff/?from={draft.based_on_id}&to={draft.pk}"))
    assert "WO-000007 new in this version" in page or "WO-000007" in page


@pytest.mark.requirement("R009")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"item": ""}, "item : is required"),
        ({"item": "NONE"}, "item"),
        ({"quantity": "0"}, "must be more than zero"),
        ({"quantity": "many"}, "quantity"),
        ({"due": "2020-01-01T00:00"}, "lies in the past"),
        ({"due": "later"}, "due"),
    ],
)
def test_a_bad_rush_order_is_refused_in_words(shop, draft, planner, changes, said):
    answer = planner.get(f"/schedule/board/{draft.pk}/rush/", rush_of(shop, show=1, **changes))
    assert answer.status_code == 422
    assert said in text(answer)
    assert WorkOrder.objects.count() == 6


@pytest.mark.requirement("R009")
def test_an_order_that_came_later_is_inserted_as_it_is(shop, draft, planner):
    late_comer = shop.order("blue", quantity=600, due_h=12)
    address = f"/schedule/board/{draft.pk}/rush/"
    assert late_comer.number in text(planner.get(address))
    assert "As soon as possible" in text(planner.get(address, {"order": late_comer.number, "show": 1}))
    planner.post(address, {"order": late_comer.number, "kind": "soonest"})
    assert WorkOrder.objects.count() == 7
    assert questions.planned_operations(draft).filter(order=late_comer).exists()


def test_the_diff_names_what_moved_and_what_it_did(draft, planner):
    one = last_of(draft)
    asked = {"order": one.order.number, "step": 10, "machine": "F2"}
    same = text(planner.get(f"/schedule/diff/?to={draft.pk}"))
    assert "Both versions plan the same" in same
    planner.post(f"/schedule/board/{draft.pk}/move/", asked)
    page = text(planner.get(f"/schedule/diff/?to={draft.pk}"))
    assert "1 to another machine" in page
    assert "F1 → F2" in page
    assert "There must be two solved versions" not in page


def test_the_board_asks_the_database_no_more_for_more_orders(
    shop, draft, planner, django_assert_max_num_queries
):
    with django_assert_max_num_queries(45):
        planner.get(f"/schedule/board/?version={draft.pk}")


@pytest.mark.requirement("R153")
def test_a_draft_of_the_manager_is_a_proposal_that_the_planner_takes_or_drops(plant, solved, planner):
    manager = Actor.of(plant.user(Role.manager, plant.north))
    proposals = [actions.tune(solved, manager) for _proposal in range(2)]
    for proposal in proposals:
        page = planner.get("/schedule/board/", {"version": proposal.pk}).content.decode()
        assert f"tuned by {manager.label}" in page
        assert f"/schedule/diff/?from={solved.pk}" in page
    declined, accepted = proposals
    planner.post(address_of(declined, "do", verb="discard"), {"version": declined.version})
    planner.post(address_of(accepted, "do", verb="publish"), {"version": accepted.version})
    states = Schedule._base_manager.in_bulk([declined.pk, accepted.pk])
    assert (states[declined.pk].state, states[accepted.pk].state) == ("discarded", "published")
    said = Change.objects.filter(type_code=Schedule.type_code(), record_id=declined.pk).order_by("place")
    assert list(said.values_list("verb", flat=True))[-1] == "discard"


def test_publishing_on_the_board_stays_on_the_board(draft, planner):
    address = f"/schedule/board/{draft.pk}/do/publish/"
    stale = planner.post(address, {"version": draft.version + 7}, follow=True)
    assert stale.redirect_chain == [(f"/schedule/board/?version={draft.pk}", 302)]
    draft.refresh_from_db()
    assert (draft.state, [str(one.level_tag) for one in stale.context["messages"]]) == ("draft", ["error"])
    answer = planner.post(address, {"version": draft.version}, follow=True)
    assert answer.redirect_chain == [(f"/schedule/board/?version={draft.pk}", 302)]
    page = text(answer)
    assert (f"{draft.number}: Published" in page, "in force" in page) == (True, False)
    assert f"{draft.pk}/do/publish/" not in page
    draft.refresh_from_db()
    assert draft.state == "published"


def test_who_may_not_publish_is_told_so_on_the_board(plant, draft, client):
    assert client.login(username=plant.user(Role.quality).username, password=PASSWORD)
    answer = client.post(f"/schedule/board/{draft.pk}/do/publish/", {"version": draft.version}, follow=True)
    assert [str(one.level_tag) for one in answer.context["messages"]] == ["error"]
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_publishing_on_the_schedule_stays_on_the_schedule(draft, planner):
    page = planner.get("/schedule/", {"version": draft.pk}).content.decode()
    address = f"/schedule/board/{draft.pk}/do/publish/"
    assert f'action="{address}"' in page
    assert 'name="from" value="schedule"' in page
    answer = planner.post(address, {"version": draft.version, "from": "schedule"}, follow=True)
    assert answer.redirect_chain == [(f"/schedule/?version={draft.pk}", 302)]
    assert f"{draft.number}: Published" in text(answer)


def test_a_discarded_draft_leaves_the_board_to_the_version_it_was_made_from(solved, draft, planner):
    address = f"/schedule/board/{draft.pk}/do/discard/"
    assert f'action="{address}"' in planner.get(f"/schedule/board/?version={draft.pk}").content.decode()
    answer = planner.post(address, {"version": draft.version}, follow=True)
    assert answer.redirect_chain == [(f"/schedule/board/?version={solved.pk}", 302)]
    assert f"{draft.number}: Discarded" in text(answer)


def test_the_schedule_page_shows_no_draft_of_the_board_but_the_way_to_it(solved, draft, planner):
    page = planner.get("/schedule/")
    assert page.context["schedule"] == solved
    assert f"Go on with draft {draft.number}" in page.content.decode()
    planner.post(f"/schedule/board/{draft.pk}/do/discard/", {"version": draft.version})
    assert planner.get("/schedule/").context["schedule"] == solved


def test_schedule_and_board_lead_to_each_other_and_each_has_one_leading_button(solved, draft, planner):
    for one in (solved, draft):
        schedule = planner.get("/schedule/", {"version": one.pk}).content.decode()
        board = planner.get("/schedule/board/", {"version": one.pk}).content.decode()
        assert f"/schedule/board/?version={one.pk}" in schedule
        assert f'<a href="/schedule/?version={one.pk}">Schedule</a>' in board
        for page in (schedule, board):
            assert page.partition("</main>")[0].count("btn-primary") == 1
