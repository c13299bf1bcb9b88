"""What people do with an incident room: open it, speak, decide, come and go."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from plantbeat.areas.daily.incidents.sources import source_record, words_of
from plantbeat.areas.daily.persons import person_of
from plantbeat.areas.daily.records.incident import (
    IncidentDecision,
    IncidentMember,
    IncidentMessage,
    IncidentRoom,
)
from plantbeat.areas.execution.stops.actions import stop_record
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import forbidden, writes
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing


def open_room(site: Site, reference: str, by: Actor) -> IncidentRoom:
    """The room of a stop, call, order or hazard (`type code:id`); made if there is none, always the same one.

    Who opens it leads it until it is handed on. Raises `Refused` for what is none, and for who may not write.
    """
    if not writes(by, site.pk):
        raise Refused(forbidden(_("open an incident room")), Kind.forbidden)
    source = source_record(site, reference, by)
    if (known := _room_of(site, reference, by)) is not None:
        return known
    words, me = words_of(source, by), person_of(site, by)
    data = {
        "site": site, "title": words.title, "source": reference, "line": words.line, "lead": me,
        "began_us": words.began_us,
    }  # fmt: skip
    try:
        with writing():
            made = act(IncidentRoom, "create", by, data)
            if me is not None:
                act(IncidentMember, "create", by, {"site": site, "room": made, "person": me})
    except Refused:
        # Somebody else has opened it in this moment.
        if (known := _room_of(site, reference, by)) is None:
            raise
        return known
    return made


def _room_of(site: Site, reference: str, by: Actor) -> IncidentRoom | None:
    return visible(IncidentRoom, by).filter(site=site, source=reference).first()


def open_room_on_stop(site: Site, place: str, at_us: int, by: Actor) -> IncidentRoom:
    """The room of the stop that goes on at a place at an instant. Raises `Refused` where nothing stood."""
    stop = stop_record(site, place, at_us, by)
    return open_room(site, f"{stop.type_code()}:{stop.pk}", by)


def open_room_titled(site: Site, title: str, by: Actor) -> IncidentRoom:
    """A room for what has no record of its own, as a power cut. Raises `Refused` without a title."""
    me = person_of(site, by)
    with writing():
        made = act(IncidentRoom, "create", by, {"site": site, "title": title.strip(), "lead": me})
        if me is not None:
            act(IncidentMember, "create", by, {"site": site, "room": made, "person": me})
    return made


def say(room: IncidentRoom, text: str, by: Actor) -> IncidentMessage:
    """A message to everybody in the room. Raises `Refused` for an empty one, and in a closed room."""
    if not text.strip():
        raise Refused(Problem(_("write what the others should know"), "text"))
    return act(IncidentMessage, "create", by, {"site": room.site, "room": room, "text": text.strip()})


def decide(
    room: IncidentRoom, what: str, owner: Person | None, due: date | None, by: Actor
) -> IncidentDecision:
    """A decision with the action it makes. Raises `Refused` without what, who or until when."""
    given = {"what": what.strip(), "owner": owner, "due": due}
    if problems := [Problem(_("is required"), name) for name, value in given.items() if not value]:
        raise Refused(problems)
    return act(IncidentDecision, "create", by, {"site": room.site, "room": room, **given})


def come(room: IncidentRoom, person: Person | None, by: Actor) -> None:
    """Somebody is in the room from now on; who is in already stays. Raises `Refused` for nobody."""
    if person is None:
        raise Refused(Problem(_("your sign-in belongs to no person of this site"), "person"))
    known = visible(IncidentMember, by).filter(room=room, person=person).first()
    if known is None:
        act(IncidentMember, "create", by, {"site": room.site, "room": room, "person": person})
    elif known.state == IncidentMember.State.left:
        act(known, "come_back", by)


def leave(room: IncidentRoom, person: Person | None, by: Actor) -> None:
    """Somebody leaves; who is not in stays out."""
    known = visible(IncidentMember, by).filter(room=room, person=person, state="here").first()
    if known is not None:
        act(known, "leave", by)


def hand_on(room: IncidentRoom, person: Person, by: Actor) -> IncidentRoom:
    """Somebody else leads the room."""
    with writing():
        come(room, person, by)
        return act(room, "edit", by, {"lead": person})
