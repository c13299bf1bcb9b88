"""Who is on duty in a role: the crew that works, then the on-call list, the nearest first."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from people_of_the_plant import SYSTEM
from plantbeat.areas.people.questions import on_duty
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.on_call import OnCall
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.facts.views.shifts import ensure
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R183")]

DAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Nine o'clock in Chicago, a Monday."""
EVENING = MORNING + timedelta(hours=8)


@pytest.fixture
def floor(plant):
    """Two lines in two areas, an early and a late crew, and people of each."""
    with clock.at(MORNING):
        shifts = [
            {"place": 1, "name": "early", "start": time(6), "end": time(14)},
            {"place": 2, "name": "late", "start": time(14), "end": time(22)},
        ]
        week = {"anchor": date(2026, 1, 5), "crews": "A B"}
        data = {"code": "P", "name": "Two shifts", "shifts": shifts, **week}
        pattern = act(ShiftPattern, "create", SYSTEM, {"site": plant.north, **data})
        places = {}
        for number in (1, 2):
            area = act(Area, "create", SYSTEM, {"site": plant.north, "code": f"H{number}", "name": "Hall"})
            line = {"code": f"L{number}", "name": "Line", "area": area, "shift_pattern": pattern}
            places[f"L{number}"] = act(Line, "create", SYSTEM, {"site": plant.north, **line})
        ensure(plant.north.pk, DAY, DAY)
        yield plant, pattern, places


def person(plant, number: str, **data) -> Person:
    return act(Person, "create", SYSTEM, {"site": plant.north, "number": number, "name": number, **data})


def names(plant, role: Role, at: datetime, by=SYSTEM, **place: str) -> list[str]:
    return [one.name for one in on_duty(plant.north, role, clock.to_us(at), by, **place)]


def crews_at(plant, pattern, at: datetime) -> tuple[Crew, Crew]:
    """The crew that works at an instant, and the other one."""
    from plantbeat.facts.views.readings import shifts_between

    at_us = clock.to_us(at)
    works = shifts_between(plant.north.pk, at_us, at_us + 1)[0].crew
    data = {"site": plant.north, "pattern": pattern}
    made = {name: act(Crew, "create", SYSTEM, {**data, "code": name, "letter": name}) for name in "AB"}
    return made.pop(works), made.popitem()[1]


def test_only_the_crew_that_works_is_on_duty_and_the_home_line_comes_first(floor):
    plant, pattern, lines = floor
    here, away = crews_at(plant, pattern, MORNING)
    duty = {"duty": Role.line_lead}
    person(plant, "Ann", crew=here, home_line=lines["L2"], **duty)
    person(plant, "Zoe", crew=here, home_line=lines["L1"], **duty)
    person(plant, "Off", crew=away, home_line=lines["L1"], **duty)
    person(plant, "Left", crew=here, home_line=lines["L1"], left=date(2020, 1, 1), **duty)
    assert names(plant, Role.line_lead, MORNING, line="L1") == ["Zoe", "Ann"]
    assert names(plant, Role.line_lead, MORNING, line="L2") == ["Ann", "Zoe"]
    assert names(plant, Role.maintenance, MORNING) == []
    near = [one.near for one in on_duty(plant.north, Role.line_lead, clock.to_us(MORNING), SYSTEM, line="L1")]
    assert near == [0, 2]
    found = on_duty(plant.north, Role.line_lead, clock.to_us(MORNING), SYSTEM)
    assert {one.how for one in found} == {"crew"}
    assert {clock.from_us(one.until_us).hour for one in found} == {20}


def test_without_a_duty_the_roles_of_the_user_count(floor):
    plant, pattern, _lines = floor
    here, _away = crews_at(plant, pattern, MORNING)
    fitter = plant.user(Role.maintenance)
    person(plant, "Mac", crew=here, user=fitter)
    person(plant, "South", crew=here, user=plant.user(Role.maintenance, plant.south))
    assert names(plant, Role.maintenance, MORNING, line="L1") == ["Mac"]
    (one,) = on_duty(plant.north, Role.maintenance, clock.to_us(MORNING), SYSTEM)
    assert (one.user_id, one.pseudonym) == (fitter.pk, fitter.pseudonym)


def test_the_on_call_list_holds_in_its_time_and_area_only(floor):
    plant, _pattern, lines = floor
    boss = person(plant, "Boss")
    data = {"site": plant.north, "person": boss, "role": Role.manager, "area": lines["L1"].area}
    act(OnCall, "create", SYSTEM, {**data, "starts": EVENING, "ends": EVENING + timedelta(hours=12)})
    assert names(plant, Role.manager, MORNING) == []
    assert names(plant, Role.manager, EVENING, line="L1") == ["Boss"]
    assert names(plant, Role.manager, EVENING, line="L2") == []
    assert names(plant, Role.manager, EVENING + timedelta(hours=12)) == []
    (one,) = on_duty(plant.north, Role.manager, clock.to_us(EVENING), SYSTEM)
    assert (one.how, one.until_us) == ("on call", clock.to_us(EVENING + timedelta(hours=12)))


def test_an_on_call_duty_ends_after_it_starts(floor):
    plant, _pattern, _lines = floor
    data = {"site": plant.north, "person": person(plant, "Boss"), "role": Role.manager}
    with pytest.raises(Refused, match="from"):
        act(OnCall, "create", SYSTEM, {**data, "starts": EVENING, "ends": EVENING})


def test_who_has_no_role_at_the_site_learns_nothing(floor):
    plant, _pattern, _lines = floor
    with pytest.raises(Refused):
        names(plant, Role.manager, MORNING, plant.actor(Role.manager, plant.south))
