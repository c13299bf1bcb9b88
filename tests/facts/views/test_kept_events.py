"""Events of days that are over come from memory, and are what the kept facts say, whatever is told late."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from line_of_machines import LineOfMachines, at
from msgspec.structs import replace

from plantbeat.facts.views.catalogue import question
from plantbeat.facts.views.counted import events_at_hand, events_of, shifts_of
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor

BY = Actor.system("tester")
KINDS = ["andon_raise", "andon_resolve"]
DAYS = Period.of_days(date(2026, 3, 8), date(2026, 3, 12))


@pytest.fixture
def line(db):
    """Five days with a call on each machine; one is resolved on the day after."""
    with clock.at(at("2026-03-12", "20:00")):
        made = LineOfMachines()
        for number in range(8, 13):
            for asset, time in (("M1", "23:30"), ("M2", "10:00")):
                if (number, asset) != (12, "M1"):
                    call(made, f"2026-03-{number:02}", time, asset)
        made.drain()
        yield made


def call(line, day, time, asset):
    """Call for help on a machine; the call of the 9th on M2 is resolved on the 10th."""
    name = f"{asset}-{day}"
    solved = "2026-03-10" if (asset, day) == ("M2", "2026-03-09") else day
    line.say(
        line.fact("andon_raise", at(day, time), asset, call=name, category="quality"),
        line.fact("andon_resolve", at(solved, f"{time[:3]}45"), asset, call=name),
    )


def asked(line, scope=None, period=DAYS):
    return question(MeasureCode.mttr, scope or Scope.site(line.site.pk), period, BY)


def known(line, scope=None, period=DAYS):
    """(from memory, as read now)"""
    ask = asked(line, scope, period)
    return events_at_hand(ask, KINDS), events_of(ask, KINDS, shifts_of(ask))


def test_events_are_those_of_the_kept_facts_the_first_time_and_from_memory(line):
    at_hand, read = known(line)
    assert at_hand == read == known(line)[0]
    assert len(read) == 18


def test_a_machine_a_day_and_a_shift_have_their_part_of_what_is_kept(line):
    known(line)
    shift = next(one for one in shifts_of(asked(line)) if one.owner_day == date(2026, 3, 9))
    for scope in (None, Scope.machine(line.site.pk, "M2"), Scope.line(line.site.pk, "L1")):
        for period in (DAYS, Period.of_day(date(2026, 3, 10)), Period.of_shift(shift)):
            at_hand, read = known(line, scope, period)
            assert at_hand == read
    assert {event.asset for event in known(line, Scope.machine(line.site.pk, "M2"))[0]} == {
        line.asset("M2").pk
    }


def test_days_that_are_over_are_not_read_again(line):
    ask = asked(line)
    events_at_hand(ask, KINDS)
    with CaptureQueriesContext(connection) as queries:
        events_at_hand(ask, KINDS)
    assert len(queries) == 1, "has a day been written?"


@pytest.mark.parametrize("day", ["2026-03-08", "2026-03-10", "2026-03-12"])
def test_what_is_told_late_or_taken_back_is_seen_at_once(line, day):
    before = known(line)[0]
    call(line, day, "11:00", "M1")
    back = replace(line.fact("correction", before[-1].t_us, "M2"), reverses=before[-1].lsn, reason="slip")
    line.say(back)
    line.drain()
    at_hand, read = known(line)
    assert at_hand == read != before
    assert len(read) == len(before) + 1
