"""Tier meetings: planned, started, ended, with who was missing and what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.daily.records.board_cell import MEETS
from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Line, Parent, Record
from plantbeat.kernel.states import States, bad, done, open_, waiting


def every_red_is_answered(record: Record, by: Actor) -> Problem | None:
    """every red of the day has a reason and an action"""
    from plantbeat.areas.daily.tiers.boards import silent_reds

    meeting = cast("TierMeeting", record)
    silent = silent_reds(meeting.board, meeting.looks_at, by)
    if not silent:
        return None
    names = ", ".join(f"{one.letter} {one.name}" for one in silent)
    why = _now("a red is never silent; give a reason and an action for: %(names)s")
    return Problem(why % {"names": names})


def attendance_is_taken(record: Record, by: Actor) -> Problem | None:
    """attendance is taken"""
    if cast("TierMeeting", record).attendance_us is None:
        return Problem(_now("attendance is not taken"))
    return None


def _start(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("TierMeeting", record).started_us = clock.now_us()


def _attend(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("TierMeeting", record).attendance_us = clock.now_us()


def _end(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("TierMeeting", record).ended_us = clock.now_us()


class TierMeeting(Record):
    """One meeting at a board; it looks at a finished day and cannot be closed over a silent red."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    board = models.ForeignKey("daily.TierBoard", models.PROTECT, verbose_name=_("board"))
    day = models.DateField(_("day"))
    shift = models.CharField(
        _("shift"), max_length=30, blank=True, help_text=_("where a board meets by shift")
    )
    looks_at = models.DateField(_("looks at"), help_text=_("the working day whose figures are gone through"))
    planned_us = InstantField(verbose_name=_("planned"), null=True)
    started_us = InstantField(verbose_name=_("started"), null=True)
    attendance_us = InstantField(verbose_name=_("attendance taken"), null=True)
    ended_us = InstantField(verbose_name=_("ended"), null=True)
    summary = models.TextField(_("summary"), blank=True)

    class State(States):
        planned = open_(_("Planned"))
        running = waiting(_("Going on"))
        ended = done(_("Ended"))
        missed = bad(_("Not held"))

    lifecycle = Lifecycle(
        step("start", State.planned, State.running, by=MEETS, label=_("Start"), effect=_start),
        step("end", State.running, State.ended, by=MEETS, label=_("End"), asks=("summary",),
             guard=(attendance_is_taken, every_red_is_answered), effect=_end),
        step("call_off", (State.planned, State.running), State.missed, by=MEETS, label=_("Not held"),
             reason=True),
    )  # fmt: skip
    actions = (step("take_attendance", by=MEETS, label=_("All others are here"), effect=_attend),)

    key = ("site", "board", "day", "shift")
    access = Access(create=MEETS, edit=MEETS, remove=ADMINISTRATORS)
    face = Face(
        columns=("day", "board", "shift", "state", "planned_us", "started_us", "ended_us"),
        filters=("state", "board", "day"),
        search=("board__code", "summary"),
        order=("-day",),
        icon="users",
    )

    class Meta:
        db_table = "daily_tier_meeting"
        verbose_name = _("tier meeting")
        verbose_name_plural = _("tier meetings")

    @property
    def lasted_us(self) -> int | None:
        """How long it went on; None while it has not ended."""
        if self.started_us is None or self.ended_us is None:
            return None
        return int(self.ended_us - self.started_us)

    def clean(self) -> None:
        """It is planned for the time the board meets at."""
        if self.planned_us is None:
            at = datetime.combine(self.day, self.board.meets_at, ZoneInfo(self.site.zone))
            self.planned_us = clock.to_us(at)

    def problems(self) -> Iterator[Problem]:
        """A meeting looks back."""
        if self.looks_at > self.day:
            yield Problem(_("lies after the day of the meeting"), "looks_at", self.looks_at)


class MeetingAbsence(Line):
    """A member who was missing, noted by exception; all others were there."""

    meeting = Parent(TierMeeting, related_name="absences")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+", verbose_name=_("person"))
    sent = models.CharField(_("sent instead"), max_length=80, blank=True)

    key = ("meeting", "person")
    columns = ("person", "sent")

    class Meta:
        db_table = "daily_meeting_absence"
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
