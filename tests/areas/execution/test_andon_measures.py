"""What calls for help come to: how many per shift, how soon taken and resolved, how many in their limits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from line_of_machines import SYSTEM, LineOfMachines, at

from plantbeat.areas.execution.andon.following import follow_from
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.periods import Period, PeriodKind
from plantbeat.facts.views.scopes import Scope
from plantbeat.facts.views.shifts import ensure
from plantbeat.kernel import clock

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R145")]

DAY = "2026-03-02"
NEXT = date(2026, 3, 3)


@pytest.fixture
def line():
    """Five calls of a day: quick, slow, never taken, not resolved, and a test."""
    with clock.at(at("2026-03-03", "12:00")):
        line = LineOfMachines()
        ensure(line.site.pk, NEXT - timedelta(days=1), NEXT)

        def call(name, *told, **more):
            kinds = {"raise": {"category": "maintenance", **more}, "ack": {}, "resolve": {}}
            return [
                line.fact(f"andon_{kind}", at(DAY, when), "M1", call=name, **kinds[kind])
                for kind, when in told
            ]

        line.say(
            *call("A", ("raise", "08:00"), ("ack", "08:02"), ("resolve", "08:20")),
            *call("B", ("raise", "09:00"), ("ack", "09:10"), ("resolve", "09:50")),
            *call("C", ("raise", "13:55"), ("resolve", "14:25")),
            *call("D", ("raise", "23:00"), ("ack", "23:04")),
            *call("T", ("raise", "08:30"), ("ack", "08:31"), ("resolve", "08:31"), test=True),
        )
        line.drain()
        follow_from(0)
        yield line


def value(line, code, **more):
    (one,) = values(code, Scope.site(line.site.pk), _day(), SYSTEM, **more)
    return one


def _day():
    day = date.fromisoformat(DAY)
    return Period(PeriodKind.days, day, day)


def test_times_are_medians_and_nine_of_ten_of_single_calls(line):
    assert value(line, "andon_respond_median").value == 4.0
    assert value(line, "andon_respond_p90").value == 10.0
    assert value(line, "andon_resolve_median").value == 30.0
    assert value(line, "andon_resolve_p90").value == 50.0
    median = value(line, "andon_resolve_median").figure
    assert (median.n, median.remarks) == (3, ("1 call is not in it yet",))


def test_a_call_that_nobody_takes_or_resolves_in_time_is_late(line):
    share = value(line, "andon_in_limit_percent")
    assert (share.figure.numerator, share.figure.denominator) == (1, 4)


def test_calls_are_counted_by_the_shifts_that_have_begun(line):
    load = value(line, "andon_calls_per_shift")
    assert (load.figure.numerator, load.figure.denominator) == (4, 3)
    parts = values("andon_calls_per_shift", Scope.site(line.site.pk), _day(), SYSTEM, Cut.shift)
    assert {one.key: one.value for one in parts} == {"early": 3.0, "late": 0.0, "night": 1.0}


def test_a_call_counts_where_it_was_raised_though_it_ends_in_the_next_shift(line):
    parts = values("andon_resolve_median", Scope.site(line.site.pk), _day(), SYSTEM, Cut.shift)
    assert {one.key: one.figure.n for one in parts} == {"early": 3, "night": 0}
