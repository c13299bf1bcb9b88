"""Routines that are done by what somebody does anyway: nobody ticks a box for it besides."""

from __future__ import annotations

from datetime import date

from plantbeat.areas.daily.records.routine import RoutineMark
from plantbeat.areas.daily.routines.occurring import counts_for
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act

BY = Actor.system("routines")


def tick(page: str, person: Person, day: date, at_us: int | None) -> None:
    """Mark as done what a person had due on a page for a day, as done at `at_us`; what is marked stays so.

    `page` is the address a routine names as the one it is done on. Of what is due every shift, only that of
    the shift counts in which it was done.
    """
    done_us = clock.now_us() if at_us is None else at_us
    due = visible(RoutineMark, BY).filter(
        person=person, routine__page=page, state=RoutineMark.State.due, day__lte=day
    )
    for mark in due.select_related("routine", "person__crew__pattern").order_by("day", "occurrence"):
        if counts_for(mark, day, done_us):
            act(mark, "do", BY, {"at_us": at_us})
