"""The action that follows from a stop, drafted from what is known, and taken with one tap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.execution.live import STATE_WORDS
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.records.stop import Stop as StopRecord
from plantbeat.areas.execution.stops.actions import stop_record
from plantbeat.areas.execution.stops.answers import StopStory
from plantbeat.areas.execution.stops.links import action_type
from plantbeat.areas.people.questions import on_duty
from plantbeat.areas.people.records.person import Person
from plantbeat.facts.views import readings
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Record

OWNERS = (Role.line_lead, Role.maintenance, Role.supervisor)
"""Who an action about a stop is offered to, of those on duty, in this order."""

AHEAD_US = 14 * 86_400_000_000
LONGEST_TITLE = 160


@dataclass(frozen=True, slots=True)
class ActionDraft:
    """An action not yet taken. `owners` are (personnel number, name), `owner` the first on duty or empty."""

    title: str
    owner: str
    owners: tuple[tuple[str, str], ...]
    due: date


def action_draft(site: Site, story: StopStory, by: Actor) -> ActionDraft:
    """Title, owner and day of the action that a stop asks for."""
    floor = Floor(site, by)
    people = {
        person.pk: person for person in visible(Person, by).filter(site=site, left=None).order_by("name")
    }
    ready = [
        one.person_id
        for role in OWNERS
        for one in on_duty(site, role, floor.now_us, by, line=story.line)
        if one.person_id in people
    ]
    own = [person.pk for person in people.values() if by.user_id and person.user_id == by.user_id]
    first = [*dict.fromkeys([*ready, *own])]
    order = [*first, *(pk for pk in people if pk not in first)]
    return ActionDraft(
        _title(floor, story),
        people[first[0]].number if first else "",
        tuple((people[pk].number, people[pk].name) for pk in order),
        next_working_day(floor, story.line or story.place),
    )


def _title(floor: Floor, story: StopStory) -> str:
    found = story.stop
    if found is None:
        return story.place
    what = (found.reason.name or found.reason.code) if found.reason else str(STATE_WORDS[found.state])
    day = floor.rules.day_at(found.start_us).isoformat()
    said = _("%(place)s: keep “%(what)s” from coming back (%(day)s)")
    return (said % {"place": story.place, "what": what, "day": day})[:LONGEST_TITLE]


def next_working_day(floor: Floor, code: str) -> date:
    """The first production day after today on which a line works; tomorrow where no shift is known."""
    place = floor.asset(code)
    shifts = readings.shifts_between(floor.site.pk, floor.now_us, floor.now_us + AHEAD_US)
    for shift in floor.shifts_of(place, shifts, floor.today):
        if shift.owner_day > floor.today:
            return shift.owner_day
    return floor.today + timedelta(days=1)


def take_action(site: Site, story: StopStory, given: Mapping[str, str], by: Actor) -> Record:
    """Put the drafted action on the list, as drafted or changed; its source is the record of the stop.

    Raises `Refused` in words for an owner or a day that is none.
    """
    draft, problems = action_draft(site, story, by), []
    owner = visible(Person, by).filter(site=site, number=given.get("owner") or draft.owner).first()
    if owner is None:
        allowed = ", ".join(name for _number, name in draft.owners[:8])
        problems.append(Problem(_("choose who does it"), "owner", given.get("owner"), allowed))
    due = draft.due
    try:
        due = date.fromisoformat(given["due"]) if given.get("due") else due
    except ValueError:
        problems.append(Problem(_("is no day"), "due", given["due"], _("a day as in 2026-03-31")))
    if problems:
        raise Refused(problems)
    record = stop_record(site, story.place, story.at_us, by)
    data: dict[str, Any] = {
        "site": site,
        "title": (given.get("title") or draft.title).strip()[:LONGEST_TITLE],
        "owner": owner,
        "due": due,
        "line": record.line,
        "source": f"{StopRecord.type_code()}:{record.pk}",
    }
    made: Record = act(action_type(), "create", by, data)
    return made
