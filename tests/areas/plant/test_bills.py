"""The page of an item: what it is made of over all levels with its cost, and where it is used."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from people_of_the_plant import SYSTEM
from plantbeat.areas.plant.records.bill_of_materials import BillOfMaterials
from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R007")]


@pytest.fixture
def items(plant) -> dict[str, Item]:
    """A kit of twelve jars; a jar of half a litre of gel and a lid, of which a fifth is lost."""
    made = {}
    kinds = {"KIT": "made", "JAR": "made", "GEL": "bought", "LID": "bought"}
    costs = {"GEL": Decimal(2), "LID": Decimal("0.03")}
    for code, kind in kinds.items():
        data = {"code": code, "name": code.lower(), "kind": kind, "standard_cost": costs.get(code)}
        made[code] = act(Item, "create", SYSTEM, {"site": plant.north, **data})
    half, caps = {"quantity": Decimal("0.5")}, {"quantity": Decimal(1), "scrap_percent": Decimal(20)}
    for item, components in (
        ("JAR", [{"item": made["GEL"], **half}, {"item": made["LID"], **caps}]),
        ("KIT", [{"item": made["JAR"], "quantity": Decimal(12)}]),
    ):
        data = {"site": plant.north, "item": made[item], "components": components}
        act(BillOfMaterials, "create", SYSTEM, data)
    return made


def panels(plant, item: Item) -> dict[str, object]:
    client = Client()
    client.force_login(
        plant.user(Role.planner), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    page = client.get(address_of(item))
    assert page.status_code == 200
    return {panel.title: panel for panel in page.context["panels"]}


def test_the_structure_multiplies_quantities_and_rolls_the_cost_up(plant, items):
    shown = panels(plant, items["KIT"])
    tree = shown["Made of, all levels"]
    assert [(row["level"], row["item"].code, row["quantity"]) for row in tree.rows] == [
        (1, "JAR", 12),
        (2, "GEL", 6),
        (2, "LID", 15),
    ]
    assert tree.amount == pytest.approx(6 * 2 + 15 * 0.03)
    assert "Where used" not in shown


def test_where_used_goes_up_all_levels(plant, items):
    shown = panels(plant, items["LID"])
    assert [(row["level"], row["item"].code, row["quantity"]) for row in shown["Where used"].rows] == [
        (1, "JAR", 1.25),
        (2, "KIT", 15),
    ]
    assert "Made of, all levels" not in shown


def test_a_circle_over_two_levels_is_refused(plant, items):
    bill = {"site": plant.north, "item": items["GEL"]}
    components = [{"item": items["KIT"], "quantity": Decimal(1)}]
    with pytest.raises(Refused, match="contains the item"):
        act(BillOfMaterials, "create", SYSTEM, {**bill, "components": components})


def test_a_cost_that_is_not_known_is_named(plant, items):
    act(items["LID"], "edit", SYSTEM, {"standard_cost": None})
    tree = panels(plant, items["KIT"])["Made of, all levels"]
    assert tree.cost.missing == ("LID",)
