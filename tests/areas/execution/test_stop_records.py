"""One stop is one record, from wherever it is reached."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from half_shift import DAY, NOW, early
from line_of_machines import MIN, SYSTEM, at
from test_hour_board import freeze, line  # noqa: F401  (a fixture)

from plantbeat.areas.execution.records.stop import Stop
from plantbeat.areas.execution.stops.actions import stop_record
from plantbeat.areas.execution.stops.questions import stop_story, top_stops
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.engine.oee import State
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R146", "R083")]


def test_any_instant_and_line_or_bottleneck_reach_the_same_record(line):  # noqa: F811
    first = stop_record(line.site, "L1", at(DAY, "08:20"), SYSTEM)
    again = stop_record(line.site, "M1", at(DAY, "08:44"), SYSTEM)
    assert first == again
    assert (first.start_us, first.place, first.number) == (at(DAY, "08:00"), "L1", "ST-000001")
    other = stop_record(line.site, "L1", NOW - MIN, SYSTEM)
    assert other != first
    assert Stop.objects.count() == 2


def test_a_late_fact_that_moves_the_stop_does_not_make_another(line):  # noqa: F811
    first = stop_record(line.site, "L1", at(DAY, "08:20"), SYSTEM)
    line.say(line.fact("state", at(DAY, "07:50"), state="stopped"))
    line.drain()
    assert stop_record(line.site, "L1", at(DAY, "07:55"), SYSTEM) == first
    story = stop_story(line.site, "L1", at(DAY, "07:55"), SYSTEM)
    assert (story.number, story.stop.duration_us // MIN) == (first.number, 10)
    assert [part.duration_us // MIN for part in story.parts] == [10, 45]


def test_where_nothing_stood_there_is_no_record_and_who_may_not_makes_none(line):  # noqa: F811
    with pytest.raises(Refused, match="did not stand"):
        stop_record(line.site, "L1", at(DAY, "07:00"), SYSTEM)
    reader = Actor(pseudonym="p-r", grants=((Role.analyst, line.site.pk),))
    with pytest.raises(Refused, match="does not allow"):
        stop_record(line.site, "L1", at(DAY, "08:20"), reader)
    assert not Stop.objects.exists()


def test_the_story_has_hours_scrap_and_actions_of_the_stop(line):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    line.say(
        line.fact("state", at(DAY, "09:40"), state="stopped"),
        line.fact("state", at(DAY, "10:20"), state="running"),
        line.fact("scrap", at(DAY, "10:25"), "M2", quantity=4, reason="CAP"),
        line.fact("scrap", at(DAY, "10:45"), "M2", quantity=9, reason="CAP"),
    )
    line.drain()
    record = stop_record(line.site, "L1", at(DAY, "10:00"), SYSTEM)
    owner = line.make(Person, number="7", name="Ada Okafor")
    line.make(
        ImprovementAction, title="Guide rail", owner=owner, due=date(2026, 3, 11), line=line.line,
        source=f"execution.Stop:{record.pk}",
    )  # fmt: skip
    story = stop_story(line.site, "M1", at(DAY, "10:00"), SYSTEM)
    assert (story.place, story.number, story.stop.state) == ("L1", record.number, State.own_stop)
    assert [(one.us // MIN, one.pieces) for one in story.hours] == [(20, 20), (20, 20)]
    assert sum(one.us for one in story.hours) == story.stop.duration_us
    assert story.lost == 40
    assert [(one.pieces, one.defect, one.is_after) for one in story.scrap] == [(4, "CAP", True)]
    (action,) = story.actions
    assert (action.title, action.owner, action.is_open) == ("Guide rail", "Ada Okafor", True)
    assert story.facts


def test_two_stops_of_an_hour_share_its_part_and_add_up(line):  # noqa: F811
    freeze(line, ("W1", 437, "14:00"))
    line.say(
        line.fact("state", at(DAY, "10:05"), state="stopped"),
        line.fact("state", at(DAY, "10:12"), state="running"),
        line.fact("state", at(DAY, "10:30"), state="stopped"),
        line.fact("state", at(DAY, "10:41"), state="running"),
    )
    line.drain()
    stories = [stop_story(line.site, "L1", at(DAY, time), SYSTEM) for time in ("10:06", "10:31")]
    from plantbeat.areas.execution.hours.questions import hour_board

    row = hour_board(line.site, "L1", early().pk, SYSTEM).rows[4]
    part = next(one for one in row.reasons if one.state is State.own_stop)
    assert sum(story.hours[0].pieces for story in stories) == part.pieces
    assert sum(story.hours[0].us for story in stories) == part.us == 18 * MIN


def test_a_stop_that_is_none_has_a_story_that_says_so(line):  # noqa: F811
    story = stop_story(line.site, "L1", at(DAY, "07:00"), SYSTEM)
    assert (story.stop, story.number, story.lost) == (None, "", None)


def test_the_longest_unplanned_stops_tell_how_often_and_what_is_open(line):  # noqa: F811
    for day in ("2026-03-06", "2026-03-08"):
        line.say(
            line.fact("state", at(day, "08:00"), state="stopped"),
            line.fact("state", at(day, "08:15"), state="running"),
            line.fact("reason", at(day, "08:46"), reason="JAM", from_us=at(day, "08:00")),
            line.fact("order_start", at(day, "06:00"), "L1", order="W0", item="P"),
        )
    line.drain()
    longest = top_stops(line.site, Period.of_shift(early()), SYSTEM)
    assert [(one.reason.code if one.reason else None, one.duration_us // MIN) for one in longest] == [
        ("JAM", 45), (None, 30),
    ]  # fmt: skip
    assert (longest[0].repeats, longest[0].repeats_us // MIN) == (3, 75)
    assert longest[1].is_open
    assert longest[0].facts
    assert top_stops(line.site, Period.of_shift(early()), SYSTEM, lines=["L9"]) == []
    days = Period.of_days(date(2026, 3, 10) - timedelta(days=9), date(2026, 3, 10))
    assert len(top_stops(line.site, days, SYSTEM)) == 3
