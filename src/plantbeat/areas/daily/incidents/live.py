"""An incident room as a live board: what is in it, and a signature that changes with anything of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.daily.incidents.questions import decisions_of
from plantbeat.areas.daily.incidents.timeline import Entry, timeline
from plantbeat.areas.daily.records.incident import IncidentDecision, IncidentMember, IncidentRoom
from plantbeat.areas.execution.live import Frame
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.facts.live.topics import Message, topic
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.problems import Kind, Refused

EVERY_S = 20.0
WRITES = (
    "record:daily.Incident", "record:execution.", "record:improvement.ImprovementAction",
    "record:planning.WorkOrder",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InRoom:
    """What of a room changes by itself: its timeline, the earliest first, who is in, what is decided."""

    room: IncidentRoom
    entries: list[Entry]
    members: list[IncidentMember]
    decisions: list[tuple[IncidentDecision, ImprovementAction]]

    @property
    def signature(self) -> str:
        """The same for two looks between which nothing has changed."""
        told: list[Any] = [self.entries, [one.pk for one in self.members]]
        told.append([(one.pk, one.version) for _decision, one in self.decisions])
        return hashlib.sha256(f"{self.room.version} {told}".encode()).hexdigest()[:16]


def in_room(room: IncidentRoom, by: Actor) -> InRoom:
    """Everything that is in a room now."""
    here = visible(IncidentMember, by).filter(room=room, state="here").select_related("person")
    return InRoom(room, timeline(room, by), list(here.order_by("pk")), list(decisions_of(room, by)))


def key_of(room: IncidentRoom) -> str:
    """What a room is watched under: its id, and the line whose facts concern it."""
    return f"{room.pk}@{room.line.code if room.line is not None else ''}"


@rules_read_once()
def incident_frame(key: str, by: Actor) -> Frame:
    """The signature of a room. Raises `Refused` for one the reader may not see."""
    number = key.partition("@")[0]
    pk = int(number) if number.isdecimal() else 0
    room = visible(IncidentRoom, by).select_related("site", "line").filter(pk=pk).first()
    if room is None:
        raise Refused(_("there is no such room here"), Kind.missing)
    return {f"incident.{room.pk}": {"signature": in_room(room, by).signature}}


def concerns_incident(message: Message, key: str) -> bool:
    """Facts of the room's line, and records a timeline is made of."""
    if message.topic == "fact":
        return bool(line := key.partition("@")[2]) and line in (
            message.payload.get("line"), message.payload.get("asset")
        )  # fmt: skip
    return message.topic.startswith(WRITES)


def declare_incident_topic() -> None:
    """Let the page of a room watch it."""
    topic("incident", incident_frame, concern=concerns_incident, every_s=EVERY_S)
