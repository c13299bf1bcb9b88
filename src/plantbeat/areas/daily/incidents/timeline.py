"""The timeline of an incident room, asked of the facts and the change log each time; none of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.daily.incidents.sources import source_of, source_record
from plantbeat.areas.daily.records.incident import (
    IncidentDecision,
    IncidentMember,
    IncidentMessage,
    IncidentRoom,
)
from plantbeat.areas.execution import questions as execution
from plantbeat.areas.execution.andon.questions import call_numbered, calls_between
from plantbeat.areas.execution.andon.timeline import timeline as steps_of_call
from plantbeat.areas.execution.answers import Stop
from plantbeat.areas.execution.live import STATE_WORDS
from plantbeat.areas.execution.stops.questions import UNPLANNED
from plantbeat.areas.improvement.questions import actions_of
from plantbeat.areas.planning import questions as planning
from plantbeat.facts.views import readings
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.scopes import allowed_at
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.problems import Refused
from plantbeat.kernel.questions import changes_of_records, names_of
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.templatetags.records import duration

SHOWN_CALLS = 12
LONGEST_US = 7 * 86_400_000_000
"""Of the line, a timeline tells at most so much; what people have said in the room stands in it for good."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline: when, what kind, what, who; the page that `opens` it, the fact behind it."""

    at_us: int
    kind: str
    text: str
    who: str = ""
    opens: str = ""
    lsn: int | None = None

    @property
    def at(self) -> datetime:
        """When, in UTC; pages and paper show the site's zone."""
        return clock.from_us(self.at_us)

    @property
    def word(self) -> str:
        """Its kind in words."""
        return {
            "stop": _("Stop"), "call": _("Call"), "order": _("Order"), "message": _("Message"),
            "decision": _("Decision"), "person": _("People"), "room": _("Room"), "source": _("Source"),
        }[self.kind]  # fmt: skip

    @property
    def icon(self) -> str:
        """The shape of its kind."""
        return {
            "stop": "player-stop", "call": "bell", "order": "clipboard-list", "message": "message",
            "decision": "gavel", "person": "users", "room": "urgent", "source": "alert-triangle",
        }[self.kind]  # fmt: skip


def timeline(room: IncidentRoom, by: Actor) -> list[Entry]:
    """Everything that has happened around a room, in order: the line's stops, calls and orders, what became
    of the source, what was said and decided, who came and went."""
    allowed_at(room.site_id, by)
    until_us = (room.closed_us or clock.now_us()) + 1
    from_us = max(room.began_us, until_us - LONGEST_US)
    found = [*_of_people(room, by), *_of_source(room, by)]
    found += _source_stop(room, until_us, by)
    found += _calls(room, from_us, until_us, by)
    if room.line is not None:
        found += _stops(room, room.line.code, from_us, until_us, by)
        found += _orders(room, room.line.code, from_us, until_us, by)
    return sorted(set(found), key=lambda one: (one.at_us, one.kind != "stop", one.lsn or 0, one.text))


# --- what the line tells ---


def _stops(room: IncidentRoom, code: str, from_us: int, until_us: int, by: Actor) -> Iterator[Entry]:
    rules = rules_of(room.site_id)
    period = Period.of_days(rules.day_at(from_us), rules.day_at(until_us))
    for stop in execution.stops(room.site, code, period, by):
        if stop.state in UNPLANNED and stop.end_us > from_us and stop.start_us < until_us:
            yield from _of_stop(stop, code, until_us)


def _source_stop(room: IncidentRoom, until_us: int, by: Actor) -> Iterator[Entry]:
    """The stop a room came from, of whatever kind, also of a machine that does not time its line."""
    if room.source.startswith("execution.Stop:"):
        record = source_record(room.site, room.source, by)
        stop = execution.stop_at(room.site, record.place, record.start_us, by)
        if stop is not None:
            yield from _of_stop(stop, record.place, until_us)


def _of_stop(stop: Stop, code: str, until_us: int) -> Iterator[Entry]:
    opens = reverse("stop", kwargs={"code": code, "at_us": stop.start_us})
    why = (stop.reason.name or stop.reason.code) if stop.reason else _("no reason given")
    values = {"line": code, "what": f"{STATE_WORDS[stop.state]}, {why}"}
    text = _("%(line)s stands: %(what)s") % values
    facts = list(stop.facts)
    yield Entry(stop.start_us, "stop", text, "", opens, facts[0] if facts else None)
    if not stop.open and stop.end_us < until_us:
        text = _("%(line)s stood %(time)s") % {"line": code, "time": duration(stop.duration_us)}
        yield Entry(stop.end_us, "stop", text, "", opens, facts[-1] if len(facts) > 1 else None)


def _calls(room: IncidentRoom, from_us: int, until_us: int, by: Actor) -> Iterator[Entry]:
    numbers: list[str] = []
    if room.line is not None:
        lines = frozenset({room.line.code})
        found = calls_between(room.site, from_us, until_us, by, lines=lines)
        numbers = [one.number for one in found if not one.is_test][:SHOWN_CALLS]
    if room.source.startswith("execution.AndonCall:") and (source := source_of(room.site, room.source, by)):
        numbers.append(source.name)
    for number in dict.fromkeys(numbers):
        call = call_numbered(room.site, number, by)
        if call is None:
            continue
        opens = reverse("andon_call", kwargs={"number": number})
        for step in steps_of_call(call, by):
            if step.at_us < until_us:
                said = ": ".join(part for part in (step.what, step.said) if part)
                text = f"{number} {call.asset} · {said}"
                yield Entry(step.at_us, "call", text, step.who, opens, step.lsn)


def _orders(room: IncidentRoom, code: str, from_us: int, until_us: int, by: Actor) -> Iterator[Entry]:
    """The first start and the last end of each order on the line; its machines tell of it one by one."""
    rules = rules_of(room.site_id)
    line = next((pk for pk, one in rules.assets.items() if one.ref == f"plant.Line:{room.line_id}"), None)
    assets = [pk for pk in rules.assets if line is not None and (pk == line or rules.line_of(pk) == line)]
    told: dict[tuple[str, str], readings.KeptFact] = {}
    for fact in readings.facts_kept(assets, ["order_start", "order_end"], from_us, until_us):
        key = (fact.said["order"], fact.kind)
        if fact.kind == "order_end" or key not in told:
            told[key] = fact
    pages = planning.order_pages(room.site, {order for order, _kind in told}, by)
    for (order, kind), fact in told.items():
        begins = kind == "order_start"
        words = _("%(order)s starts on %(line)s") if begins else _("%(order)s ends on %(line)s")
        opens = pages.get(order) or reverse("line", kwargs={"code": code})
        yield Entry(fact.t_us, "order", words % {"order": order, "line": code}, "", opens, fact.lsn)


# --- what the change log tells ---


def _of_source(room: IncidentRoom, by: Actor) -> list[Entry]:
    """What was done to the hazard or order itself; calls and stops tell their own story by facts."""
    if not room.source.startswith(("safety.Hazard:", "planning.WorkOrder:")):
        return []
    try:
        source = source_record(room.site, room.source, by)
    except Refused:
        return []
    words = {"create": _("is there"), "edit": _("was changed"), "remove": _("was removed")}
    steps = source.steps()
    found = []
    for change in changes_of_records(source.type_code(), [source.pk]):
        step = steps.get(change.verb)
        what = str(step.label) if step is not None else words.get(change.verb, change.verb)
        text = f"{source.number} {what}" + (f": {change.reason}" if change.reason else "")
        found.append(Entry(change.at_us, "source", text, change.actor, address_of(source)))
    until_us = room.closed_us or clock.now_us()
    return _named([one for one in found if one.at_us <= until_us])


def _of_people(room: IncidentRoom, by: Actor) -> list[Entry]:
    """What was done in the room: opened, said, decided, come and gone, closed; and what became of actions."""
    messages = {one.pk: one for one in visible(IncidentMessage, by).filter(room=room)}
    came = visible(IncidentMember, by).filter(room=room).select_related("person")
    members = {one.pk: one for one in came}
    rows = visible(IncidentDecision, by).filter(room=room).select_related("owner")
    decisions = {one.pk: one for one in rows}
    here = reverse("incident", kwargs={"pk": room.pk})
    found = []
    for change in changes_of_records(IncidentRoom.type_code(), [room.pk]):
        found.append(Entry(change.at_us, "room", _of_room(room, change), change.actor, here))
    for change in changes_of_records(IncidentMessage.type_code(), messages):
        if change.verb == "create":
            one = messages[change.record_id]
            found.append(Entry(one.said_us, "message", one.text, change.actor, address_of(one)))
    for change in changes_of_records(IncidentMember.type_code(), members):
        words = _("%(name)s has left") if change.verb == "leave" else _("%(name)s is in")
        member = members[change.record_id]
        text = words % {"name": member.person.name}
        found.append(Entry(change.at_us, "person", text, change.actor, address_of(member)))
    actors = {
        change.record_id: change.actor
        for change in changes_of_records(IncidentDecision.type_code(), decisions)
        if change.verb == "create"
    }
    return _named([*found, *_decided(decisions, actors, by)])


def _of_room(room: IncidentRoom, change: Any) -> str:
    number = {"number": room.number}
    words = {
        "create": _("%(number)s is opened"), "close": _("%(number)s is closed"),
        "reopen": _("%(number)s is opened again"), "edit": _("%(number)s is changed"),
    }  # fmt: skip
    text = words.get(change.verb, change.verb) % number
    return f"{text}: {change.reason}" if change.reason else text


def _decided(decisions: dict[int, IncidentDecision], actors: dict[int, str], by: Actor) -> Iterator[Entry]:
    """Each decision with the action it made, and the action when it was settled."""
    made = actions_of([f"{IncidentDecision.type_code()}:{pk}" for pk in decisions], by)
    for pk, one in decisions.items():
        actions = made.get(f"{IncidentDecision.type_code()}:{pk}", [])
        values = {"what": one.what, "owner": one.owner.name, "due": one.due.isoformat()}
        text = _("%(what)s – %(owner)s until %(due)s") % values
        opens = address_of(actions[0]) if actions else address_of(one)
        yield Entry(one.decided_us, "decision", text, actors.get(pk, ""), opens)
        for action in actions:
            if action.settled_us is not None:
                state = type(action).states()[action.state].label
                text = f"{action.number} {action.title}: {state}"
                yield Entry(action.settled_us, "decision", text, "", address_of(action))


def _named(entries: list[Entry]) -> list[Entry]:
    """Names in place of pseudonyms; none for erased people, anonymous reports and the product itself."""
    names = names_of({one.who for one in entries if one.who})
    told = [(one, names.get(one.who, "")) for one in entries]
    return [replace(one, who="" if one.kind == "person" and name in one.text else name) for one, name in told]
