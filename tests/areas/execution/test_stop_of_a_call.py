"""A call for help and its stop are one event: each drafts the other, and both are reached from one page."""

from __future__ import annotations

import pytest
from line_of_machines import MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.andon.actions import raise_call, resolve
from plantbeat.areas.execution.stops.actions import stop_record
from plantbeat.areas.execution.stops.questions import stop_story
from plantbeat.facts.tables import Fact
from plantbeat.kernel import clock

DAY = "2026-03-10"

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R146", "R145")]


def plant_with(source: str) -> LineOfMachines:
    """A line that runs since six with an order."""
    made = LineOfMachines(source=source)
    made.say(
        made.fact("state", at(DAY, "06:00"), state="running"),
        made.fact("order_start", at(DAY, "06:00"), "L1", order="W1", item="P"),
    )
    made.drain()
    return made


def test_a_call_on_a_line_of_taps_is_a_stop_until_it_is_resolved():
    with clock.at(at(DAY, "09:00")):
        plant = plant_with("taps")
        call = raise_call(plant.site, "L1", "maintenance", SYSTEM)
        plant.drain()
    with clock.at(at(DAY, "09:20")):
        plant.drain()
        stop = questions.stop_at(plant.site, "L1", at(DAY, "09:10"), SYSTEM)
        assert (stop.start_us, stop.duration_us // MIN, stop.open) == (at(DAY, "09:00"), 20, True)
        assert raise_call(plant.site, "L1", "maintenance", SYSTEM) == call
        resolve(call, SYSTEM)
        plant.drain()
        assert Fact.objects.filter(kind="state").count() == 3
    with clock.at(at(DAY, "09:30")):
        plant.drain()
        record = stop_record(plant.site, "L1", at(DAY, "09:10"), SYSTEM)
        story = stop_story(plant.site, "M1", at(DAY, "09:10"), SYSTEM)
        assert (story.number, story.stop.duration_us // MIN) == (record.number, 20)
        assert [(one.number, one.is_open) for one in story.calls] == [(call.number, False)]


def test_what_somebody_has_said_of_the_stop_is_not_overruled():
    with clock.at(at(DAY, "09:00")):
        plant = plant_with("taps")
        plant.say(plant.fact("state", at(DAY, "08:50"), state="own_stop"))
        plant.drain()
        call = raise_call(plant.site, "L1", "maintenance", SYSTEM)
        resolve(call, SYSTEM)
        assert Fact.objects.filter(kind="state").count() == 2


@pytest.mark.parametrize(("source", "is_test"), [("connected", False), ("taps", True)])
def test_a_connected_line_and_a_test_call_tell_no_stop(source, is_test):
    with clock.at(at(DAY, "09:00")):
        plant = plant_with(source)
        raise_call(plant.site, "L1", "maintenance", SYSTEM, is_test=is_test)
        assert Fact.objects.filter(kind="state").count() == 1


@pytest.mark.parametrize("hours", [2, 5, 30])
def test_a_stop_is_found_whole_however_long_it_took(hours):
    begin = at(DAY, "06:30")
    with clock.at(begin + (hours + 12) * 60 * MIN):
        plant = plant_with("taps")
        plant.say(plant.fact("state", begin, state="own_stop"))
        plant.say(plant.fact("state", begin + hours * 60 * MIN, state="running"))
        plant.drain()
        for since in (1, hours * 30, hours * 60 - 1):
            stop = questions.stop_at(plant.site, "L1", begin + since * MIN, SYSTEM)
            assert (stop.start_us, stop.end_us) == (begin, begin + hours * 60 * MIN)
        assert questions.stop_at(plant.site, "L1", begin - MIN, SYSTEM) is None
        assert questions.stop_at(plant.site, "L1", begin + hours * 60 * MIN, SYSTEM) is None
