"""Real cycle times of a line beside its ideal and standard times."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from test_line_pages import MINUTE_US, NOON, line, signed_in  # noqa: F401  (a fixture)

from people_of_the_plant import SYSTEM
from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, own_source
from plantbeat.facts.views.recompute import recompute
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role, visible
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R014")]


@pytest.fixture
def counted(plant, line):  # noqa: F811
    """Two hours of one item: 600 pieces from 08:00 and 300 from 09:00, ideal 5 s, standard 6 s."""
    site = plant.north
    with clock.at(NOON):
        centre = act(WorkCentre, "create", SYSTEM, {"site": site, "code": "FILL", "name": "Filling"})
        filler = visible(Machine, SYSTEM).get(site=site, code="F1")
        act(filler, "edit", SYSTEM, {"work_centre": centre})
        item = act(Item, "create", SYSTEM, {"site": site, "code": "DISH", "name": "Dish", "unit": "pcs"})
        step = {"step": 10, "work_centre": centre, "run": 6_000_000}
        act(Routing, "create", SYSTEM, {"site": site, "item": item, "operations": [step]})
        ideal = {"item": item, "machine": filler, "valid_from": date(2026, 1, 1), "cycle": 5_000_000}
        act(IdealCycle, "create", SYSTEM, {"site": site, **ideal})

        def at(minutes: int, kind: str, **body: object) -> NewFact:
            return NewFact(asset="F1", t_us=NOON - minutes * MINUTE_US, kind=kind, body=body)

        facts = [
            at(240, "order_start", order="WO-1", item="DISH"),
            *(at(minutes, "heartbeat") for minutes in range(238, 60, -2)),
            at(181, "count", good=600, from_us=NOON - 240 * MINUTE_US),
            at(121, "count", good=300, from_us=NOON - 180 * MINUTE_US),
        ]
        append(facts, SYSTEM, own_source(site))
        while recompute().left:
            pass
        yield plant


def test_the_page_shows_mean_and_spread_beside_ideal_and_standard(counted):
    page = signed_in(counted, Role.planner).get("/lines/L1/cycles/", {"days": "1"})
    (row,) = [one for one in page.context["rows"] if one["item"] == "DISH"]
    assert (row["ideal_s"], row["standard_s"]) == (5, 6)
    # The third hour: 507 pieces in the 48 minutes beside the jam.
    assert (row["pieces"], row["hours"]) == ("1407", 3)
    assert (row["p10_s"], row["p50_s"], row["p90_s"]) == (48 * 60 / 507 // 1e-6 / 1e6, 6, 12)
    assert row["mean_s"] == pytest.approx((60 + 60 + 48) * 60 / 1407)
    given = parse_qs(urlsplit(row["set_url"]).query)
    assert (given["item"], given["machine"]) == (["DISH"], ["F1"])


def test_only_who_may_set_an_ideal_cycle_is_offered_to(counted):
    page = signed_in(counted, Role.operator).get("/lines/L1/cycles/", {"days": "1"})
    assert all("set_url" not in row for row in page.context["rows"])
    form = (
        signed_in(counted, Role.planner).get("/lines/L1/cycles/", {"days": "1"}).context["rows"][0]["set_url"]
    )
    opened = signed_in(counted, Role.planner).get(form)
    assert opened.status_code == 200
    assert 'value="F1"' in opened.content.decode()


@pytest.mark.parametrize("days", ["", "0", "5", "many"])
def test_odd_periods_fall_back_to_a_week(counted, days):
    assert signed_in(counted).get("/lines/L1/cycles/", {"days": days}).context["days"] == 7


def test_other_sites_and_strangers_see_nothing(counted):
    assert signed_in(counted, site=counted.south).get("/lines/L1/cycles/").status_code == 404
    assert signed_in(counted).get("/lines/NONE/cycles/").status_code == 404
    assert Client().get("/lines/L1/cycles/").status_code == 302
