"""Routines that are done by what somebody does anyway: nobody ticks a box for it besides."""

from __future__ import annotations

from datetime import date

from plantbeat.areas.daily.records.routine import RoutineMark
from plantbeat.areas.daily.routines.occurring import is_of_day
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act

BY = Actor.system("routines")


def tick(page: str, person: Person, day: date, at_us: int | None) -> None:
    """Mark as done what a person had due on a page for a day, as done at `at_us`; what is marked stays so.

    `page` is the address a routine names as the one it is done on.
    """
    due = visible(RoutineMark, BY).filter(
        person=person, routine__page=page, state=RoutineMark.State.due, day__lte=day
    )
    for mark in due.select_related("routine").order_by("day", "occurrence"):
        if is_of_day(mark, day):
            act(mark, "do", BY, {"at_us": at_us})
