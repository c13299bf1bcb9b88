"""People who work a shift on another line than their own."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class LineLoan(Record):
    """Somebody lent to another line for one shift; attendance counts them where they work."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    day = models.DateField(_("production day"))
    shift = models.CharField(_("shift"), max_length=60)
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("person"))
    line = models.ForeignKey("plant.Line", models.PROTECT, verbose_name=_("works on"))

    key = ("site", "day", "shift", "person")
    access = Access.to(LEADERS | {Role.line_lead})
    face = Face(
        columns=("day", "shift", "person", "line"),
        filters=("day", "shift", "line"),
        search=("person__name", "line__code"),
        order=("-day", "shift"),
        icon="arrows-right",
    )

    class Meta:
        db_table = "people_line_loan"
        verbose_name = _("loan of a person")
        verbose_name_plural = _("loans of people")

    def problems(self) -> Iterator[Problem]:
        """Nobody is lent to the line they are at home on."""
        if self.person_id and self.person.home_line_id == self.line_id:
            yield Problem(_("is the person's own line"), "line", self.line.code)
