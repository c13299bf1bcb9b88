"""A page reads the rules of a site once; whoever changes something reads them anew."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from line_of_machines import SYSTEM, LineOfMachines, at

from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of, rules_read_once
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock

DAY = "2026-03-10"


@pytest.fixture
def line(db):
    with clock.at(at(DAY, "12:30")):
        yield LineOfMachines()


def test_within_a_page_the_rules_are_read_once_and_outside_every_time(
    line, django_assert_num_queries
) -> None:
    site = line.site.pk
    assert rules_of(site) is not rules_of(site)
    with rules_read_once():
        first = rules_of(site)
        with django_assert_num_queries(0), rules_read_once():
            assert rules_of(site) is first, "a question within a question, too"
        assert rules_of(site) is first
    assert rules_of(site) is not first


def test_the_next_page_sees_what_was_changed(line) -> None:
    with rules_read_once():
        before = len(rules_of(line.site.pk).assets)
    line.make(type(line.m1), code="SOLO", name="Alone")
    with rules_read_once():
        assert len(rules_of(line.site.pk).assets) == before + 1


def produced(line) -> dict[MeasureCode, float | None]:
    scope, period = Scope.site(line.site.pk), Period.of_day(date.fromisoformat(DAY))
    asked = (MeasureCode.oee, MeasureCode.availability, MeasureCode.scrap_percent)
    return {code: values(code, scope, period, SYSTEM)[0].value for code in asked}


def test_measures_of_a_page_that_divide_the_same_sums_read_them_once(line) -> None:
    line.say(line.fact("state", at(DAY, "06:00"), state="running"))
    line.say(line.fact("count", at(DAY, "07:00"), "M2", good=90, scrap=10))
    line.drain()
    apart = produced(line)
    with rules_read_once(), CaptureQueriesContext(connection) as queries:
        assert produced(line) == apart
    assert len([one for one in queries if "FROM asset_hour" in one["sql"]]) == 1


def test_what_is_computed_within_a_page_is_in_its_next_answer(line) -> None:
    line.say(line.fact("count", at(DAY, "07:00"), "M2", good=90, scrap=10))
    line.drain()
    with rules_read_once():
        before = produced(line)
        line.say(line.fact("count", at(DAY, "07:10"), "M2", good=0, scrap=90))
        line.drain()
        assert produced(line) != before
