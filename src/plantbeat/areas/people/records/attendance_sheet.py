"""Attendance of a line's crew in a shift, as numbers, once somebody has taken it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.people.records.attendance_mark import ATTENDANCE
from plantbeat.areas.plant.publishing import asset_of
from plantbeat.facts.bodies import LAST_US, Attendance
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, own_source
from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField
from plantbeat.kernel.lifecycle import step
from plantbeat.kernel.permission import REMOVE
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Face, Record


def _far_ahead() -> int:
    """Of a sheet that came by another door than the page, which knows the shift."""
    return LAST_US


def _counted_again(record: Record, by: Actor, data: dict[str, Any]) -> None:
    """A later count takes the place of the one before, as a fact of its own."""
    sheet = cast("AttendanceSheet", record)
    sheet.taken_us = data.get("at_us") or clock.now_us()
    sheet.counted_us = max(sheet.counted_us, min(sheet.taken_us, sheet.until_us))
    sheet.say(by)


class AttendanceSheet(Record):
    """Who was there, as numbers; every write of it is an attendance fact, the latest of a shift holds.

    `rostered` are the people of the crew at home on the line, those lent to it in and those lent away out.
    `late` are present. `counted_us` is the instant the fact stands at: when it was taken, within the shift,
    which ends after `until_us`.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    line = models.ForeignKey("plant.Line", models.PROTECT, verbose_name=_("line"))
    day = models.DateField(_("production day"))
    shift = models.CharField(_("shift"), max_length=60)
    crew = models.CharField(_("crew"), max_length=40)
    rostered = models.PositiveSmallIntegerField(_("rostered"))
    present = models.PositiveSmallIntegerField(_("present"))
    leave = models.PositiveSmallIntegerField(_("on approved leave"), default=0)
    late = models.PositiveSmallIntegerField(_("late"), default=0)
    taken_us = InstantField(verbose_name=_("taken"), default=clock.now_us)
    counted_us = InstantField(verbose_name=_("counted at"), default=clock.now_us)
    until_us = InstantField(verbose_name=_("last instant of the shift"), default=_far_ahead)

    actions = (
        step(
            "count_again", by=ATTENDANCE, label=_("Count again"), effect=_counted_again,
            asks=("rostered", "present", "leave", "late"),
        ),
    )  # fmt: skip
    key = ("site", "line", "day", "shift", "crew")
    access = Access(create=ATTENDANCE, edit=ATTENDANCE, remove=ADMINISTRATORS)
    face = Face(
        columns=("day", "shift", "line", "crew", "rostered", "present", "leave", "late", "taken_us"),
        filters=("day", "shift", "line", "crew"),
        search=("line__code", "shift", "crew"),
        order=("-day", "shift", "line__code"),
        icon="users",
    )

    class Meta:
        db_table = "people_attendance_sheet"
        verbose_name = _("attendance sheet")
        verbose_name_plural = _("attendance sheets")

    def problems(self) -> Iterator[Problem]:
        """Present and on leave are parts of the roster, late is a part of present."""
        if self.leave > self.rostered:
            yield Problem(_("is more than are rostered"), "leave", self.leave)
        elif self.present > self.rostered - self.leave:
            yield Problem(_("is more than are rostered, leave out"), "present", self.present)
        if self.late > self.present:
            yield Problem(_("is more than are present"), "late", self.late)

    def written(self, by: Actor, verb: str) -> None:
        """Say it as a fact, so that every figure of attendance follows, whichever door it came by."""
        if verb != REMOVE:
            self.say(by)

    def say(self, by: Actor) -> None:
        """Append the count as a fact. Raises `Refused` for a line that facts know nothing of."""
        asset = asset_of(self.line)
        if asset is None:
            raise Refused(Problem(_("facts know nothing of this line"), "line", self.line.code))
        body = Attendance(self.rostered, self.present, self.leave, self.shift, self.crew)
        append(
            [NewFact(asset=asset.code, t_us=self.counted_us, kind="attendance", body=body)],
            by,
            own_source(self.site),
        )
