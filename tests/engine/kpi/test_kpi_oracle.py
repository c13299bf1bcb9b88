"""The formulas over plans, sheets, calls, order lines, cases and actions agree with a plain oracle.

PLANTBEAT_ORACLE_SETS chooses on how many random sets.
"""

import os
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from engine.kpi import plan_oracle, record_oracle
from engine.oee import loss_oracle
from engine.oee import oracle as oee_oracle
from plantbeat.engine.kpi.actions import Action, open_actions_on_time
from plantbeat.engine.kpi.adherence import (
    PlannedOrder,
    schedule_adherence_quantity,
    schedule_adherence_sequence,
    schedule_adherence_time,
)
from plantbeat.engine.kpi.delivery import DeliveryRules, OrderLine, Shipment, otd
from plantbeat.engine.kpi.downtime import Repair, mttr
from plantbeat.engine.kpi.labour import (
    Labour,
    labour_per_operation,
    order_lead_time,
    rework_labour_percent,
)
from plantbeat.engine.kpi.pace import Demand, Made, takt_attainment
from plantbeat.engine.kpi.people import AttendanceSheet, attendance
from plantbeat.engine.kpi.safety import days_since_last_recordable

SETS = int(os.environ.get("PLANTBEAT_ORACLE_SETS", "10000"))
MONDAY = date(2026, 3, 2)

pytestmark = pytest.mark.requirement("R149")


def sets():
    return ((seed, Random(seed)) for seed in range(SETS))


def day(random, first=0, last=12):
    return MONDAY + timedelta(days=random.randint(first, last))


def some(random, most, make):
    return [make() for _ in range(random.randint(0, most))]


@pytest.mark.requirement("R019")
def test_schedule_adherence():
    for seed, random in sets():

        def order(random=random):
            return PlannedOrder(
                "W", random.randint(1, 5), random.randint(0, 9), random.randint(0, 12), random.randint(0, 20),
                random.choice([None, random.randint(0, 9)]), random.choice([None, random.randint(0, 25)]),
            )  # fmt: skip

        orders, tolerance = some(random, 6, order), random.randint(0, 6)
        found = (
            schedule_adherence_quantity(orders).fraction,
            schedule_adherence_time(orders, tolerance).fraction,
            schedule_adherence_sequence(orders).fraction,
        )
        assert found == plan_oracle.adherence(orders, tolerance), seed


@pytest.mark.requirement("R026", "R091")
def test_attendance_repairs_and_takt():
    for seed, random in sets():

        def sheet(random=random):
            rostered = random.randint(0, 30)
            leave = random.randint(0, rostered)
            worked = random.randint(0, rostered - leave)
            return AttendanceSheet(rostered, leave, worked, taken=random.random() < 0.7)

        def repair(random=random):
            return Repair(*(random.randint(0, 99) for _part in range(5)))

        sheets, repairs = some(random, 6, sheet), some(random, 6, repair)
        assert attendance(sheets).ratio.fraction == plan_oracle.attendance(sheets), seed
        assert mttr(repairs).fraction == plan_oracle.mttr(repairs), seed
        demand = Demand(
            random.randint(60, 99), random.randint(0, 20), random.randint(0, 20), random.randint(0, 9)
        )
        made = Made(random.randint(0, 9), random.randint(0, 60))
        assert takt_attainment(demand, made).fraction == plan_oracle.takt_attainment(demand, made), seed


@pytest.mark.requirement("R161")
def test_labour_and_lead_times():
    for seed, random in sets():
        bookings = some(random, 6, lambda random=random: Labour(random.randint(0, 99), random.random() < 0.3))
        found = labour_per_operation(bookings).fraction, rework_labour_percent(bookings).fraction
        assert found == plan_oracle.labour(bookings), seed
        begins = some(random, 6, lambda random=random: random.randint(0, 99))
        stays = [(begin, begin + random.randint(0, 99)) for begin in begins]
        waited = sum(len(range(begin, end)) for begin, end in stays)
        assert order_lead_time(stays).fraction == plan_oracle.over(waited, len(stays)), seed


@pytest.mark.requirement("R101")
def test_delivery_on_time():
    for seed, random in sets():

        def line(random=random):
            parts = some(random, 3, lambda: Shipment(day(random), random.randint(1, 9)))
            promise = random.choice([None, day(random), day(random)])
            return OrderLine(
                "L", 9, day(random), promise, day(random), tuple(parts), random.random() < 0.7,
                random.random() < 0.1,
            )  # fmt: skip

        lines, first = some(random, 8, line), day(random, 0, 6)
        last, today = first + timedelta(days=random.randint(0, 6)), day(random, 0, 20)
        rules = DeliveryRules(
            late_days=random.randint(0, 2), early_days=random.choice([None, random.randint(0, 3)])
        )
        found = otd(lines, first, last, today, rules)
        assert (found.numerator, found.denominator) == record_oracle.otd(lines, first, last, today, rules), (
            seed
        )


@pytest.mark.requirement("R154", "R131")
def test_open_actions_and_days_since_the_last_case():
    for seed, random in sets():

        def action(random=random):
            return Action(random.choice([None, day(random), day(random)]), random.choice([None, day(random)]))

        actions, today = some(random, 8, action), day(random)
        assert open_actions_on_time(actions, today).ratio.fraction == record_oracle.open_on_time(
            actions, today
        ), seed
        cases, since = some(random, 4, lambda r=random: day(r)), today - timedelta(days=random.randint(0, 9))
        found = days_since_last_recordable(today, cases, since)
        assert found.days == record_oracle.days_since(today, cases, since), seed


@pytest.mark.parametrize("one", [plan_oracle, record_oracle, oee_oracle, loss_oracle])
def test_an_oracle_is_short_enough_to_be_read_at_a_glance(one):
    assert len(Path(one.__file__).read_text(encoding="utf-8").splitlines()) <= 60
