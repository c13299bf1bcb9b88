"""Incident rooms: where people meet over one trouble, what they tell each other, what they decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.daily.records.board_cell import MEETS
from plantbeat.areas.improvement.actions import raise_action
from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, ANYONE, NOBODY, READ_ONLY, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField, NumberField, ReferenceField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, done, off, open_

SOURCES = ("execution.Stop", "execution.AndonCall", "planning.WorkOrder", "safety.Hazard")
SPEAKERS = ANYONE - READ_ONLY
"""Who opens a room and speaks in it."""


def a_summary_is_written(record: Record, by: Actor) -> Problem | None:
    """a summary is written"""
    if not cast("IncidentRoom", record).summary.strip():
        return Problem(_now("say in a few sentences what happened and how it ended"), "summary")
    return None


def _close(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("IncidentRoom", record).closed_us = clock.now_us()


def _reopen(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("IncidentRoom", record).closed_us = None


class IncidentRoom(Record):
    """The room for one trouble. Its timeline is not stored: it is asked of the facts and the change log.

    What it came from has one room at most, so that whoever opens it again comes into the same.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("IR-", verbose_name=_("number"))
    title = models.CharField(_("title"), max_length=160)
    source = ReferenceField(
        SOURCES, verbose_name=_("came from"), blank=True, help_text=_("as in “safety.Hazard:HZ-000012”")
    )
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    lead = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, verbose_name=_("leads")
    )  # fmt: skip
    began_us = InstantField(verbose_name=_("timeline from"), default=clock.now_us)
    opened_us = InstantField(verbose_name=_("opened"), default=clock.now_us)
    closed_us = InstantField(verbose_name=_("closed"), null=True)
    summary = models.TextField(_("summary"), blank=True)

    class State(States):
        open = open_(_("Open"))
        closed = done(_("Closed"))

    lifecycle = Lifecycle(
        step("close", State.open, State.closed, by=MEETS, label=_("Close"), asks=("summary",),
             guard=a_summary_is_written, effect=_close),
        step("reopen", State.closed, State.open, by=MEETS, label=_("Reopen"), reason=True, effect=_reopen),
    )  # fmt: skip

    key = ("site", "number")
    after = SOURCES
    access = Access(create=SPEAKERS, edit=MEETS, remove=ADMINISTRATORS)
    face = Face(
        columns=("number", "title", "line", "lead", "state", "opened_us", "closed_us"),
        filters=("state", "line", "lead"),
        search=("number", "title", "summary", "line__code"),
        order=("-opened_us",),
        icon="urgent",
    )

    class Meta:
        db_table = "daily_incident_room"
        verbose_name = _("incident room")
        verbose_name_plural = _("incident rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "source"], condition=~models.Q(source=""), name="daily_incident_source"
            )
        ]

    @property
    def opened(self) -> datetime:
        """When it was opened, in UTC; pages show the zone of the site."""
        return clock.from_us(self.opened_us)


def _room_is_open(room: IncidentRoom) -> Iterator[Problem]:
    if room.state != str(IncidentRoom.State.open):
        yield Problem(_now("the room is closed; reopen it first"), "room", room.number)


class IncidentMessage(Record):
    """What somebody told the others in a room; who it was stands in the change log."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("IM-", verbose_name=_("number"))
    room = models.ForeignKey(
        IncidentRoom, models.PROTECT, related_name="messages", verbose_name=_("incident room")
    )
    text = models.CharField(_("message"), max_length=1000)
    said_us = InstantField(verbose_name=_("said"), default=clock.now_us)

    key = ("site", "number")
    access = Access(create=SPEAKERS, edit=NOBODY, remove=ADMINISTRATORS)
    face = Face(
        columns=("number", "room", "text", "said_us"),
        filters=("room",),
        search=("number", "text", "room__number"),
        order=("-said_us",),
        icon="message",
    )

    class Meta:
        db_table = "daily_incident_message"
        verbose_name = _("message of an incident room")
        verbose_name_plural = _("messages of incident rooms")

    def problems(self) -> Iterator[Problem]:
        """It is said while the room is open."""
        yield from _room_is_open(self.room)


class IncidentDecision(Record):
    """What was decided in a room, by when and who does it; the action for it is made in the same act."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("ID-", verbose_name=_("number"))
    room = models.ForeignKey(
        IncidentRoom, models.PROTECT, related_name="decisions", verbose_name=_("incident room")
    )
    what = models.CharField(_("what is decided"), max_length=160)
    owner = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("owner"))
    due = models.DateField(_("due"))
    decided_us = InstantField(verbose_name=_("decided"), default=clock.now_us)

    key = ("site", "number")
    access = Access(create=SPEAKERS, edit=NOBODY, remove=NOBODY)
    face = Face(
        columns=("number", "room", "what", "owner", "due", "decided_us"),
        filters=("room", "owner", "due"),
        search=("number", "what", "owner__name", "room__number"),
        order=("-decided_us",),
        icon="gavel",
    )

    class Meta:
        db_table = "daily_incident_decision"
        verbose_name = _("decision of an incident room")
        verbose_name_plural = _("decisions of incident rooms")

    def problems(self) -> Iterator[Problem]:
        """It is taken while the room is open."""
        yield from _room_is_open(self.room)

    def written(self, by: Actor, verb: str) -> None:
        """Its action stands on the one list at once."""
        if verb == "create":
            source = f"{self.type_code()}:{self.pk}"
            raise_action(self.site, self.what, self.owner, self.due, by, source=source, line=self.room.line)


class IncidentMember(Record):
    """Somebody who is, or was, in a room."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    room = models.ForeignKey(
        IncidentRoom, models.PROTECT, related_name="members", verbose_name=_("incident room")
    )
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("person"))

    class State(States):
        here = open_(_("Is in"))
        left = off(_("Has left"))

    lifecycle = Lifecycle(
        step("leave", State.here, State.left, by=SPEAKERS, label=_("Leave")),
        step("come_back", State.left, State.here, by=SPEAKERS, label=_("Come back")),
    )

    key = ("site", "room", "person")
    access = Access(create=SPEAKERS, edit=NOBODY, remove=ADMINISTRATORS)
    face = Face(
        columns=("room", "person", "state"),
        filters=("state", "room", "person"),
        search=("room__number", "person__name"),
        order=("-room", "person"),
        icon="users",
    )

    class Meta:
        db_table = "daily_incident_member"
        verbose_name = _("member of an incident room")
        verbose_name_plural = _("members of incident rooms")
