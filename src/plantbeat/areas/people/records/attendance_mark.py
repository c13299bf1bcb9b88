"""Who of a crew was not there as usual: the exceptions of an attendance sheet."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access, Privacy, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record

ATTENDANCE = LEADERS | {Role.line_lead}
"""Who takes attendance, and reads who was not there."""


class Mark(models.TextChoices):
    """How somebody is marked who was not simply present."""

    absent = "absent", _("Absent")
    late = "late", _("Late")
    leave = "leave", _("On approved leave")


class AbsenceReason(models.TextChoices):
    """Why somebody was absent or late; read by leaders of the site only."""

    sick = "sick", _("Sick")
    family = "family", _("Family")
    travel = "travel", _("Could not get here")
    no_call = "no_call", _("Did not call")
    other = "other", _("Other")


class AttendanceMark(Record):
    """One person's exception in one shift. The figures of the sheet are numbers; names stand only here."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    day = models.DateField(_("production day"))
    shift = models.CharField(_("shift"), max_length=60)
    line = models.ForeignKey("plant.Line", models.PROTECT, verbose_name=_("line"))
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("person"))
    mark = ChoiceField(Mark, verbose_name=_("mark"), default=Mark.absent)
    late_min = models.PositiveSmallIntegerField(_("minutes late"), null=True, blank=True)
    reason = ChoiceField(AbsenceReason, verbose_name=_("reason"), blank=True)

    key = ("site", "day", "shift", "person")
    access = Access.to(ATTENDANCE, read=ATTENDANCE, private={"reason": Privacy.absence_reason})
    face = Face(
        columns=("day", "shift", "line", "person", "mark", "late_min", "reason"),
        filters=("day", "shift", "line", "mark"),
        search=("line__code", "shift"),
        order=("-day", "shift"),
        icon="users",
        menu=False,
    )

    class Meta:
        db_table = "people_attendance_mark"
        verbose_name = _("attendance mark")
        verbose_name_plural = _("attendance marks")

    def problems(self) -> Iterator[Problem]:
        """Only who is late has minutes."""
        if self.late_min is not None and self.mark != Mark.late:
            yield Problem(_("only who is marked late has minutes"), "late_min", self.late_min)
