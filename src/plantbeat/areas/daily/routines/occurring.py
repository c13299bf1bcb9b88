"""When routines come round, and the rows that say so: each occurrence of a person exactly once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from plantbeat.areas.daily.persons import people_here
from plantbeat.areas.daily.records.routine import Cadence, Routine, RoutineMark
from plantbeat.areas.daily.working_days import working_days
from plantbeat.areas.due_rows import DueRows
from plantbeat.areas.people.duty import Duty
from plantbeat.areas.people.records.person import Person
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import rules_of, rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.problems import Kind, Refused

logger = logging.getLogger("plantbeat.daily")

BY = Actor.system("routines")
BACK_DAYS = 3
"""A worker that was away makes up for so many days."""
ROUTINES = DueRows("routine", again_s=30.0)


@rules_read_once()
def make_due(site: Site) -> int:
    """Make what is due today and was in the last days, as far as it is not there; how many were new."""
    today = rules_of(site.pk).day_at(clock.now_us())
    since = today - timedelta(days=BACK_DAYS)
    occurring = _Occurring.of(site, since, today)
    if occurring is None:
        return 0
    known = set(
        visible(RoutineMark, BY)
        .filter(site=site, day__gte=since)
        .values_list("routine", "person", "occurrence")
    )
    made: list[int] = []

    def make(routine: Routine) -> None:
        rows = [
            row
            for row in occurring.rows(routine)
            if (routine.pk, row["person"].pk, row["occurrence"]) not in known
        ]
        made.append(_made(routine, rows))

    ROUTINES.each(occurring.routines, make)
    return sum(made)


def _made(routine: Routine, rows: Sequence[dict[str, Any]]) -> int:
    try:
        return len(act_many(RoutineMark, "create", BY, rows)) if rows else 0
    except Refused as refused:
        if refused.kind != Kind.conflict:
            raise
        logger.info("somebody else makes the occurrences of %s: %s", routine.code, refused)
        return 0


def occurrences(site: Site, first: date, last: date) -> list[dict[str, Any]]:
    """Every occurrence of every routine in a time, for each person of its role, as rows to be made."""
    occurring = _Occurring.of(site, first, last)
    return [row for routine in occurring.routines for row in occurring.rows(routine)] if occurring else []


@dataclass(frozen=True, slots=True)
class _Occurring:
    """The routines of a site in a time, with what their occurrences follow from."""

    site: Site
    routines: Sequence[Routine]
    calendar: _Calendar
    people: Mapping[str, Sequence[Person]]

    @classmethod
    def of(cls, site: Site, first: date, last: date) -> _Occurring | None:
        """None for a site without routines."""
        routines = list(visible(Routine, BY).filter(site=site).order_by("pk"))
        return cls(site, routines, _Calendar(site, first, last), _by_role(site)) if routines else None

    def rows(self, routine: Routine) -> list[dict[str, Any]]:
        """The occurrences of one routine, as rows to be made."""
        return [
            {"site": self.site, "routine": routine, "person": person, "occurrence": key, "day": day}
            for person in self.people.get(routine.role, ())
            for key, day in self.calendar.of(routine, person)
        ]


def _by_role(site: Site) -> dict[str, list[Person]]:
    duty, found = Duty(site, BY), defaultdict[str, list[Person]](list)
    for person in people_here(site, BY).select_related("crew__pattern", "user"):
        for role in duty.roles_of(person):
            found[role].append(person)
    return found


class _Calendar:
    """Working days and shifts around a time, as routines come round by them."""

    def __init__(self, site: Site, first: date, last: date) -> None:
        self.first, self.last, self.rules = first, last, rules_of(site.pk)
        start, end = first.replace(day=1) - timedelta(days=7), last + timedelta(days=38)
        self.days = working_days(site.pk, start, end)
        self.shifts: dict[tuple[str, str], list[FactShift]] = defaultdict(list)
        spans = readings.shifts_between(
            site.pk, self.rules.midnight_us(start), self.rules.midnight_us(end + timedelta(days=1))
        )
        for shift in spans:
            self.shifts[shift.pattern, shift.crew].append(shift)

    def of(self, routine: Routine, person: Person) -> Iterator[tuple[str, date]]:
        """Keys and due days of a routine for somebody; who works in a crew has it on days the crew works."""
        crew = person.crew
        mine = self.shifts[crew.pattern.code, crew.letter] if crew is not None else None
        if routine.cadence == Cadence.shift:
            found = [(_shift_key(one), one.owner_day) for one in mine or ()]
        else:
            days = sorted({one.owner_day for one in mine}) if mine is not None else self.days
            found = self._days(routine, days)
        for key, day in found:
            since, until = routine.valid_from or day, routine.valid_to or day
            if self.first <= day <= self.last and since <= day <= until:
                yield key, day

    def _days(self, routine: Routine, days: Sequence[date]) -> list[tuple[str, date]]:
        if routine.cadence == Cadence.daily:
            return [(day.isoformat(), day) for day in days]
        groups: dict[str, list[date]] = defaultdict(list)
        for day in days:
            groups[_period_key(self.rules, routine, day)].append(day)
        return [(key, of[min(routine.on_working_day, len(of)) - 1]) for key, of in groups.items()]


def _period_key(rules: SiteRules, routine: Routine, day: date) -> str:
    """The week or month a routine comes round in, as its occurrences are named."""
    return Period.of_week(rules, day).label if routine.cadence == Cadence.weekly else f"{day:%Y-%m}"


def _shift_key(shift: FactShift) -> str:
    """The shift a routine comes round in, as its occurrence is named."""
    return f"{shift.owner_day.isoformat()} {shift.shift}"


def counts_for(mark: RoutineMark, day: date, at_us: int) -> bool:
    """Whether what is done counts for an occurrence: that of its shift, its day, its week or its month.

    `day` is the production day it belongs to, `at_us` when it was done. Of several shifts of a day, what
    is done between two of them counts for the one that is over.
    """
    cadence = mark.routine.cadence
    if cadence == Cadence.daily:
        return mark.day == day
    if cadence == Cadence.shift:
        return mark.day == day and mark.occurrence == _shift_of(mark.person, mark.site_id, day, at_us)
    return mark.occurrence == _period_key(rules_of(mark.site_id), mark.routine, day)


def _shift_of(person: Person, site_id: int, day: date, at_us: int) -> str:
    """The shift of a day that somebody's crew had last begun at an instant; the first if none had."""
    if person.crew is None:
        return ""
    around_us = rules_of(site_id).midnight_us
    spans = readings.shifts_between(
        site_id, around_us(day - timedelta(days=1)), around_us(day + timedelta(days=2))
    )
    crew = (person.crew.pattern.code, person.crew.letter)
    mine = [one for one in spans if one.owner_day == day and (one.pattern, one.crew) == crew]
    begun = [one for one in mine if one.start_us <= at_us] or mine[:1]
    return _shift_key(begun[-1]) if begun else ""
