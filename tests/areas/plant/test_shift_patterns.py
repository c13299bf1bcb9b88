"""Shift patterns whose shifts and crews make no calendar are refused at every door; nothing is changed."""

from __future__ import annotations

import json
from datetime import date, time

import pytest
from django.test import Client

from people_of_the_plant import SYSTEM
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.addresses import address
from workbooks import opened, xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R018")]

TIMES = (("early", "06:00", "14:00"), ("late", "14:00", "22:00"), ("night", "22:00", "06:00"))
PATTERN = {"code": "3S", "name": "Three shifts", "rotation": "week", "anchor": "2026-01-05", "crews": "A B"}


def shifts(count: int = 3) -> list[dict[str, object]]:
    return [
        {"place": place, "name": name, "start": start, "end": end, "breaks": ""}
        for place, (name, start, end) in enumerate(TIMES[:count], 1)
    ]


def parsed(count: int = 3) -> list[dict[str, object]]:
    return [
        {**one, "start": time.fromisoformat(str(one["start"])), "end": time.fromisoformat(str(one["end"]))}
        for one in shifts(count)
    ]


@pytest.fixture
def manager(plant) -> Client:
    client = Client()
    user = plant.user(Role.manager, site=plant.north)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_form_names_the_crews_and_what_is_allowed(manager):
    typed = {**PATTERN, "weekdays": "Mon Tue Wed Thu Fri", "shifts__shown": "yes"}
    for one in shifts():
        for name, value in one.items():
            typed[f"shifts-{int(one['place']) - 1}-{name}"] = str(value)
    page = manager.post(address(ShiftPattern, "new"), typed)
    text = page.content.decode()
    assert page.status_code == 422
    assert "each of its 3 fixed shifts needs a crew of its own" in text
    assert "3 crews or more, separated by spaces" in text
    assert not ShiftPattern.objects.exists()


def test_rest_names_the_field_and_what_is_allowed(manager):
    body = {**PATTERN, "site": "N", "shifts": shifts()}
    answer = manager.post("/api/plant/shift-patterns", json.dumps(body), content_type="application/json")
    assert answer.status_code == 422, answer.content
    (problem,) = answer.json()["problems"]
    assert problem["field"] == "crews"
    assert problem["value"] == "A B"
    assert problem["allowed"] == "3 crews or more, separated by spaces"
    assert not ShiftPattern.objects.exists()
    body["crews"] = "A B C"
    answer = manager.post("/api/plant/shift-patterns", json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.content


def test_an_import_names_the_row(manager):
    rows = [["3S", place, *times] for place, times in enumerate(TIMES, 1)]
    sheets = {
        "Shift patterns": [
            ["Code", "Name", "Rotation", "First day of the cycle", "Crews"],
            ["1S", "One shift", "week", "2026-01-05", "A"],
            ["3S", "Three shifts", "week", "2026-01-05", "A B"],
        ],
        "Shifts": [["Shift pattern", "Order", "Shift", "From", "To"], *rows],
    }
    answer = manager.post(address(ShiftPattern, "import"), {"file": xlsx(sheets)})
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    page = manager.get(answer.url)
    assert page.context["counts"]["bad"] >= 1, page.context["counts"]
    refused = opened(manager.get(f"{answer.url}bad-rows.xlsx").content)
    said = [str(cell.value) for row in refused["Shift patterns"].iter_rows() for cell in row]
    assert any("needs a crew of its own" in one for one in said), said
    assert "1S" not in said
    assert manager.post(answer.url, {"mode": "all"}).status_code == 422
    assert not ShiftPattern.objects.exists()
    assert manager.post(answer.url, {"mode": "good"}).status_code == 302
    assert list(ShiftPattern.objects.values_list("code", flat=True)) == ["1S"]


@pytest.mark.parametrize(
    ("change", "field", "allowed"),
    [
        ({"crews": "A B A"}, "crews", "each crew once"),
        ({"rotation": "pitman", "crews": "A B C D"}, "shifts", "2 shifts"),
        ({"rotation": "continental", "crews": "A B C"}, "crews", "4 crews"),
    ],
)
def test_crews_and_shifts_fit_the_rotation(plant, change, field, allowed):
    data = {**PATTERN, "site": plant.north, "anchor": date(2026, 1, 5), "shifts": parsed(), **change}
    with pytest.raises(Refused) as refused:
        act(ShiftPattern, "create", SYSTEM, data)
    assert [one.field for one in refused.value.problems] == [field]
    assert allowed in str(refused.value.problems[0].allowed)


def test_an_edit_that_takes_a_crew_away_changes_nothing(plant):
    data = {**PATTERN, "site": plant.north, "anchor": date(2026, 1, 5), "shifts": parsed(), "crews": "A B C"}
    pattern = act(ShiftPattern, "create", SYSTEM, data)
    with pytest.raises(Refused):
        act(pattern, "edit", SYSTEM, {"crews": "A B"})
    pattern.refresh_from_db()
    assert pattern.crews == "A B C"
    assert act(pattern, "edit", SYSTEM, {"crews": "A B", "shifts": parsed(2)}).crews == "A B"
