"""Days on which a site does not work as usual."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.record import Face, Record


class Holiday(Record):
    """A production day without shifts."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=80)

    key = ("site", "day")
    access = Access.to(LEADERS)
    face = Face(
        columns=("day", "name"), filters=("day",), search=("name",), order=("-day",), icon="calendar-off"
    )

    class Meta:
        db_table = "plant_holiday"
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.holiday_written(self, verb)
