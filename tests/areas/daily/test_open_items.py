"""The sync at noon: open items by function, and a line that adds one."""

from __future__ import annotations

from datetime import date

import pytest
from board_of_a_line import at

from people_of_the_plant import SYSTEM
from plantbeat.areas.daily.moment_pages.open_items import function_of, items_by_function
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R152")]


@pytest.mark.parametrize(
    ("duty", "job", "function"),
    [
        (Role.maintenance, "Whatever", "maintenance"),
        (Role.supervisor, "Quality engineer", "production"),
        ("", "Quality engineer", "quality"),
        ("", "Process engineer", "engineering"),
        ("", "Ingeniera de procesos", "engineering"),
        ("", "Maintenance planner", "maintenance"),
        ("", "Planificador", "planning"),
        ("", "Shift supervisor", "production"),
        ("", "Buyer", "Buyer"),
        ("", "", ""),
    ],
)
def test_the_function_is_that_of_the_duty_else_of_the_job(duty, job, function):
    assert function_of(Person(duty=str(duty), job=job)) == function


def test_items_stand_by_function_with_owner_age_and_due_the_overdue_first(boards):
    fitter = boards.make(Person, number="8", name="Fay", job="Maintenance technician")
    buyer = boards.make(Person, number="9", name="Bo", job="Buyer")
    with clock.at(at() - 3 * 86_400_000_000):
        boards.make(ImprovementAction, title="Change the seal", owner=fitter, due=date(2026, 11, 30))
        boards.make(ImprovementAction, title="Grease it", owner=fitter, due=date(2026, 11, 22))
    boards.make(ImprovementAction, title="Order seals", owner=buyer, due=date(2026, 11, 30))
    groups = {one.name: one for one in items_by_function(boards.site, boards.by(boards.manager_user))}
    assert list(groups) == ["Production", "Engineering", "Quality", "Planning", "Maintenance", "Buyer"]
    first, second = groups["Maintenance"].items
    assert (first.title, first.owner, first.age_days, first.days_late) == ("Grease it", "Fay", 3, 2)
    assert (second.title, second.days_late) == ("Change the seal", 0)
    assert (groups["Maintenance"].count, groups["Maintenance"].late) == (2, 1)
    assert groups["Engineering"].items == []


def test_of_a_long_list_those_due_first_are_shown_and_what_was_just_added(boards):
    owner = boards.make(Person, number="9", name="Bo", job="Shift supervisor")
    with clock.at(at() - 3 * 86_400_000_000):
        for n in range(8):
            boards.make(ImprovementAction, title=f"Old {n}", owner=owner, due=date(2026, 11, 30))
    boards.make(ImprovementAction, title="Just added", owner=owner, due=date(2026, 12, 24))
    groups = {one.name: one for one in items_by_function(boards.site, boards.by(boards.manager_user))}
    production = groups["Production"]
    assert [one.title for one in production.items] == [*(f"Old {n}" for n in range(6)), "Just added"]
    assert (production.count, production.left_out) == (9, 2)


def test_a_line_on_the_page_adds_an_item_or_says_what_is_missing(boards, browse):
    client = browse(boards.supervisor_user)
    wrong = client.post("/sync-now/", {"title": "Change the seal", "owner": "", "due": "2026-11-30"})
    assert wrong.status_code == 422
    assert "Change the seal" in wrong.content.decode()
    assert not ImprovementAction.objects.exists()
    given = {"title": "Change the seal", "owner": "1 Person 1", "due": "2026-11-30"}
    assert client.post("/sync-now/", given).status_code == 302
    assert ImprovementAction.objects.get().owner == boards.lead
    assert "Change the seal" in client.get("/sync-now/").content.decode()
    assert client.post("/results/", given).status_code == 405


def test_moments_lead_to_walk_boards_and_rooms(boards, browse):
    client = browse(boards.manager_user)
    for page, leads in (
        ("/gemba-now/", "/gemba/"),
        ("/gemba-now/", "/andon/"),
        ("/sync-now/", "/incidents/"),
        ("/results/", "/tiers/"),
        ("/results/", "/tiers/SITE/"),
        ("/start-up/", "/tiers/"),
        ("/overview/", "/tiers/"),
    ):
        assert f'href="{leads}"' in client.get(page).content.decode(), page


def test_the_sync_proposes_the_reader_and_the_results_lead_to_the_board_they_lead(boards, browse):
    act(boards.area_board, "edit", SYSTEM, {"led_by": boards.supervisor})
    client = browse(boards.supervisor_user)
    assert 'value="2 Person 2"' in client.get("/sync-now/").content.decode()
    page = client.get("/results/").content.decode()
    assert 'href="/tiers/FILL/"' in page
    assert 'href="/tiers/SITE/"' not in page


def test_a_walk_begins_at_the_moment_and_goes_on_there(boards, browse):
    client = browse(boards.manager_user)
    assert "Start this walk" in client.get("/gemba-now/").content.decode()
    walk = client.post("/gemba/")["Location"]
    assert f'href="{walk}"' in client.get("/gemba-now/").content.decode()
    assert "Start this walk" not in browse(boards.operator_user).get("/gemba-now/").content.decode()
