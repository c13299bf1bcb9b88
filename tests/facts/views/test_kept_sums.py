"""Sums of days that are over come from memory, and are what the cube says, whatever is told late."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from line_of_machines import LineOfMachines, at

from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.kept_days import forget_kept_days
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.facts.views.tables import ShiftPlan
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor

BY = Actor.system("tester")
DAYS = Period.of_days(date(2026, 3, 8), date(2026, 3, 12))
ASKED = (MeasureCode.oee, MeasureCode.scrap_percent, MeasureCode.schedule_adherence_quantity)


@pytest.fixture
def line(db):
    """Five days with pieces of an order in each, planned for the shift that makes them."""
    with clock.at(at("2026-03-12", "20:00")):
        made = LineOfMachines()
        for number in range(8, 13):
            day, order = f"2026-03-{number:02}", f"W{number}"
            made.say(
                made.fact("order_start", at(day, "06:00"), "L1", order=order, item="P"),
                made.fact("state", at(day, "06:00"), state="running"),
                made.fact(
                    "count", at(day, "10:00"), "M2", good=100 * number, scrap=number, order=order, item="P"
                ),
                made.fact("state", at(day, "12:00"), state="own_stop"),
            )
        made.drain()
        yield made


def planned(line):
    """What each shift was to make, frozen."""
    for shift in FactShift.objects.filter(owner_day__gte=DAYS.first, owner_day__lte=DAYS.last):
        number = shift.owner_day.day
        ShiftPlan.objects.create(
            asset=line.asset("L1"), shift=shift, position=1, order_number=f"W{number}", planned=2_000,
            finish_us=shift.end_us, version="1", frozen_us=shift.start_us,
        )  # fmt: skip


def told(line):
    """Each measure by day, for the site, the line and as one shift of it."""
    site = line.site.pk
    shift = FactShift.objects.filter(owner_day=date(2026, 3, 10)).order_by("start_us").first()
    return {
        (code, scope.level, period): [
            (one.key, one.figure) for one in values(code, scope, period, BY, Cut.day)
        ]
        for code in ASKED
        for scope in (Scope.site(site), Scope.line(site, "L1"))
        for period in (DAYS, Period.of_day(date(2026, 3, 10)), Period.of_shift(shift))
    }


def read_anew(line):
    forget_kept_days()
    return told(line)


def test_sums_from_memory_are_those_of_the_cube(line):
    planned(line)
    first = told(line)
    assert told(line) == first == read_anew(line)
    by_day = first[MeasureCode.schedule_adherence_quantity, "line", DAYS]
    assert len(by_day) == 5
    assert any(figure.numerator for _key, figure in by_day)
    assert any(figure.value for _key, figure in first[MeasureCode.scrap_percent, "site", DAYS])


@pytest.mark.parametrize("day", ["2026-03-08", "2026-03-12"])
def test_what_is_told_late_is_seen_at_once(line, day):
    planned(line)
    before = told(line)
    line.say(
        line.fact("count", at(day, "11:00"), "M2", good=50, scrap=7, order=f"W{int(day[-2:])}", item="P")
    )
    line.drain()
    after = told(line)
    assert after != before
    assert after == read_anew(line)


def test_days_that_are_over_are_not_summed_again(line):
    planned(line)
    told(line)
    with CaptureQueriesContext(connection) as queries:
        values(MeasureCode.oee, Scope.site(line.site.pk), DAYS, BY, Cut.day)
        values(MeasureCode.schedule_adherence_quantity, Scope.site(line.site.pk), DAYS, BY, Cut.day)
    assert not [
        one["sql"] for one in queries if "asset_hour" in one["sql"] and "GROUP BY s.owner" in one["sql"]
    ]
    days = [one["sql"] for one in queries if "asset_hour" in one["sql"]]
    assert len(days) <= 1, days
