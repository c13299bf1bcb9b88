"""Crews."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.record import Face, Record


class Crew(Record):
    """People who rotate through the shifts of a pattern together."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=80, blank=True)
    pattern = models.ForeignKey("plant.ShiftPattern", models.PROTECT, verbose_name=_("shift pattern"))
    letter = models.CharField(
        _("crew in the pattern"), max_length=20, help_text=_("as the shift pattern names it")
    )

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=("code", "name", "pattern", "letter"),
        filters=("pattern",),
        search=("code", "name"),
        order=("code",),
        icon="users",
    )

    class Meta:
        db_table = "people_crew"
        verbose_name = _("crew")
        verbose_name_plural = _("crews")
