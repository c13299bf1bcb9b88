"""The overview says what is due, what is late and what waits, as of now."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people_of_the_plant import SYSTEM
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R020")]


@pytest.fixture
def page(plant):
    client = Client()
    user = plant.user(Role.manager)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return lambda: client.get("/overview/")


def tiles(answer) -> dict[str, dict]:
    return {tile["name"]: tile for tile in answer.context["tiles"]}


def test_past_due_and_due_soon_are_counted_apart(plant, page):
    for hours in (-5, -1, 3, 30):
        due = clock.now() + timedelta(hours=hours)
        act(WorkOrder, "create", SYSTEM, plant.order_data(due=due))
    answer = page()
    shown = tiles(answer)
    assert (shown["Orders past due"]["value"], shown["Orders past due"]["status"]) == ("2", "act")
    assert shown["Due within 24 h"]["value"] == "1"
    assert [row["past"] for row in answer.context["due_next"]] == [True, True, False, False]


def test_paper_says_the_time_of_the_plant_even_where_its_clock_is_ahead(plant, page):
    with clock.at(clock.now_us() + 400 * 86_400_000_000):
        said = f"as of {timezone.localtime(clock.now(), ZoneInfo(plant.north.zone)):%Y-%m-%d %H:%M}"
        assert said in page().content.decode()


def test_a_tile_opens_the_orders_it_counts(plant, page):
    for hours in (-5, -1, 3, 30):
        due = clock.now() + timedelta(hours=hours)
        act(WorkOrder, "create", SYSTEM, plant.order_data(due=due))
    done = act(WorkOrder, "create", SYSTEM, plant.order_data(due=clock.now() - timedelta(hours=2)))
    act(done, "cancel", SYSTEM, reason="not wanted")
    answer = page()
    for name in ("Orders past due", "Due within 24 h"):
        tile = tiles(answer)[name]
        listed = answer.client.get(tile["url"])
        assert str(listed.context["page"].paginator.count) == tile["value"], name


@pytest.mark.requirement("R156")
def test_the_overview_leads_to_every_page(plant, page):
    answer = page()
    for group in answer.context["directory"]:
        for one in group.pages:
            url = reverse(one.name)
            assert f'href="{url}"' in answer.content.decode()
            assert answer.client.get(url).status_code == 200, url


@pytest.mark.requirement("R156")
def test_the_search_finds_a_page_by_its_name(plant, page):
    client = page().client
    assert 'href="/losses/"' in client.get("/search/", {"q": "loss"}).content.decode()
    typed = client.get("/search/", {"q": "gemba w"}, headers={"hx-request": "true"}).content.decode()
    assert 'href="/gemba/"' in typed
    assert 'href="/losses/"' not in typed


def test_what_is_not_there_is_not_green(plant, page):
    shown = tiles(page())["Late in the schedule"]
    assert ("value" in shown, shown["status"], shown["word"]) == (False, "none", "Not taken")


def test_orders_of_another_site_are_not_counted(plant, page):
    from plantbeat.areas.plant.records.item import Item

    cap = act(Item, "create", SYSTEM, {"site": plant.south, "code": "CAP", "name": "Cap"})
    due = clock.now() - timedelta(hours=1)
    act(WorkOrder, "create", SYSTEM, plant.order_data(site=plant.south, item=cap, due=due))
    assert tiles(page())["Orders past due"]["value"] == "0"
