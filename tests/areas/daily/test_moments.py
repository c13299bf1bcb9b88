"""The moments of the day and the boundaries of its shifts follow the shift calendar."""

from __future__ import annotations

from datetime import date, time

import pytest
from line_of_machines import HOUR, SYSTEM, LineOfMachines, at

from plantbeat.areas.daily.moments import MomentCode, boundaries, moments_of
from plantbeat.areas.daily.records.day_moment import DayMoment
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.holiday import Holiday
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act

pytestmark = pytest.mark.django_db

TUESDAY = "2026-03-10"
USUAL = ["06:30", "08:00", "10:00", "12:30", "14:00", "15:30", "17:00"]


@pytest.fixture
def line():
    with clock.at(at(TUESDAY, "05:00")):
        yield LineOfMachines()


def somebody(line: LineOfMachines, role: Role) -> Actor:
    return Actor("p-test", ((role, line.site.pk),), user_id=1)


def times(line, at_us, by=SYSTEM):
    found = moments_of(line.site, at_us, by)
    return [one.time for one in found.bar], str(found.now.code), found


def test_a_day_that_begins_at_six_has_its_moments_from_half_past_six_to_five(line):
    manager = somebody(line, Role.manager)
    for clock_time, now in (
        ("05:40", "start_up"), ("07:59", "start_up"), ("08:00", "tune"), ("12:00", "gemba"),
        ("13:00", "sync"),
        ("14:30", "people"), ("16:59", "results"), ("17:00", "handoff"), ("17:59", "handoff"),
    ):  # fmt: skip
        bar, code, found = times(line, at(TUESDAY, clock_time), manager)
        assert (bar, code, found.shift, found.works) == (USUAL, now, "", True)


def test_the_night_supervisor_sees_the_same_bar_in_the_hours_of_the_night(line):
    supervisor = somebody(line, Role.supervisor)
    bar, now, found = times(line, at("2026-03-11", "01:10"), supervisor)
    assert bar == ["22:30", "23:35", "01:00", "02:45", "03:50", "04:55", "06:00"]
    assert (now, found.shift, found.day) == ("gemba", "night", date(2026, 3, 10))
    assert times(line, at(TUESDAY, "15:00"), supervisor)[2].shift == "late"
    assert times(line, at(TUESDAY, "15:00"), somebody(line, Role.manager))[2].shift == ""
    assert times(line, at(TUESDAY, "23:00"), somebody(line, Role.manager))[2].shift == "night"


def test_a_site_sets_its_own_times(line):
    act(DayMoment, "create", SYSTEM, {"site": line.site, "moment": MomentCode.start_up, "at": time(7)})
    act(
        DayMoment, "create", SYSTEM,
        {"site": line.site, "moment": MomentCode.gemba, "shift": "night", "at": time(2)},
    )  # fmt: skip
    bar, _now, found = times(line, at(TUESDAY, "09:00"))
    assert bar[0] == "07:00"
    assert [one.is_set for one in found.bar] == [True] + [False] * 6
    assert times(line, at("2026-03-11", "01:00"), somebody(line, Role.supervisor))[0][2] == "02:00"


def test_a_day_without_shifts_says_so(line):
    line.make(Holiday, day=date(2026, 3, 12), name="Founders' day")
    bar, now, found = times(line, at("2026-03-12", "10:00"))
    assert (bar, now, found.works) == (USUAL, "gemba", False)


def test_every_end_of_a_shift_is_a_boundary_and_names_who_takes_over(line):
    found = boundaries(line.site, at(TUESDAY), at("2026-03-11"))
    assert [(one.ends.name, one.takes_over.name, one.at_us) for one in found] == [
        ("night", "early", at(TUESDAY, "06:00")),
        ("early", "late", at(TUESDAY, "14:00")),
        ("late", "night", at(TUESDAY, "22:00")),
    ]
    assert {(one.area, one.area_name, one.lines, one.gap_us) for one in found} == {("", "Berlin", ("L1",), 0)}


def test_over_a_holiday_the_next_working_shift_takes_over(line):
    line.make(Holiday, day=date(2026, 3, 11), name="Founders' day")
    (found,) = boundaries(line.site, at("2026-03-11"), at("2026-03-12"))
    assert (found.ends.name, found.takes_over.name) == ("night", "early")
    assert found.takes_over.start_us == at("2026-03-12", "06:00")
    assert found.gap_us == 24 * HOUR


def test_areas_and_patterns_hand_over_apart(line):
    hall = line.make(Area, code="HALL", name="Hall")
    day = line.make(
        ShiftPattern, code="1S", name="One shift", anchor=date(2026, 1, 5), weekdays="Mon Tue Wed Thu Fri",
        shifts=[{"place": 1, "name": "day", "start": time(7), "end": time(15, 30), "breaks": ""}],
    )  # fmt: skip
    line.make(Line, code="L2", name="Line 2", area=hall, shift_pattern=day)
    found = [one for one in boundaries(line.site, at("2026-03-13"), at("2026-03-16")) if one.area == "HALL"]
    assert [(one.lines, one.at_us, one.takes_over.start_us) for one in found] == [
        (("L2",), at("2026-03-13", "15:30"), at("2026-03-16", "07:00"))
    ]
    assert found[0].area_name == "Hall"
