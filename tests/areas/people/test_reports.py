"""The span of control on a person's page."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from people_of_the_plant import SYSTEM
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.surfaces.addresses import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R021")]


@pytest.fixture
def people(plant) -> dict[str, Person]:
    """A manager, two supervisors, three operators below one of them, one of whom has left."""
    made: dict[str, Person] = {}
    above = {"M": None, "S1": "M", "S2": "M", "O1": "S1", "O2": "S1", "O3": "S1"}
    for number, boss in above.items():
        data = {"number": number, "name": f"Person {number}", "reports_to": made[boss] if boss else None}
        left = {"left": date(2020, 1, 31)} if number == "O3" else {}
        made[number] = act(Person, "create", SYSTEM, {"site": plant.north, **data, **left})
    return made


def panels(plant, person: Person, **where: object) -> list[object]:
    client = Client()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(plant.user(Role.supervisor, **where), backend=backend)
    page = client.get(address_of(person))
    assert page.status_code == 200
    return page.context["panels"]


def test_direct_reports_are_listed_with_how_many_stand_below_them(plant, people):
    (panel,) = panels(plant, people["M"])
    assert [(row["person"].number, row["below"]) for row in panel.rows] == [("S1", 2), ("S2", 0)]
    assert panel.in_all == 4


def test_who_leads_nobody_has_no_such_panel(plant, people):
    assert panels(plant, people["S2"]) == []
