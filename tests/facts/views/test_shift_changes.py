"""One-off changes of shifts, planned stops, changed settings of the site: what follows, and what stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from line_of_machines import HOUR, MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.planned_stop import PlannedStop
from plantbeat.areas.plant.records.shift_change import ShiftChange
from plantbeat.facts.models import AssetDay, AssetHour, DirtyDay, FactPattern, FactShift, ShiftPlan
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.facts.views.shifts import ensure, left_out
from plantbeat.kernel import clock
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

DAY, NEXT = "2026-03-10", "2026-03-11"
LATER = at("2026-03-12", "12:00")
ON = date.fromisoformat

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("X8", "R023")]


@pytest.fixture
def line():
    with clock.at(LATER):
        yield LineOfMachines()


@pytest.fixture
def running(line):
    """The machine has run since the 10th, and a second line without changes of its own has done so, too."""
    other = line.make(Line, code="L2", name="Line 2")
    line.make(Machine, code="M3", name="Other", line=other)
    line.say(line.fact("state", at(DAY), state="running"), line.fact("state", at(DAY), "M3", state="running"))
    line.drain()
    assert line.states("M1", DAY) == line.states("M3", DAY) == {"running": 1440}
    return line


def change(of, **data):
    return of.make(ShiftChange, reason="as agreed", **data)


def names(line, day, code="L1"):
    asset = line.asset(code).pk
    rows = FactShift.objects.filter(owner_day=ON(day), line__in=(0, asset)).order_by("start_us")
    return [row.shift for row in rows if asset not in left_out(row)]


def test_a_cancelled_shift_of_one_line_takes_its_time_there_and_nowhere_else(running):
    cancelled = change(running, day=ON(DAY), change="cancelled", shift="late", line=running.line)
    assert DirtyDay.objects.exists()
    running.drain()
    assert running.states("M1", DAY) == {"running": 960, "off_shift": 480}
    assert running.states("L1", DAY) == {"running": 960, "off_shift": 480}
    assert running.states("M3", DAY) == {"running": 1440}
    assert (names(running, DAY), names(running, DAY, "L2")) == (
        ["early", "night"], ["early", "late", "night"]
    )  # fmt: skip
    running.check()
    act(cancelled, "remove", SYSTEM)
    running.drain()
    assert running.states("M1", DAY) == {"running": 1440}
    running.check()


def test_a_cancelled_shift_of_the_site_or_an_area_is_cancelled_for_its_lines(running):
    hall = running.make(Area, code="H", name="Hall")
    act(running.line, "edit", SYSTEM, {"area": hall})
    of_area = change(running, day=ON(DAY), change="cancelled", shift="early", area=hall)
    running.drain()
    assert (running.states("M1", DAY)["off_shift"], running.states("M3", DAY)) == (480, {"running": 1440})
    act(of_area, "edit", SYSTEM, {"area": None, "shift": ""})
    running.drain()
    # Every shift that begins that day: the night before goes on until six.
    assert running.states("M1", DAY) == running.states("M3", DAY) == {"running": 360, "off_shift": 1080}
    running.check()


def test_an_extra_shift_is_worked_by_its_crew_and_counts(line):
    week = {"weekdays": "Mon Tue Wed Thu Fri", "crews": "A B C"}
    act(line.pattern, "edit", SYSTEM, week)
    with clock.at(at("2026-03-16", "12:00")):
        line.say(line.fact("state", at("2026-03-14"), state="running"))
        line.drain()
        assert line.states("L1", "2026-03-14") == {"off_shift": 1080, "running": 360}
        times = {"start": time(7), "end": time(13), "breaks": "09:00-09:30"}
        change(
            line, day=date(2026, 3, 14), change="extra", shift="overtime", crew="B", line=line.line, **times
        )
        line.drain()
        assert line.states("L1", "2026-03-14") == {"off_shift": 720, "running": 690, "break": 30}
        row = FactShift.objects.get(shift="overtime")
        assert (row.crew, row.owner_day, row.planned_us) == ("B", date(2026, 3, 14), 330 * MIN)
        line.check()


def test_a_shift_at_other_times_keeps_its_id_its_breaks_and_its_frozen_plan(line):
    act(line.pattern, "edit", SYSTEM, {"shifts": [
        {"place": 1, "name": "early", "start": time(6), "end": time(14), "breaks": "08:00-08:15 12:00-12:30"},
    ]})  # fmt: skip
    ensure(line.site.pk, ON(DAY), ON(NEXT))
    early = FactShift.objects.get(owner_day=ON(DAY))
    freeze_plan(line.asset("L1"), early, [PlannedRun("W", "P", 10, early.end_us)], "S-1", SYSTEM)
    shorter = change(line, day=ON(DAY), change="times", shift="early", start=time(7), end=time(11))
    moved = FactShift.objects.get(owner_day=ON(DAY))
    assert (moved.pk, moved.start_us, moved.planned_us) == (early.pk, at(DAY, "07:00"), 225 * MIN)
    assert ShiftPlan.objects.get().shift_id == early.pk
    act(shorter, "edit", SYSTEM, {"line": line.line})
    own = FactShift.objects.get(line=line.asset("L1").pk)
    assert ShiftPlan.objects.get().shift_id == own.pk
    assert FactShift.objects.get(pk=early.pk).start_us == at(DAY, "06:00")
    act(shorter, "remove", SYSTEM)
    assert ShiftPlan.objects.get().shift_id == early.pk
    assert not FactShift.objects.filter(line=line.asset("L1").pk).exists()


def test_one_crew_of_a_shift_may_stay_at_home(line):
    change(line, day=date(2026, 3, 17), change="cancelled", crew="A", line=line.line)
    assert names(line, "2026-03-17") == ["late", "night"]
    with pytest.raises(Refused, match="nobody works"):
        change(line, day=date(2026, 3, 17), change="cancelled", shift="late", crew="A")


def test_a_change_that_makes_no_sense_is_refused_in_words(line):
    day = ON(DAY)
    with pytest.raises(Refused, match=r"nobody works this shift on 2026-03-10.*early \(A\)"):
        change(line, day=day, change="cancelled", shift="eraly")
    with pytest.raises(Refused, match="is needed"):
        change(line, day=day, change="times", shift="early")
    with pytest.raises(Refused, match="has no times"):
        change(line, day=day, change="cancelled", shift="early", start=time(6), end=time(7))
    with pytest.raises(Refused, match="needs a name"):
        change(line, day=day, change="extra", crew="A", start=time(6), end=time(7))
    with pytest.raises(Refused, match="does not fit"):
        change(
            line,
            day=day,
            change="extra",
            shift="x",
            crew="A",
            start=time(6),
            end=time(7),
            breaks="06:30-07:30",
        )
    hall = line.make(Area, code="H", name="Hall")
    with pytest.raises(Refused, match="one place only"):
        change(line, day=day, change="cancelled", shift="early", area=hall, line=line.line)


# --- planned stops ---


def stop(of, start, end, **place):
    def moment(us):
        return datetime.fromtimestamp(us / 1_000_000, UTC)

    return of.make(PlannedStop, starts=moment(start), ends=moment(end), purpose="maintenance", **place)


@pytest.mark.requirement("R157")
def test_planned_maintenance_is_no_planned_busy_time_of_the_machine_and_of_the_line_it_times(running):
    day = Period.of_day(ON(DAY))
    window = stop(running, at(DAY, "08:00"), at(DAY, "10:00"), machine=running.m1)
    running.drain()
    assert running.states("M1", DAY) == running.states("L1", DAY) == {"running": 1320, "planned_stop": 120}
    assert running.states("M2", DAY) == {"no_data": 1440}
    assert running.states("M3", DAY) == {"running": 1440}
    (availability,) = values("availability", Scope.line(running.site.pk, "L1"), day, SYSTEM)
    # The production day is 6 to 6.
    assert availability.figure.denominator == 22 * HOUR
    running.check()
    act(window, "edit", SYSTEM, {"machine": running.m2})
    running.drain()
    assert running.states("L1", DAY) == {"running": 1440}
    act(window, "edit", SYSTEM, {"machine": None})
    running.drain()
    assert running.states("L1", DAY) == running.states("M3", DAY) == {"running": 1320, "planned_stop": 120}
    act(window, "remove", SYSTEM)
    running.drain()
    assert running.states("L1", DAY) == {"running": 1440}
    running.check()
    with pytest.raises(Refused, match="lies before"):
        stop(running, at(DAY, "08:00"), at(DAY, "08:00"))


# --- settings of the site ---


def test_another_owner_day_rule_leaves_what_has_begun_and_holds_for_what_lies_ahead(line):
    ensure(line.site.pk, ON(DAY), ON("2026-03-14"))

    def owner(start):
        return FactShift.objects.get(start_us=start).owner_day.isoformat()

    assert owner(at(NEXT, "22:00")) == owner(at(NEXT, "14:00")) == NEXT
    act(line.site, "edit", SYSTEM, {"owner_day": "end"})
    ensure(line.site.pk, ON(DAY), ON("2026-03-14"))
    assert owner(at(NEXT, "22:00")) == NEXT
    assert owner(at("2026-03-12", "22:00")) == "2026-03-13"
    assert FactPattern.objects.count() == 2
    # A rewrite of the past is asked for by its day.
    act(line.pattern, "edit", SYSTEM, {"rewritten_from": ON(NEXT)})
    assert owner(at(NEXT, "22:00")) == "2026-03-12"
    assert owner(at(DAY, "22:00")) == DAY


def test_a_pattern_rewrites_the_past_only_from_the_day_somebody_names(running):
    with clock.at(at("2026-03-13", "12:00")):
        early = [{"place": 1, "name": "early", "start": time(6), "end": time(14), "breaks": ""}]
        act(running.pattern, "edit", SYSTEM, {"shifts": early})
        running.drain()
        assert running.states("M1", NEXT) == {"running": 1440}
        act(running.pattern, "edit", SYSTEM, {"rewritten_from": ON(NEXT)})
        running.drain()
        assert running.states("M1", DAY) == {"running": 1440}
        # The night that began the evening before is worked to its end.
        assert running.states("M1", NEXT) == {"running": 840, "off_shift": 600}
        running.check()
        twice = [*early, {"place": 2, "name": "late", "start": time(14), "end": time(22), "breaks": ""}]
        act(running.pattern, "edit", SYSTEM, {"shifts": twice})
        running.drain()
        assert running.states("M1", NEXT) == {"running": 840, "off_shift": 600}
        running.check()


def test_days_are_cut_anew_in_another_zone_and_hold_each_hour_once(running):
    act(running.site, "edit", SYSTEM, {"zone": "Asia/Kolkata"})
    running.say(running.fact("heartbeat", LATER - MIN))
    running.drain()
    running.drain()
    running.check()
    asset = running.asset("M1")
    rows = AssetHour.objects.filter(asset=asset)
    known = AssetDay.objects.filter(asset=asset).order_by("day")
    assert known[0].start_us % HOUR == 30 * MIN
    assert sum(rows.values_list("us", flat=True)) == known.last().until_us - known[0].start_us
    assert FactShift.objects.get(owner_day=ON(DAY), shift="early").start_us == at(DAY, "06:00")
    ahead = FactShift.objects.get(owner_day=date(2026, 3, 16), shift="early")
    assert ahead.start_us == at("2026-03-16", "00:30")
