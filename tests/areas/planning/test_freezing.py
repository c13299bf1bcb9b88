"""The plan of a shift is frozen as the shift begins, from the version in force then; adherence follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from shop import MONDAY, Shop

from people_of_the_plant import SYSTEM
from plantbeat.areas.planning import freezing
from plantbeat.areas.planning.actions import ask_for_schedule
from plantbeat.areas.planning.freezing import freeze_begun_shifts
from plantbeat.areas.planning.solving import solve_schedule
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.site_rule import SiteRule
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append
from plantbeat.facts.models import FactSource, ShiftPlan
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.recompute import recompute
from plantbeat.facts.views.scopes import Scope
from plantbeat.facts.views.shifts import ensure
from plantbeat.kernel import clock
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R019")]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DAY = date(2026, 11, 23)
EARLY, LATE = MONDAY + 7 * HOUR, MONDAY + 15 * HOUR
"""Six and two o'clock in Chicago."""


@pytest.fixture
def shop(plant):
    freezing._settled.clear()
    with clock.at(MONDAY):
        shop = Shop(plant)
        act(shop.machines[1], "edit", SYSTEM, {"work_centre": None})
        act(shop.line, "edit", SYSTEM, {"counting_point": shop.machines[0], "bottleneck": shop.machines[0]})
        yield shop


def published(shop):
    schedule = ask_for_schedule(shop.site, SYSTEM, 1)
    solve_schedule(schedule.pk)
    return act(schedule, "publish", SYSTEM)


def frozen(shop):
    rows = ShiftPlan.objects.order_by("shift__start_us", "position").select_related("shift")
    return [(row.asset.code, row.shift.shift, row.order_number, row.planned, row.version) for row in rows]


def test_each_shift_gets_its_part_of_the_orders_from_the_version_in_force_when_it_began(shop):
    # 2 s a piece: the early shift of 7.5 h makes 13,500 pieces.
    order = shop.order("red", quantity=15_000)
    first = published(shop)
    assert freeze_begun_shifts(shop.site) == 0
    with clock.at(EARLY + MINUTE):
        assert freeze_begun_shifts(shop.site) == 1
        assert frozen(shop) == [("L1", "early", order.number, 13_500, first.number)]
        rush = shop.order("red", quantity=900, due_h=12, weight=100)
        second = published(shop)
        assert freeze_begun_shifts(shop.site) == 0
    freezing._settled.clear()
    # The worker was away as the late shift began.
    with clock.at(LATE + 3 * HOUR):
        third = published(shop)
        assert freeze_begun_shifts(shop.site) == 1
        late = [row for row in frozen(shop) if row[1] == "late"]
        assert {row[4] for row in late} == {second.number} != {third.number}
        assert {row[2] for row in late} <= {order.number, rush.number}
        assert next(row for row in frozen(shop) if row[1] == "early")[3] == 13_500


def test_adherence_and_takt_of_a_real_installation_are_judged_by_it(shop):
    order = shop.order("red", quantity=1_350)
    published(shop)
    source = act(FactSource, "create", SYSTEM, {"site": shop.site, "name": "gw", "kind": "gateway"})
    site, day = Scope.site(shop.site.pk), Period.of_day(DAY)
    assert values("schedule_adherence_quantity", site, day, SYSTEM)[0].figure.missing == "no plan was frozen"
    with clock.at(EARLY + HOUR):
        freeze_begun_shifts(shop.site)
        begun = clock.to_us(EARLY)
        facts = [
            NewFact(asset="F1", t_us=begun, kind="state", body={"state": "running"}, seq=1),
            NewFact(asset="F1", t_us=begun, kind="order_start", body={"order": order.number}, seq=2),
            NewFact(asset="F1", t_us=begun + 60, kind="count", body={"good": 1_080}, seq=3),
        ]
        assert not append(facts, SYSTEM, source).quarantined
        while recompute(None).left:
            pass
        (adherence,) = values("schedule_adherence_quantity", site, day, SYSTEM)
        assert (adherence.figure.numerator, adherence.figure.denominator) == (1_080, 1_350)
        assert values("takt_attainment", site, day, SYSTEM)[0].value is not None


def test_a_machine_without_a_line_has_a_plan_of_its_own_and_nothing_is_planned_without_a_schedule(shop):
    ensure(shop.site.pk, DAY, DAY)
    with clock.at(EARLY + MINUTE):
        assert freeze_begun_shifts(shop.site) == 0
    freezing._settled.clear()
    rule = {"site": shop.site, "valid_from": date(2026, 1, 1), "shift_pattern": shop.line.shift_pattern}
    act(SiteRule, "create", SYSTEM, rule)
    alone = {"site": shop.site, "code": "A1", "name": "Alone", "work_centre": shop.centre}
    act(Machine, "create", SYSTEM, alone)
    act(shop.machines[0], "edit", SYSTEM, {"work_centre": None})
    shop.order("red")
    published(shop)
    with clock.at(EARLY + MINUTE):
        assert freeze_begun_shifts(shop.site) == 1
        assert frozen(shop)[0][:2] == ("A1", "early")
