"""Saved views, bulk edit and number limits of the generic pages."""

from __future__ import annotations

import pytest

from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel.access import Role
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.models import SavedView

pytestmark = pytest.mark.django_db


def test_a_view_is_kept_under_a_name_and_only_its_owner_sees_it_until_shared(plant, browser):
    mine, other = browser(Role.planner), browser(Role.planner)
    kept = {"name": "Bottles", "back": "q=bottle"}
    mine.post(address(Item, "save_view"), kept)
    assert SavedView._base_manager.get().query == "q=bottle"
    assert "Bottles" in mine.get(address(Item)).content.decode()
    assert "Bottles" not in other.get(address(Item)).content.decode()
    mine.post(address(Item, "save_view"), {**kept, "shared": "on"})
    assert SavedView._base_manager.count() == 1
    assert "Bottles" in other.get(address(Item)).content.decode()


def test_bulk_edit_changes_all_chosen_or_none(plant, browser):
    planner = browser(Role.planner)
    planner.get("/", {"site": "N"})
    data = {"chosen": [str(plant.bottle.pk)], "field": "family", "value": "glass"}
    planner.post(address(Item, "bulk"), data)
    plant.bottle.refresh_from_db()
    assert plant.bottle.family == "glass"
    browser(Role.operator).post(address(Item, "bulk"), {**data, "value": "plastic"})
    plant.bottle.refresh_from_db()
    assert plant.bottle.family == "glass"


def test_a_number_too_long_to_be_kept_exactly_is_refused(plant, browser):
    planner = browser(Role.planner)
    planner.get("/", {"site": "N"})
    page = planner.post(
        address(Item, "new"), {"code": "X", "name": "X", "standard_cost": "99999999999999.9999"}
    )
    assert page.status_code == 422
    assert not Item._base_manager.filter(code="X").exists()


def test_the_sign_in_page_knows_no_site(client, plant):
    page = client.get("/accounts/login/").content.decode()
    assert "example.com" not in page
    assert "testserver" not in page
