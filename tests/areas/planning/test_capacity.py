"""Load against capacity: hours the orders need beside hours the shifts offer, opened down to the orders."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.test import Client
from shop import MONDAY

from people_of_the_plant import SYSTEM
from plantbeat.areas.planning.capacity import load_and_capacity
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.holiday import Holiday
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.planned_stop import PlannedStop
from plantbeat.areas.plant.records.shift_change import ShiftChange
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R003")]

HOUR_US = 3_600_000_000
WEEK_H = 2 * 5 * 15.5
"""Two machines, five days, 16 hours less half an hour of break."""


def hours(cells) -> list[tuple[float, float]]:
    return [(cell.load_us / HOUR_US, cell.available_us / HOUR_US) for cell in cells]


def test_the_load_lies_in_the_week_of_need_beside_the_hours_of_the_shifts(shop):
    shop.order("red", quantity=1800)
    shop.order("blue", quantity=3600, due_h=24 * 9)
    table = load_and_capacity(shop.site, 2, SYSTEM)
    # MONDAY is 23:00 on Sunday in Chicago: one hour of the week before is left, and nobody works in it.
    assert table.weeks == [date(2026, 11, 16), date(2026, 11, 23)]
    assert hours(table.loads["FILL"]) == [(0, 0), (1, WEEK_H)]
    assert [(need.order, need.load_us / HOUR_US) for need in table.beyond] == [("WO-000002", 2)]


def test_holidays_and_machines_out_of_use_take_hours_away(shop):
    act(Holiday, "create", SYSTEM, {"site": shop.site, "day": date(2026, 11, 26), "name": "Thanksgiving"})
    act(shop.machines[1], "edit", SYSTEM, {"valid_to": date(2026, 11, 24)})
    table = load_and_capacity(shop.site, 2, SYSTEM)
    assert hours(table.loads["FILL"])[1] == (0, (4 + 2) * 15.5)


def test_an_item_without_routing_is_named_and_not_silently_dropped(shop):
    bare = act(Item, "create", SYSTEM, {"site": shop.site, "code": "BARE", "name": "Bare"})
    due = MONDAY + timedelta(days=2)
    order = act(WorkOrder, "create", SYSTEM, {"site": shop.site, "item": bare, "quantity": 5, "due": due})
    table = load_and_capacity(shop.site, 2, SYSTEM)
    assert [(one.number, "BARE" in why) for one, why in table.left_out] == [(order.number, True)]


@pytest.fixture
def browse(plant):
    def as_(role: Role, **where: object) -> Client:
        client = Client()
        user = plant.user(role, **where)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_


def test_the_page_opens_a_cell_down_to_its_orders(shop, browse):
    order = shop.order("red", quantity=1800)
    page = browse(Role.planner).get("/capacity/", {"weeks": "2", "centre": "FILL", "week": "2026-11-23"})
    assert page.status_code == 200
    opened = page.context["opened"]
    assert [(one["order"].number, one["hours"]) for one in opened["orders"]] == [(order.number, 1)]
    assert sum(one["hours"] for one in opened["orders"]) == opened["load_h"]


def test_too_much_load_is_said_in_hours(shop, browse):
    shop.order("red", quantity=400_000, due_h=100)
    page = browse(Role.planner).get("/capacity/")
    cells = page.context["rows"][0]["cells"]
    assert [(cell["status"], bool(cell["word"])) for cell in cells if cell["load_h"]] == [("act", True)]


@pytest.mark.parametrize("asked", ["0", "-3", "many", "99", "²"])
def test_a_foolish_number_of_weeks_gives_a_page_all_the_same(shop, browse, asked):
    assert browse(Role.planner).get("/capacity/", {"weeks": asked}).status_code == 200


def test_strangers_are_sent_to_sign_in_and_a_foreign_site_shows_nothing(shop, plant, browse):
    shop.order("red")
    assert Client().get("/capacity/").status_code == 302
    assert "WO-0" not in browse(Role.planner, site=plant.south).get("/capacity/").content.decode()


def test_the_page_costs_the_same_queries_for_many_orders(shop, browse, django_assert_max_num_queries):
    for _number in range(30):
        shop.order("red")
    client = browse(Role.planner)
    client.get("/capacity/")
    with django_assert_max_num_queries(20):
        client.get("/capacity/")


def test_planned_downtime_and_overtime_change_the_hours_there_are(shop):
    with clock.at(MONDAY + timedelta(days=1)):  # Monday in Chicago, before the shifts begin on Tuesday
        usual = hours(load_and_capacity(shop.site, 2, SYSTEM).loads["FILL"])[1][1]
        begins = MONDAY + timedelta(days=8, hours=8)
        stop = {"starts": begins, "ends": begins + timedelta(hours=1), "purpose": "service"}
        act(PlannedStop, "create", SYSTEM, {"site": shop.site, **stop, "machine": shop.machines[0]})
        overtime = {"shift": "overtime", "crew": "A", "start": time(6), "end": time(12), "reason": "rush"}
        saturday = {"site": shop.site, "day": date(2026, 12, 5), "change": "extra", "line": shop.line}
        act(ShiftChange, "create", SYSTEM, saturday | overtime)
        week = hours(load_and_capacity(shop.site, 2, SYSTEM).loads["FILL"])[1]
        assert week[1] == usual + 2 * 6 - 1
