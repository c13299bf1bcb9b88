"""Incident rooms of the demo plant's history: its longest stops, with what people told and decided.

What a room is about is found in the facts by the question that start-up asks; what people said is made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from plantbeat.areas.daily.incidents import actions
from plantbeat.areas.daily.records.incident import IncidentDecision, IncidentRoom
from plantbeat.areas.execution.stops.answers import TopStop
from plantbeat.areas.execution.stops.questions import top_stops
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.engine.oee import State
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of, rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import DAY_US, MINUTE_US

BY = Actor.system("demo plant")
ROOMS, DAYS_APART, LOOKED_AT = 4, 7, 12
LEAST_US = 20 * MINUTE_US
OPENED_AFTER_US, STEP_US = 8 * MINUTE_US, 4 * MINUTE_US


class _Course(NamedTuple):
    """What was said and decided: messages by sign-in name, decisions with the owner's, and the summary."""

    messages: tuple[tuple[str, str], ...]
    decisions: tuple[tuple[str, str], ...]
    summary: str


COURSES = {
    State.own_stop: _Course(
        (
            ("lead", "Guard is open, two caps sit across the star wheel. Nobody is hurt."),
            ("maintenance", "On my way with the spare set, five minutes."),
            ("supervisor", "The crew cleans the infeed meanwhile; the next order stays as it is."),
            ("maintenance", "Wheel changed, turning by hand is free. Ready for a test run."),
        ),
        (
            ("Check the wear of the star wheels on all lines", "maintenance"),
            ("Keep a spare set beside the capper", "supervisor"),
        ),
        "A worn star wheel let caps through crosswise. Changed, tried for ten minutes, line back at rate.",
    ),
    State.starved: _Course(
        (
            ("lead", "No material at the infeed; the forklift is at the dock with another load."),
            ("planner", "The pallet was booked to the wrong place. It comes from the reserve now."),
            ("supervisor", "I send somebody from the next line to bring it."),
        ),
        (("Check the places of booked pallets before each shift", "planner"),),
        "A pallet was booked to the wrong place. Found in the reserve; the booking is put right.",
    ),
    State.blocked: _Course(
        (
            ("lead", "The light barrier of the palletiser trips without anybody near; the line is full."),
            ("maintenance", "Lens was wet. Cleaned; I watch it for a quarter of an hour."),
            ("ehs", "Do not bridge it. If it trips again, it stays locked until it is replaced."),
            ("maintenance", "No trip in fifteen minutes."),
        ),
        (("Fit a splash guard to the light barrier", "maintenance"),),
        "Water on the lens of the palletiser's light barrier. Cleaned and watched; a guard is ordered.",
    ),
}
"""What such a stop is made out to be, by its state, as long as nobody has given it a reason."""


def tell_incidents(site: Site, built_us: int, seed: str, days: int) -> None:
    """Tell the incident rooms of the days before the plant was built; once only."""
    if visible(IncidentRoom, BY).filter(site=site).exists():
        return
    names = {name for course in COURSES.values() for name, _text in course.messages}
    users = visible(User, BY).filter(username__in=names)
    actors = {user.username: Actor.of(user) for user in users}
    rows = visible(Person, BY).filter(site=site, user__in=users).select_related("user")
    people = {one.user.username: one for one in rows if one.user is not None}
    with rules_read_once():
        for stop in _stops(site, built_us, min(days, ROOMS * DAYS_APART)):
            _tell(site, stop, actors, people, Chance.of(seed, "incident", stop.start_us))


def _stops(site: Site, built_us: int, days: int) -> Iterator[TopStop]:
    """The longest stop of a day each week, where nobody gave a reason and there was time to meet."""
    last = rules_of(site.pk).day_at(built_us)
    for ago in sorted(range(2, days, DAYS_APART), reverse=True):
        day = last - timedelta(days=ago)
        found = top_stops(site, Period.of_days(day, day), BY, LOOKED_AT)
        found = [one for one in found if one.reason is None and one.state in COURSES and not one.is_open]
        if found and found[0].duration_us >= LEAST_US:
            yield found[0]


def _tell(
    site: Site, stop: TopStop, actors: dict[str, Actor], people: dict[str, Person], chance: Chance
) -> None:
    """One room: opened by the first who speaks, a message every few minutes, decisions, closed."""
    at_us = stop.start_us + OPENED_AFTER_US
    course = COURSES[stop.state]
    first = course.messages[0][0]
    with clock.at(at_us):
        room = actions.open_room_on_stop(site, stop.line, stop.start_us, actors[first])
    for name, text in course.messages:
        at_us += STEP_US + chance.between(0, 2) * MINUTE_US
        with clock.at(at_us):
            actions.come(room, people.get(name), actors[name])
            actions.say(room, text, actors[name])
    lead, decided = actors[first], []
    for what, owner in course.decisions:
        at_us += STEP_US
        with clock.at(at_us):
            due = clock.now().date() + timedelta(days=chance.between(2, 9))
            decided.append(actions.decide(room, what, people[owner], due, lead))
    with clock.at(max(at_us, stop.end_us) + STEP_US):
        act(room, "close", lead, {"summary": course.summary})
    _settle(decided, at_us + chance.between(1, 5) * DAY_US)


def _settle(decided: list[IncidentDecision], done_us: int) -> None:
    """What was decided is done a few days later, unless that is still to come."""
    sources = [f"{IncidentDecision.type_code()}:{one.pk}" for one in decided]
    rows = visible(ImprovementAction, BY).filter(source__in=sources)
    if done_us < clock.now_us():
        with clock.at(done_us):
            for row in rows:
                act(row, "close", BY, {"evidence": "Done and seen by the room's lead"})
